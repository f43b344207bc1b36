import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as always, dictionary, integer, property, string, uint8Array } from "fast-check";
import { fromUtf8 } from "#base/bytes";
import { type Canonical, canonicalBytes, canonicalText, parseCanonical } from "#base/canonical";

test("a value has one spelling: keys sorted, no spaces", () => {
  assert.equal(
    canonicalText({ b: [1, "x", true], a: { z: -5 } }),
    '{"a":{"z":-5},"b":[1,"x",true]}',
  );
});

test("what a value is written as reads back as the same value", () => {
  const values = dictionary(string({ unit: "grapheme-ascii" }), integer());
  always(
    property(values, (value) => {
      assert.deepEqual({ ...(parseCanonical(canonicalBytes(value)) as object) }, { ...value });
    }),
  );
});

for (const [name, text] of [
  ["duplicate keys", '{"a":1,"a":1}'],
  ["an exponent", '{"a":1e2}'],
  ["a fraction", '{"a":1.5}'],
  ["minus zero", '{"a":-0}'],
  ["a number past 2^53", '{"a":9007199254740993}'],
  ["null", '{"a":null}'],
  ["a lone surrogate", String.raw`{"a":"\ud800"}`],
  ["letters in decomposed form", '{"a":"e\u0301"}'],
  ["an escaped letter that needs none", String.raw`{"a":"\u0061"}`],
  ["keys out of order", '{"b":1,"a":1}'],
  ["white space", '{"a": 1}'],
  ["more behind the end", '{"a":1}\n'],
  ["a byte order mark", '\ufeff{"a":1}'],
  ["a nest nine deep", '[[[[[[[[["x"]]]]]]]]]'],
  ["17 KiB", JSON.stringify({ a: "x".repeat(17 * 1024) })],
] as const) {
  test(`${name} is not canonical`, () => assert.equal(parseCanonical(fromUtf8(text)), undefined));
}

test("the parser is total over random bytes, and what it takes it would write the same", () => {
  always(
    property(uint8Array({ maxLength: 64 }), (bytes) => {
      const value: Canonical | undefined = parseCanonical(bytes);
      return value === undefined || Buffer.from(canonicalBytes(value)).equals(bytes);
    }),
  );
});
