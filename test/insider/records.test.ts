// Records over the real keeper: what it refuses is carried out by nobody, and what was carried out is not done again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalBytes } from "#base/canonical";
import { type KeyFile, keyId, recordBytes } from "#keeper";
import { signBytes } from "#vault";
import {
  draftRecord,
  enrolClient,
  type GrantFields,
  newWorld,
} from "../../src/keeper/testing/world.ts";
import { fitRecords } from "../../src/main/records.ts";

function signed(fields: GrantFields, by: KeyFile): readonly [Uint8Array, Uint8Array, string] {
  const bytes = canonicalBytes({ ...fields, actor: keyId(by.publicKey) });
  return [bytes, signBytes(by.secretKey, recordBytes(bytes)), ""];
}

test("a refused record is carried out by nobody, and the same record again is done once", async (t) => {
  const world = await newWorld(t);
  const { operator, approvers } = world;
  await using keeper = await world.open();
  const client = await enrolClient(keeper);
  const done: string[] = [];
  let [isReversed, isBroken] = [false, true];
  const record = fitRecords(keeper, {
    decision: {
      check: async () => (isReversed ? "another person reversed it" : undefined),
      wasDone: async ({ nonce }) => (done.includes(nonce) ? "it was done before" : undefined),
      async carryOut({ record: { nonce } }) {
        if (isBroken) throw new Error("the disk is full");
        done.push(nonce);
        return "done";
      },
    },
  });
  const fields = draftRecord(world, "decision", {}, client);
  const decision = signed(fields, operator);
  const [bytes, signature] = decision;
  const refusals: readonly [string, readonly [Uint8Array, Uint8Array, string]][] = [
    ["not-canonical", [new Uint8Array(), signature, ""]],
    ["bad-signature", [bytes, new Uint8Array(64), ""]],
    ["unknown-actor", signed(fields, approvers[0])],
    ["old-policy", signed({ ...fields, policy: "0".repeat(64) }, operator)],
    ["unknown-client", signed({ ...fields, client: "a".repeat(26) }, operator)],
  ];
  isBroken = false;
  for (const [refusal, given] of refusals) {
    const said = await record(...given);
    assert.equal(said.ok ? "ok" : said.refusal, refusal);
  }
  assert.deepEqual(done, []);
  isBroken = true;
  await assert.rejects(record(...decision), /written and not carried out/);
  isBroken = false;
  const first = await record(...decision);
  assert.ok(first.ok && first.value.did === "done", "what is missing is done when handed in again");
  const { index } = first.value;
  const again = { ok: true, value: { index, did: "it was done before" } };
  assert.deepEqual(await record(...decision), again);
  // Another record with its nonce is none that was written.
  const twin = await record(...signed({ ...fields, statement: "something else" }, operator));
  assert.equal(twin.ok ? "ok" : twin.refusal, "duplicate");
  isReversed = true;
  const late = await record(...decision);
  assert.equal(late.ok ? "ok" : late.refusal, "not-now");
  assert.equal(done.length, 1);
});
