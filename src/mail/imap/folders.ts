// Commands that change folders: CREATE, DELETE, RENAME, subscriptions (RFC 9051 §6.3).
import { never } from "#base/errors";
import type { FolderRefusal } from "#store";
import type { Command } from "./command.ts";
import { MAX_ANNOTATIONS } from "./limits.ts";
import { roleOf } from "./list.ts";
import { decodeName, DELIMITER } from "./names.ts";
import { unselect } from "./select.ts";
import {
  findFolder,
  mailboxOf,
  missing,
  ok,
  refuse,
  type Reply,
  type Session,
  spelling,
} from "./session.ts";

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
  const { folder, name } = await findFolder(session, command.folder);
  // A level without a folder of its own stands only for what is below it (RFC 9051 §6.3.5).
  if (folder === undefined)
    return (await isLevel(session, name))
      ? refuse("There are folders below it", "HASCHILDREN")
      : missing();
  const deleted = await mailboxOf(session).deleteFolder(folder.id);
  if (!deleted.ok) return folderRefusal(deleted.refusal);
  if (session.selected?.folderId === folder.id) unselect(session, true);
  return ok("Deleted");
}

export async function rename(
  session: Session,
  command: Extract<Command, { name: "RENAME" }>,
): Promise<Reply> {
  const { folder, name: from } = await findFolder(session, command.from);
  const to = decodeName(command.to, spelling(session).utf8);
  const name = to?.endsWith(DELIMITER) === true ? to.slice(0, -1) : to;
  if (name === undefined || name === "") return badName();
  const mailbox = mailboxOf(session);
  if (folder === undefined) {
    if (from === undefined || !(await isLevel(session, from))) return missing();
    const moved = await mailbox.renameLevel(from, name);
    return moved.ok ? ok("Renamed") : folderRefusal(moved.refusal);
  }
  const renamed = await mailbox.renameFolder(folder.id, name);
  if (!renamed.ok) return folderRefusal(renamed.refusal);
  // RFC 5464 §4.1: what is noted of the inbox is noted of its new folder too.
  if (folder.role === "inbox")
    await mailbox.setAnnotations(
      renamed.value.id,
      await mailbox.annotations(folder.id),
      MAX_ANNOTATIONS,
    );
  session.dirty = true;
  return ok("Renamed");
}

/** Whether folders stand below a name that has none itself. */
async function isLevel(session: Session, name: string | undefined): Promise<boolean> {
  if (name === undefined) return false;
  const folders = await mailboxOf(session).folders();
  return folders.some((folder) => folder.name.startsWith(`${name}${DELIMITER}`));
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
