// The insider on the keeper's socket, beyond grants: a real keeper in its own process, asked as the server's user can ask for what
// no person has asked for.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Broken } from "#base/errors";
import { seconds } from "#base/time";
import { type KeyFile, spawnKeeper, verifyCertificate, verifyInterception } from "#keeper";
import { standingPurposes } from "#policy";
import { newBoxKeyPair, newSigningKeyPair, signBytes } from "#vault";
import {
  draftInterception,
  draftRecord,
  enrolClient,
  eraseOrder,
  granted,
  handIn,
  newWorld,
  publishedEntries,
  refusalOf,
  sealContact,
  sealLetter,
} from "../../src/keeper/testing/world.ts";

test("the server that asks for every contact gets none as provide-service, and a share of an hour as what it is for", async (t) => {
  const world = await newWorld(t);
  await using keeper = await spawnKeeper(world.place);
  const { atLeast } = standingPurposes["establish-service"];
  const contacts = [];
  for (let count = 0; count < atLeast + 5; count += 1)
    contacts.push(sealContact(await enrolClient(keeper), "contact", `secret ${count}`));
  for (const purpose of ["provide-service", "own", "support-relationship", "analyse-traffic"])
    assert.equal(refusalOf(await keeper.standing(purpose, contacts)), "not-listed", purpose);
  assert.equal(refusalOf(await keeper.standing("establish-service", contacts)), "over-the-share");
  const one = await Promise.all(
    contacts.map((contact) => keeper.standing("establish-service", [contact])),
  );
  assert.equal(one.filter(({ ok }) => ok).length, atLeast, "asked one by one and all at once");
  const stopped = (await publishedEntries(world, keeper)).filter(
    ({ type }) => type === "standing-stopped",
  );
  assert.equal(stopped.length, 1, "and everybody can read that it tried");
});

test("the server can put no key of its own in the place of the desk's, of a client's or of a recipient's", async (t) => {
  const world = await newWorld(t);
  await using keeper = await spawnKeeper(world.place);
  const { certificateKey } = await keeper.hello();
  const thief = newBoxKeyPair().publicKey;
  const desk = await keeper.certifyDesk(newBoxKeyPair().publicKey);
  assert.ok(desk.ok);
  assert.equal(refusalOf(await keeper.certifyDesk(thief)), "exists");
  assert.ok(!verifyCertificate(certificateKey, { ...desk.value, publicKey: thief }));
  const rule = await keeper.ruleKey();
  assert.ok(!verifyCertificate(certificateKey, { ...rule.certificate, class: "case" }));
  assert.ok(!verifyCertificate(certificateKey, { ...rule.certificate, part: "desk" }));
  const of = await enrolClient(keeper);
  world.clock.time = Date.now();
  const from = seconds(world.clock.time);
  const scope = { from, until: from + 2 };
  const hash = await granted(world, keeper, draftInterception(world, of, { scope }));
  const begun = await keeper.intercept(hash);
  assert.ok(begun.ok, JSON.stringify(begun));
  assert.ok(verifyInterception(certificateKey, begun.value));
  for (const bent of [{ publicKey: thief }, { until: scope.until + 1 }, { account: "other" }])
    assert.ok(!verifyInterception(certificateKey, { ...begun.value, ...bent }));
  assert.equal(refusalOf(await keeper.release(hash, [sealLetter(of, "one", "x")])), "out-of-scope");
  assert.equal(refusalOf(await keeper.intercept(hash)), "outcome-pending");
  // It ends by itself: from its second on it is in no list, and its outcome is taken.
  for (let tries = 0; (await keeper.interceptions()).length > 0; tries += 1) {
    assert.ok(tries < 200, "two seconds are over");
    await sleep(100);
  }
  assert.equal(refusalOf(await keeper.intercept(hash)), "outcome-pending");
  assert.equal(refusalOf(await keeper.endInterception(hash, 0)), "ok");
  assert.equal(refusalOf(await keeper.intercept(hash)), "used-up");
  await assert.rejects(keeper.endInterception(hash, -1), Broken);
});

test("an erased client's file that is put back from a copy opens nothing and is gone after the next start", async (t) => {
  const world = await newWorld(t);
  const { of, order, path } = await (async () => {
    await using keeper = await spawnKeeper(world.place);
    const of = await enrolClient(keeper);
    const path = join(world.place.folder, "clients", of.client);
    const copy = readFileSync(path);
    const order = eraseOrder(of);
    const forged = { ...order, signature: signBytes(newSigningKeyPair().secretKey, copy) };
    assert.equal(refusalOf(await keeper.erase(forged)), "bad-signature");
    assert.equal(refusalOf(await keeper.erase(order)), "ok");
    writeFileSync(path, copy, { mode: 0o600 });
    const contact = sealContact(of, "contact", "Ann");
    assert.equal(
      refusalOf(await keeper.standing("establish-service", [contact])),
      "unknown-client",
    );
    return { of, order, path };
  })();
  assert.ok(existsSync(path));
  await using keeper = await spawnKeeper(world.place);
  assert.equal(existsSync(path), false);
  const contact = sealContact(of, "contact", "Ann");
  assert.equal(refusalOf(await keeper.standing("establish-service", [contact])), "unknown-client");
  assert.equal(refusalOf(await keeper.erase(order)), "ok", "the receipt is given again");
});

test("nobody records a case who is not enrolled, and nobody decides their own appeal", async (t) => {
  const world = await newWorld(t);
  await using keeper = await spawnKeeper(world.place);
  world.clock.time = Date.now();
  const of = await enrolClient(keeper);
  const stranger: KeyFile = { kind: "ed25519", ...newSigningKeyPair() };
  const decision = () => draftRecord(world, "decision", {}, of);
  assert.equal(refusalOf(await handIn(keeper, decision(), stranger)), "unknown-actor");
  const decided = await handIn(keeper, decision(), world.operator);
  assert.ok(decided.ok, JSON.stringify(decided));
  const appeal = () => draftRecord(world, "appeal-decided", { of: decided.value.index }, of);
  assert.equal(refusalOf(await handIn(keeper, appeal(), world.operator)), "same-person");
  assert.equal(refusalOf(await handIn(keeper, appeal(), stranger)), "unknown-actor");
  const [first, second] = await Promise.all(
    world.approvers.map((by) => handIn(keeper, appeal(), by)),
  );
  assert.ok(first && second);
  assert.deepEqual([refusalOf(first), refusalOf(second)], ["ok", "duplicate"]);
});

test("calls of another shape end before they are read", async (t) => {
  const world = await newWorld(t);
  await using keeper = await spawnKeeper(world.place);
  const loose = keeper as unknown as { [method: string]: (...args: unknown[]) => Promise<unknown> };
  for (const [method, ...args] of [
    ["standing", "provide-service", "everything"],
    ["erase", { client: "a", account: "b", notBefore: 0 }],
    ["erase", { client: "a", account: "b", notBefore: 0.5, signature: Buffer.of(1) }],
    ["certifyDesk", "key"],
    ["recordCase", "{}", Buffer.of(1)],
    ["matchReport", { client: "a", account: "b", fingerprint: Buffer.of(1), more: 1 }, []],
    ["intercept"],
    ["endInterception", "hash", "1"],
    ["noticed", [1, "2"]],
  ] as const)
    await assert.rejects(async () => loose[method]?.(...args), Broken, method);
  assert.ok(await keeper.hello());
});
