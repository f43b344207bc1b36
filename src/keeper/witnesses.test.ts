import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { Broken } from "#base/errors";
import { DAY, HOUR, MINUTE, SECOND, seconds } from "#base/time";
import type { Keeper } from "#keeper";
import { type Cosigner, openCosigner, parseTlogProof, parseTrustPolicy, verifyLog } from "#ledger";
import {
  askForCosignature,
  fetchSeen,
  followLog,
  makeWitness,
  openWitness,
  serveWitness,
  WitnessError,
} from "#witness";
import { openKeeper } from "./open.ts";
import {
  draftGrant,
  draftInterception,
  enrolClient,
  granted,
  looksOf,
  newWorld,
  publishedEntries,
  refusalOf,
  sealLetter,
  type World,
} from "./testing/world.ts";

interface Watched extends AsyncDisposable {
  readonly world: World;
  readonly url: string;
  readonly vkey: string;
  readonly clock: { time: number; readonly now: () => number };
  /** Carries what is due to the witness and back, as the server does; the refusals of the keeper. */
  readonly carry: (keeper: Keeper) => Promise<readonly string[]>;
}

/** A world whose ledger asks one real witness, over HTTP, whose clock turns by itself. */
async function newWatched(t: TestContext): Promise<Watched> {
  const world = await newWorld(t);
  const home = await mkdtemp(join(tmpdir(), "bailee-watch-"));
  const folder = join(home, "witness");
  await makeWitness(folder, "witness.example/w1");
  {
    await using keeper = await world.open();
    assert.ok(await followLog(folder, (await keeper.hello()).logVerifierKey));
  }
  const clock = { time: world.clock.time, now: () => clock.time };
  const witness = await openWitness(folder, { clock });
  const server = await serveWitness(witness, { bind: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${server.port}`;
  const vkey = witness.verifierKeys[0] ?? "";
  const policy = `witness first ${vkey} ${url}/\nquorum first\n`;
  await writeFile(join(world.place.folder, "witnesses"), policy);
  const end = async (): Promise<void> => {
    await server[Symbol.asyncDispose]();
    witness[Symbol.dispose]();
    await rm(home, { recursive: true, force: true });
  };
  return {
    world,
    url,
    vkey,
    clock,
    async carry(keeper) {
      const refusals: string[] = [];
      for (const due of (await keeper.witnessing()).due) {
        const { lines } = await askForCosignature(due.url, readIn(world));
        const taken = await keeper.cosigned(lines);
        if (!taken.ok) refusals.push(taken.why);
      }
      return refusals;
    },
    [Symbol.asyncDispose]: end,
  };
}

function readIn({ place }: World) {
  return (path: string) => readFile(join(place.publishedFolder, path)).catch(() => undefined);
}

test("no key turns before a quorum of witnesses has seen the entry, and then it turns for whoever asks again", async (t) => {
  await using watched = await newWatched(t);
  const { world, carry } = watched;
  await using keeper = await world.open();
  await keeper.publish();
  assert.deepEqual(await carry(keeper), []);
  const of = await enrolClient(keeper);
  const hash = await granted(world, keeper, draftGrant(world, of, "E3", ["one", "two"]));
  const objects = [sealLetter(of, "one", "first"), sealLetter(of, "two", "second")];
  assert.equal(refusalOf(await keeper.release(hash, objects)), "awaiting-witnesses");
  assert.equal(refusalOf(await keeper.release(hash, objects)), "awaiting-witnesses");
  assert.equal(refusalOf(await keeper.release(hash, objects.slice(1))), "outcome-pending");
  await keeper.publish();
  assert.equal(
    refusalOf(await keeper.release(hash, objects)),
    "awaiting-witnesses",
    "published is not seen",
  );
  assert.deepEqual(await carry(keeper), []);
  const released = await keeper.release(hash, objects);
  assert.ok(released.ok, JSON.stringify(released));
  assert.equal(refusalOf(await keeper.release(hash, objects)), "used-up", "one use, one entry");
  world.clock.time += MINUTE;
  watched.clock.time += MINUTE;
  await keeper.publish();
  await carry(keeper);
  const intents = (await publishedEntries(world, keeper)).filter(
    ({ type }) => type === "release-intent",
  );
  assert.equal(intents.length, 1);
  const [look] = await looksOf(world, keeper, of);
  const proof = parseTlogProof(Buffer.from(look?.proof ?? ""));
  assert.match(
    Buffer.from(proof?.checkpoint ?? "").toString(),
    /— witness\.example\/w1 /,
    "the client's proof bears the cosignature",
  );

  // A stranger with the policy finds all in order, and reads whom the ledger asks in the ledger itself.
  const trust = parseTrustPolicy((await readIn(world)("witnesses")) ?? Buffer.alloc(0));
  assert.ok(trust.ok);
  const { logVerifierKey } = await keeper.hello();
  const verdict = await verifyLog({
    read: readIn(world),
    verifierKey: logVerifierKey,
    trust: trust.value,
    now: seconds(world.clock.time),
    served: [
      {
        witness: "first",
        note: (await fetchSeen(watched.url, world.place.origin)) ?? Buffer.alloc(0),
      },
    ],
  });
  assert.deepEqual(verdict.findings, []);
  assert.equal(verdict.witnesses.size, 1);
  const entered = (await publishedEntries(world, keeper)).find(({ type }) => type === "witnesses");
  assert.deepEqual(entered?.["names"], ["witness.example/w1"]);
});

test("a use that waits outlives a restart unopened, and ends as failed when the grant expires first", async (t) => {
  await using watched = await newWatched(t);
  const { world, carry } = watched;
  const start = async (): Promise<Keeper> => {
    const keeper = await world.open();
    await keeper.publish();
    await carry(keeper);
    return keeper;
  };
  let keeper = await start();
  const of = await enrolClient(keeper);
  const [soon, late] = [
    await granted(world, keeper, draftGrant(world, of, "E3", ["one"])),
    await granted(world, keeper, draftGrant(world, of, "E2", ["two"])),
  ];
  const [one, two] = [[sealLetter(of, "one", "first")], [sealLetter(of, "two", "second")]];
  assert.equal(refusalOf(await keeper.release(soon, one)), "awaiting-witnesses");
  assert.equal(refusalOf(await keeper.release(late, two)), "awaiting-witnesses");
  await keeper[Symbol.asyncDispose]();
  keeper = await world.open();
  assert.equal(refusalOf(await keeper.release(soon, one)), "awaiting-witnesses");
  await keeper.publish();
  await carry(keeper);
  assert.ok((await keeper.release(soon, one)).ok);
  // E2 lives for 72 hours; a restart's tidying comes at the keeper's end.
  world.clock.time += 4 * DAY;
  await keeper[Symbol.asyncDispose]();
  await using again = await world.open();
  await again.publish();
  const outcomes = (await publishedEntries(world, again)).filter(
    ({ type }) => type === "release-outcome",
  );
  assert.deepEqual(
    outcomes.map((entry) => [entry["ground"], entry["failed"]]),
    [
      ["E3", false],
      ["E2", true],
    ],
  );
});

test("an order on future mail hands out its second key only once witnesses have seen it", async (t) => {
  await using watched = await newWatched(t);
  const { world, carry } = watched;
  await using keeper = await world.open();
  await keeper.publish();
  await carry(keeper);
  const of = await enrolClient(keeper);
  const hash = await granted(world, keeper, draftInterception(world, of));
  assert.equal(refusalOf(await keeper.intercept(hash)), "awaiting-witnesses");
  assert.deepEqual(await keeper.interceptions(), []);
  await keeper.publish();
  await carry(keeper);
  assert.equal((await keeper.interceptions()).length, 1);
  assert.ok((await keeper.intercept(hash)).ok);
  assert.equal(refusalOf(await keeper.intercept(hash)), "outcome-pending");
});

test("with the witnesses away for a day nobody is shown anything and nothing is spent, while clients' mail goes on", async (t) => {
  await using watched = await newWatched(t);
  const { world, carry } = watched;
  await using keeper = await world.open();
  await keeper.publish();
  await carry(keeper);
  const of = await enrolClient(keeper);
  const hash = await granted(world, keeper, draftGrant(world, of, "E3", ["one"]));
  world.clock.time += DAY;
  const objects = [sealLetter(of, "one", "first")];
  assert.equal(refusalOf(await keeper.release(hash, objects)), "witnesses-away");
  assert.ok((await keeper.queueKeys()).length > 0);
  await keeper.publish();
  assert.equal(
    (await publishedEntries(world, keeper)).filter(({ type }) => type === "release-intent").length,
    0,
  );
  watched.clock.time += DAY;
  await carry(keeper);
  assert.equal(refusalOf(await keeper.release(hash, objects)), "awaiting-witnesses");
});

test("a grant that has expired by the witnesses' time opens nothing with the keeper's clock set back", async (t) => {
  await using watched = await newWatched(t);
  const { world, clock, carry } = watched;
  await using keeper = await world.open();
  await keeper.publish();
  await carry(keeper);
  const of = await enrolClient(keeper);
  const expires = seconds(world.clock.time + 2 * HOUR);
  const hash = await granted(world, keeper, { ...draftGrant(world, of, "E3", ["one"]), expires });
  // Half an hour behind: the witnesses' time counts.
  clock.time += 2 * HOUR + MINUTE;
  world.clock.time += 2 * HOUR - 30 * MINUTE;
  await keeper.publish();
  assert.deepEqual(await carry(keeper), []);
  assert.equal(refusalOf(await keeper.release(hash, [sealLetter(of, "one", "x")])), "expired");
  // Three days behind: what witnesses say is not taken, and without them nothing opens.
  const other = await granted(world, keeper, draftGrant(world, of, "E3", ["one"]));
  clock.time += 3 * DAY;
  world.clock.time += 3 * HOUR;
  await keeper.publish();
  assert.match((await carry(keeper))[0] ?? "", /an hour apart/);
  assert.equal(
    refusalOf(await keeper.release(other, [sealLetter(of, "one", "x")])),
    "witnesses-away",
  );
});

test("cosignatures of others, over another tree, bent ones and floods of lines are not taken", async (t) => {
  await using watched = await newWatched(t);
  const { world } = watched;
  await using keeper = await world.open();
  await keeper.publish();
  const time = seconds(world.clock.time);
  const { logVerifierKey } = await keeper.hello();
  const [text = ""] = (await readIn(world)("checkpoint"))?.toString().split("\n\n") ?? [];
  const own: Cosigner = openCosigner("witness.example/w1", "ml-dsa-44", Buffer.alloc(32, 5));
  const lines = [
    own.cosign(`${text}\n`, time),
    `${logVerifierKey}\n`,
    "",
    "— witness.example/w1 AAAA\n",
    own.cosign(`${text}\n`, time).repeat(65),
  ];
  for (const line of lines)
    assert.equal(refusalOf(await keeper.cosigned(Buffer.from(line))), "malformed");
  const { lines: right } = await askForCosignature(watched.url, readIn(world));
  world.clock.time += HOUR;
  await enrolClient(keeper);
  await keeper.publish();
  const late = await keeper.cosigned(right);
  assert.equal(refusalOf(late), "malformed", "it is over the tree before this one");
});

test("a ledger that was put back from yesterday's copy does not open against what its witness saw", async (t) => {
  await using watched = await newWatched(t);
  const { world, carry, url } = watched;
  const copy = `${world.place.folder}-copy`;
  {
    await using keeper = await world.open();
    await keeper.publish();
    await carry(keeper);
  }
  await cp(world.place.folder, copy, { recursive: true });
  await cp(world.place.publishedFolder, `${copy}-published`, { recursive: true });
  {
    await using keeper = await world.open();
    await enrolClient(keeper);
    await keeper.publish();
    await carry(keeper);
  }
  const seenFolder = `${world.place.folder}-seen`;
  await mkdir(seenFolder);
  await writeFile(join(seenFolder, "0"), (await fetchSeen(url, world.place.origin)) ?? "");
  const start = () => openKeeper({ ...world.place, clock: world.clock, seenFolder });
  {
    await using keeper = await start();
    assert.ok(await keeper.hello(), "the ledger that the witness saw opens");
  }
  await rm(world.place.folder, { recursive: true });
  await rm(world.place.publishedFolder, { recursive: true });
  await cp(copy, world.place.folder, { recursive: true });
  await cp(`${copy}-published`, world.place.publishedFolder, { recursive: true });
  await assert.rejects(
    start(),
    (error) => error instanceof Broken && /set back/.test(error.message),
  );
  // Without that look it is found at the first question, and no staff gets anything.
  await using keeper = await world.open();
  world.clock.time += 3 * HOUR;
  await assert.rejects(carry(keeper), /set back/);
  const of = await enrolClient(keeper);
  const hash = await granted(world, keeper, draftGrant(world, of, "E3", ["one"]));
  const refused = await keeper.release(hash, [sealLetter(of, "one", "first")]);
  assert.equal(refusalOf(refused), "witnesses-away");
});

test("a witness that answers 16 MB, another log's signature, nonsense or not at all gives nothing, and costs nothing", async (t) => {
  await using watched = await newWatched(t);
  const { world } = watched;
  await using keeper = await world.open();
  await keeper.publish();
  const answers: { status: number; body: string | Buffer }[] = [];
  const rogue = createServer((request, response) => {
    request.resume();
    const { status, body } = answers.shift() ?? { status: 500, body: "" };
    response.writeHead(status, { location: watched.url }).end(body);
  });
  await new Promise<void>((resolve) => rogue.listen(0, "127.0.0.1", () => resolve()));
  const url = `http://127.0.0.1:${(rogue.address() as AddressInfo).port}`;
  const ask = () => askForCosignature(url, readIn(world));
  try {
    answers.push({ status: 200, body: Buffer.alloc(16 << 20, 97) });
    await assert.rejects(ask(), /more than any witness/);
    for (const [status, body, why] of [
      [409, "not a size", /409/],
      [409, "1000000", /set back/],
      [307, "", WitnessError],
      [500, "\u001b[31mred", /500/],
    ] as const) {
      answers.push({ status, body });
      await assert.rejects(ask(), why);
    }
    answers.push(...Array.from({ length: 3 }, (_, n) => ({ status: 409, body: `${n}\n` })));
    await assert.rejects(ask(), /every question/);
    const other = openCosigner("witness.example/w1", "ml-dsa-44", Buffer.alloc(32, 6));
    const foreign = `other.example/ledger\n16\n${Buffer.alloc(32).toString("base64")}\n`;
    answers.push({
      status: 200,
      body: other.cosign(foreign, Math.floor(world.clock.time / SECOND)),
    });
    const { lines } = await ask();
    assert.equal(refusalOf(await keeper.cosigned(lines)), "malformed");
  } finally {
    rogue.closeAllConnections();
    rogue.close();
  }
  await assert.rejects(ask(), /does not answer/);
});

test("a list of witnesses that is wrong, or of another log, keeps the keeper from starting; dropping it is an entry", async (t) => {
  await using watched = await newWatched(t);
  const { world } = watched;
  const path = join(world.place.folder, "witnesses");
  const right = await readFile(path, "utf8");
  await writeFile(path, "witness w\n");
  await assert.rejects(world.open(), /line 1/);
  await writeFile(
    path,
    `log example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n${right}`,
  );
  await assert.rejects(world.open(), /another log/);
  await writeFile(path, right);
  await (await world.open())[Symbol.asyncDispose]();
  await rm(path);
  await using keeper = await world.open();
  const entries = (await publishedEntries(world, keeper)).filter(
    ({ type }) => type === "witnesses",
  );
  assert.deepEqual(
    entries.map((entry) => entry["quorum"]),
    ["first", "none"],
  );
  assert.equal(await readIn(world)("witnesses"), undefined);
});

test("with witnesses, what is kept closed reaches them within the hour though nothing is opened, and the tree grows as if it were not there", async (t) => {
  await using watched = await newWatched(t);
  const { world, clock, carry } = watched;
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  const until = seconds(world.clock.time + 20 * DAY);
  const notice = { until, document: "order 12 of the Court" };
  const hash = await granted(world, keeper, { ...draftGrant(world, of, "E3", ["one"]), notice });
  const objects = [sealLetter(of, "one", "first")];
  const sizes: number[] = [];
  const beat = async (): Promise<void> => {
    world.clock.time += HOUR + MINUTE;
    clock.time = world.clock.time;
    sizes.push((await keeper.publish()).size);
    assert.deepEqual(await carry(keeper), []);
  };
  await keeper.publish();
  await beat();
  await beat();
  assert.equal(refusalOf(await keeper.release(hash, objects)), "awaiting-witnesses");
  world.clock.time += 5 * MINUTE;
  const before = sizes.at(-1);
  assert.equal((await keeper.publish()).size, before, "nothing to open, nothing published");
  await beat();
  assert.ok((await keeper.release(hash, objects)).ok);
  await beat();
  await beat();
  const steps = sizes.slice(1).map((size, at) => size - (sizes[at] ?? 0));
  assert.deepEqual(steps, [16, 16, 16, 16], "the hour with the silent entry is like the others");
});
