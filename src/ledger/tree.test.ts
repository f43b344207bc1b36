import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assert as always, integer, property, uint8Array } from "fast-check";
import { fromUtf8, toBase64 } from "#base/bytes";
import {
  consistencyPath,
  emptyRoot,
  Frontier,
  type HashSource,
  inclusionPath,
  leafHash,
  nodeHash,
  rootAt,
  verifyConsistency,
  verifyInclusion,
} from "./tree.ts";

// The definitions of RFC 6962 §2.1, word for word and as slow as that.
function naiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (only === undefined) return emptyRoot;
  if (leaves.length === 1) return leafHash(only);
  const k = naiveSplit(leaves.length);
  return nodeHash(naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

function naivePath(m: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return [];
  const k = naiveSplit(leaves.length);
  return m < k
    ? [...naivePath(m, leaves.slice(0, k)), naiveRoot(leaves.slice(k))]
    : [...naivePath(m - k, leaves.slice(k)), naiveRoot(leaves.slice(0, k))];
}

function naiveProof(m: number, leaves: readonly Uint8Array[], whole: boolean): Uint8Array[] {
  if (m === leaves.length) return whole ? [] : [naiveRoot(leaves)];
  const k = naiveSplit(leaves.length);
  return m <= k
    ? [...naiveProof(m, leaves.slice(0, k), whole), naiveRoot(leaves.slice(k))]
    : [...naiveProof(m - k, leaves.slice(k), false), naiveRoot(leaves.slice(0, k))];
}

function naiveSplit(n: number): number {
  return 2 ** Math.floor(Math.log2(n - 1));
}

function numbered(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => fromUtf8(`leaf ${index}`));
}

function grow(leaves: readonly Uint8Array[]): { root: Uint8Array; source: HashSource } {
  const frontier = new Frontier();
  const nodes = new Map<string, Uint8Array>();
  for (const leaf of leaves) {
    frontier.push(leafHash(leaf), (level, index, hash) => nodes.set(`${level}/${index}`, hash));
  }
  const source: HashSource = (level, index) => {
    const node = nodes.get(`${level}/${index}`);
    assert.ok(node, `node ${level}/${index} is complete`);
    return node;
  };
  return { root: frontier.root(), source };
}

const texts = (hashes: readonly Uint8Array[]) => hashes.map((hash) => toBase64(hash));

test("the root of no leaves is the SHA-256 of nothing", () => {
  const { root } = grow([]);
  assert.equal(
    Buffer.from(root).toString("hex"),
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  );
});

test("roots, inclusion and consistency proofs are those of the definitions, for every size up to 70", () => {
  for (let size = 0; size <= 70; size += 1) {
    const leaves = numbered(size);
    const { root, source } = grow(leaves);
    assert.deepEqual(toBase64(root), toBase64(naiveRoot(leaves)));
    assert.deepEqual(toBase64(rootAt(size, source)), toBase64(root));
    for (const [index, leaf] of leaves.entries()) {
      const path = inclusionPath(index, size, source);
      assert.deepEqual(texts(path), texts(naivePath(index, leaves)));
      assert.ok(verifyInclusion(leafHash(leaf), index, size, path, root));
    }
    for (let from = 1; from <= size; from += 1) {
      const path = consistencyPath(from, size, source);
      assert.deepEqual(texts(path), texts(naiveProof(from, leaves, true)));
      assert.ok(verifyConsistency(from, size, path, naiveRoot(leaves.slice(0, from)), root));
    }
  }
});

test("random leaves give the root of the definition", () => {
  always(
    property(array(uint8Array({ maxLength: 80 }), { maxLength: 300 }), (leaves) => {
      assert.equal(toBase64(grow(leaves).root), toBase64(naiveRoot(leaves)));
    }),
    { numRuns: 40 },
  );
});

test("a cloned frontier grows on its own", () => {
  const frontier = new Frontier();
  for (const leaf of numbered(11)) frontier.push(leafHash(leaf));
  const clone = frontier.clone();
  clone.push(leafHash(fromUtf8("another")));
  assert.equal(toBase64(frontier.root()), toBase64(naiveRoot(numbered(11))));
  assert.equal(toBase64(clone.root()), toBase64(naiveRoot([...numbered(11), fromUtf8("another")])));
});

test("a proof that is bent, cut, extended or for another place proves nothing", () => {
  const leaves = numbered(45);
  const { root, source } = grow(leaves);
  const size = integer({ min: 2, max: 45 });
  always(
    property(size, integer({ min: 0, max: 44 }), integer({ min: 0, max: 255 }), (to, at, bit) => {
      const index = at % to;
      const whole = naiveRoot(leaves.slice(0, to));
      const leaf = leafHash(leaves[index] ?? emptyRoot);
      const path = inclusionPath(index, to, source);
      assert.ok(verifyInclusion(leaf, index, to, path, whole));
      for (const bent of bentPaths(path, bit)) {
        assert.ok(!verifyInclusion(leaf, index, to, bent, whole));
      }
      assert.ok(!verifyInclusion(leaf, (index + 1) % to, to, path, whole));
      assert.ok(!verifyInclusion(leafHash(leaf), index, to, path, whole));
      if (to !== 45) assert.ok(!verifyInclusion(leaf, index, to, path, root));
      const from = index + 1;
      const older = naiveRoot(leaves.slice(0, from));
      const proof = consistencyPath(from, to, source);
      assert.ok(verifyConsistency(from, to, proof, older, whole));
      for (const bent of bentPaths(proof, bit)) {
        assert.ok(!verifyConsistency(from, to, bent, older, whole));
      }
      assert.ok(!verifyConsistency(from, to, proof, leafHash(leaf), whole));
      assert.ok(!verifyConsistency(from, to, proof, older, leafHash(whole)));
    }),
  );
});

test("places outside the tree are refused, and the empty tree is the beginning of every tree", () => {
  const { root, source } = grow(numbered(5));
  for (const index of [-1, 5, 0.5, Number.NaN]) {
    assert.throws(() => inclusionPath(index, 5, source), RangeError);
    assert.ok(!verifyInclusion(leafHash(fromUtf8("leaf 0")), index, 5, [], root));
  }
  assert.throws(() => consistencyPath(0, 5, source), RangeError);
  assert.throws(() => consistencyPath(6, 5, source), RangeError);
  assert.ok(verifyConsistency(0, 5, [], emptyRoot, root));
  assert.ok(!verifyConsistency(0, 5, [], root, root));
  assert.ok(!verifyConsistency(6, 5, [], root, root));
});

function bentPaths(path: readonly Uint8Array[], bit: number): Uint8Array[][] {
  const bent: Uint8Array[][] = [
    [...path, emptyRoot],
    [emptyRoot, ...path],
  ];
  if (path.length === 0) return bent;
  bent.push(path.slice(1), path.slice(0, -1));
  const at = bit % path.length;
  const flipped = Buffer.from(path[at] ?? emptyRoot);
  flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  bent.push(path.with(at, flipped));
  return bent;
}
