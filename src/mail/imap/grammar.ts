// One command's bytes to a Command: total (whatever comes, an answer), bounded by the wire's limits, and free of any state.
// RFC 9051 §9 with what RFC 3501 had besides; the larger arguments have files of their own.
import type { Command, Parsed, StatusItem } from "./command.ts";
import {
  astring,
  atom,
  type Cursor,
  expect,
  expectEnd,
  list,
  Malformed,
  nstring,
  nzNumber,
  openCursor,
  peek,
  skip,
  string,
  tag,
  word,
} from "./cursor.ts";
import { appendArguments, replaceArguments } from "./grammar-append.ts";
import { fetchArguments } from "./grammar-fetch.ts";
import { listArguments, lsubArguments, statusItem } from "./grammar-list.ts";
import { getMetadata, getQuota, getQuotaRoot, setMetadata } from "./grammar-metadata.ts";
import { notifyArguments } from "./grammar-notify.ts";
import { cancelUpdate, searchArguments, sortArguments, threadArguments } from "./grammar-search.ts";
import { storeArguments } from "./grammar-store.ts";
import { sequenceSet } from "./sets.ts";

/** Parses a command as the wire gives it: lines and literals without the last CRLF. Never throws. */
export function parseCommand(bytes: Uint8Array): Parsed {
  const cursor = openCursor(bytes);
  let name = "*";
  try {
    name = tag(cursor);
    expect(cursor, " ");
    const command = byVerb(word(cursor, "a command"), cursor);
    expectEnd(cursor);
    return { ok: true, tag: name, command };
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, tag: name, why: error.message };
    throw error;
  }
}

/** The verb of a command whose rest has not come, upper case, "" if unreadable; "UID COPY" as it stands. */
export function verbOf(head: Uint8Array): { tag: string; verb: string } {
  const match = /^([^\s(){%*"\\+]+) ((?:UID )?[A-Za-z]+)/i.exec(
    Buffer.from(head.subarray(0, 200)).toString("latin1"),
  );
  return { tag: match?.[1] ?? "*", verb: (match?.[2] ?? "").toUpperCase() };
}

function byVerb(verb: string, cursor: Cursor): Command {
  switch (verb) {
    case "CAPABILITY":
    case "NOOP":
    case "LOGOUT":
    case "STARTTLS":
    case "IDLE":
    case "CHECK":
    case "CLOSE":
    case "UNSELECT":
    case "NAMESPACE":
    case "UNAUTHENTICATE":
      return { name: verb };
    case "EXPUNGE":
      return { name: "EXPUNGE", uids: undefined };
    case "UID":
      expect(cursor, " ");
      return byUidVerb(word(cursor), cursor);
    default:
      expect(cursor, " ");
      return withArguments(verb, cursor);
  }
}

function withArguments(verb: string, cursor: Cursor): Command {
  switch (verb) {
    case "ID":
      idFields(cursor);
      return { name: "ID" };
    case "AUTHENTICATE":
      return {
        name: "AUTHENTICATE",
        mechanism: word(cursor, "a mechanism"),
        initial: skip(cursor, " ") ? initialResponse(cursor) : undefined,
      };
    case "LOGIN": {
      const login = astring(cursor);
      expect(cursor, " ");
      return { name: "LOGIN", login, password: astring(cursor) };
    }
    case "ENABLE": {
      const features = [word(cursor)];
      while (skip(cursor, " ")) features.push(word(cursor));
      return { name: "ENABLE", features };
    }
    case "SELECT":
    case "EXAMINE":
      return { name: verb, folder: astring(cursor), ...selectParameters(cursor) };
    case "CREATE":
      return { name: verb, folder: astring(cursor), use: createUse(cursor) };
    case "DELETE":
    case "SUBSCRIBE":
    case "UNSUBSCRIBE":
      return { name: verb, folder: astring(cursor) };
    case "RENAME": {
      const from = astring(cursor);
      expect(cursor, " ");
      return { name: verb, from, to: astring(cursor) };
    }
    case "STATUS":
      return statusArguments(cursor);
    case "LIST":
      return listArguments(cursor);
    case "LSUB":
    case "XLIST":
      return lsubArguments(verb, cursor);
    case "NOTIFY":
      return notifyArguments(cursor);
    case "APPEND":
      return appendArguments(cursor);
    case "GETQUOTA":
      return getQuota(cursor);
    case "GETQUOTAROOT":
      return getQuotaRoot(cursor);
    case "GETMETADATA":
      return getMetadata(cursor);
    case "SETMETADATA":
      return setMetadata(cursor);
    case "CANCELUPDATE":
      return cancelUpdate(cursor);
    default:
      return onMessages(verb, false, cursor);
  }
}

function byUidVerb(verb: string, cursor: Cursor): Command {
  expect(cursor, " ");
  if (verb === "EXPUNGE") return { name: "EXPUNGE", uids: sequenceSet(cursor) };
  return onMessages(verb, true, cursor);
}

function onMessages(verb: string, uid: boolean, cursor: Cursor): Command {
  switch (verb) {
    case "FETCH":
      return fetchArguments(uid, cursor);
    case "STORE":
      return storeArguments(uid, cursor);
    case "REPLACE":
      return replaceArguments(uid, cursor);
    case "SEARCH":
      return searchArguments(uid, cursor);
    case "SORT":
      return sortArguments(uid, cursor);
    case "THREAD":
      return threadArguments(uid, cursor);
    case "COPY":
    case "MOVE": {
      const set = sequenceSet(cursor);
      expect(cursor, " ");
      return { name: verb, uid, set, folder: astring(cursor) };
    }
    default:
      throw new Malformed("unknown command");
  }
}

/** RFC 2971 §3.1, §3.3: checked against its bounds (30 fields, names of 30 octets, values of 1,024, no name twice) and thrown away. */
function idFields(cursor: Cursor): void {
  if (skip(cursor, "NIL")) return;
  const names = list(cursor, (each) => {
    const name = string(each).toString("latin1").toLowerCase();
    expect(each, " ");
    const value = nstring(each);
    if (name.length > 30) throw new Malformed("an ID field's name is too long");
    if ((value?.length ?? 0) > 1024) throw new Malformed("an ID field's value is too long");
    return name;
  });
  if (names.length > 30) throw new Malformed("too many ID fields");
  if (new Set(names).size < names.length) throw new Malformed("an ID field stands twice");
}

/** RFC 4959: base64, or "=" for an empty response. */
function initialResponse(cursor: Cursor): string {
  const rest = cursor.bytes.toString("latin1", cursor.at);
  if (!/^[A-Za-z0-9+/=]+$/.test(rest)) throw new Malformed("expected base64");
  cursor.at = cursor.bytes.length;
  return rest;
}

/** RFC 7162 §3.1.8, §3.2.5. */
function selectParameters(
  cursor: Cursor,
): Pick<Extract<Command, { name: "SELECT" | "EXAMINE" }>, "condstore" | "qresync"> {
  let condstore = false;
  let qresync;
  if (!skip(cursor, " ")) return { condstore, qresync };
  list(cursor, (each) => {
    const parameter = word(each);
    if (parameter === "CONDSTORE") condstore = true;
    else if (parameter === "QRESYNC") qresync = qresyncParameters(each);
    else throw new Malformed("unknown parameter of SELECT");
  });
  return { condstore, qresync };
}

function qresyncParameters(cursor: Cursor) {
  expect(cursor, " (");
  const uidValidity = nzNumber(cursor);
  expect(cursor, " ");
  const modseq = nzNumber(cursor);
  let known;
  let matched = false;
  if (skip(cursor, " ")) {
    if (peek(cursor) !== "(") known = sequenceSet(cursor);
    if (known === undefined || skip(cursor, " ")) {
      sequenceMatch(cursor);
      matched = true;
    }
  }
  expect(cursor, ")");
  return { uidValidity, modseq, known, matched };
}

/** The client's hint (RFC 7162 §3.2.5.2) only spares old tombstones; ours are complete, so it is read and not needed. */
function sequenceMatch(cursor: Cursor): void {
  expect(cursor, "(");
  sequenceSet(cursor);
  expect(cursor, " ");
  sequenceSet(cursor);
  expect(cursor, ")");
}

/** RFC 6154 §3. */
function createUse(cursor: Cursor): string[] {
  if (!skip(cursor, " ")) return [];
  expect(cursor, "(USE ");
  const uses = list(cursor, (each) => {
    expect(each, "\\");
    return `\\${atom(each)}`;
  });
  expect(cursor, ")");
  return uses;
}

function statusArguments(cursor: Cursor): Command {
  const folder = astring(cursor);
  expect(cursor, " ");
  const items: StatusItem[] = list(cursor, statusItem);
  if (items.length === 0) throw new Malformed("no status items");
  return { name: "STATUS", folder, items };
}
