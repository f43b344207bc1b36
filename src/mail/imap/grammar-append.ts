// The arguments of APPEND and REPLACE: one message or several (RFC 3502), each a literal, a literal8 (RFC 3516), UTF8 (RFC 6855 §4) or
// pieces to be put together (RFC 4469).
import type { AppendedMessage, AppendedPart, Command } from "./command.ts";
import {
  astring,
  type Cursor,
  expect,
  list,
  literal,
  Malformed,
  nzNumber,
  peek,
  skip,
} from "./cursor.ts";
import { dateTime } from "./grammar-date.ts";
import { flagList } from "./grammar-store.ts";

export function appendArguments(cursor: Cursor): Command {
  const folder = astring(cursor);
  const messages: AppendedMessage[] = [];
  expect(cursor, " ");
  do messages.push(message(cursor));
  while (skip(cursor, " "));
  return { name: "APPEND", folder, messages };
}

/** RFC 8508 §5: one message, for one message number or UID. */
export function replaceArguments(uid: boolean, cursor: Cursor): Command {
  const number = skip(cursor, "*") ? Infinity : nzNumber(cursor);
  if (number !== Infinity && number > 0xffffffff) throw new Malformed("a number above 32 bits");
  expect(cursor, " ");
  const folder = astring(cursor);
  expect(cursor, " ");
  const set = [{ first: number, last: number }];
  return { name: "REPLACE", uid, set, folder, message: message(cursor) };
}

function message(cursor: Cursor): AppendedMessage {
  let flags: string[] = [];
  if (peek(cursor) === "(") {
    flags = flagList(cursor);
    expect(cursor, " ");
  }
  let date: number | undefined;
  if (peek(cursor) === '"') {
    date = dateTime(cursor);
    expect(cursor, " ");
  }
  return { flags, date, ...data(cursor) };
}

function data(cursor: Cursor): Pick<AppendedMessage, "parts" | "form"> {
  if (skip(cursor, "UTF8 (")) {
    if (peek(cursor) !== "~") throw new Malformed("expected a literal8");
    const parts = [anyLiteral(cursor)];
    expect(cursor, ")");
    return { parts, form: "utf8" };
  }
  if (skip(cursor, "CATENATE ")) {
    const parts = list(cursor, piece);
    if (parts.length === 0) throw new Malformed("nothing to put together");
    return { parts, form: "catenate" };
  }
  return { parts: [anyLiteral(cursor)], form: "literal" };
}

function piece(cursor: Cursor): AppendedPart {
  if (skip(cursor, "TEXT ")) return anyLiteral(cursor);
  expect(cursor, "URL ");
  return { kind: "url", url: astring(cursor) };
}

/** A literal, or a literal8, in which a NUL may stand. */
function anyLiteral(cursor: Cursor): AppendedPart {
  const binary = skip(cursor, "~");
  if (peek(cursor) !== "{") throw new Malformed("expected a message literal");
  const bytes = literal(cursor);
  if (!binary && bytes.includes(0)) throw new Malformed("a NUL in a literal");
  return { kind: "text", bytes };
}
