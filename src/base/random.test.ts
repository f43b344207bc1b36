import assert from "node:assert/strict";
import { test } from "node:test";
import { randomOctets } from "./random.ts";

test("no octets are given out twice, across many pages and sizes", () => {
  const seen = new Set<string>();
  for (let at = 0; at < 10_000; at += 1) {
    const octets = randomOctets(16 + (at % 17));
    assert.equal(octets.byteLength, 16 + (at % 17));
    seen.add(octets.toString("hex", 0, 16));
  }
  assert.equal(seen.size, 10_000);
});

test("what was given out stays as it is", () => {
  const first = randomOctets(32);
  const copy = first.toString("hex");
  for (let at = 0; at < 1000; at += 1) randomOctets(32);
  assert.equal(first.toString("hex"), copy);
});

test("a page is the most at once", () => {
  assert.equal(randomOctets(4096).byteLength, 4096);
  assert.throws(() => randomOctets(4097), RangeError);
});
