import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { assert as always, asyncProperty, uint8Array } from "fast-check";
import { asBuffer, toBase64 } from "#base/bytes";
import { Broken } from "#base/errors";
import {
  consistencyFrom,
  cosignedAt,
  leafOf,
  type Log,
  newCover,
  openLog,
  parseCosignerKey,
  parseNote,
  parseTrustPolicy,
  verifyLog,
} from "#ledger";
import { followLog, makeWitness, openWitness, serveWitness, type Witness } from "#witness";

const origin = "log.example/ledger";
const covers = (count: number) => Array.from({ length: count }, () => leafOf(newCover()));

async function newWorld() {
  const folder = await mkdtemp(join(tmpdir(), "bailee-witness-"));
  const site = join(folder, "site");
  const log = await openLog(join(folder, "log"), {
    origin,
    signingSecret: Buffer.alloc(32, 9),
  });
  const home = join(folder, "witness");
  await makeWitness(home, "witness.example/w1");
  assert.ok(await followLog(home, log.verifierKey));
  const clock = { at: 1_700_000_000_000, now: () => clock.at };
  return {
    folder,
    site,
    log,
    home,
    clock,
    open: () => openWitness(home, { clock }),
    read: (path: string) => readFile(join(site, path)).catch(() => undefined),
    async grow(count: number) {
      await log.append(covers(count));
      await log.publish(site, [], covers);
    },
    async [Symbol.asyncDispose]() {
      await log.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type World = Awaited<ReturnType<typeof newWorld>>;

function request(log: Log, oldSize: number, proof?: readonly Uint8Array[]): Buffer {
  const published = log.published();
  assert.ok(published);
  const path = proof ?? (oldSize === 0 ? [] : log.consistencyProof(oldSize, published.size));
  const lines = [`old ${oldSize}`, ...path.map((hash) => toBase64(hash)), "", ""];
  return Buffer.concat([Buffer.from(lines.join("\n")), published.note]);
}

async function ask(witness: Witness, body: Uint8Array): Promise<number> {
  return (await witness.addCheckpoint(body)).status;
}

test("a witness cosigns what continues the last checkpoint, and nothing else, with the standard's answers", async () => {
  await using world = await newWorld();
  const { log } = world;
  using witness = await world.open();
  await world.grow(5);
  const first = request(log, 0);
  const answered = await witness.addCheckpoint(first);
  assert.equal(answered.status, 200);
  assert.ok(answered.status === 200);
  assert.equal(answered.lines.split("\n").length, 3); // two forms, two lines
  await world.grow(40);
  assert.deepEqual(await witness.addCheckpoint(request(log, 0)), { status: 409, size: 16 });
  const { size = 0 } = log.published() ?? {};
  const right = log.consistencyProof(16, size);
  const bent = right.map((hash, at) => (at === 0 ? Buffer.from(hash).fill(1) : hash));
  assert.equal(await ask(witness, request(log, 16, bent)), 422);
  assert.equal(await ask(witness, request(log, 16, right.slice(1))), 422);
  assert.equal(await ask(witness, request(log, 16, [...right, Buffer.alloc(32)])), 422);
  assert.equal(await ask(witness, request(log, size + 16, [])), 400);
  assert.equal(await ask(witness, request(log, 16)), 200);
  // The same size again, with the same root: a fresh time.
  world.clock.at += 5000;
  const again = await witness.addCheckpoint(request(log, size, []));
  assert.equal(again.status, 200);
  assert.equal(await ask(witness, request(log, size, [Buffer.alloc(32)])), 422);
});

test("a forked log, one that it does not follow, a wrong signature and a smaller tree get nothing", async () => {
  await using world = await newWorld();
  const { log } = world;
  using witness = await world.open();
  await world.grow(40);
  assert.equal(await ask(witness, request(log, 0)), 200);
  await using fork = await openLog(join(world.folder, "fork"), {
    origin,
    signingSecret: Buffer.alloc(32, 9),
  });
  await fork.append(covers(40));
  await fork.publish(join(world.folder, "forked"), [], covers);
  assert.equal(await ask(witness, request(fork, 48, [])), 422);
  await using smaller = await openLog(join(world.folder, "smaller"), {
    origin,
    signingSecret: Buffer.alloc(32, 9),
  });
  await smaller.append(covers(3));
  await smaller.publish(join(world.folder, "small"), [], covers);
  assert.deepEqual(await witness.addCheckpoint(request(smaller, 0)), { status: 409, size: 48 });
  const [mine, theirs] = await Promise.all(
    [
      [origin, 7],
      ["other.example/ledger", 9],
    ].map(async ([name, fill], at) => {
      await using other = await openLog(join(world.folder, `other${at}`), {
        origin: String(name),
        signingSecret: Buffer.alloc(32, Number(fill)),
      });
      await other.append(covers(3));
      await other.publish(join(world.folder, `others${at}`), [], covers);
      return request(other, 0);
    }),
  );
  assert.equal(await ask(witness, mine ?? Buffer.alloc(0)), 403);
  assert.equal(await ask(witness, theirs ?? Buffer.alloc(0)), 404);
  const flipped = request(log, 48, []);
  const at = flipped.byteLength - 12;
  flipped[at] = flipped[at] === 65 ? 66 : 65;
  assert.equal(await ask(witness, flipped), 403);
  for (const bad of ["", "old 0\n\n", "old 01\n\nx", "old 0\nnohash\n\nx\n1\ny\n\n"])
    assert.equal(await ask(witness, Buffer.from(bad)), 400, bad);
});

test("what it cosigned it remembers over a restart, and its time never goes back", async () => {
  await using world = await newWorld();
  const { log } = world;
  await world.grow(5);
  {
    using witness = await world.open();
    assert.equal(await ask(witness, request(log, 0)), 200);
    await assert.rejects(world.open(), Broken, "two on one folder");
  }
  world.clock.at -= 3_600_000;
  using witness = await world.open();
  assert.deepEqual(await witness.addCheckpoint(request(log, 0)), { status: 409, size: 16 });
  const answered = await witness.addCheckpoint(request(log, 16, []));
  assert.ok(answered.status === 200);
  const note = parseNote(
    Buffer.concat([log.published()?.note ?? Buffer.alloc(0), Buffer.from(answered.lines)]),
  );
  const keys = witness.verifierKeys.map((key) => parseCosignerKey(key));
  for (const key of keys) assert.equal(note && key && cosignedAt(note, key), 1_700_000_000);
});

test("two requests at once cannot roll it back", async () => {
  await using world = await newWorld();
  const { log } = world;
  using witness = await world.open();
  await world.grow(5);
  const small = request(log, 0);
  await world.grow(40);
  const large = request(log, 0);
  const statuses = await Promise.all([
    ask(witness, large),
    ask(witness, small),
    ask(witness, large),
  ]);
  assert.deepEqual(statuses, [200, 409, 409]);
});

test("a file of its own that was changed keeps it from starting", async () => {
  await using world = await newWorld();
  await world.grow(5);
  {
    using witness = await world.open();
    assert.equal(await ask(witness, request(world.log, 0)), 200);
  }
  const seen = join(world.home, "seen", hash("sha256", origin));
  const text = await readFile(seen, "utf8");
  await writeFile(seen, text.replace("\n16\n", "\n15\n"));
  await assert.rejects(world.open(), /not what it wrote/);
});

test("over HTTP: a log gets its cosignature by proofs out of what it publishes, and a verifier with the policy takes it", async () => {
  await using world = await newWorld();
  const { log, site, read } = world;
  using witness = await world.open();
  await using server = await serveWitness(witness, { bind: "127.0.0.1", port: 0 });
  const base = `http://127.0.0.1:${server.port}`;
  const post = (body: Uint8Array): Promise<Response> =>
    fetch(`${base}/add-checkpoint`, { method: "POST", body: Buffer.from(body) });
  await world.grow(5);
  const of = `${base}/${hash("sha256", origin)}/checkpoint`;
  assert.equal((await fetch(of)).status, 404);
  assert.equal((await post(request(log, 0))).status, 200);
  await world.grow(600);
  const late = await post(request(log, 0));
  assert.deepEqual(
    [late.status, late.headers.get("content-type"), await late.text()],
    [409, "text/x.tlog.size", "16\n"],
  );
  const { size = 0, note = new Uint8Array() } = log.published() ?? {};
  const proof = await consistencyFrom(read, 16, size);
  assert.deepEqual(proof, log.consistencyProof(16, size));
  const answered = await post(request(log, 16, proof));
  assert.equal(answered.status, 200);
  const lines = await answered.text();
  const served = Buffer.from(await (await fetch(of)).arrayBuffer());
  assert.deepEqual(served, Buffer.concat([note, Buffer.from(lines)]));
  assert.equal((await post(Buffer.alloc(300_000, 97))).status, 413);
  assert.equal((await fetch(`${base}/add-checkpoint`)).status, 405);
  assert.equal(await (await fetch(base)).text(), `${witness.verifierKeys.join("\n")}\n`);

  const now = 1_700_000_100;
  const policy = parseTrustPolicy(
    Buffer.from(`log ${log.verifierKey}\nwitness w ${witness.verifierKeys[0]} ${base}\nquorum w\n`),
  );
  assert.ok(policy.ok);
  const given = { verifierKey: log.verifierKey, trust: policy.value, now, settleMs: 0 };
  const kinds = async (more: object): Promise<readonly string[]> =>
    (await verifyLog({ read, ...given, ...more })).findings.map(
      ({ kind, file }) => `${file}: ${kind}`,
    );
  assert.deepEqual(await kinds({}), ["checkpoint: unwitnessed"]);
  await writeFile(join(site, "checkpoint"), served);
  const right = await verifyLog({ read, ...given, served: [{ witness: "w", note: served }] });
  assert.deepEqual(right.findings, []);
  assert.deepEqual([...right.witnesses], [["w", 1_700_000_000]]);
  assert.deepEqual(right.caveats, [], "the witnesses stand in for an earlier verification");
  assert.deepEqual(await kinds({ now: now + 86_400 }), ["checkpoint: unwitnessed"]);
  // A log that is ahead of its witnesses shows the last checkpoint that they cosigned beside the new one.
  await world.grow(1);
  await writeFile(join(site, "witnessed"), served);
  assert.deepEqual(await kinds({}), []);
  assert.deepEqual(await kinds({ served: [{ witness: "w", note: Buffer.from("x") }] }), [
    "witness w: bad-signature",
  ]);
});

test("a log that shows its reader another past than its witness is found out by what the witness serves", async () => {
  await using world = await newWorld();
  using witness = await world.open();
  await world.grow(40);
  assert.equal(await ask(witness, request(world.log, 0)), 200);
  const served = witness.checkpoint(hash("sha256", origin)) ?? new Uint8Array();
  const trust = parseTrustPolicy(Buffer.from(`witness w ${witness.verifierKeys[1]}\nquorum w\n`));
  assert.ok(trust.ok);
  for (const [leaves, kind] of [
    [60, "forked"],
    [3, "shrunk"],
  ] as const) {
    const site = join(world.folder, `to-reader-${leaves}`);
    await using fork = await openLog(join(world.folder, `fork-${leaves}`), {
      origin,
      signingSecret: Buffer.alloc(32, 9),
    });
    await fork.append(covers(leaves));
    await fork.publish(site, [], covers);
    const verdict = await verifyLog({
      read: (path) => readFile(join(site, path)).catch(() => undefined),
      verifierKey: fork.verifierKey,
      trust: trust.value,
      served: [{ witness: "w", note: served }],
    });
    assert.deepEqual(
      verdict.findings.map((finding) => finding.kind),
      ["unwitnessed", kind],
    );
  }
});

test("the request parser is total over random bytes", async () => {
  await using world: World = await newWorld();
  using witness = await world.open();
  await world.grow(5);
  const body = request(world.log, 0);
  await always(
    asyncProperty(uint8Array({ minLength: 1, maxLength: 40 }), async (bytes) => {
      const bent = Buffer.from(body);
      asBuffer(bytes).copy(bent, bytes[0] ?? 0);
      const status = await ask(witness, bent);
      assert.ok([400, 403, 404, 200, 409].includes(status));
      await ask(witness, bytes);
    }),
    { numRuns: 60 },
  );
});
