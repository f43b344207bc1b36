import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fromUtf8 } from "#base/bytes";
import { parseCanonical } from "#base/canonical";
import { DAY, dayOf, seconds } from "#base/time";
import { parseOpening } from "#ledger";
import { ledgerPseudonym } from "#vault";
import {
  draftGrant,
  enrolClient,
  eraseOrder,
  file,
  granted,
  newWorld,
  publishedEntries,
  refusalOf,
  sealContact,
  sealLetter,
} from "./testing/world.ts";

test("an erased client's keys are gone, nothing of theirs opens, and the receipt is an opening that names no one in public", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const [of, other] = [await enrolClient(keeper), await enrolClient(keeper)];
  const path = join(world.place.folder, "clients", of.client);
  assert.ok(existsSync(path));
  const approved = await granted(world, keeper, draftGrant(world, of, "E2", ["one"]));
  const erased = await keeper.erase(eraseOrder(of));
  assert.ok(erased.ok, JSON.stringify(erased));
  assert.equal(existsSync(path), false);
  assert.equal(erased.value.unreadableFrom, dayOf(world.clock.time + 15 * DAY));
  const letter = sealLetter(of, "one", "letter");
  assert.equal(refusalOf(await keeper.release(approved, [letter])), "unknown-client");
  const late = await file(world, keeper, draftGrant(world, of, "E2", ["one"]));
  assert.equal(refusalOf(late), "unknown-client");
  const contact = sealContact(of, "contact", "Ann");
  assert.equal(refusalOf(await keeper.standing("establish-service", [contact])), "unknown-client");
  const request = { client: of.client, account: of.account, at: seconds(world.clock.time) };
  const asked = { ...request, nonce: "n", signature: new Uint8Array(64) };
  assert.equal(refusalOf(await keeper.looks(asked)), "unknown-client");
  assert.equal(refusalOf(await keeper.erase(eraseOrder(other, 1))), "ok", "the next may go too");
  const [said, theirs] = erased.value.openings.map((line) => {
    const opening = parseOpening(fromUtf8(line));
    assert.equal(opening?.index, erased.value.index);
    return opening && parseCanonical(opening.bytes);
  });
  assert.deepEqual(said, { type: "erasure", day: dayOf(world.clock.time) });
  assert.deepEqual((theirs as { destroyed: string[] }).destroyed, [
    "content",
    "contact",
    "payment",
    "standing",
    "pseudonym",
  ]);
  const entries = await publishedEntries(world, keeper);
  const erasure = entries.find(({ type }) => type === "erasure");
  assert.ok(!JSON.stringify(erasure).includes(ledgerPseudonym(of.keys.pseudonymKey)));
  assert.deepEqual(await keeper.erase(eraseOrder(of)), erased, "a lost answer is given again");
});

test("an order counts from its day, by the account's own key, for that account alone", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const [of, other] = [await enrolClient(keeper), await enrolClient(keeper)];
  const order = eraseOrder(of, seconds(world.clock.time) + 3600);
  assert.equal(refusalOf(await keeper.erase(order)), "not-yet");
  assert.equal(refusalOf(await keeper.erase({ ...order, notBefore: 0 })), "bad-signature");
  const byOther = { ...order, signature: eraseOrder(other).signature };
  assert.equal(refusalOf(await keeper.erase(byOther)), "bad-signature");
  assert.equal(
    refusalOf(await keeper.erase({ ...order, account: other.account })),
    "unknown-client",
  );
  assert.equal(refusalOf(await keeper.erase({ ...order, client: "../root" })), "unknown-client");
  world.clock.time += 3600 * 1000;
  assert.equal(refusalOf(await keeper.erase(order)), "ok");
});

test("while something of the client's is being opened nothing is destroyed", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  const hash = await granted(world, keeper, draftGrant(world, of, "E2", ["one"]));
  const released = keeper.release(hash, [sealLetter(of, "one", "letter")]);
  const early = await keeper.erase(eraseOrder(of));
  assert.equal(refusalOf(early), "in-use");
  assert.equal(refusalOf(await released), "ok");
  const both = await Promise.all([keeper.erase(eraseOrder(of)), keeper.erase(eraseOrder(of, 1))]);
  assert.deepEqual(both.map(refusalOf).sort(), ["in-use", "ok"]);
});

test("a file put back from a copy, or left by a crash after the entry, is destroyed at the next start", async (t) => {
  const world = await newWorld(t);
  const clients = join(world.place.folder, "clients");
  const { of, copy } = await (async () => {
    await using keeper = await world.open();
    const of = await enrolClient(keeper);
    const copy = readFileSync(join(clients, of.client));
    assert.equal(refusalOf(await keeper.erase(eraseOrder(of))), "ok");
    writeFileSync(join(clients, of.client), copy, { mode: 0o600 });
    const hash = await file(world, keeper, draftGrant(world, of, "E2", ["one"]));
    assert.equal(refusalOf(hash), "unknown-client", "not even while it runs");
    assert.equal(refusalOf(await keeper.erase(eraseOrder(of))), "ok");
    assert.equal(existsSync(join(clients, of.client)), false, "no receipt while the file is there");
    writeFileSync(join(clients, of.client), copy, { mode: 0o600 });
    return { of, copy };
  })();
  assert.ok(copy.byteLength > 0 && existsSync(join(clients, of.client)));
  await using keeper = await world.open();
  assert.equal(existsSync(join(clients, of.client)), false);
  assert.equal(refusalOf(await keeper.erase(eraseOrder(of, 1))), "unknown-client");
  assert.equal(refusalOf(await keeper.erase(eraseOrder(of))), "ok", "the receipt outlives a start");
});

test("when the ledger cannot be written nothing is destroyed, and the same order is carried out after a restart", async (t) => {
  const world = await newWorld(t);
  const { folder } = world.place;
  const order = await (async () => {
    await using keeper = await world.open();
    const of = await enrolClient(keeper);
    await rename(join(folder, "ledger"), join(folder, "away"));
    assert.equal(refusalOf(await keeper.erase(eraseOrder(of))), "ledger-unavailable");
    assert.ok(existsSync(join(folder, "clients", of.client)));
    await rename(join(folder, "away"), join(folder, "ledger"));
    return eraseOrder(of);
  })();
  await using keeper = await world.open();
  assert.equal(refusalOf(await keeper.erase(order)), "ok");
  assert.equal(existsSync(join(folder, "clients", order.client)), false);
});
