// APPEND's arguments: one message or several (RFC 3502), each a literal, a literal8 (RFC 3516) or UTF8 (RFC 6855 §4).
import type { AppendedMessage, Command } from "./command.ts";
import { astring, type Cursor, expect, literal, Malformed, peek, skip } from "./cursor.ts";
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
  if (skip(cursor, "UTF8 (")) {
    expect(cursor, "~");
    const bytes = literal(cursor);
    expect(cursor, ")");
    return { flags, date, bytes, binary: false };
  }
  const binary = skip(cursor, "~");
  if (!binary && peek(cursor) !== "{") throw new Malformed("expected a message literal");
  return { flags, date, bytes: literal(cursor), binary };
}
