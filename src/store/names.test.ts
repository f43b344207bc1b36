// Folder names have one spelling, and making it twice changes nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as always, property, string } from "fast-check";
import { canonicalName, parentsOf } from "./names.ts";

test("a good name is its own canonical form, in NFC, within the limits", () => {
  always(
    property(string({ unit: "grapheme", maxLength: 300 }), (name) => {
      const canonical = canonicalName(name);
      if (canonical === undefined) return;
      assert.equal(canonicalName(canonical), canonical);
      assert.equal(canonical.normalize("NFC"), canonical);
      assert.ok(Buffer.byteLength(canonical) <= 255);
      assert.ok(canonical.split("/").every((level) => level !== ""));
    }),
  );
});

test("any text at all gets an answer", () => {
  always(
    property(string({ unit: "binary" }), (name) => {
      const canonical = canonicalName(name);
      assert.ok(canonical === undefined || canonical.isWellFormed());
    }),
  );
});

test("INBOX is the same in any case, as the first level only", () => {
  assert.equal(canonicalName("inBox"), "INBOX");
  assert.equal(canonicalName("inbox/a"), "INBOX/a");
  assert.equal(canonicalName("a/inbox"), "a/inbox");
  assert.equal(canonicalName("inboxes"), "inboxes");
});

test("the parents of a name are named from the top", () => {
  assert.deepEqual(parentsOf("a/b/c"), ["a", "a/b"]);
  assert.deepEqual(parentsOf("a"), []);
});
