// Commands on folders: SELECT, LIST and its kin, STATUS, CREATE, DELETE, RENAME, subscriptions (RFC 9051 §6.3).
import { never } from "#base/errors";
import type { Folder, FolderRefusal } from "#store";
import type { Command, ListCommand, QresyncParameters, StatusItem } from "./command.ts";
import { formatString } from "./format.ts";
import { type Listed, listFolders, roleOf } from "./list.ts";
import { decodeName, decodePattern, DELIMITER, encodeName } from "./names.ts";
import { countFrom } from "./recents.ts";
import {
  bad,
  claimRecent,
  countRecent,
  findFolder,
  flagsHere,
  isRev2,
  accessOf,
  mailboxOf,
  missing,
  noteKeywords,
  ok,
  refuse,
  type Reply,
  type Selected,
  type Session,
  setMatcher,
  spelling,
  tell,
  tellFlags,
  tellModseq,
  enableCondstore,
} from "./session.ts";
import { formatSet } from "./sets.ts";
import { indexOf } from "./view.ts";

function nameText(session: Session, name: string): string {
  const how = spelling(session);
  return formatString(encodeName(name, how.utf8), how);
}

function folderRefusal(refusal: FolderRefusal): Reply {
  switch (refusal) {
    case "exists":
      return refuse("A folder of that name is there already", "ALREADYEXISTS");
    case "no-such-folder":
      return missing();
    case "bad-name":
      return refuse("That cannot be a folder's name", "CANNOT");
    case "is-inbox":
      return refuse("The inbox stays", "CANNOT");
    case "too-many":
      return refuse("There are as many folders as there may be", "LIMIT");
    default:
      return never(refusal);
  }
}

const badName = (): Reply => refuse("That is not a folder's name", "CANNOT");

/** Leaves the selected folder; CLOSED parts its answers from the next folder's (RFC 9051 §7.1). */
export function unselect(session: Session, closed: boolean): void {
  if (session.selected === undefined) return;
  session.selected = undefined;
  session.dirty = false;
  if (closed) tell(session, "OK [CLOSED] Left the folder");
}

export async function select(
  session: Session,
  command: Extract<Command, { name: "SELECT" | "EXAMINE" }>,
): Promise<Reply> {
  const { qresync } = command;
  if (qresync !== undefined && !session.enabled.has("QRESYNC"))
    return bad("QRESYNC is not enabled");
  unselect(session, true);
  if (command.condstore) enableCondstore(session);
  const { folder: named } = await findFolder(session, command.folder);
  const snapshot = named && (await mailboxOf(session).snapshot(named.id));
  if (snapshot === undefined) return missing();
  const { folder, placements } = snapshot;
  const readOnly = command.name === "EXAMINE" || (await accessOf(session)) === "read-only";
  const selected: Selected = {
    folderId: folder.id,
    name: folder.name,
    uidValidity: folder.uidValidity,
    readOnly,
    view: { placements, modseq: folder.highestModseq, gone: new Set() },
    toldModseq: folder.highestModseq,
    recent: new Set(),
    keywords: new Map(),
    untold: new Set(),
    saved: [],
  };
  noteKeywords(selected, placements);
  if (!readOnly) claimRecent(session, selected);
  session.selected = selected;
  tellSelected(session, selected, folder);
  if (qresync?.uidValidity === folder.uidValidity) await resynchronise(session, selected, qresync);
  return readOnly ? ok("Opened to read", "READ-ONLY") : ok("Opened", "READ-WRITE");
}

function tellSelected(session: Session, selected: Selected, folder: Folder): void {
  const { placements } = selected.view;
  tell(session, `FLAGS ${flagsHere(selected)}`);
  tell(session, `${placements.length} EXISTS`);
  if (!isRev2(session)) {
    tell(session, `${countRecent(selected)} RECENT`);
    const unseen = placements.findIndex(({ flags }) => (flags & 1) === 0);
    if (unseen >= 0) tell(session, `OK [UNSEEN ${unseen + 1}] First unseen`);
  }
  tell(session, `OK [UIDVALIDITY ${folder.uidValidity}] UIDs hold`);
  tell(session, `OK [UIDNEXT ${folder.uidNext}] Next UID`);
  const permanent = selected.readOnly ? "()" : flagsHere(selected, true);
  tell(session, `OK [PERMANENTFLAGS ${permanent}] What can be kept`);
  tellModseq(session, folder.highestModseq);
  tell(session, `OK [MAILBOXID (${folder.id})] Id`);
  if (isRev2(session)) tell(session, `LIST () "${DELIMITER}" ${nameText(session, folder.name)}`);
}

/** What changed while the mail program was away (RFC 7162 §3.2.5.1): as UID FETCH known (FLAGS) (CHANGEDSINCE … VANISHED). */
async function resynchronise(
  session: Session,
  selected: Selected,
  { modseq, known }: QresyncParameters,
): Promise<void> {
  const changes = await mailboxOf(session).changesSince(selected.folderId, modseq);
  if (changes === undefined) return;
  const { placements } = selected.view;
  const isKnown =
    known === undefined ? () => true : setMatcher(known, placements.at(-1)?.uid ?? 0, []);
  const vanished = changes.vanished.filter((uid) => isKnown(uid));
  if (vanished.length > 0) tell(session, `VANISHED (EARLIER) ${formatSet(vanished)}`);
  for (const placement of changes.placements) {
    if (!isKnown(placement.uid) || indexOf(placements, placement.uid) < 0) continue;
    tellFlags(session, placement, true);
  }
}

export async function list(session: Session, command: ListCommand): Promise<Reply> {
  const { utf8 } = spelling(session);
  const reference = decodePattern(command.reference, utf8);
  const patterns = command.patterns.map((pattern) => decodePattern(pattern, utf8));
  const verb = command.name;
  if (patterns.length === 1 && patterns[0] === "" && !command.extended) {
    // The empty pattern asks for the delimiter and the root (RFC 9051 §6.3.9).
    tell(session, `${verb} (\\Noselect) "${DELIMITER}" ""`);
    return ok("Told the delimiter");
  }
  const known = patterns.flatMap((pattern) =>
    pattern === undefined || reference === undefined ? [] : [reference + pattern],
  );
  const folders = await mailboxOf(session).folders();
  for (const listed of listFolders(folders, command, known, isRev2(session))) {
    tellListed(session, verb, listed);
    if (command.status !== undefined && listed.folder !== undefined)
      await tellStatus(session, listed.folder, command.status);
    await session.io.out.room();
  }
  return ok("Listed");
}

function tellListed(session: Session, verb: ListCommand["name"], listed: Listed): void {
  const childInfo = listed.childInfo ? ' ("CHILDINFO" ("SUBSCRIBED"))' : "";
  const attributes = listed.attributes.join(" ");
  tell(
    session,
    `${verb} (${attributes}) "${DELIMITER}" ${nameText(session, listed.name)}${childInfo}`,
  );
}

export async function status(
  session: Session,
  command: Extract<Command, { name: "STATUS" }>,
): Promise<Reply> {
  const { folder } = await findFolder(session, command.folder);
  if (folder === undefined) return missing();
  if (command.items.includes("HIGHESTMODSEQ")) enableCondstore(session);
  return (await tellStatus(session, folder, command.items)) ? ok("Told") : missing();
}

async function tellStatus(
  session: Session,
  folder: Folder,
  items: readonly StatusItem[],
): Promise<boolean> {
  const counts = await mailboxOf(session).counts(folder.id);
  if (counts === undefined) return false;
  const recent = items.includes("RECENT") ? await unclaimedRecent(session, folder) : 0;
  const values: Readonly<Record<StatusItem, string | number>> = {
    MESSAGES: counts.messages,
    UNSEEN: counts.unseen,
    DELETED: counts.deleted,
    SIZE: counts.size,
    RECENT: recent,
    UIDNEXT: folder.uidNext,
    UIDVALIDITY: folder.uidValidity,
    HIGHESTMODSEQ: Math.max(1, folder.highestModseq),
    MAILBOXID: `(${folder.id})`,
    APPENDLIMIT: session.house.appendLimit,
  };
  const told = items.map((item) => `${item} ${values[item]}`).join(" ");
  tell(session, `STATUS ${nameText(session, folder.name)} (${told})`);
  return true;
}

async function unclaimedRecent(session: Session, folder: Folder): Promise<number> {
  const { recents } = session.house;
  if (recents.unclaimed(folder.id, folder.uidNext) === Infinity) return 0;
  const snapshot = await mailboxOf(session).snapshot(folder.id);
  if (snapshot === undefined) return 0;
  return countFrom(snapshot.placements, recents.look(folder.id, snapshot.placements));
}

export async function create(
  session: Session,
  command: Extract<Command, { name: "CREATE" }>,
): Promise<Reply> {
  const name = decodeName(command.folder, spelling(session).utf8);
  // A trailing delimiter says that folders will come below it (RFC 9051 §6.3.4); it is no part of the name.
  const bare = name?.endsWith(DELIMITER) === true ? name.slice(0, -1) : name;
  if (bare === undefined || bare === "") return badName();
  const roles = command.use.map((use) => roleOf(use));
  const [role] = roles;
  if (roles.length > 1 || (roles.length === 1 && role === undefined))
    return refuse("No folder can have that use", "USEATTR");
  if (role !== undefined) {
    const folders = await mailboxOf(session).folders();
    if (folders.some((folder) => folder.role === role))
      return refuse("Another folder has that use", "USEATTR");
  }
  const created = await mailboxOf(session).createFolder(bare, role);
  return created.ok
    ? ok("Created", `MAILBOXID (${created.value.id})`)
    : folderRefusal(created.refusal);
}

export async function remove(
  session: Session,
  command: { readonly folder: Buffer },
): Promise<Reply> {
  const { folder } = await findFolder(session, command.folder);
  if (folder === undefined) return missing();
  const deleted = await mailboxOf(session).deleteFolder(folder.id);
  if (!deleted.ok) return folderRefusal(deleted.refusal);
  if (session.selected?.folderId === folder.id) unselect(session, true);
  return ok("Deleted");
}

export async function rename(
  session: Session,
  command: Extract<Command, { name: "RENAME" }>,
): Promise<Reply> {
  const { folder } = await findFolder(session, command.from);
  if (folder === undefined) return missing();
  const name = decodeName(command.to, spelling(session).utf8);
  if (name === undefined || name === "") return badName();
  const renamed = await mailboxOf(session).renameFolder(folder.id, name);
  if (!renamed.ok) return folderRefusal(renamed.refusal);
  session.dirty = true;
  return ok("Renamed");
}

/** By name: a subscription needs no folder, and outlives it (RFC 9051 §6.3.7). */
export async function subscribe(
  session: Session,
  command: { readonly name: string; readonly folder: Buffer },
): Promise<Reply> {
  const name = decodeName(command.folder, spelling(session).utf8);
  if (name === undefined || name === "") return badName();
  const subscribed = command.name === "SUBSCRIBE";
  const done = await mailboxOf(session).setSubscribed(name, subscribed);
  if (!done.ok) return folderRefusal(done.refusal);
  return ok(subscribed ? "Subscribed" : "Unsubscribed");
}
