// NOTIFY (RFC 5465): what happens to watched folders is told as it happens, in IDLE and between commands. Each look compares the
// store with what was last told, so that a client that does not read costs no queue: it hears less often, never too late.
import { asBuffer } from "#base/bytes";
import { logBroken } from "#base/log";
import type { Folder } from "#store";
import type { NotifyCommand, NotifyGroup, StatusItem } from "./command.ts";
import { sendFetched } from "./fetch.ts";
import { listName } from "./list.ts";
import { nameText, tellStatus } from "./listing.ts";
import { decodeName, DELIMITER } from "./names.ts";
import { tellNews } from "./news.ts";
import {
  mailboxOf,
  ok,
  refuse,
  type Reply,
  type Session,
  spelling,
  tell,
  withModseq,
} from "./session.ts";
import { indexOf } from "./view.ts";
import {
  eventsFor,
  type Known,
  type KnownCounts,
  nameChanges,
  type SelectedWatch,
  statusItemsFor,
  type Watch,
  type WatchGroup,
  watchesMessages,
} from "./watch.ts";

// As the grammar spells them: BADEVENT must list them all (RFC 5465 §3.1).
const supported = [
  "MessageNew",
  "MessageExpunge",
  "FlagChange",
  "MailboxName",
  "SubscriptionChange",
  "MailboxMetadataChange",
  "ServerMetadataChange",
];
const isSupported: ReadonlySet<string> = new Set(supported.map((event) => event.toUpperCase()));

// A look compares every watched folder that was touched; so many names are more than anybody's folders.
const MAX_NAMES = 1000;

const unheard: SelectedWatch = { tells: "none", expunges: "later", fetch: [] };

export async function notify(session: Session, command: NotifyCommand): Promise<Reply> {
  const groups = command.groups ?? [];
  if (groups.some(({ events }) => events.some((event) => !isSupported.has(event))))
    return refuse("Not all of these events can be told", `BADEVENT (${supported.join(" ")})`);
  const names = groups.flatMap(({ filter }) => ("folders" in filter ? filter.folders : []));
  if (names.length > MAX_NAMES)
    return refuse("Too many folders by name; ask for a SUBTREE", "NOTIFICATIONOVERFLOW");
  // RFC 5465 §3.1: what has gathered for the selected folder is told now, whatever is asked for from here on.
  session.watch = undefined;
  await tellNews(session, true);
  if (command.groups === undefined) {
    session.watch = await openWatch(session, [], unheard);
    return ok("Nothing will be told");
  }
  const watched = groups.map((group) => decodeGroup(session, group));
  const watch = await openWatch(session, watched, selectedWatch(groups));
  session.watch = watch;
  if (command.status) await tellStatuses(session, watch);
  return ok("It will be told");
}

function decodeGroup(session: Session, { filter, events }: NotifyGroup): WatchGroup {
  const octets = "folders" in filter ? filter.folders : [];
  const names = octets.flatMap((each) => decodeName(each, spelling(session).utf8) ?? []);
  return { kind: filter.kind, names, events: new Set(events) };
}

function selectedWatch(groups: readonly NotifyGroup[]): SelectedWatch {
  const group = groups.find(({ filter }) => filter.kind.startsWith("SELECTED"));
  if (group === undefined || group.events.length === 0) return unheard;
  return {
    tells: group.events.includes("FLAGCHANGE") ? "all" : "no-flags",
    expunges: group.filter.kind === "SELECTED" ? "at-once" : "later",
    fetch: group.fetch,
  };
}

async function openWatch(
  session: Session,
  groups: readonly WatchGroup[],
  selected: SelectedWatch,
): Promise<Watch> {
  const watch: Watch = {
    groups,
    selected,
    known: new Map(),
    orphans: new Set(),
    touched: new Set(),
    ownNames: new Set(),
    own: new Map(),
  };
  if (groups.length === 0) return watch;
  const { folders, orphans } = await readNames(session);
  watch.orphans = new Set(orphans);
  for (const folder of folders) watch.known.set(folder.id, await look(session, watch, folder));
  await lookAtServer(session, watch);
  return watch;
}

async function readNames(
  session: Session,
): Promise<{ folders: readonly Folder[]; orphans: readonly string[] }> {
  const mailbox = mailboxOf(session);
  const folders = await mailbox.folders();
  const names = new Set(folders.map(({ name }) => name));
  const orphans = (await mailbox.subscriptions()).filter((name) => !names.has(name));
  return { folders, orphans };
}

async function look(session: Session, watch: Watch, folder: Folder): Promise<Known> {
  const events = eventsFor(watch.groups, folder);
  const { name, subscribed } = folder;
  const mailbox = mailboxOf(session);
  const annotations = events.has("MAILBOXMETADATACHANGE")
    ? await mailbox.annotations(folder.id)
    : undefined;
  if (!watchesMessages(events)) return { name, subscribed, counts: undefined, annotations };
  const counts = await mailbox.counts(folder.id);
  const { uidNext, highestModseq: modseq } = folder;
  return {
    name,
    subscribed,
    counts: counts && { messages: counts.messages, unseen: counts.unseen, uidNext, modseq },
    annotations,
  };
}

/** RFC 5465 §3.1: each folder other than the selected one whose messages are watched, before the tagged OK. */
async function tellStatuses(session: Session, { groups }: Watch): Promise<void> {
  for (const folder of await mailboxOf(session).folders()) {
    const events = eventsFor(groups, folder);
    if (!watchesMessages(events) || folder.id === session.selected?.folderId) continue;
    const items: StatusItem[] = ["MESSAGES", "UIDNEXT", "UIDVALIDITY"];
    if (events.has("FLAGCHANGE")) items.push("UNSEEN");
    if (events.has("FLAGCHANGE") || withModseq(session)) items.push("HIGHESTMODSEQ");
    await tellStatus(session, folder, items);
    await session.io.out.room();
  }
}

/** Tells the selected folder's news, and after new messages the items that NOTIFY wants of them (RFC 5465 §5.2). */
export async function tellWithFresh(
  session: Session,
  expunges: boolean,
  flags: "tell" | "hold" = "tell",
): Promise<void> {
  await tellNews(session, expunges, flags);
  const { selected, watch } = session;
  if (selected === undefined || selected.fresh.size === 0) return;
  const { placements } = selected.view;
  const fresh = [...selected.fresh].flatMap((uid) => placements[indexOf(placements, uid)] ?? []);
  selected.fresh.clear();
  if (watch !== undefined && watch.selected.fetch.length > 0)
    await sendFetched(session, fresh, watch.selected.fetch);
}

/** What may be told without being asked: between two commands, and in IDLE. */
export async function tellUnasked(session: Session): Promise<void> {
  const { watch, selected } = session;
  if (watch === undefined) return;
  try {
    const { tells, expunges } = watch.selected;
    if (session.dirty && selected !== undefined && tells !== "none")
      await tellWithFresh(session, expunges === "at-once");
    await tellWatched(session);
  } catch (error) {
    // RFC 5465 §5.8: who cannot be told everything is told so, and nothing more.
    logBroken("imap.NOTIFY", error);
    session.watch = { ...watch, groups: [], selected: unheard };
    tell(session, "OK [NOTIFICATIONOVERFLOW] Nothing more will be told");
  }
}

/** Tells of the folders that are not selected. */
export async function tellWatched(session: Session): Promise<void> {
  const { watch } = session;
  if (watch === undefined || watch.touched.size === 0) return;
  const touched = new Set(watch.touched);
  watch.touched.clear();
  if (watch.groups.length === 0) return;
  const { folders, orphans } = await readNames(session);
  tellNames(session, watch, folders, orphans);
  if (touched.has("")) await tellServer(session, watch);
  const ids = new Set(folders.map(({ id }) => id));
  for (const id of watch.known.keys()) if (!ids.has(id)) watch.known.delete(id);
  for (const folder of folders) {
    const { id, name, subscribed } = folder;
    const before = watch.known.get(id);
    if (before === undefined || touched.has(id)) await tellFolder(session, watch, folder);
    // Renamed with its parent, or (un)subscribed: other groups may mean it now.
    else if (before.name !== name || before.subscribed !== subscribed)
      watch.known.set(id, await look(session, watch, folder));
  }
  watch.own.clear();
  watch.ownNames.clear();
}

/** MailboxName and SubscriptionChange, by LIST; updates what is known of subscriptions. */
function tellNames(
  session: Session,
  watch: Watch,
  folders: readonly Folder[],
  orphans: readonly string[],
): void {
  const { groups, known, ownNames } = watch;
  const wants = (event: string, names: readonly string[]): boolean =>
    names.some((name) => {
      const folder = folders.find((each) => each.name === name);
      const subscribed = folder?.subscribed ?? orphans.includes(name);
      return eventsFor(groups, { name, subscribed, role: folder?.role }).has(event);
    });
  const told = new Set<string>();
  for (const { name, old } of nameChanges(known, folders)) {
    const names = old === undefined ? [name] : [name, old];
    if (ownNames.has(name) || !wants("MAILBOXNAME", names)) continue;
    told.add(name);
    tellName(session, folders, orphans, name, old);
  }
  const before = new Set(watch.orphans);
  for (const { name, subscribed } of known.values()) if (subscribed) before.add(name);
  const now = new Set(orphans);
  for (const { name, subscribed } of folders) if (subscribed) now.add(name);
  for (const name of before.symmetricDifference(now)) {
    // A group of subscribed folders is told of the one that leaves it, too.
    const wanted =
      wants("SUBSCRIPTIONCHANGE", [name]) ||
      groups.some(({ kind, events }) => kind === "SUBSCRIBED" && events.has("SUBSCRIPTIONCHANGE"));
    if (!told.has(name) && !ownNames.has(name) && wanted)
      tellName(session, folders, orphans, name, undefined);
  }
  watch.orphans = new Set(orphans);
}

function tellName(
  session: Session,
  folders: readonly Folder[],
  orphans: readonly string[],
  name: string,
  old: string | undefined,
): void {
  const { attributes } = listName(folders, name, orphans);
  const was = old === undefined ? "" : ` ("OLDNAME" (${nameText(session, old)}))`;
  tell(session, `LIST (${attributes.join(" ")}) "${DELIMITER}" ${nameText(session, name)}${was}`);
}

async function tellFolder(session: Session, watch: Watch, folder: Folder): Promise<void> {
  const before = watch.known.get(folder.id);
  const now = await look(session, watch, folder);
  watch.known.set(folder.id, now);
  const events = eventsFor(watch.groups, folder);
  if (events.has("MAILBOXMETADATACHANGE") && before !== undefined)
    tellAnnotations(session, watch, folder.name, before.annotations, now.annotations);
  // The selected folder's messages are SELECTED's.
  if (now.counts === undefined || folder.id === session.selected?.folderId) return;
  const nothing: KnownCounts = { messages: 0, unseen: 0, uidNext: 1, modseq: now.counts.modseq };
  const then = before === undefined ? nothing : before.counts;
  if (then === undefined || isOwn(watch, folder.id, then, now.counts)) return;
  const items = statusItemsFor(events, then, now.counts, withModseq(session));
  if (items.length > 0) await tellStatus(session, folder, items);
}

/** All that happened is what the client did itself. */
function isOwn(watch: Watch, id: string, before: KnownCounts, now: KnownCounts): boolean {
  const own = watch.own.get(id);
  return (
    own !== undefined &&
    now.modseq === own.modseq &&
    now.uidNext === before.uidNext + own.added &&
    now.messages === before.messages + own.added
  );
}

type Annotations = ReadonlyMap<string, Uint8Array>;

/** RFC 5465 §5.6: the names of what changed, removed ones too. */
function tellAnnotations(
  session: Session,
  { ownNames }: Watch,
  name: string,
  before: Annotations = new Map(),
  now: Annotations = new Map(),
): void {
  const entries = new Set([...before.keys(), ...now.keys()]);
  const changed = [...entries].filter((entry) => {
    const [a, b] = [before.get(entry), now.get(entry)];
    return a === undefined || b === undefined ? a !== b : !asBuffer(a).equals(b);
  });
  if (changed.length === 0 || ownNames.has(`metadata ${name}`)) return;
  tell(session, `METADATA ${name === "" ? '""' : nameText(session, name)} ${changed.join(" ")}`);
}

const wantsServer = ({ groups }: Watch): boolean =>
  groups.some(({ events }) => events.has("SERVERMETADATACHANGE"));

/** The account's own annotations stand under no folder's id. */
async function lookAtServer(session: Session, watch: Watch): Promise<void> {
  if (wantsServer(watch)) watch.server = await mailboxOf(session).annotations(undefined);
}

async function tellServer(session: Session, watch: Watch): Promise<void> {
  const before = watch.server;
  await lookAtServer(session, watch);
  if (wantsServer(watch)) tellAnnotations(session, watch, "", before, watch.server);
}

/** Leaves the selected folder behind as it was last told, so that what happened since is told as another folder's. */
export function leaveWatched(session: Session): void {
  const { selected, watch } = session;
  const known = selected && watch?.known.get(selected.folderId);
  if (selected === undefined || watch === undefined || known?.counts === undefined) return;
  const { view } = selected;
  const counts = {
    messages: view.placements.length - view.gone.size,
    unseen: view.placements.filter(({ uid, flags }) => (flags & 1) === 0 && !view.gone.has(uid))
      .length,
    uidNext: Math.max(known.counts.uidNext, (view.placements.at(-1)?.uid ?? 0) + 1),
    modseq: selected.toldModseq,
  };
  watch.known.set(selected.folderId, { ...known, counts });
  watch.touched.add(selected.folderId);
}

/** Notes the names that a command of the client's own changed. */
export function noteOwnNames(session: Session, octets: readonly Buffer[]): void {
  const { watch } = session;
  if (watch === undefined) return;
  for (const each of octets) {
    const name = decodeName(each, spelling(session).utf8);
    if (name === undefined) continue;
    watch.ownNames.add(name);
    for (let end = name.lastIndexOf(DELIMITER); end > 0; end = name.lastIndexOf(DELIMITER, end - 1))
      watch.ownNames.add(name.slice(0, end));
  }
}
