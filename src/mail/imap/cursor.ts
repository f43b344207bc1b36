// A reading position in one command's bytes, with the tokens that all commands share (RFC 9051 §9, RFC 3501 §9). A token that
// is not there throws Malformed, which never leaves the grammar: `parseCommand` catches it.
import { asBuffer } from "#base/bytes";

export class Malformed extends Error {}

const SP = 32;
const DQUOTE = 34;
const PERCENT = 37;
const OPEN = 40;
const CLOSE = 41;
const STAR = 42;
const BACKSLASH = 92;
const BRACKET = 93;
const BRACE = 123;

/** True for the octets of an atom: printable ASCII but ( ) { SP % * " \ ]. */
function isAtomByte(byte: number): boolean {
  if (byte <= SP || byte >= 127) return false;
  return (
    byte !== OPEN &&
    byte !== CLOSE &&
    byte !== BRACE &&
    byte !== PERCENT &&
    byte !== STAR &&
    byte !== DQUOTE &&
    byte !== BACKSLASH &&
    byte !== BRACKET
  );
}

const isAstringByte = (byte: number): boolean => byte === BRACKET || isAtomByte(byte);
const isListByte = (byte: number): boolean =>
  byte === PERCENT || byte === STAR || isAstringByte(byte);
const isTagByte = (byte: number): boolean => byte !== 43 && isAstringByte(byte);

export interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

export function openCursor(bytes: Uint8Array): Cursor {
  return { bytes: asBuffer(bytes), at: 0 };
}

function atEnd(cursor: Cursor): boolean {
  return cursor.at >= cursor.bytes.length;
}

export function expectEnd(cursor: Cursor): void {
  if (!atEnd(cursor)) throw new Malformed("unexpected arguments");
}

/** The character here, "" at the end. */
export function peek(cursor: Cursor): string {
  return atEnd(cursor) ? "" : String.fromCharCode(cursor.bytes[cursor.at] ?? 0);
}

/** Steps over `text` when it stands here, whatever its case. */
export function skip(cursor: Cursor, text: string): boolean {
  const here = cursor.bytes.toString("latin1", cursor.at, cursor.at + text.length);
  if (here.length !== text.length || here.toUpperCase() !== text.toUpperCase()) return false;
  cursor.at += text.length;
  return true;
}

export function expect(cursor: Cursor, text: string): void {
  if (!skip(cursor, text)) throw new Malformed(`expected ${text === " " ? "a space" : text}`);
}

function run(cursor: Cursor, accepts: (byte: number) => boolean, what: string): string {
  const start = cursor.at;
  while (cursor.at < cursor.bytes.length && accepts(cursor.bytes[cursor.at] ?? 0)) cursor.at++;
  if (cursor.at === start) throw new Malformed(`expected ${what}`);
  return cursor.bytes.toString("latin1", start, cursor.at);
}

export function tag(cursor: Cursor): string {
  return run(cursor, isTagByte, "a tag");
}

export function atom(cursor: Cursor, what = "an atom"): string {
  return run(cursor, isAtomByte, what);
}

/** An atom in upper case: a keyword of the protocol. */
export function word(cursor: Cursor, what = "a keyword"): string {
  return atom(cursor, what).toUpperCase();
}

/** Octets of a quoted string or literal; undefined when neither stands here. */
function quotedOrLiteral(cursor: Cursor): Buffer | undefined {
  const here = cursor.bytes[cursor.at];
  if (here === DQUOTE) return quoted(cursor);
  if (here === BRACE) return literal(cursor);
  return undefined;
}

function quoted(cursor: Cursor): Buffer {
  const { bytes } = cursor;
  const out: number[] = [];
  for (let at = cursor.at + 1; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === DQUOTE) {
      cursor.at = at + 1;
      return Buffer.from(out);
    }
    if (byte === 13 || byte === 10 || byte === 0) break;
    if (byte !== BACKSLASH) out.push(byte);
    else {
      const next = bytes[++at];
      if (next !== DQUOTE && next !== BACKSLASH) throw new Malformed("a wrong escape");
      out.push(next);
    }
  }
  throw new Malformed("a quoted string without an end");
}

/** A literal as the wire left it in the command: {n}, CRLF and n octets. */
export function literal(cursor: Cursor): Buffer {
  const match = /^\{(\d{1,10})\+?\}\r\n/.exec(
    cursor.bytes.toString("latin1", cursor.at, cursor.at + 16),
  );
  if (match === null) throw new Malformed("expected a literal");
  const start = cursor.at + match[0].length;
  const end = start + Number(match[1]);
  if (end > cursor.bytes.length) throw new Malformed("a literal without its octets");
  cursor.at = end;
  return cursor.bytes.subarray(start, end);
}

export function string(cursor: Cursor): Buffer {
  const found = quotedOrLiteral(cursor);
  if (found === undefined) throw new Malformed("expected a string");
  if (found.includes(0)) throw new Malformed("a NUL in a string");
  return found;
}

/** An astring's octets; what they mean (a name, a password) is the caller's. */
export function astring(cursor: Cursor): Buffer {
  const here = cursor.bytes[cursor.at];
  if (here === DQUOTE || here === BRACE) return string(cursor);
  return Buffer.from(run(cursor, isAstringByte, "an astring"), "latin1");
}

/** A pattern of LIST: an astring that may hold * and %. Octets above 127 are taken too, for names in UTF-8. */
export function listMailbox(cursor: Cursor): Buffer {
  const here = cursor.bytes[cursor.at];
  if (here === DQUOTE || here === BRACE) return string(cursor);
  return Buffer.from(run(cursor, isListByte, "a mailbox pattern"), "latin1");
}

export function nstring(cursor: Cursor): Buffer | null {
  return skip(cursor, "NIL") ? null : string(cursor);
}

/** A number that fits 63 bits as the grammar has it, and our integers (2^53) as we have them. */
export function number(cursor: Cursor): number {
  const digits = run(cursor, (byte) => byte >= 48 && byte <= 57, "a number");
  const value = Number(digits);
  if (!Number.isSafeInteger(value)) throw new Malformed("a number out of range");
  return value;
}

export function nzNumber(cursor: Cursor): number {
  const value = number(cursor);
  if (value === 0) throw new Malformed("zero where it cannot be");
  return value;
}

/** "(" items separated by single spaces ")". */
export function list<Item>(cursor: Cursor, item: (cursor: Cursor) => Item): Item[] {
  expect(cursor, "(");
  const items: Item[] = [];
  if (skip(cursor, ")")) return items;
  do items.push(item(cursor));
  while (skip(cursor, " "));
  expect(cursor, ")");
  return items;
}
