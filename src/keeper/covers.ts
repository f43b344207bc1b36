// Covers: leaves that only keep the rhythm of publication. Their nonces are derived from a key of the keeper's and their index,
// so that thousands of them cost no memory; until they are opened nobody can tell them from entries.
import { createHmac } from "node:crypto";
import { type Entry, newCover, type Part } from "#ledger";
import type { CoverRun } from "./facts.ts";

export type CoverAt = (index: number) => Entry;

/** Gives the cover that stands at an index, the same each time. */
export function openCovers(key: Uint8Array): CoverAt {
  const form = newCover();
  const derived = (part: Part, name: string, index: number): Part => ({
    nonce: createHmac("sha256", key).update(`bailee cover v1 ${name} ${index}`).digest(),
    bytes: part.bytes,
  });
  return (index) => ({
    public: derived(form.public, "public", index),
    client: derived(form.client, "client", index),
    case: derived(form.case, "case", index),
  });
}

/** The indexes of a run. */
export function indexesOf({ from, count }: CoverRun): readonly number[] {
  return Array.from({ length: count }, (_, offset) => from + offset);
}
