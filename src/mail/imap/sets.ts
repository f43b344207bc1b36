// Sequence sets (RFC 9051 §9, sequence-set): ranges of message numbers or UIDs, with * for the highest. Knows no folder.
import { type Cursor, Malformed, nzNumber, skip } from "./cursor.ts";

/** Infinity stands for "*"; the ends are in the order the client wrote them. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/** Or "$", the result that SEARCH RETURN (SAVE) kept (RFC 5182). */
export type SequenceSet = readonly Range[] | "$";

const MAX_NUMBER = 0xffffffff;

export function sequenceSet(cursor: Cursor): SequenceSet {
  if (skip(cursor, "$")) return "$";
  const ranges: Range[] = [];
  do {
    const first = end(cursor);
    ranges.push({ first, last: skip(cursor, ":") ? end(cursor) : first });
  } while (skip(cursor, ","));
  return ranges;
}

function end(cursor: Cursor): number {
  if (skip(cursor, "*")) return Infinity;
  const value = nzNumber(cursor);
  if (value > MAX_NUMBER) throw new Malformed("a number above 32 bits");
  return value;
}

/** Ranges in order and merged, with `highest` in place of "*" (RFC 9051: *:4 over 3 messages is 3:4). */
export function resolveRanges(ranges: readonly Range[], highest: number): readonly Range[] {
  const sorted = ranges
    .map(({ first, last }) => {
      const a = first === Infinity ? highest : first;
      const b = last === Infinity ? highest : last;
      return { first: Math.min(a, b), last: Math.max(a, b) };
    })
    .sort((a, b) => a.first - b.first);
  const merged: { first: number; last: number }[] = [];
  for (const range of sorted) {
    const before = merged.at(-1);
    if (before !== undefined && range.first <= before.last + 1)
      before.last = Math.max(before.last, range.last);
    else merged.push({ ...range });
  }
  return merged;
}

export function inRanges(ranges: readonly Range[], value: number): boolean {
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle];
    if (range === undefined) return false;
    if (value < range.first) high = middle - 1;
    else if (value > range.last) low = middle + 1;
    else return true;
  }
  return false;
}

/** Numbers as a set: "1:3,7". Keeps the order given, so that COPYUID's two sets match one by one (RFC 4315 §3). */
export function formatSet(numbers: readonly number[]): string {
  const out: string[] = [];
  for (let at = 0; at < numbers.length; at++) {
    const first = numbers[at] ?? 0;
    let last = first;
    while (numbers[at + 1] === last + 1) {
      last++;
      at++;
    }
    out.push(first === last ? String(first) : `${first}:${last}`);
  }
  return out.join(",");
}
