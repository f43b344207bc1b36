// Checks one openings file against the leaves that it opens. Pure.
import { type Canonical, parseCanonical } from "#base/canonical";
import { equalBytes } from "#base/bytes";
import { leafOfOpening, MAX_PART, type Opening, parseOpening, partNames } from "./entry.ts";
import type { Find } from "./findings.ts";
import { linesOf, place } from "./publish.ts";
import { leafHash } from "./tree.ts";

export interface OpenedPart {
  readonly index: number;
  readonly value: Canonical;
}

export interface CheckedOpenings {
  /** Openings that are right, of whatever part: their places from the file's first leaf on. */
  readonly places: readonly number[];
  /** The public parts among them, in the order of the log. */
  readonly parts: readonly OpenedPart[];
}

/** `start` is the index of the first leaf that the file may open, `hashes` are the hashes of its leaves. */
export function checkOpenings(
  file: string,
  bytes: Uint8Array,
  start: number,
  hashes: readonly Uint8Array[],
  find: Find,
): CheckedOpenings {
  const parts: OpenedPart[] = [];
  const places: number[] = [];
  let last = -1;
  const lines = linesOf(bytes);
  if (bytes.byteLength > 0 && bytes[bytes.byteLength - 1] !== 10) {
    const text = "the last line has no end";
    find({ kind: "malformed", file, line: lines.length, text });
  }
  for (const [at, bytes] of lines.entries()) {
    const line = at + 1;
    const opening = parseOpening(bytes);
    if (opening === undefined) {
      find({ kind: "malformed", file, line, text: `line ${line} is not an opening` });
      continue;
    }
    const { index } = opening;
    const mistake = mistakeIn(opening, hashes[index - start], last);
    if (mistake !== undefined) {
      find({ kind: "wrong-opening", file, line, index, text: `line ${line}: ${mistake}` });
      continue;
    }
    last = place(opening);
    places.push(last - start * partNames.length);
    const value = opening.part === "public" ? parseCanonical(opening.bytes, MAX_PART) : undefined;
    if (value !== undefined) parts.push({ index, value });
  }
  return { places, parts };
}

function mistakeIn(
  opening: Opening,
  hash: Uint8Array | undefined,
  last: number,
): string | undefined {
  if (hash === undefined) return `there is no leaf ${opening.index} for this file to open`;
  if (place(opening) <= last) return `the opening of leaf ${opening.index} is out of order`;
  const leaf = leafOfOpening(opening);
  return leaf !== undefined && equalBytes(leafHash(leaf), hash)
    ? undefined
    : `this is not what leaf ${opening.index} committed to`;
}
