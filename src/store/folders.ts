// Folders as their owner sees them: names opened, checked against each other, sealed again. The rows change in `folder-rows.ts`.
import { toHex } from "#base/bytes";
import { Broken, no, type Result, yes } from "#base/errors";
import type { Clock } from "#base/time";
import type { Engine } from "#engine";
import { nameMac } from "#vault";
import { announceChange } from "./changes.ts";
import {
  createFoldersCommand,
  deleteFolderCommand,
  renameFoldersCommand,
  setSubscribedCommand,
} from "./commands.ts";
import type { Folder, FolderRefusal, MailboxKeys, Owner, Role } from "./contract.ts";
import { canonicalName, MAX_FOLDERS, newFolder, parentsOf, sealName } from "./names.ts";
import { folderOf, readFolders } from "./read.ts";
import type { Tables } from "./tables.ts";

/** What every function of a mailbox works with. */
export interface MailboxContext {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly owner: Owner;
  readonly keys: MailboxKeys;
}

export async function listFolders({
  engine,
  owner,
  keys,
}: MailboxContext): Promise<readonly Folder[]> {
  const { rows } = await readFolders(engine.reader<Tables>(), owner);
  const folders = rows.map((row) => folderOf(owner, keys.opener, row));
  return folders.sort((a, b) => (a.name < b.name ? -1 : 1));
}

export async function createFolder(
  context: MailboxContext,
  wanted: string,
  role?: Role,
): Promise<Result<Folder, FolderRefusal>> {
  const { engine, clock, owner, keys } = context;
  const name = canonicalName(wanted);
  if (name === undefined) return no("bad-name");
  if (role === "inbox") return no("is-inbox");
  const folders = [
    ...parentsOf(name).map((parent) => newFolder(owner, keys, parent, undefined, false)),
    newFolder(owner, keys, name, role, false),
  ];
  const value = await engine.write(createFoldersCommand, {
    ...owner,
    folders,
    now: clock.now(),
    mostFolders: MAX_FOLDERS,
  });
  if (value !== "created") return no(value);
  const folder = await folderNamed(context, name);
  announceChange(engine, owner, folder.id);
  return yes(folder);
}

export async function renameFolder(
  context: MailboxContext,
  folderId: string,
  wanted: string,
  moveInboxTo: (targetId: string) => Promise<void>,
): Promise<Result<Folder, FolderRefusal>> {
  const { engine, owner, keys } = context;
  const name = canonicalName(wanted);
  for (;;) {
    const { rows, folderChanges } = await readFolders(engine.reader<Tables>(), owner);
    const folders = rows.map((row) => folderOf(owner, keys.opener, row));
    const folder = folders.find(({ id }) => id === folderId);
    if (folder === undefined) return no("no-such-folder");
    if (name === undefined) return no("bad-name");
    if (folder.role === "inbox") {
      const created = await createFolder(context, name);
      if (created.ok) await moveInboxTo(created.value.id);
      return created;
    }
    const plan = planRename(folders, folder, name);
    if (typeof plan === "string") return no(plan);
    const value = await engine.write(renameFoldersCommand, {
      ...owner,
      folderChanges,
      renamed: plan.renamed.map(({ id, to }) => ({ id, ...sealName(owner, keys, id, to) })),
      parents: plan.parents.map((parent) => newFolder(owner, keys, parent, undefined, false)),
      now: context.clock.now(),
    });
    if (value === "stale") continue;
    announceChange(engine, owner, folderId);
    return yes({ ...folder, name });
  }
}

interface RenamePlan {
  readonly renamed: readonly { readonly id: string; readonly to: string }[];
  readonly parents: readonly string[];
}

/** The folder and all below it, each with its new name, and the parents that the new name lacks. Pure. */
function planRename(
  folders: readonly Folder[],
  folder: Folder,
  name: string,
): RenamePlan | FolderRefusal {
  if (name === folder.name) return "exists";
  if (name.startsWith(`${folder.name}/`)) return "bad-name"; // into itself
  const below = folders.filter((other) => other.name.startsWith(`${folder.name}/`));
  // Shorter names first: "x/y" to "x" must be out of the way before "x/y/y" becomes "x/y".
  const renamed = [folder, ...below]
    .sort((a, b) => a.name.length - b.name.length)
    .map(({ id, name: old }) => ({ id, to: name + old.slice(folder.name.length) }));
  // A name that is good alone may be too long or too deep with what is below it.
  if (renamed.some(({ to }) => canonicalName(to) === undefined)) return "bad-name";
  const moving = new Set(renamed.map(({ id }) => id));
  const staying = new Set(folders.filter(({ id }) => !moving.has(id)).map((other) => other.name));
  if (renamed.some(({ to }) => staying.has(to))) return "exists";
  const parents = parentsOf(name).filter((parent) => !staying.has(parent));
  if (folders.length + parents.length > MAX_FOLDERS) return "too-many";
  return { renamed, parents };
}

export async function deleteFolder(
  { engine, clock, owner }: MailboxContext,
  folderId: string,
): Promise<Result<true, FolderRefusal>> {
  const now = clock.now();
  const value = await engine.write(deleteFolderCommand, { ...owner, folder: folderId, now });
  if (value !== "deleted") return no(value);
  announceChange(engine, owner, folderId);
  return yes(true);
}

export async function setSubscribed(
  { engine, owner }: MailboxContext,
  folderId: string,
  subscribed: boolean,
): Promise<void> {
  await engine.write(setSubscribedCommand, { ...owner, folder: folderId, subscribed });
}

async function folderNamed({ engine, owner, keys }: MailboxContext, name: string): Promise<Folder> {
  const { rows } = await readFolders(engine.reader<Tables>(), owner);
  const mac = toHex(nameMac(keys.nameKey, name));
  const row = rows.find((folder) => toHex(folder.name_mac) === mac);
  if (row === undefined) throw new Broken("a folder that was made is not there");
  return folderOf(owner, keys.opener, row);
}
