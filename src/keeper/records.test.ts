import assert from "node:assert/strict";
import { test } from "node:test";
import { anything, assert as always, property, uint8Array } from "fast-check";
import { fromUtf8 } from "#base/bytes";
import { canonicalBytes } from "#base/canonical";
import { newId } from "#base/ids";
import { DAY, dayOf } from "#base/time";
import { ledgerPseudonym, newSigningKeyPair, signBytes } from "#vault";
import { type KeyFile, keyId, parseRecord, recordBytes } from "#keeper";
import {
  draftRecord,
  enrolClient,
  type GrantFields,
  handIn,
  newWorld,
  publishedEntries,
  refusalOf,
} from "./testing/world.ts";

test("a case is received, determined by another person, closed once, and everybody may count it", async (t) => {
  const world = await newWorld(t);
  const { operator, approvers } = world;
  const determined = () => draftRecord(world, "request-determined");
  {
    await using keeper = await world.open();
    assert.equal(refusalOf(await handIn(keeper, determined(), approvers[0])), "unknown-entry");
    const received = draftRecord(world, "request-received");
    assert.equal(refusalOf(await handIn(keeper, received, operator)), "ok");
    const twice = draftRecord(world, "request-received");
    assert.equal(refusalOf(await handIn(keeper, twice, operator)), "duplicate");
    assert.equal(refusalOf(await handIn(keeper, determined(), operator)), "same-person");
  }
  await using keeper = await world.open();
  assert.equal(refusalOf(await handIn(keeper, determined(), operator)), "same-person");
  assert.equal(refusalOf(await handIn(keeper, determined(), approvers[0])), "ok");
  const closed = () =>
    draftRecord(world, "request-closed", { outcome: "rejected", because: "no-legal-process" });
  assert.equal(refusalOf(await handIn(keeper, closed(), approvers[0])), "unknown-actor");
  assert.equal(refusalOf(await handIn(keeper, closed(), operator)), "ok");
  assert.equal(refusalOf(await handIn(keeper, closed(), operator)), "duplicate");
  const entries = await publishedEntries(world, keeper);
  const said = entries.filter(({ type }) => type.startsWith("request-"));
  assert.deepEqual(
    said.map(({ index, day, ...rest }) => {
      assert.ok(index > 0 && day === dayOf(world.clock.time));
      return rest;
    }),
    [
      { type: "request-received", role: "operator", asks: "content", requester: "court" },
      { type: "request-determined", role: "approver", verdict: "valid" },
      {
        type: "request-closed",
        role: "operator",
        outcome: "rejected",
        because: "no-legal-process",
      },
    ],
  );
});

test("a decision names client, measure and clause; its appeal is decided once and by another person", async (t) => {
  const world = await newWorld(t);
  const { operator, approvers } = world;
  await using keeper = await world.open();
  const [of, other] = [await enrolClient(keeper), await enrolClient(keeper)];
  const decided = await handIn(keeper, draftRecord(world, "decision", {}, of), operator);
  assert.ok(decided.ok);
  const appeal = (bent: GrantFields, by: KeyFile, whom = of) =>
    handIn(
      keeper,
      draftRecord(world, "appeal-decided", { of: decided.value.index, ...bent }, whom),
      by,
    );
  assert.equal(refusalOf(await appeal({}, operator)), "same-person");
  assert.equal(refusalOf(await appeal({ of: 0 }, approvers[0])), "unknown-entry");
  assert.equal(refusalOf(await appeal({}, approvers[0], other)), "unknown-entry");
  assert.equal(refusalOf(await appeal({}, approvers[0])), "ok");
  assert.equal(refusalOf(await appeal({}, approvers[1])), "duplicate");
  const [decision, reversed] = (await publishedEntries(world, keeper)).filter(
    ({ type }) => type === "decision" || type === "appeal-decided",
  );
  assert.equal(decision?.["clause"], "3.2");
  assert.equal(reversed?.["result"], "reversed");
  // Who reported it can time the decision: a pseudonym there would tell them whom a later look concerns.
  const pseudonym = ledgerPseudonym(of.keys.pseudonymKey);
  for (const secret of [of.client, pseudonym, "letter1", "breaks the terms", "case-1"])
    assert.ok(!JSON.stringify([decision, reversed]).includes(secret), secret);
});

test("the same record again gets the same entry, over a restart too; another with its nonce is a refusal and no entry", async (t) => {
  const world = await newWorld(t);
  const { operator } = world;
  const { of, right, index } = await (async () => {
    await using keeper = await world.open();
    const of = await enrolClient(keeper);
    const right = draftRecord(world, "decision", {}, of);
    const [first, second] = await Promise.all([
      handIn(keeper, right, operator),
      handIn(keeper, right, operator),
    ]);
    assert.ok(first.ok && second.ok, JSON.stringify([first, second]));
    assert.equal(first.value.index, second.value.index);
    return { of, right, index: first.value.index };
  })();
  world.clock.time += 30 * DAY;
  await using keeper = await world.open();
  assert.deepEqual(await handIn(keeper, right, operator), { ok: true, value: { index } });
  const { nonce = "" } = right;
  const other = draftRecord(world, "decision", { nonce, ids: ["letter2"] }, of);
  assert.equal(refusalOf(await handIn(keeper, other, operator)), "duplicate");
  const decisions = (await publishedEntries(world, keeper)).filter(
    ({ type }) => type === "decision",
  );
  assert.equal(decisions.length, 1);
});

test("a record that is not exactly its form, or by nobody who may, is refused", async (t) => {
  const world = await newWorld(t);
  const { operator, approvers } = world;
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  const now = Math.floor(world.clock.time / 1000);
  const bends: readonly [string, Parameters<typeof draftRecord>[1], GrantFields, string][] = [
    ["another version", "decision", { version: 2 }, "bad-record"],
    ["a field more", "decision", { more: 1 }, "bad-record"],
    ["a type of its own", "decision", { type: "pardon" }, "bad-record"],
    ["a type of the prototype", "decision", { type: "toString" }, "bad-record"],
    ["a measure of its own", "decision", { measure: "shadow-ban" }, "bad-record"],
    ["a measure without a clause", "decision", { clause: "" }, "bad-record"],
    ["a clause in words", "decision", { clause: "because we can" }, "bad-record"],
    ["another basis", "decision", { basis: "dislike" }, "bad-record"],
    ["a deletion of nothing", "decision", { ids: [] }, "bad-record"],
    ["a deletion of everything", "decision", { ids: ["*"] }, "bad-record"],
    ["ids that are numbers", "decision", { ids: [1, 2] }, "bad-record"],
    ["ids in lists", "decision", { ids: [["a"]] }, "bad-record"],
    ["an end before its beginning", "decision", { until: now }, "bad-record"],
    ["an end that no calendar has", "decision", { until: 2 ** 53 - 1 }, "bad-record"],
    ["ids in disorder", "decision", { ids: ["b", "a"] }, "bad-record"],
    ["no reasons", "decision", { statement: " " }, "bad-record"],
    ["reasons that turn round", "decision", { statement: "a\u202eb" }, "bad-record"],
    ["a suspension of nobody", "decision", { measure: "suspend", client: "" }, "bad-record"],
    ["a client who is none", "decision", { client: newId() }, "unknown-client"],
    ["the policy of yesterday", "decision", { policy: "0".repeat(64) }, "old-policy"],
    ["a record of last month", "decision", { at: now - 30 * 86_400 }, "bad-record"],
    ["a record of tomorrow", "decision", { at: now + 86_400 }, "bad-record"],
    ["a request for anything", "request-received", { asks: "everything" }, "bad-record"],
    ["a requester in words", "request-received", { requester: "the police" }, "bad-record"],
    ["an end of its own", "request-closed", { because: "we felt like it" }, "bad-record"],
  ];
  for (const [name, type, bent, refusal] of bends)
    assert.equal(
      refusalOf(await handIn(keeper, draftRecord(world, type, bent, of), operator)),
      refusal,
      name,
    );
  const right = draftRecord(world, "decision", {}, of);
  const stranger: KeyFile = { kind: "ed25519", ...newSigningKeyPair() };
  assert.equal(refusalOf(await handIn(keeper, right, stranger)), "unknown-actor");
  assert.equal(refusalOf(await handIn(keeper, right, approvers[0])), "unknown-actor");
  const bytes = canonicalBytes(right);
  const byOther = signBytes(approvers[0].secretKey, recordBytes(bytes));
  assert.equal(refusalOf(await keeper.recordCase(bytes, byOther)), "bad-signature");
  const loose = fromUtf8(JSON.stringify(right, undefined, 1));
  assert.equal(refusalOf(await keeper.recordCase(loose, byOther)), "not-canonical");
  assert.equal(right["actor"], keyId(operator.publicKey));
  assert.equal(refusalOf(await handIn(keeper, right, operator)), "ok");
  const sender = { measure: "block", client: "", ids: [], statement: "" };
  assert.equal(
    refusalOf(await handIn(keeper, draftRecord(world, "decision", sender), operator)),
    "ok",
    "a sender who is no client",
  );
  world.clock.time += DAY;
  const none = { measure: "none", clause: "", ids: [], statement: "" };
  assert.equal(
    refusalOf(await handIn(keeper, draftRecord(world, "decision", none, of), operator)),
    "ok",
  );
});

test("whatever bytes are handed in as a record, they are read or refused", () => {
  always(
    property(uint8Array({ maxLength: 200 }), (bytes) => {
      assert.equal(parseRecord(bytes).ok, false);
    }),
  );
  always(
    property(anything(), (value) => {
      const bytes = fromUtf8(JSON.stringify({ type: "decision", ids: value }) ?? "");
      assert.equal(parseRecord(bytes).ok, false);
    }),
  );
});
