// SEARCH's arguments to a tree of keys (RFC 9051 §6.4.4; RFC 3501's OLD, NEW, RECENT; RFC 4731, 5032, 7162, 8474, 8514).
import { toUtf8 } from "#base/bytes";
import type { Command, SearchKey, SearchReturn } from "./command.ts";
import {
  astring,
  atom,
  type Cursor,
  expect,
  list,
  Malformed,
  number,
  peek,
  skip,
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
}

export function searchArguments(uid: boolean, cursor: Cursor): Command {
  let returns: SearchReturn[] | undefined;
  if (skip(cursor, "RETURN ")) {
    returns = list(cursor, searchReturn);
    if (returns.length === 0) returns = ["ALL"];
    expect(cursor, " ");
  }
  let charset: string | undefined;
  if (skip(cursor, "CHARSET ")) {
    charset = astring(cursor).toString("latin1").toUpperCase();
    expect(cursor, " ");
  }
  const budget = { depth: 0, keys: 0 };
  const keys: SearchKey[] = [];
  do keys.push(searchKey(cursor, budget));
  while (skip(cursor, " "));
  const [only] = keys;
  const key: SearchKey = keys.length === 1 && only !== undefined ? only : { key: "and", keys };
  return { name: "SEARCH", uid, returns, charset, key };
}

function searchReturn(cursor: Cursor): SearchReturn {
  const option = word(cursor);
  switch (option) {
    case "MIN":
    case "MAX":
    case "ALL":
    case "COUNT":
    case "SAVE":
      return option;
    default:
      throw new Malformed("unknown search return option");
  }
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
      return { key: "header", field: name.toLowerCase(), text: text(cursor) };
    case "HEADER": {
      const field = astring(cursor).toString("latin1").toLowerCase();
      expect(cursor, " ");
      return { key: "header", field, text: text(cursor) };
    }
    case "BODY":
      return { key: "body", text: text(cursor) };
    case "TEXT":
      return { key: "text", text: text(cursor) };
    case "KEYWORD":
      return { key: "keyword", keyword: atom(cursor) };
    case "UNKEYWORD":
      return { key: "not", a: { key: "keyword", keyword: atom(cursor) } };
    case "LARGER":
    case "SMALLER":
      return { key: "size", larger: name === "LARGER", octets: number(cursor) };
    case "YOUNGER":
    case "OLDER":
      return { key: "age", younger: name === "YOUNGER", seconds: number(cursor) };
    case "UID":
      return { key: "uids", set: sequenceSet(cursor) };
    case "MODSEQ":
      return modseqKey(cursor);
    case "EMAILID":
      return { key: "emailid", id: atom(cursor) };
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
  return { key: "modseq", modseq: number(cursor) };
}

/** Text to look for: UTF-8, or one character per octet where it is not. */
function text(cursor: Cursor): string {
  const octets = astring(cursor);
  return toUtf8(octets) ?? octets.toString("latin1");
}
