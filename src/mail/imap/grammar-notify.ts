// NOTIFY's arguments (RFC 5465 §8): groups of folders, each with the events that are to be told. Event names that nobody knows are
// kept as they came: the session refuses them with NO, since the grammar allows any.
import type { FetchItem, NotifyCommand, NotifyFilter, NotifyGroup } from "./command.ts";
import { astring, type Cursor, expect, list, Malformed, peek, skip, word } from "./cursor.ts";
import { fetchItem } from "./grammar-fetch.ts";

// A program names the folders that it shows; more than this is nobody's, and each costs a look at every change.
const MAX_GROUPS = 100;

export function notifyArguments(cursor: Cursor): NotifyCommand {
  if (skip(cursor, "NONE")) return { name: "NOTIFY", groups: undefined, status: false };
  expect(cursor, "SET ");
  const status = skip(cursor, "STATUS ");
  const groups: NotifyGroup[] = [];
  do {
    groups.push(group(cursor));
    if (groups.length > MAX_GROUPS) throw new Malformed("too many groups");
  } while (skip(cursor, " "));
  const selected = groups.filter(({ filter }) => isSelected(filter));
  if (selected.length > 1) throw new Malformed("SELECTED can stand once");
  return { name: "NOTIFY", groups, status };
}

function isSelected({ kind }: NotifyFilter): boolean {
  return kind === "SELECTED" || kind === "SELECTED-DELAYED";
}

function group(cursor: Cursor): NotifyGroup {
  expect(cursor, "(");
  const filter = filterOf(cursor);
  expect(cursor, " ");
  const given = eventsOf(cursor);
  expect(cursor, ")");
  const { events, fetch } = given;
  const has = (event: string): boolean => events.includes(event);
  if (has("MESSAGENEW") !== has("MESSAGEEXPUNGE"))
    throw new Malformed("MessageNew and MessageExpunge belong together");
  if ((has("FLAGCHANGE") || has("ANNOTATIONCHANGE")) && !has("MESSAGENEW"))
    throw new Malformed("FlagChange needs MessageNew and MessageExpunge");
  if (isSelected(filter)) {
    if (["MAILBOXNAME", "SUBSCRIPTIONCHANGE", "MAILBOXMETADATACHANGE"].some((each) => has(each)))
      throw new Malformed("SELECTED takes events of messages only");
    if (has("SERVERMETADATACHANGE")) throw new Malformed("SELECTED takes events of messages only");
  } else if (fetch.length > 0) throw new Malformed("what to fetch belongs to SELECTED");
  return { filter, ...given };
}

function filterOf(cursor: Cursor): NotifyFilter {
  const kind = word(cursor, "which folders");
  switch (kind) {
    case "SELECTED":
    case "SELECTED-DELAYED":
    case "INBOXES":
    case "PERSONAL":
    case "SUBSCRIBED":
      return { kind };
    case "SUBTREE":
    case "MAILBOXES": {
      expect(cursor, " ");
      const folders = peek(cursor) === "(" ? list(cursor, astring) : [astring(cursor)];
      if (folders.length === 0) throw new Malformed("no folder named");
      return { kind, folders };
    }
    default:
      throw new Malformed("unknown kind of folders");
  }
}

function eventsOf(cursor: Cursor): Pick<NotifyGroup, "events" | "fetch"> {
  const events: string[] = [];
  const fetch: FetchItem[] = [];
  if (skip(cursor, "NONE")) return { events, fetch };
  expect(cursor, "(");
  do {
    const event = word(cursor, "an event");
    events.push(event);
    if (event === "MESSAGENEW" && skip(cursor, " (")) {
      do fetch.push(fetchItem(cursor));
      while (skip(cursor, " "));
      expect(cursor, ")");
    }
  } while (skip(cursor, " "));
  expect(cursor, ")");
  return { events, fetch };
}
