// Arguments of GETMETADATA and SETMETADATA (RFC 5464 §5) and of GETQUOTA and GETQUOTAROOT (RFC 9208 §7).
import type { Command } from "./command.ts";
import {
  astring,
  type Cursor,
  expect,
  list,
  literal,
  Malformed,
  nstring,
  number,
  peek,
  skip,
  word,
} from "./cursor.ts";

// A program asks for a handful of entries; the names alone of more would fill a line.
const MAX_ENTRIES = 200;

/** The options stand before the folder's name by the grammar and behind it in the RFC's examples: both are read. */
export function getMetadata(cursor: Cursor): Command {
  const options = { maxSize: undefined as number | undefined, depth: 0 };
  if (peek(cursor) === "(") {
    readOptions(cursor, options);
    expect(cursor, " ");
  }
  const folder = astring(cursor);
  expect(cursor, " ");
  if (isOptions(cursor)) {
    readOptions(cursor, options);
    expect(cursor, " ");
  }
  const entries = peek(cursor) === "(" ? list(cursor, entryName) : [entryName(cursor)];
  // RFC 5464 §4.4.1 shows several without parentheses.
  while (skip(cursor, " ")) entries.push(entryName(cursor));
  if (entries.length === 0 || entries.length > MAX_ENTRIES) throw new Malformed("no entries");
  return { name: "GETMETADATA", folder, entries, ...options };
}

/** Entries begin with "/", options do not. */
function isOptions(cursor: Cursor): boolean {
  return /^\((?:MAXSIZE|DEPTH) /i.test(cursor.bytes.toString("latin1", cursor.at, cursor.at + 9));
}

function readOptions(
  cursor: Cursor,
  options: { maxSize: number | undefined; depth: number },
): void {
  list(cursor, (each) => {
    const option = word(each);
    expect(each, " ");
    if (option === "MAXSIZE") options.maxSize = number(each);
    else if (option === "DEPTH") options.depth = depth(each);
    else throw new Malformed("unknown option of GETMETADATA");
  });
}

function depth(cursor: Cursor): number {
  const value = word(cursor);
  if (value === "0" || value === "1") return Number(value);
  if (value === "INFINITY") return Infinity;
  throw new Malformed("a wrong depth");
}

export function setMetadata(cursor: Cursor): Command {
  const folder = astring(cursor);
  expect(cursor, " ");
  const values = list(cursor, (each) => {
    const entry = entryName(each);
    expect(each, " ");
    return [entry, skip(each, "~") ? literal(each) : nstring(each)] as const;
  });
  if (values.length === 0 || values.length > MAX_ENTRIES) throw new Malformed("no entries");
  return { name: "SETMETADATA", folder, values };
}

/** RFC 5464 §3.2: case tells no two entries apart. */
function entryName(cursor: Cursor): string {
  const name = astring(cursor).toString("latin1").toLowerCase();
  // oxlint-disable-next-line no-control-regex -- control characters are what is kept out
  if (!/^(?:\/[^/*%\0-\x1f\x7f-\xff]+)+$/.test(name)) throw new Malformed("a wrong entry name");
  if (!isScoped(name)) throw new Malformed("an entry is /private/… or /shared/…");
  if (name.length > 255) throw new Malformed("an entry's name is too long");
  return name;
}

/** At least two components, below a vendor at least four; the scope alone may be asked for, with a depth. */
function isScoped(name: string): boolean {
  return /^\/(?:private|shared)(?:\/|$)/.test(name);
}

export function getQuota(cursor: Cursor): Command {
  return { name: "GETQUOTA", root: astring(cursor).toString("latin1") };
}

export function getQuotaRoot(cursor: Cursor): Command {
  return { name: "GETQUOTAROOT", folder: astring(cursor) };
}
