// The scope of a grant: the named ids and the Merkle root that approvers sign. Pure.
import { createHash } from "node:crypto";
import { fromUtf8, toHex } from "#base/bytes";

export interface Scope {
  /** Sorted, without repetition. */
  readonly ids: readonly string[];
  /** Root of the tree of RFC 9162 §2.1.1 over the ids as UTF-8, lower-case hex. */
  readonly root: string;
}

export function scopeOf(ids: Iterable<string>): Scope {
  const sorted = [...new Set(ids)].sort();
  return { ids: sorted, root: toHex(treeHash(sorted.map(fromUtf8))) };
}

/** RFC 9162 §2.1.1: the prefixes keep a leaf from ever hashing like a node. */
function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return sha256();
  if (leaves.length === 1) return sha256(Uint8Array.of(0), first);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256(Uint8Array.of(1), treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)));
}

function sha256(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}
