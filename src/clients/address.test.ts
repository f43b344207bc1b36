// The grammar of our addresses.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as holds, property, string } from "fast-check";
import { isNewLocalPart, reservedBecause, splitAddress, withoutTag } from "./address.ts";

test("an address splits at its last at-sign, in lower case", () => {
  assert.deepEqual(splitAddress("Anna.B@Example.TEST"), {
    local: "anna.b",
    domain: "example.test",
  });
  assert.deepEqual(splitAddress('"a@b"@c'), { local: '"a@b"', domain: "c" });
  for (const bad of ["", "@", "a@", "@b", "a", `${"a".repeat(65)}@b`, `a@${"b".repeat(256)}`])
    assert.equal(splitAddress(bad), undefined, bad);
});

test("a tag goes, a local part that begins with a plus stays", () => {
  assert.equal(withoutTag("anna+lists+more"), "anna");
  assert.equal(withoutTag("+anna"), "+anna");
  assert.equal(withoutTag("anna"), "anna");
});

test("the names that the provider answers for are nobody's", () => {
  for (const name of ["postmaster", "abuse", "hostmaster", "root", "admin", "security"])
    assert.ok(reservedBecause(name), name);
  assert.ok(reservedBecause("mailer-daemon"));
  for (const name of ["anna", "constructor", "__proto__"])
    assert.equal(reservedBecause(name), undefined, name);
});

test("what a client may choose is lower-case ASCII and keeps its form through everything here", () => {
  holds(
    property(string({ unit: "grapheme" }), (local) => {
      if (!isNewLocalPart(local)) return;
      assert.match(local, /^[a-z0-9_.-]{1,64}$/);
      assert.equal(withoutTag(local), local);
      assert.deepEqual(splitAddress(`${local}@example.test`), { local, domain: "example.test" });
    }),
  );
});
