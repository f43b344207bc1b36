// The policy in force is the ledger's: a changed table stops the start, an announced one waits for its day.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { type Canonical, canonicalBytes, parseCanonical } from "#base/canonical";
import { newId } from "#base/ids";
import { DAY, seconds } from "#base/time";
import { type Read, verifyLog } from "#ledger";
import { policyDigest, policyDocument } from "#policy";
import { newSigningKeyPair, signBytes } from "#vault";
import { toHex } from "#base/bytes";
import { type Keeper, type KeyFile, keyId } from "#keeper";
import type { CarriedPolicy } from "./amend.ts";
import { amendmentBytes, sha256 } from "./statements.ts";
import { newWorld, type World } from "./testing/world.ts";

/** The policy as somebody edited it: client logs may be opened to bill for them. */
function edited(words = "billing"): CarriedPolicy {
  const document = structuredClone(policyDocument()) as { [name: string]: Canonical };
  const classes = document["classes"] as unknown as {
    [name: string]: { purposes: string[]; holds: string };
  };
  classes["clientlog"]?.purposes.push("process-payment");
  document["words"] = words;
  return { document, digest: toHex(sha256(canonicalBytes(document))) };
}

function folderReader(folder: string): Read {
  return (path) => readFile(join(folder, path)).catch(() => undefined);
}

interface Asked {
  readonly policy: CarriedPolicy;
  readonly from: number;
  readonly by?: readonly KeyFile[];
  readonly document?: Uint8Array;
}

function announce(world: World, keeper: Keeper, asked: Asked) {
  const { policy, from, by = world.approvers } = asked;
  const said = {
    version: 1,
    policy: policy.digest,
    from: seconds(from),
    words: "Logs are billed.",
  };
  const request = canonicalBytes({
    ...said,
    nonce: toHex(Buffer.from(newId().padEnd(16))).slice(0, 32),
  });
  const approvals = by.map((key) => ({
    approver: keyId(key.publicKey),
    signature: signBytes(key.secretKey, amendmentBytes(request)),
  }));
  return keeper.amendPolicy(request, asked.document ?? canonicalBytes(policy.document), approvals);
}

test("a keeper whose policy was edited does not start, and says what is in force", async (t) => {
  const world = await newWorld(t);
  await (await world.open())[Symbol.asyncDispose]();
  const policy = edited();
  await assert.rejects(world.open(policy), (error: Error) => {
    assert.match(
      error.message,
      new RegExp(`this program is ${policy.digest}.*tables were changed`),
    );
    assert.ok(error.message.includes(`in force is ${policyDigest}`));
    return true;
  });
  await using keeper = await world.open();
  assert.equal((await keeper.hello()).policy, policyDigest, "put back, it starts");
});

test("an amendment needs a quorum, its document and thirty days; from its day a program that carries it starts, and no other does", async (t) => {
  const world = await newWorld(t);
  const policy = edited();
  {
    await using keeper = await world.open();
    const from = world.clock.time + 31 * DAY;
    const refusal = async (asked: Asked): Promise<string> => {
      const answer = await announce(world, keeper, asked);
      return answer.ok ? "announced" : answer.refusal;
    };
    const stranger: KeyFile = { kind: "ed25519", ...newSigningKeyPair() };
    const [first] = world.approvers;
    assert.equal(await refusal({ policy, from, by: [first] }), "too-few-approvals");
    assert.equal(await refusal({ policy, from, by: [first, first] }), "too-few-approvals");
    assert.equal(await refusal({ policy, from, by: [first, stranger] }), "bad-signature");
    assert.equal(await refusal({ policy, from: world.clock.time + 29 * DAY }), "bad-date");
    assert.equal(await refusal({ policy, from: world.clock.time + 400 * DAY }), "bad-date");
    const other = canonicalBytes(edited("something else").document);
    assert.equal(await refusal({ policy, from, document: other }), "bad-request");
    assert.equal(await refusal({ policy, from }), "announced");
    assert.equal(await refusal({ policy, from }), "duplicate");
  }
  await assert.rejects(world.open(policy), /may bind from \d{4}-\d\d-\d\d, not today/);
  await (await world.open())[Symbol.asyncDispose]();
  world.clock.time += 32 * DAY;
  // Announced is not in force: who has not changed the program yet goes on under what was promised.
  await (await world.open())[Symbol.asyncDispose]();
  await (await world.open(policy))[Symbol.asyncDispose]();
  await assert.rejects(world.open(), /tables were changed/);
  const keeper = await world.open(policy);
  await keeper.publish();
  await keeper[Symbol.asyncDispose]();

  const folder = world.place.publishedFolder;
  const verdict = await verifyLog({ read: folderReader(folder) });
  assert.deepEqual(verdict.findings, []);
  const file = join(folder, "policies", `${policy.digest}.json`);
  const published = await readFile(file);
  assert.deepEqual(parseCanonical(published, 1 << 20), policy.document);
  published[100] = (published[100] ?? 0) ^ 1;
  await writeFile(file, published);
  const [finding] = (await verifyLog({ read: folderReader(folder), settleMs: 0 })).findings;
  assert.equal(finding?.kind, "wrong-policy");
});
