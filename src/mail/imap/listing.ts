// LIST with its kin, and STATUS (RFC 9051 §6.3.9, §6.3.11; RFC 5258, 5819, 6154). Which names a LIST answers is `list.ts`.
import type { Folder } from "#store";
import type { Command, ListCommand, StatusItem } from "./command.ts";
import { formatString } from "./format.ts";
import { type Listed, listFolders } from "./list.ts";
import { decodePattern, DELIMITER, encodeName } from "./names.ts";
import { countFrom } from "./recents.ts";
import {
  enableCondstore,
  findFolder,
  isRev2,
  mailboxOf,
  openedOf,
  missing,
  ok,
  type Reply,
  type Session,
  spelling,
  tell,
} from "./session.ts";

/** A folder's name as a string of the answer. */
export function nameText(session: Session, name: string): string {
  const how = spelling(session);
  return formatString(encodeName(name, how.utf8), how);
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
  const names = new Set(folders.map(({ name }) => name));
  const orphans = (await mailboxOf(session).subscriptions()).filter((name) => !names.has(name));
  for (const listed of listFolders(folders, command, known, isRev2(session), orphans)) {
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

/** False when the folder is gone. */
export async function tellStatus(
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
    "DELETED-STORAGE": counts.deletedSize,
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
  const snapshot = await mailboxOf(session).snapshot(
    folder.id,
    openedOf(session).folder(folder.id),
  );
  if (snapshot === undefined) return 0;
  return countFrom(snapshot.placements, recents.look(folder.id, snapshot.placements));
}
