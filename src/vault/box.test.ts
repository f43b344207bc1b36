import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { assert as always, property, uint8Array } from "fast-check";
import { fromUtf8 } from "#base/bytes";
import { type Canonical, canonicalBytes } from "#base/canonical";
import { HOUR, systemClock } from "#base/time";
import { policyDocument, policyTables } from "#policy";
import { type Context, newBoxKeyPair, openOpener, openSealer, SEAL_OVERHEAD } from "#vault";

const context: Context<"content"> = {
  class: "content",
  client: "c",
  account: "a",
  object: "o",
  part: "body",
};

test("what is sealed to a public key opens with the secret half and with nothing else", () => {
  const pair = newBoxKeyPair();
  const sealed = openSealer(pair.publicKey).seal(context, fromUtf8("a letter"));
  const opened = openOpener(pair.secretKey).open(context, "own", sealed);
  assert.ok(opened.ok);
  assert.deepEqual(Buffer.from(opened.value).toString(), "a letter");
  assert.equal(sealed.byteLength, 8 + SEAL_OVERHEAD);
  const other = openOpener(newBoxKeyPair().secretKey).open(context, "own", sealed);
  assert.deepEqual(other, { ok: false, refusal: "does-not-open" });
});

test("an object moved to another class, client, account, object or part does not open", () => {
  const pair = newBoxKeyPair();
  const sealed = openSealer(pair.publicKey).seal(context, fromUtf8("a letter"));
  const opener = openOpener(pair.secretKey);
  for (const field of ["client", "account", "object", "part"] as const) {
    assert.ok(!opener.open({ ...context, [field]: "other" }, "own", sealed).ok, field);
  }
  assert.ok(!opener.open({ ...context, class: "contact" }, "own", sealed).ok);
  // The fields are length-prefixed: shifting a letter from one to the next is no way around.
  assert.ok(!opener.open({ ...context, client: "ca", account: "" }, "own", sealed).ok);
});

test("a purpose that the table does not list is refused before any key is used", () => {
  const pair = newBoxKeyPair();
  const sealed = openSealer(pair.publicKey).seal(context, fromUtf8("a letter"));
  const opener = openOpener(pair.secretKey);
  // @ts-expect-error content may not be opened for marketing
  assert.deepEqual(opener.open(context, "marketing", sealed), {
    ok: false,
    refusal: "purpose-not-listed",
  });
  // @ts-expect-error content may not be opened to support the relationship
  assert.deepEqual(opener.open(context, "support-relationship", sealed), {
    ok: false,
    refusal: "purpose-not-listed",
  });
});

test("a ground opens the classes of its row and no other", () => {
  const pair = newBoxKeyPair();
  const sealed = openSealer(pair.publicKey).seal(context, fromUtf8("a letter"));
  const opener = openOpener(pair.secretKey);
  assert.ok(opener.openOnGround(context, "E3", sealed).ok);
  for (const ground of ["support", "D1", "D2"] as const) {
    // @ts-expect-error these grounds never reach content
    const opened = opener.openOnGround(context, ground, sealed);
    assert.deepEqual(opened, { ok: false, refusal: "purpose-not-listed" });
  }
  // @ts-expect-error no such ground
  assert.ok(!opener.openOnGround(context, "e3", sealed).ok);
});

test("one flipped bit anywhere keeps an object shut", () => {
  const pair = newBoxKeyPair();
  const sealed = openSealer(pair.publicKey).seal(context, fromUtf8("a letter"));
  const opener = openOpener(pair.secretKey);
  for (let at = 0; at < sealed.byteLength; at += 1) {
    const bent = Buffer.from(sealed);
    bent[at] = (bent[at] ?? 0) ^ 0x40;
    assert.ok(!opener.open(context, "own", bent).ok, `byte ${at}`);
  }
});

test("the opener is total over random bytes", () => {
  const opener = openOpener(newBoxKeyPair().secretKey);
  always(
    property(uint8Array({ maxLength: 300 }), (bytes) => !opener.open(context, "own", bytes).ok),
  );
});

test("the ephemeral key is kept for an hour and not longer", () => {
  let now = 1_800_000_000_000;
  const sealer = openSealer(newBoxKeyPair().publicKey, { now: () => now });
  const ephemeral = () =>
    Buffer.from(sealer.seal(context, fromUtf8("x")))
      .subarray(42, 74)
      .toString("hex");
  const first = ephemeral();
  now += HOUR - 1;
  assert.equal(ephemeral(), first);
  now += 1;
  assert.notEqual(ephemeral(), first);
});

test("what was sealed under an earlier policy opens for what that one listed and today's does, and under an unknown one not at all", () => {
  const document = JSON.parse(JSON.stringify(policyDocument())) as {
    classes: Record<string, { purposes: string[] }>;
    grounds: Record<string, { classes: string[] }>;
  };
  // Before, logs were opened for the client alone, and for marketing; a warrant reached no mail.
  document.classes["clientlog"] = {
    ...document.classes["clientlog"],
    purposes: ["own", "marketing"],
  };
  if (document.grounds["E3"] !== undefined) document.grounds["E3"].classes = [];
  const earlier = document as unknown as Canonical;
  const digest = createHash("sha256").update(canonicalBytes(earlier)).digest();
  const pair = newBoxKeyPair();
  const sealer = openSealer(pair.publicKey, systemClock, digest);
  const opener = openOpener(pair.secretKey, policyTables([earlier]));
  const log: Context<"clientlog"> = { ...context, class: "clientlog" };
  const [line, letter] = [
    sealer.seal(log, fromUtf8("a line")),
    sealer.seal(context, fromUtf8("x")),
  ];
  assert.ok(opener.open(log, "own", line).ok);
  const refusals = [
    opener.open(log, "support-relationship", line), // only today's lists it
    opener.open(log, "marketing" as "own", line), // only the earlier one did
    opener.openOnGround(log, "A" as "D1", line),
    opener.openOnGround(context, "E3", letter),
  ];
  for (const refusal of refusals)
    assert.deepEqual(refusal, { ok: false, refusal: "purpose-not-listed" });
  assert.ok(opener.openOnGround(context, "E2", letter).ok);
  const fresh = openSealer(pair.publicKey).seal(log, fromUtf8("a new line"));
  assert.ok(opener.open(log, "support-relationship", fresh).ok);
  const unaware = openOpener(pair.secretKey);
  assert.deepEqual(unaware.open(log, "own", line), { ok: false, refusal: "unknown-policy" });
});
