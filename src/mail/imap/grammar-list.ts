// Arguments of LIST in its plain and extended forms (RFC 9051 §6.3.9, RFC 5258, 5819, 6154), of LSUB and XLIST.
import type { Command, ListCommand, StatusItem } from "./command.ts";
import {
  astring,
  type Cursor,
  expect,
  list,
  listMailbox,
  Malformed,
  peek,
  skip,
  word,
} from "./cursor.ts";

const statusItems: ReadonlySet<string> = new Set<StatusItem>([
  "MESSAGES",
  "RECENT",
  "UIDNEXT",
  "UIDVALIDITY",
  "UNSEEN",
  "DELETED",
  "DELETED-STORAGE",
  "SIZE",
  "HIGHESTMODSEQ",
  "MAILBOXID",
  "APPENDLIMIT",
]);

export function statusItem(cursor: Cursor): StatusItem {
  const item = word(cursor, "a status item");
  if (!statusItems.has(item)) throw new Malformed("unknown status item");
  return item as StatusItem;
}

export function lsubArguments(name: "LSUB" | "XLIST", cursor: Cursor): Command {
  const reference = astring(cursor);
  expect(cursor, " ");
  const patterns = [listMailbox(cursor)];
  return { name, reference, patterns, select: [], returns: [], status: undefined, extended: false };
}

export function listArguments(cursor: Cursor): Command {
  let extended = false;
  let select: ListCommand["select"] = [];
  if (peek(cursor) === "(") {
    select = list(cursor, selectOption);
    expect(cursor, " ");
    extended = true;
  }
  // RFC 5258 §6 wants a list-select-base-opt, and SPECIAL-USE is none (RFC 6154 §6).
  if (select.includes("RECURSIVEMATCH") && !select.includes("SUBSCRIBED"))
    throw new Malformed("RECURSIVEMATCH needs SUBSCRIBED");
  const reference = astring(cursor);
  expect(cursor, " ");
  let patterns: Buffer[];
  if (peek(cursor) === "(") {
    patterns = list(cursor, listMailbox);
    extended = true;
  } else patterns = [listMailbox(cursor)];
  let returned: Pick<ListCommand, "returns" | "status"> = { returns: [], status: undefined };
  if (skip(cursor, " RETURN ")) {
    returned = returnOptions(cursor);
    extended = true;
  }
  return { name: "LIST", reference, patterns, select, ...returned, extended };
}

function selectOption(cursor: Cursor): ListCommand["select"][number] {
  const option = word(cursor);
  switch (option) {
    case "SUBSCRIBED":
    case "REMOTE":
    case "RECURSIVEMATCH":
    case "SPECIAL-USE":
      return option;
    default:
      throw new Malformed("unknown selection option");
  }
}

function returnOptions(cursor: Cursor): Pick<ListCommand, "returns" | "status"> {
  const returns: ("SUBSCRIBED" | "CHILDREN" | "SPECIAL-USE")[] = [];
  let status: StatusItem[] | undefined;
  list(cursor, (each) => {
    const option = word(each);
    switch (option) {
      case "SUBSCRIBED":
      case "CHILDREN":
      case "SPECIAL-USE":
        returns.push(option);
        return;
      case "STATUS":
        expect(each, " ");
        status = list(each, statusItem);
        return;
      default:
        throw new Malformed("unknown return option");
    }
  });
  return { returns, status };
}
