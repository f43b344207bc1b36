// Header blocks as octets: fields with their offsets, unfolding, and the selections that IMAP asks for.
// Copies nothing but what is asked for, and never changes an octet of a selection.
import { asBuffer } from "#base/bytes";
import type { RawText } from "./shape.ts";

/** One field of a header block; offsets count from the start of `bytes`. */
export interface HeaderField {
  /** Lower case; for a line without a colon the whole line. */
  readonly name: string;
  readonly start: number;
  /** After the colon; equal to `end` where there is no colon. */
  readonly valueStart: number;
  /** After the line end of the last folded line. */
  readonly end: number;
}

// A field's value is looked at up to here: about five thousand addresses, four times what mailers put on one line. What lies
// beyond stays in the message and is left out of envelope and structure, so that neither grows with a hostile header.
const MAX_VALUE = 256 * 1024;
// No registered field name comes near this; a longer "name" is a line of text that holds a colon somewhere.
const MAX_NAME = 256;

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const COLON = 58;

/** The offset after the line that begins at `at`; `end` when nothing ends it. Only LF ends a line, with or without CR. */
export function lineEnd(bytes: Uint8Array, at: number, end: number): number {
  const lf = bytes.indexOf(LF, at);
  return lf < 0 || lf >= end ? end : lf + 1;
}

/** Line feeds from `at` to the end. Searching one string is ten times as fast as searching the bytes again for each line. */
export function countLines(bytes: Uint8Array, at: number): number {
  const octets = asBuffer(bytes).toString("latin1", at);
  let count = 0;
  for (let lf = octets.indexOf("\n"); lf >= 0; lf = octets.indexOf("\n", lf + 1)) count += 1;
  return count;
}

export function isBlankLine(bytes: Uint8Array, at: number, end: number): boolean {
  return bytes[at] === LF
    ? end - at === 1
    : bytes[at] === CR && bytes[at + 1] === LF && end - at === 2;
}

export function isFolded(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === SPACE || bytes[at] === TAB;
}

/** The name of the field whose first line is given, in lower case, and where its value begins. */
export function fieldName(
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly name: string; readonly valueStart: number } {
  const limit = Math.min(end, start + MAX_NAME);
  let colon = start;
  while (colon < limit && bytes[colon] !== COLON) colon += 1;
  let stop = colon;
  while (stop > start && (bytes[stop - 1] ?? 0) <= SPACE) stop -= 1;
  const name = asBuffer(bytes).toString("latin1", start, stop).toLowerCase();
  return colon < limit ? { name, valueStart: colon + 1 } : { name, valueStart: end };
}

/**
 * The fields of a header block, in order, up to the blank line or `end`. A folded line that follows no field is a field of
 * its own with an empty name.
 */
export function* headerFields(
  bytes: Uint8Array,
  start: number,
  end: number,
): Generator<HeaderField, void> {
  let at = start;
  while (at < end) {
    let stop = lineEnd(bytes, at, end);
    if (isBlankLine(bytes, at, stop)) return;
    const { name, valueStart } = isFolded(bytes, at)
      ? { name: "", valueStart: at }
      : fieldName(bytes, at, stop);
    while (stop < end && isFolded(bytes, stop)) stop = lineEnd(bytes, stop, end);
    yield { name, start: at, valueStart: Math.min(valueStart, stop), end: stop };
    at = stop;
  }
}

/**
 * BODY[HEADER.FIELDS (…)] and, with `except`, BODY[HEADER.FIELDS.NOT (…)]: the raw octets of the fields whose names are (not)
 * among `names` (any case), and the blank line if the block has one (RFC 9051 §6.4.5.1, §7.5.2).
 */
export function selectHeader(
  bytes: Uint8Array,
  start: number,
  end: number,
  names: Iterable<string>,
  except = false,
): Uint8Array {
  const wanted = new Set([...names].map((name) => name.toLowerCase()));
  const out: Uint8Array[] = [];
  let at = start;
  for (const field of headerFields(bytes, start, end)) {
    if (wanted.has(field.name) !== except) out.push(bytes.subarray(field.start, field.end));
    at = field.end;
  }
  out.push(bytes.subarray(at, lineEnd(bytes, at, end)));
  return Buffer.concat(out);
}

/**
 * A field's value on one line. White space around the value goes, white space around a fold is one space (RFC 5322 §3.2.2 has
 * it mean no more), and NUL, which IMAP cannot carry, is 0x80.
 */
export function unfold(bytes: Uint8Array, start: number, end: number): RawText {
  const raw = asBuffer(bytes).toString("latin1", start, Math.min(end, start + MAX_VALUE));
  const clean = raw.includes("\0") ? raw.replaceAll("\0", "\x80") : raw;
  if (!clean.includes("\n")) return trimBlanks(clean);
  return clean
    .split("\n")
    .map((line) => trimBlanks(line))
    .filter((line) => line !== "")
    .join(" ");
}

/** Without the white space and controls around it. Unlike `trim`, it leaves octets above 127 alone. */
export function trimBlanks(text: RawText): RawText {
  let from = 0;
  let to = text.length;
  while (from < to && text.charCodeAt(from) <= SPACE) from += 1;
  while (to > from && text.charCodeAt(to - 1) <= SPACE) to -= 1;
  return text.slice(from, to);
}

/** The first value of a field, unfolded; undefined when the header lacks it. Name in lower case. */
export function headerValue(
  bytes: Uint8Array,
  start: number,
  end: number,
  name: string,
): RawText | undefined {
  for (const field of headerFields(bytes, start, end)) {
    if (field.name === name) return unfold(bytes, field.valueStart, field.end);
  }
  return undefined;
}
