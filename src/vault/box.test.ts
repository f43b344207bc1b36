import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as always, property, uint8Array } from "fast-check";
import { fromUtf8 } from "#base/bytes";
import { HOUR } from "#base/time";
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
