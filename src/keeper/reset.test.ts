import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex } from "#base/bytes";
import { DAY, HOUR, MINUTE, seconds } from "#base/time";
import { type Keeper, keyId, resetBytes, resetCancelBytes, type ResetRequest } from "#keeper";
import { decodeAccountKeys, newBoxKeyPair, openOpener, signBytes } from "#vault";
import {
  type EnrolledClient,
  enrolClient,
  newWorld,
  publishedEntries,
  refusalOf,
  type World,
} from "./testing/world.ts";

const pair = newBoxKeyPair();

function requestFor(
  world: World,
  { client, account }: EnrolledClient,
  key = pair.publicKey,
): ResetRequest {
  return { client, account, key: toHex(key), at: seconds(world.clock.time) };
}

async function asked(world: World, keeper: Keeper, of: EnrolledClient): Promise<string> {
  const filed = await keeper.askReset(requestFor(world, of));
  assert.ok(filed.ok, JSON.stringify(filed));
  return filed.value.hash;
}

async function approve(world: World, keeper: Keeper, hash: string, at: 0 | 1): Promise<string> {
  const { publicKey, secretKey } = world.approvers[at];
  const id = keyId(publicKey);
  return refusalOf(await keeper.approveReset(hash, id, signBytes(secretKey, resetBytes(hash))));
}

test("after a day and two approvals the account's keys go to the link's key and nowhere else, with an entry before and after", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  const hash = await asked(world, keeper, of);
  assert.equal(refusalOf(await keeper.handOver(hash)), "not-yet");
  assert.equal(await approve(world, keeper, hash, 0), "ok");
  assert.equal(await approve(world, keeper, hash, 0), "already");
  world.clock.time += DAY + MINUTE;
  assert.equal(refusalOf(await keeper.handOver(hash)), "too-few-approvals");
  assert.equal(await approve(world, keeper, hash, 1), "ok");
  const given = await keeper.handOver(hash);
  assert.ok(given.ok, JSON.stringify(given));
  const { client, account } = of;
  const about = { class: "credential", client, account, object: account, part: "reset" } as const;
  const opened = openOpener(pair.secretKey).open(about, "authenticate", given.value.sealed);
  assert.ok(opened.ok);
  assert.deepEqual(decodeAccountKeys(opened.value)?.boxSecret, of.keys.boxSecret);
  const other = openOpener(newBoxKeyPair().secretKey).open(
    about,
    "authenticate",
    given.value.sealed,
  );
  assert.equal(other.ok, false);
  const again = await keeper.handOver(hash);
  assert.ok(
    again.ok && again.value.index === given.value.index,
    "a lost answer costs no other entry",
  );
  const entries = (await publishedEntries(world, keeper)).filter(({ type }) =>
    type.startsWith("reset"),
  );
  assert.deepEqual(
    entries.map((entry) => [entry.type, entry["mode"]]),
    [
      ["reset-asked", "quorum"],
      ["reset", "quorum"],
    ],
  );
});

test("in mode provider a day is enough; in client-only there is no reset at all", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const [easy, own] = [
    await enrolClient(keeper, "provider"),
    await enrolClient(keeper, "client-only"),
  ];
  const hash = await asked(world, keeper, easy);
  world.clock.time += DAY - MINUTE;
  assert.equal(refusalOf(await keeper.handOver(hash)), "not-yet");
  world.clock.time += 2 * MINUTE;
  assert.ok((await keeper.handOver(hash)).ok);
  assert.equal(refusalOf(await keeper.askReset(requestFor(world, own))), "client-only");
});

test("any credential that still works cancels a reset, and nobody else's", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const [of, stranger] = [await enrolClient(keeper, "provider"), await enrolClient(keeper)];
  const hash = await asked(world, keeper, of);
  const cancel = (by: EnrolledClient, of: string = hash) =>
    keeper.cancelReset(hash, signBytes(by.keys.signingSecret, resetCancelBytes(of)));
  assert.equal(refusalOf(await cancel(stranger)), "bad-signature");
  assert.equal(refusalOf(await cancel(of, "0".repeat(64))), "bad-signature");
  assert.ok((await cancel(of)).ok);
  world.clock.time += 2 * DAY;
  assert.equal(refusalOf(await keeper.handOver(hash)), "over");
  assert.ok((await keeper.askReset(requestFor(world, of))).ok, "and it may be asked for again");
});

test("a reset cannot be bent: another's account, a key that is none, a second one beside it, a link of last week, the actor's approval", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const [of, other] = [await enrolClient(keeper), await enrolClient(keeper)];
  const request = requestFor(world, of);
  const wrong: readonly (readonly [string, ResetRequest])[] = [
    ["malformed", { ...request, key: "00" }],
    ["malformed", { ...request, key: "" }],
    ["unknown-client", { ...request, account: other.account }],
    ["unknown-client", { ...request, client: "nobody" }],
  ];
  for (const [refusal, bent] of wrong)
    assert.equal(refusalOf(await keeper.askReset(bent)), refusal, JSON.stringify(bent));
  const hash = await asked(world, keeper, of);
  const second = requestFor(world, of, newBoxKeyPair().publicKey);
  assert.equal(refusalOf(await keeper.askReset(second)), "already");
  const { publicKey, secretKey } = world.operator;
  const id = keyId(publicKey);
  const byActor = await keeper.approveReset(hash, id, signBytes(secretKey, resetBytes(hash)));
  assert.equal(refusalOf(byActor), "unknown-approver");
  const moved = signBytes(world.approvers[0].secretKey, resetBytes("0".repeat(64)));
  assert.equal(
    refusalOf(await keeper.approveReset(hash, keyId(world.approvers[0].publicKey), moved)),
    "bad-signature",
  );
  assert.equal(await approve(world, keeper, hash, 0), "ok");
  assert.equal(await approve(world, keeper, hash, 1), "ok");
  world.clock.time += 8 * DAY + HOUR;
  assert.equal(refusalOf(await keeper.handOver(hash)), "over");
});

test("a server that asks for everybody's keys gets a hundredth, a day later, with an entry for each", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const all: EnrolledClient[] = [];
  for (let n = 0; n < 6; n += 1) all.push(await enrolClient(keeper, "provider"));
  const outcomes = [];
  for (const of of all) outcomes.push(refusalOf(await keeper.askReset(requestFor(world, of))));
  assert.deepEqual(outcomes, ["ok", "ok", "ok", "too-many", "too-many", "too-many"]);
});

test("what was asked and approved outlives a restart, and the wait goes on", async (t) => {
  const world = await newWorld(t);
  let hash = "";
  {
    await using keeper = await world.open();
    hash = await asked(world, keeper, await enrolClient(keeper));
    assert.equal(await approve(world, keeper, hash, 0), "ok");
  }
  world.clock.time += DAY + MINUTE;
  await using keeper = await world.open();
  const [shown] = await keeper.resets();
  assert.deepEqual([shown?.hash, shown?.approvals.length, shown?.state], [hash, 1, "waiting"]);
  assert.equal(await approve(world, keeper, hash, 1), "ok");
  assert.equal((await keeper.resets())[0]?.state, "ready");
});
