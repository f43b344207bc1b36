import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import {
  array,
  assert as check,
  double,
  infiniteStream,
  integer,
  property,
  string,
} from "fast-check";
import { joinShares, MOST_SHARES, splitRoot } from "./shares.ts";

test("any as many shares as it takes give the root back, whichever they are and in whatever order", () => {
  check(
    property(
      integer({ min: 2, max: 7 }),
      integer({ min: 0, max: 5 }),
      infiniteStream(double({ min: 0, max: 1, noNaN: true })),
      (need, more, chance) => {
        const rootKey = randomBytes(32);
        const order = new Map<string, number>();
        const lines = splitRoot(rootKey, 3, need, need + more);
        for (const line of lines) order.set(line, chance.next().value ?? 0);
        const some = lines
          .toSorted((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0))
          .slice(0, need);
        const joined = joinShares(some);
        assert.ok(joined.ok);
        assert.deepEqual(Buffer.from(joined.rootKey), rootKey);
        assert.equal(joined.generation, 3);
      },
    ),
    { numRuns: 60 },
  );
});

test("fewer give nothing: every key is as likely as the right one", () => {
  const rootKey = randomBytes(32);
  const [first = "", second = ""] = splitRoot(rootKey, 1, 3, 5);
  assert.deepEqual(joinShares([first, second]), {
    ok: false,
    why: "it takes 3 different shares, and 2 were given",
  });
  const twice = joinShares([first, second, ` ${second.toUpperCase()}`]);
  assert.equal(twice.ok, false, "one share twice is one share");
  // A byte of one share, over many splits of the same key, is spread as chance is: the share alone does not know the key.
  const counts = Array.from({ length: 256 }, () => 0);
  for (let round = 0; round < 20_000; round += 1) {
    const [line = ""] = splitRoot(Buffer.alloc(32, 7), 1, 2, 2);
    const byte = Number.parseInt(line.split(" ")[7]?.slice(0, 2) ?? "", 16);
    counts[byte] = (counts[byte] ?? 0) + 1;
  }
  const expected = 20_000 / 256;
  const chi = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 255 degrees of freedom: beyond 400 once in some 10^8 runs.
  assert.ok(chi < 400, `chi-square ${chi}`);
});

test("a slip of the pen, a share of another key and too few or too many are said as such", () => {
  const lines = splitRoot(randomBytes(32), 1, 2, 3);
  const [first = "", second = ""] = lines;
  const wrong = second.replace(/[0-9a-f](?= [0-9a-f]{8}$)/, (digit) => (digit === "0" ? "1" : "0"));
  assert.match(whyOf([first, wrong]), /share 2 is not as it was written/);
  assert.match(
    whyOf([first, splitRoot(randomBytes(32), 1, 2, 3)[1] ?? ""]),
    /not all of one root key/,
  );
  assert.match(whyOf([]), /no share/);
  for (const [need, count] of [
    [1, 3],
    [3, 2],
    [2, MOST_SHARES + 1],
  ] as const)
    assert.throws(() => splitRoot(randomBytes(32), 1, need, count), RangeError);
  check(property(array(string()), (any) => void joinShares(any)));
});

function whyOf(lines: readonly string[]): string {
  const joined = joinShares(lines);
  return joined.ok ? "" : joined.why;
}
