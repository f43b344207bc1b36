// FETCH's arguments: macros, items, sections and partials (RFC 9051 §6.4.5, RFC 3516, RFC 7162 §3.1.4, RFC 8970).
import type { Command, FetchItem, Partial, PlainItem, ResultRange, Section } from "./command.ts";
import {
  astring,
  type Cursor,
  expect,
  list,
  Malformed,
  number,
  nzNumber,
  peek,
  skip,
  word,
} from "./cursor.ts";
import { resultRange } from "./grammar-search.ts";
import { sequenceSet } from "./sets.ts";

const plainItems: ReadonlySet<string> = new Set<PlainItem>([
  "FLAGS",
  "UID",
  "INTERNALDATE",
  "RFC822.SIZE",
  "ENVELOPE",
  "BODYSTRUCTURE",
  "MODSEQ",
  "SAVEDATE",
  "EMAILID",
  "THREADID",
]);

const macros: { readonly [name: string]: readonly PlainItem[] } = {
  FAST: ["FLAGS", "INTERNALDATE", "RFC822.SIZE"],
  ALL: ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"],
  FULL: ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"],
};

export function fetchArguments(uid: boolean, cursor: Cursor): Command {
  const set = sequenceSet(cursor);
  expect(cursor, " ");
  const items = peek(cursor) === "(" ? list(cursor, fetchItem) : macroOrItem(cursor);
  if (items.length === 0) throw new Malformed("no items to fetch");
  let changedSince: number | undefined;
  let vanished = false;
  let partial: ResultRange | undefined;
  if (skip(cursor, " ")) {
    list(cursor, (each) => {
      const modifier = word(each);
      if (modifier === "CHANGEDSINCE") {
        expect(each, " ");
        changedSince = number(each);
      } else if (modifier === "VANISHED") vanished = true;
      else if (modifier === "PARTIAL" && uid && partial === undefined) {
        expect(each, " ");
        partial = resultRange(each);
      } else throw new Malformed("unknown FETCH modifier");
    });
  }
  if (vanished && (!uid || changedSince === undefined))
    throw new Malformed("VANISHED belongs to UID FETCH with CHANGEDSINCE");
  return { name: "FETCH", uid, set, items, changedSince, vanished, partial };
}

function macroOrItem(cursor: Cursor): FetchItem[] {
  for (const [name, items] of Object.entries(macros))
    if (skip(cursor, name)) return items.map((each) => ({ kind: "plain", item: each }));
  return [fetchItem(cursor)];
}

/** One fetch-att: a macro is none. */
export function fetchItem(cursor: Cursor): FetchItem {
  const start = cursor.at;
  const name = itemName(cursor);
  if (plainItems.has(name)) return { kind: "plain", item: name as PlainItem };
  switch (name) {
    case "BODY":
    case "BODY.PEEK":
      if (peek(cursor) === "[") return bodySection(name === "BODY.PEEK", cursor);
      if (name === "BODY") return { kind: "plain", item: "BODY" };
      break;
    case "BINARY":
    case "BINARY.PEEK":
      return binary(name === "BINARY.PEEK", cursor);
    case "BINARY.SIZE": {
      const path = binaryPath(cursor);
      return { kind: "binary-size", label: `BINARY.SIZE[${path.join(".")}]`, path };
    }
    case "PREVIEW":
      if (skip(cursor, " (")) expect(cursor, "LAZY)");
      return { kind: "plain", item: "PREVIEW" };
    case "RFC822":
      return whole("RFC822", "", false);
    case "RFC822.HEADER":
      return whole("RFC822.HEADER", "HEADER", true);
    case "RFC822.TEXT":
      return whole("RFC822.TEXT", "TEXT", false);
    default:
  }
  cursor.at = start;
  throw new Malformed("unknown item");
}

/** An item's name ends where its section begins. */
function itemName(cursor: Cursor): string {
  const match = /^[A-Za-z0-9.]+/.exec(cursor.bytes.toString("latin1", cursor.at, cursor.at + 20));
  if (match === null) throw new Malformed("expected an item");
  cursor.at += match[0].length;
  return match[0].toUpperCase();
}

function whole(label: string, text: "" | "HEADER" | "TEXT", peeks: boolean): FetchItem {
  const section = { path: [], text, fields: [] };
  return { kind: "section", label, section, peek: peeks, partial: undefined };
}

function bodySection(peeks: boolean, cursor: Cursor): FetchItem {
  expect(cursor, "[");
  const section = sectionArguments(cursor);
  expect(cursor, "]");
  return {
    kind: "section",
    label: `BODY[${sectionLabel(section)}]`,
    section,
    peek: peeks,
    partial: partial(cursor),
  };
}

/** What stands between the brackets, and behind ;SECTION= in a URL. */
export function sectionArguments(cursor: Cursor): Section {
  const path = partNumbers(cursor);
  const next = peek(cursor);
  return next === "]" || next === "" ? { path, text: "", fields: [] } : sectionText(path, cursor);
}

/** "1.2." before a word, "1.2" before the bracket: the dot after the last number is taken as well. */
function partNumbers(cursor: Cursor): number[] {
  const path: number[] = [];
  while (/\d/.test(peek(cursor))) {
    path.push(nzNumber(cursor));
    // Deeper than the parser of messages goes, there is no part.
    if (path.length > 200) throw new Malformed("too deep a part");
    if (!skip(cursor, ".")) break;
    if (peek(cursor) === "]") throw new Malformed("a part number ends in a dot");
  }
  return path;
}

function sectionText(path: number[], cursor: Cursor): Section {
  if (path.length > 0 && cursor.bytes[cursor.at - 1] !== 46) throw new Malformed("expected a dot");
  if (skip(cursor, "HEADER.FIELDS")) {
    const text = skip(cursor, ".NOT") ? "HEADER.FIELDS.NOT" : "HEADER.FIELDS";
    expect(cursor, " ");
    const fields = list(cursor, (each) => astring(each).toString("latin1").toLowerCase());
    if (fields.length === 0) throw new Malformed("no header fields named");
    return { path, text, fields };
  }
  for (const text of ["HEADER", "TEXT", "MIME"] as const) {
    if (!skip(cursor, text)) continue;
    if (text === "MIME" && path.length === 0) throw new Malformed("MIME needs a part");
    return { path, text, fields: [] };
  }
  throw new Malformed("unknown section");
}

function sectionLabel({ path, text, fields }: Section): string {
  const words = [...path.map(String), ...(text === "" ? [] : [text])].join(".");
  if (fields.length === 0) return words;
  return `${words} (${fields.map((field) => fieldLabel(field)).join(" ")})`;
}

/** Field names go back as they can stand in an answer: an atom, or a quoted string. */
function fieldLabel(field: string): string {
  const upper = field.toUpperCase();
  return /^[A-Z0-9!#$&'+\-.^_`|~]+$/.test(upper)
    ? upper
    : `"${upper.replace(/[^\x20-\x7e]/g, "?").replace(/["\\]/g, "\\$&")}"`;
}

function binary(peeks: boolean, cursor: Cursor): FetchItem {
  const path = binaryPath(cursor);
  return {
    kind: "binary",
    label: `BINARY[${path.join(".")}]`,
    path,
    peek: peeks,
    partial: partial(cursor),
  };
}

function binaryPath(cursor: Cursor): number[] {
  expect(cursor, "[");
  const path = partNumbers(cursor);
  expect(cursor, "]");
  return path;
}

function partial(cursor: Cursor): Partial | undefined {
  if (!skip(cursor, "<")) return undefined;
  const offset = number(cursor);
  // The grammar wants a count; programs that leave it out mean the rest, as in a URL's ;PARTIAL= (RFC 5092 §11).
  const count = skip(cursor, ".") ? nzNumber(cursor) : Infinity;
  expect(cursor, ">");
  return { offset, count };
}
