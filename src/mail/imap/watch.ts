// What NOTIFY asks for (RFC 5465), as values: which folders, which events, and how each watched folder stood when it was last told.
// Pure; `notify.ts` reads the store and speaks.
import { never } from "#base/errors";
import type { Folder } from "#store";
import type { FetchItem, NotifyGroup } from "./command.ts";
import { DELIMITER } from "./names.ts";

/** A group with its names decoded; a name that could not be is nobody's and left out. */
export interface WatchGroup {
  readonly kind: NotifyGroup["filter"]["kind"];
  readonly names: readonly string[];
  readonly events: ReadonlySet<string>;
}

/** A folder as it was last told. The counts are undefined where no event of its messages is wanted. */
export interface Known {
  readonly name: string;
  readonly subscribed: boolean;
  readonly counts: KnownCounts | undefined;
  /** Undefined where no event of its annotations is wanted. */
  readonly annotations: ReadonlyMap<string, Uint8Array> | undefined;
}

export interface KnownCounts {
  readonly messages: number;
  readonly unseen: number;
  readonly uidNext: number;
  readonly modseq: number;
}

export interface Watch {
  /** All but SELECTED; empty after NOTIFY NONE. */
  readonly groups: readonly WatchGroup[];
  readonly selected: SelectedWatch;
  /** By folder id. */
  readonly known: Map<string, Known>;
  /** Subscribed names that no folder has, as last told. */
  orphans: ReadonlySet<string>;
  /** The account's own annotations, where ServerMetadataChange is wanted. */
  server?: ReadonlyMap<string, Uint8Array>;
  /** Folders that something happened to since the last look. */
  readonly touched: Set<string>;
  /** Names that the client's own commands changed: they know. */
  readonly ownNames: Set<string>;
  /** What the client's own commands put where. */
  readonly own: Map<string, { readonly added: number; readonly modseq: number }>;
}

/** Of the selected folder: with `expunges` "later", only where a command would have told them (SELECTED-DELAYED). */
export interface SelectedWatch {
  readonly tells: "all" | "no-flags" | "none";
  readonly expunges: "at-once" | "later";
  readonly fetch: readonly FetchItem[];
}

/** The events that a folder's groups ask for together (RFC 5465 §6). */
export function eventsFor(
  groups: readonly WatchGroup[],
  folder: Pick<Folder, "name" | "subscribed" | "role">,
): ReadonlySet<string> {
  const events = new Set<string>();
  for (const group of groups)
    if (isMeant(group, folder)) for (const event of group.events) events.add(event);
  return events;
}

function isMeant(
  { kind, names }: WatchGroup,
  { name, subscribed, role }: Pick<Folder, "name" | "subscribed" | "role">,
): boolean {
  switch (kind) {
    case "PERSONAL":
      return true;
    case "SUBSCRIBED":
      return subscribed;
    case "INBOXES":
      // Where deliveries arrive: judged to be junk, they go there.
      return role === "inbox" || role === "junk";
    case "MAILBOXES":
      return names.includes(name);
    case "SUBTREE":
      return names.some((top) => name === top || name.startsWith(top + DELIMITER));
    case "SELECTED":
    case "SELECTED-DELAYED":
      return false;
    default:
      return never(kind);
  }
}

/** Whether STATUS is to be told of a folder at all. */
export function watchesMessages(events: ReadonlySet<string>): boolean {
  return events.has("MESSAGENEW") || events.has("FLAGCHANGE");
}

/**
 * The items of the STATUS that tells what happened between two looks (RFC 5465 §5.1–5.3); none where nothing did that is wanted.
 * `withModseq`: the client knows MODSEQs.
 */
export function statusItemsFor(
  events: ReadonlySet<string>,
  before: KnownCounts,
  now: KnownCounts,
  withModseq: boolean,
): readonly ("MESSAGES" | "UIDNEXT" | "UIDVALIDITY" | "UNSEEN" | "HIGHESTMODSEQ")[] {
  if (now.modseq === before.modseq) return [];
  const cameOrWent = now.uidNext !== before.uidNext || now.messages !== before.messages;
  const flags = events.has("FLAGCHANGE") && (withModseq || now.unseen !== before.unseen);
  const items: ("MESSAGES" | "UIDNEXT" | "UIDVALIDITY" | "UNSEEN" | "HIGHESTMODSEQ")[] = [];
  if (cameOrWent) items.push("MESSAGES", "UIDNEXT");
  if (flags) items.push("UIDVALIDITY");
  if (flags && now.unseen !== before.unseen) items.push("UNSEEN");
  if (withModseq && items.length > 0) items.push("HIGHESTMODSEQ");
  return items;
}

export interface NameChange {
  readonly name: string;
  /** Where it was renamed. */
  readonly old: string | undefined;
}

/**
 * Names to tell by LIST: made, gone, renamed, and the parents of those made or gone (RFC 5465 §5.4). What a rename above them
 * moved is not told by itself.
 */
export function nameChanges(
  before: ReadonlyMap<string, Known>,
  folders: readonly Folder[],
): readonly NameChange[] {
  const changes: NameChange[] = [];
  const told = new Set<string>();
  const add = (name: string, old?: string): void => {
    if (told.has(name)) return;
    told.add(name);
    changes.push({ name, old });
  };
  const withParent = (name: string): void => {
    add(name);
    const end = name.lastIndexOf(DELIMITER);
    if (end > 0) add(name.slice(0, end));
  };
  const ids = new Set(folders.map(({ id }) => id));
  for (const [id, { name }] of before) if (!ids.has(id)) withParent(name);
  const renamed = folders.flatMap(({ id, name }) => {
    const old = before.get(id)?.name;
    return old === undefined || old === name ? [] : [{ name, old }];
  });
  for (const { name, old } of renamed) {
    const byParent = renamed.some(
      (other) =>
        old.startsWith(other.old + DELIMITER) && name === other.name + old.slice(other.old.length),
    );
    if (!byParent) add(name, old);
  }
  for (const { id, name } of folders) if (!before.has(id)) withParent(name);
  return changes;
}
