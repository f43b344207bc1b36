// SEARCH's arguments to a tree of keys (RFC 9051 §6.4.4; RFC 3501's OLD, NEW, RECENT; RFC 4731, 5032, 7162, 8474, 8514).
import { toUtf8 } from "#base/bytes";
import { decodeCharset } from "#mail/message";
import type {
  Command,
  ResultRange,
  SearchKey,
  SearchReturn,
  SortCriterion,
  SortKey,
} from "./command.ts";
import {
  astring,
  atom,
  type Cursor,
  expect,
  list,
  Malformed,
  number,
  nzNumber,
  peek,
  skip,
  string,
  word,
} from "./cursor.ts";
import { searchDay } from "./grammar-date.ts";
import { sequenceSet } from "./sets.ts";

// Keys within keys: deeper than a person writes, and far from the stack's end.
const MAX_DEPTH = 50;
// Keys in one search: more than any program sends, and a bound on the work per message.
const MAX_KEYS = 1000;

const bits = { SEEN: 1, ANSWERED: 2, FLAGGED: 4, DELETED: 8, DRAFT: 16 } as const;

interface Budget {
  depth: number;
  keys: number;
  /** In which the strings are written; undefined where none was named. */
  readonly charset: string | undefined;
}

export function searchArguments(uid: boolean, cursor: Cursor): Command {
  const returns = searchReturns(cursor);
  let charset: string | undefined;
  if (skip(cursor, "CHARSET ")) {
    charset = astring(cursor).toString("latin1").toUpperCase();
    expect(cursor, " ");
  }
  return { name: "SEARCH", uid, returns, charset, key: searchProgram(cursor, charset) };
}

/**
 * RFC 5256 §5, with the return options of RFC 5267 §3: its grammar has them first, its Appendix A.1 behind the criteria, and there are
 * programs that put them behind the charset. RETURN is no search key, so that all three can be told apart.
 */
export function sortArguments(uid: boolean, cursor: Cursor): Command {
  const first = searchReturns(cursor);
  const criteria = list(cursor, sortCriterion);
  // Each key once either way: whatever is named again breaks no tie.
  if (criteria.length === 0 || criteria.length > 2 * sortKeys.size)
    throw new Malformed("no such number of sort keys");
  expect(cursor, " ");
  const second = searchReturns(cursor);
  const charset = charsetName(cursor);
  const given = [first, second, searchReturns(cursor)].filter((each) => each !== undefined);
  if (given.length > 1) throw new Malformed("RETURN twice");
  const key = searchProgram(cursor, charset);
  return { name: "SORT", uid, returns: given[0], criteria, charset, key };
}

export function threadArguments(uid: boolean, cursor: Cursor): Command {
  const algorithm = word(cursor);
  if (algorithm !== "REFERENCES" && algorithm !== "ORDEREDSUBJECT")
    throw new Malformed("unknown threading algorithm");
  expect(cursor, " ");
  const charset = charsetName(cursor);
  return { name: "THREAD", uid, algorithm, charset, key: searchProgram(cursor, charset) };
}

export function cancelUpdate(cursor: Cursor): Command {
  const tags: string[] = [];
  do tags.push(string(cursor).toString("latin1"));
  while (skip(cursor, " "));
  return { name: "CANCELUPDATE", tags };
}

function charsetName(cursor: Cursor): string {
  const charset = astring(cursor).toString("latin1").toUpperCase();
  expect(cursor, " ");
  return charset;
}

function searchProgram(cursor: Cursor, charset: string | undefined): SearchKey {
  const budget = { depth: 0, keys: 0, charset };
  const keys: SearchKey[] = [];
  do keys.push(searchKey(cursor, budget));
  while (skip(cursor, " "));
  const [only] = keys;
  return keys.length === 1 && only !== undefined ? only : { key: "and", keys };
}

function searchReturns(cursor: Cursor): readonly SearchReturn[] | undefined {
  if (!skip(cursor, "RETURN ")) return undefined;
  const returns = list(cursor, searchReturn);
  const lists = returns.filter((each) => each === "ALL" || typeof each === "object");
  if (lists.length > 1) throw new Malformed("one ALL or one PARTIAL");
  expect(cursor, " ");
  return returns.length === 0 ? ["ALL"] : returns;
}

function searchReturn(cursor: Cursor): SearchReturn {
  const option = word(cursor);
  switch (option) {
    case "MIN":
    case "MAX":
    case "ALL":
    case "COUNT":
    case "SAVE":
    case "UPDATE":
    case "CONTEXT":
      return option;
    case "PARTIAL":
      expect(cursor, " ");
      return { partial: resultRange(cursor) };
    default:
      throw new Malformed("unknown search return option");
  }
}

/** Both ends count from the front, or both from the end (RFC 9394 §4). */
export function resultRange(cursor: Cursor): ResultRange {
  const first = place(cursor);
  expect(cursor, ":");
  const last = place(cursor);
  if (first > 0 !== last > 0) throw new Malformed("a range from both ends");
  return { first, last };
}

function place(cursor: Cursor): number {
  const sign = skip(cursor, "-") ? -1 : 1;
  return sign * nzNumber(cursor);
}

const sortKeys: ReadonlySet<string> = new Set<SortKey>([
  "ARRIVAL",
  "CC",
  "DATE",
  "FROM",
  "SIZE",
  "SUBJECT",
  "TO",
  "DISPLAYFROM",
  "DISPLAYTO",
]);

function sortCriterion(cursor: Cursor): SortCriterion {
  const reverse = skip(cursor, "REVERSE ");
  const by = word(cursor);
  if (!isSortKey(by)) throw new Malformed("unknown sort key");
  return { by, reverse };
}

function isSortKey(name: string): name is SortKey {
  return sortKeys.has(name);
}

function searchKey(cursor: Cursor, budget: Budget): SearchKey {
  if (++budget.keys > MAX_KEYS || ++budget.depth > MAX_DEPTH)
    throw new Malformed("too large a search");
  const key = oneKey(cursor, budget);
  budget.depth--;
  return key;
}

function oneKey(cursor: Cursor, budget: Budget): SearchKey {
  const here = peek(cursor);
  if (here === "(") return { key: "and", keys: list(cursor, (each) => searchKey(each, budget)) };
  if (/[\d*$]/.test(here)) return { key: "numbers", set: sequenceSet(cursor) };
  const name = word(cursor, "a search key");
  return flagKey(name) ?? withArgument(name, cursor, budget);
}

function flagKey(name: string): SearchKey | undefined {
  if (name === "ALL") return { key: "all" };
  if (name in bits) return { key: "flag", bit: bits[name as keyof typeof bits], set: true };
  const positive = name.startsWith("UN") ? name.slice(2) : "";
  if (positive in bits)
    return { key: "flag", bit: bits[positive as keyof typeof bits], set: false };
  switch (name) {
    case "RECENT":
      return { key: "recent" };
    case "OLD":
      return { key: "not", a: { key: "recent" } };
    case "NEW":
      return { key: "and", keys: [{ key: "recent" }, { key: "flag", bit: bits.SEEN, set: false }] };
    case "SAVEDATESUPPORTED":
      return { key: "all" };
    default:
      return undefined;
  }
}

function withArgument(name: string, cursor: Cursor, budget: Budget): SearchKey {
  expect(cursor, " ");
  const date = /^(SENT|SAVED|)(BEFORE|ON|SINCE)$/.exec(name);
  if (date !== null) {
    return {
      key: "day",
      date: date[1] === "SENT" ? "sent" : date[1] === "SAVED" ? "saved" : "received",
      when: date[2] === "BEFORE" ? "before" : date[2] === "ON" ? "on" : "since",
      day: searchDay(cursor),
    };
  }
  switch (name) {
    case "FROM":
    case "TO":
    case "CC":
    case "BCC":
    case "SUBJECT":
      return { key: "header", field: name.toLowerCase(), text: text(cursor, budget) };
    case "HEADER": {
      const field = astring(cursor).toString("latin1").toLowerCase();
      expect(cursor, " ");
      return { key: "header", field, text: text(cursor, budget) };
    }
    case "BODY":
      return { key: "body", text: text(cursor, budget) };
    case "TEXT":
      return { key: "text", text: text(cursor, budget) };
    case "KEYWORD":
      return { key: "keyword", keyword: atom(cursor) };
    case "UNKEYWORD":
      return { key: "not", a: { key: "keyword", keyword: atom(cursor) } };
    case "LARGER":
    case "SMALLER":
      return { key: "size", larger: name === "LARGER", octets: number(cursor) };
    case "YOUNGER":
    case "OLDER":
      return { key: "age", younger: name === "YOUNGER", seconds: nzNumber(cursor) };
    case "UID":
      return { key: "uids", set: sequenceSet(cursor) };
    case "MODSEQ":
      return modseqKey(cursor);
    case "EMAILID":
      return { key: "emailid", id: atom(cursor) };
    case "THREADID":
      // RFC 8474 §5.2: FETCH tells NIL for each, so that no message has the one asked for.
      atom(cursor);
      return { key: "not", a: { key: "all" } };
    case "NOT":
      return { key: "not", a: searchKey(cursor, budget) };
    case "OR": {
      const a = searchKey(cursor, budget);
      expect(cursor, " ");
      return { key: "or", a, b: searchKey(cursor, budget) };
    }
    default:
      throw new Malformed("unknown search key");
  }
}

/** RFC 7162 §3.1.5; the entry of one flag is read, and answered with the message's own modseq as the RFC allows. */
function modseqKey(cursor: Cursor): SearchKey {
  if (peek(cursor) === '"') {
    astring(cursor);
    expect(cursor, " ");
    if (!/^(?:PRIV|SHARED|ALL)$/.test(word(cursor))) throw new Malformed("unknown entry type");
    expect(cursor, " ");
  }
  return { key: "modseq", modseq: modseqNumber(cursor) };
}

/** Up to 63 bits: what is beyond our integers is above every MODSEQ we gave, however it is rounded. */
function modseqNumber(cursor: Cursor): number {
  const digits = atom(cursor, "a number");
  if (!/^\d{1,19}$/.test(digits)) throw new Malformed("a number out of range");
  return Number(digits);
}

/** Text to look for, in the charset named; without one UTF-8, or one character per octet where it is not. */
function text(cursor: Cursor, { charset }: Budget): string {
  const octets = astring(cursor);
  const isUtf8 = charset === undefined || charset === "UTF-8" || charset === "US-ASCII";
  return isUtf8 ? (toUtf8(octets) ?? octets.toString("latin1")) : decodeCharset(octets, charset);
}
