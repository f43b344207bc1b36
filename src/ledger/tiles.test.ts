import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as always, nat, property } from "fast-check";
import {
  encodeBundle,
  hashesAt,
  levelsOf,
  newTiles,
  openingsPath,
  TILE_WIDTH,
  tilePath,
} from "./tiles.ts";

test("paths are spelled as in the standard", () => {
  assert.equal(tilePath(0, 1234067), "tile/0/x001/x234/067");
  assert.equal(tilePath("entries", 1234067, 17), "tile/entries/x001/x234/067.p/17");
  assert.equal(tilePath(2, 0, 1), "tile/2/000.p/1");
  assert.equal(tilePath(0, 999), "tile/0/999");
  assert.equal(tilePath(0, 1000), "tile/0/x001/000");
  assert.equal(openingsPath(1000), "openings/x001/000.jsonl");
});

test("a tree of 70,000 has the tiles that the standard counts", () => {
  assert.equal(levelsOf(70_000), 3);
  const tiles = [0, 1, 2].map((level) => newTiles(0, 70_000, level));
  assert.deepEqual(
    tiles.map((tiles) => [
      tiles.filter(({ width }) => width === 256).length,
      tiles.filter(({ width }) => width < 256).map(({ width }) => width),
    ]),
    [
      [273, [112]],
      [1, [17]],
      [0, [1]],
    ],
  );
});

test("a tree of 256 is a full tile and a partial one of width 1 above it", () => {
  assert.deepEqual(newTiles(0, 256, 0), [{ index: 0, width: 256 }]);
  assert.deepEqual(newTiles(0, 256, 1), [{ index: 0, width: 1 }]);
  assert.equal(levelsOf(256), 2);
  assert.equal(levelsOf(0), 0);
});

test("the tiles of each step together are those of the whole", () => {
  always(
    property(nat(200_000), nat(3000), (before, more) => {
      const size = before + more;
      for (let level = 0; level < levelsOf(size); level += 1) {
        const wanted = new Set<string>();
        const count = hashesAt(size, level);
        for (let index = 0; index * TILE_WIDTH < count; index += 1) {
          wanted.add(`${index} ${Math.min(TILE_WIDTH, count - index * TILE_WIDTH)}`);
        }
        const text = ({ index, width }: { index: number; width: number }) => `${index} ${width}`;
        const had = newTiles(0, before, level).map((tile) => text(tile));
        const added = newTiles(before, size, level).map((tile) => text(tile));
        assert.ok(wanted.isSubsetOf(new Set([...had, ...added])));
        assert.ok(added.every((tile) => wanted.has(tile) && !had.includes(tile)));
      }
    }),
    { numRuns: 60 },
  );
});

test("each entry of a bundle stands behind its length", () => {
  const bundle = encodeBundle([Buffer.of(7), Buffer.alloc(300, 8), Buffer.alloc(0)]);
  assert.deepEqual(
    Buffer.from(bundle),
    Buffer.concat([Buffer.of(0, 1, 7, 1, 44), Buffer.alloc(300, 8), Buffer.of(0, 0)]),
  );
  assert.throws(() => encodeBundle([Buffer.alloc(65_536)]), RangeError);
});
