// Folders as their owner sees them: names opened, checked against each other, sealed again. The rows change in `folder-rows.ts`.
import { fromUtf8, toHex } from "#base/bytes";
import { Broken, no, type Result, yes } from "#base/errors";
import type { Clock } from "#base/time";
import type { Engine } from "#engine";
import { nameMac } from "#vault";
import { announceChange } from "./changes.ts";
import {
  createFoldersCommand,
  deleteFolderCommand,
  renameFoldersCommand,
  subscribeCommand,
  unsubscribeCommand,
} from "./commands.ts";
import type { Allowance, Folder, FolderRefusal, MailboxKeys, Owner, Role } from "./contract.ts";
import { newId } from "#base/ids";
import {
  canonicalName,
  MAX_FOLDERS,
  newFolder,
  openName,
  parentsOf,
  sealName,
  whatOpens,
} from "./names.ts";
import { folderOf, readFolders, subscribedAmong } from "./read.ts";
import type { Tables } from "./tables.ts";

/** What every function of a mailbox works with. */
export interface MailboxContext {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly owner: Owner;
  readonly keys: MailboxKeys;
  /** What the account may keep just now. */
  readonly allowance: () => Promise<Allowance | undefined>;
}

export async function listFolders({
  engine,
  owner,
  keys,
}: MailboxContext): Promise<readonly Folder[]> {
  const { rows, subscriptions } = await readFolders(engine.reader<Tables>(), owner);
  const subscribed = subscribedAmong(subscriptions);
  const folders = rows.map((row) => folderOf(owner, keys.opener, row, subscribed(row.name_mac)));
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
  const { engine, owner } = context;
  const name = canonicalName(wanted);
  for (;;) {
    const { folders, folderChanges } = await foldersNow(context);
    const folder = folders.find(({ id }) => id === folderId);
    if (folder === undefined) return no("no-such-folder");
    if (name === undefined) return no("bad-name");
    if (folder.role === "inbox") {
      const created = await createFolder(context, name);
      if (created.ok) await moveInboxTo(created.value.id);
      return created;
    }
    const plan = planRename(folders, folder.name, name);
    if (typeof plan === "string") return no(plan);
    if ((await writeRename(context, folderChanges, plan)) === "stale") continue;
    announceChange(engine, owner, folderId);
    return yes({ ...folder, name });
  }
}

/** See `Mailbox.renameLevel`. */
export async function renameLevel(
  context: MailboxContext,
  from: string,
  wanted: string,
): Promise<Result<true, FolderRefusal>> {
  const name = canonicalName(wanted);
  if (name === undefined) return no("bad-name");
  for (;;) {
    const { folders, folderChanges } = await foldersNow(context);
    const first = folders.find((folder) => folder.name.startsWith(`${from}/`));
    if (first === undefined) return no("no-such-folder");
    // What stays of the inbox is a folder; only below other names are there levels without one.
    const plan = planRename(folders, from, name);
    if (typeof plan === "string") return no(plan);
    if ((await writeRename(context, folderChanges, plan)) === "stale") continue;
    announceChange(context.engine, context.owner, first.id);
    return yes(true);
  }
}

async function foldersNow({ engine, owner, keys }: MailboxContext) {
  const { rows, folderChanges, subscriptions } = await readFolders(engine.reader<Tables>(), owner);
  const subscribed = subscribedAmong(subscriptions);
  return {
    folderChanges,
    folders: rows.map((row) => folderOf(owner, keys.opener, row, subscribed(row.name_mac))),
  };
}

async function writeRename(
  { engine, clock, owner, keys }: MailboxContext,
  folderChanges: number,
  plan: RenamePlan,
): Promise<"renamed" | "stale"> {
  return engine.write(renameFoldersCommand, {
    ...owner,
    folderChanges,
    renamed: plan.renamed.map(({ id, to }) => ({ id, ...sealName(owner, keys, id, to) })),
    parents: plan.parents.map((parent) => newFolder(owner, keys, parent, undefined, false)),
    now: clock.now(),
  });
}

interface RenamePlan {
  readonly renamed: readonly { readonly id: string; readonly to: string }[];
  readonly parents: readonly string[];
}

/** The folder of a name, if there is one, and all below it, each with its new name, and the parents that the new name lacks. Pure. */
function planRename(
  folders: readonly Folder[],
  from: string,
  name: string,
): RenamePlan | FolderRefusal {
  if (name === from) return "exists";
  if (name.startsWith(`${from}/`)) return "bad-name"; // into itself
  const here = folders.filter((other) => other.name === from || other.name.startsWith(`${from}/`));
  // Shorter names first: "x/y" to "x" must be out of the way before "x/y/y" becomes "x/y".
  const renamed = here
    .sort((a, b) => a.name.length - b.name.length)
    .map(({ id, name: old }) => ({ id, to: name + old.slice(from.length) }));
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

/** Names as they were subscribed to, sorted; one that does not open is left out, and logged. */
export async function listSubscriptions({
  engine,
  owner,
  keys,
}: MailboxContext): Promise<readonly string[]> {
  const { subscriptions } = await readFolders(engine.reader<Tables>(), owner);
  return subscriptions
    .flatMap(({ object, name }) => {
      const opened = whatOpens(() => fromUtf8(openName(owner, keys.opener, object, name)));
      return opened === undefined ? [] : [Buffer.from(opened).toString("utf8")];
    })
    .sort();
}

export async function setSubscribed(
  { engine, owner, keys }: MailboxContext,
  wanted: string,
  subscribed: boolean,
): Promise<Result<true, FolderRefusal>> {
  const name = canonicalName(wanted);
  if (name === undefined) return no("bad-name");
  if (!subscribed) {
    await engine.write(unsubscribeCommand, { ...owner, mac: nameMac(keys.nameKey, name) });
    announceChange(engine, owner, "");
    return yes(true);
  }
  const object = newId();
  const value = await engine.write(subscribeCommand, {
    ...owner,
    subscription: { object, ...sealName(owner, keys, object, name) },
    mostNames: MAX_FOLDERS,
  });
  if (value !== "subscribed") return no(value);
  announceChange(engine, owner, "");
  return yes(true);
}

async function folderNamed({ engine, owner, keys }: MailboxContext, name: string): Promise<Folder> {
  const { rows, subscriptions } = await readFolders(engine.reader<Tables>(), owner);
  const mac = toHex(nameMac(keys.nameKey, name));
  const row = rows.find((folder) => toHex(folder.name_mac) === mac);
  if (row === undefined) throw new Broken("a folder that was made is not there");
  return folderOf(owner, keys.opener, row, subscribedAmong(subscriptions)(row.name_mac));
}
