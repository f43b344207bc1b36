// STORE's arguments and flag lists (RFC 9051 §6.4.6, RFC 7162 §3.1.3). Flags stay text here; the session knows which exist.
import type { Command } from "./command.ts";
import { atom, type Cursor, expect, list, Malformed, number, peek, skip } from "./cursor.ts";
import { sequenceSet } from "./sets.ts";

// A placement with more keywords than this is no mail program's doing.
const MAX_FLAGS = 100;

export function storeArguments(uid: boolean, cursor: Cursor): Command {
  const set = sequenceSet(cursor);
  expect(cursor, " ");
  let unchangedSince: number | undefined;
  if (skip(cursor, "(UNCHANGEDSINCE ")) {
    unchangedSince = number(cursor);
    expect(cursor, ") ");
  }
  const operation = skip(cursor, "+") ? "add" : skip(cursor, "-") ? "remove" : "replace";
  expect(cursor, "FLAGS");
  const silent = skip(cursor, ".SILENT");
  expect(cursor, " ");
  const flags = peek(cursor) === "(" ? flagList(cursor) : bareFlags(cursor);
  return { name: "STORE", uid, set, operation, silent, flags, unchangedSince };
}

export function flagList(cursor: Cursor): string[] {
  return bounded(list(cursor, flag));
}

function bareFlags(cursor: Cursor): string[] {
  const flags = [flag(cursor)];
  while (skip(cursor, " ")) flags.push(flag(cursor));
  return bounded(flags);
}

function bounded(flags: string[]): string[] {
  if (flags.length > MAX_FLAGS) throw new Malformed("too many flags");
  return flags;
}

function flag(cursor: Cursor): string {
  const system = skip(cursor, "\\");
  const name = atom(cursor, "a flag");
  if (name.length > 100) throw new Malformed("a flag's name is too long");
  return system ? `\\${name}` : name;
}
