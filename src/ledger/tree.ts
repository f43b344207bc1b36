// The Merkle tree of RFC 6962 §2.1 (RFC 9162 §2.1): hashes, roots, proofs and their verification, all pure. Where the
// hashes are kept is not known here: a HashSource answers for the complete subtrees.
import { hash } from "node:crypto";
import { equalBytes } from "#base/bytes";

export const HASH_SIZE = 32;

/** The hash of the complete subtree of height `level` (2^level leaves) that is the `index`-th from the left. */
export type HashSource = (level: number, index: number) => Uint8Array;

const leafPrefix = Buffer.of(0);
const nodePrefix = Buffer.of(1);

export function sha256(...parts: Uint8Array[]): Uint8Array {
  return hash("sha256", Buffer.concat(parts), "buffer");
}

/** RFC 9162 §2.1.1: the prefixes keep a leaf from ever hashing like a node. */
export function leafHash(leaf: Uint8Array): Uint8Array {
  return sha256(leafPrefix, leaf);
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(nodePrefix, left, right);
}

/** The root of the tree of no leaves. */
export const emptyRoot: Uint8Array = sha256();

/** The right edge of a growing tree: enough to add leaves and to know the root, in 32 bytes per level. */
export class Frontier {
  readonly #peaks: Uint8Array[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds one leaf by its hash; `onNode` hears of each complete subtree that it finished, the leaf itself first. */
  push(leaf: Uint8Array, onNode?: (level: number, index: number, hash: Uint8Array) => void): void {
    let node = leaf;
    let index = this.#size;
    onNode?.(0, index, node);
    for (let level = 1; index % 2 === 1; level += 1) {
      node = nodeHash(this.#peaks.pop() ?? emptyRoot, node);
      index = (index - 1) / 2;
      onNode?.(level, index, node);
    }
    this.#peaks.push(node);
    this.#size += 1;
  }

  root(): Uint8Array {
    return this.#peaks.length === 0
      ? emptyRoot
      : this.#peaks.reduceRight((right, left) => nodeHash(left, right));
  }

  clone(): Frontier {
    const other = new Frontier();
    other.#peaks.push(...this.#peaks);
    other.#size = this.#size;
    return other;
  }
}

/** The root of the first `size` leaves. */
export function rootAt(size: number, source: HashSource): Uint8Array {
  return size === 0 ? emptyRoot : rangeHash(0, size, source);
}

/** The audit path of leaf `index` in the tree of `size` leaves, from the sibling up (RFC 6962 §2.1.1). Throws a RangeError outside the tree. */
export function inclusionPath(index: number, size: number, source: HashSource): Uint8Array[] {
  if (!isCount(index) || !isCount(size) || index >= size) {
    throw new RangeError(`no leaf ${index} in a tree of ${size}`);
  }
  const path: Uint8Array[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + split(end - start);
    if (index < middle) {
      path.push(rangeHash(middle, end, source));
      end = middle;
    } else {
      path.push(rangeHash(start, middle, source));
      start = middle;
    }
  }
  return path.reverse();
}

/** The proof that the tree of `from` leaves is the beginning of the tree of `to` leaves (RFC 6962 §2.1.2). Throws a RangeError unless 1 ≤ from ≤ to. */
export function consistencyPath(from: number, to: number, source: HashSource): Uint8Array[] {
  if (!isCount(from) || !isCount(to) || from === 0 || from > to) {
    throw new RangeError(`no consistency proof from ${from} to ${to} leaves`);
  }
  const path: Uint8Array[] = [];
  let start = 0;
  let end = to;
  while (end !== from) {
    const middle = start + split(end - start);
    if (from <= middle) {
      path.push(rangeHash(middle, end, source));
      end = middle;
    } else {
      path.push(rangeHash(start, middle, source));
      start = middle;
    }
  }
  // The old tree's own last subtree is named only where the verifier cannot take the old root itself.
  if (start > 0) path.push(rangeHash(start, end, source));
  return path.reverse();
}

/** RFC 9162 §2.1.3.2. */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  let at = index;
  let last = size - 1;
  let node = leaf;
  for (const sibling of path) {
    if (sibling.byteLength !== HASH_SIZE || last === 0) return false;
    if (at % 2 === 1 || at === last) {
      node = nodeHash(sibling, node);
      while (at % 2 === 0 && at !== 0) {
        at /= 2;
        last = half(last);
      }
    } else {
      node = nodeHash(node, sibling);
    }
    at = half(at);
    last = half(last);
  }
  return last === 0 && equalBytes(node, root);
}

/** RFC 9162 §2.1.4.2, and two cases that it leaves out: equal sizes need equal roots, and no leaves are the beginning of everything. */
export function verifyConsistency(
  from: number,
  to: number,
  path: readonly Uint8Array[],
  fromRoot: Uint8Array,
  toRoot: Uint8Array,
): boolean {
  if (!isCount(from) || !isCount(to) || from > to) return false;
  if (from === to) return path.length === 0 && equalBytes(fromRoot, toRoot);
  if (from === 0) return path.length === 0 && equalBytes(fromRoot, emptyRoot);
  const hashes = isPowerOfTwo(from) ? [fromRoot, ...path] : [...path];
  const first = hashes.shift();
  if (first === undefined) return false;
  let at = from - 1;
  let last = to - 1;
  while (at % 2 === 1) {
    at = half(at);
    last = half(last);
  }
  let older = first;
  let newer = first;
  for (const sibling of hashes) {
    if (sibling.byteLength !== HASH_SIZE || last === 0) return false;
    if (at % 2 === 1 || at === last) {
      older = nodeHash(sibling, older);
      newer = nodeHash(sibling, newer);
      while (at % 2 === 0 && at !== 0) {
        at /= 2;
        last = half(last);
      }
    } else {
      newer = nodeHash(newer, sibling);
    }
    at = half(at);
    last = half(last);
  }
  return last === 0 && equalBytes(older, fromRoot) && equalBytes(newer, toRoot);
}

/** The hash of the leaves from `start` to before `end`, where `start` is a multiple of the range's largest power of two. */
function rangeHash(start: number, end: number, source: HashSource): Uint8Array {
  const count = end - start;
  if (isPowerOfTwo(count)) return source(Math.log2(count), start / count);
  const middle = start + split(count);
  return nodeHash(rangeHash(start, middle, source), rangeHash(middle, end, source));
}

/** The largest power of two smaller than a count above one. */
function split(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

function isPowerOfTwo(count: number): boolean {
  return Number.isInteger(Math.log2(count)) && 2 ** Math.log2(count) === count;
}

// Not a shift: those work on 32 bits, and a ledger has no such end.
function half(count: number): number {
  return Math.floor(count / 2);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
