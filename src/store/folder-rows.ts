// Folders made, renamed, deleted; names subscribed. Names come sealed; what is compared is their HMAC under the account's name key.
import { toHex } from "#base/bytes";
import { seconds } from "#base/time";
import { placementsAmong } from "./place.ts";
import { removePlacements } from "./remove.ts";
import { accountRow, type Db, type FolderKey, folderRow, touchFolder } from "./rows.ts";
import type { AccountRow } from "./tables.ts";

export interface NewFolder {
  readonly id: string;
  readonly name: Uint8Array;
  readonly mac: Uint8Array;
  readonly role: string | null;
  readonly subscribed: boolean;
}

export interface NewAccountArgs {
  readonly client: string;
  readonly account: string;
  readonly folders: readonly NewFolder[];
  readonly now: number;
}

export async function insertAccount(tx: Db, args: NewAccountArgs): Promise<null> {
  const { client, account, folders, now } = args;
  // From 1: RFC 7162 §3.1.2.1 wants HIGHESTMODSEQ above zero, and every change to come is above it.
  const row = {
    client_id: client,
    id: account,
    counter: 1,
    last_uid_validity: 0,
    folder_changes: 0,
    octets: 0,
    messages: 0,
  };
  await tx.insertInto("account").values(row).execute();
  await insertFolders(tx, row, folders, now);
  return null;
}

export interface CreateArgs {
  readonly client: string;
  readonly account: string;
  /** Parents first; those that are there already are passed over, the last one must not be. */
  readonly folders: readonly NewFolder[];
  readonly now: number;
  readonly mostFolders: number;
}

export type CreateValue = "created" | "exists" | "too-many";

export async function createFolders(tx: Db, args: CreateArgs): Promise<CreateValue> {
  const { client, account, now, mostFolders } = args;
  const row = await accountRow(tx, client, account);
  const there = await tx
    .selectFrom("folder")
    .select(["name_mac", "role"])
    .where("client_id", "=", client)
    .where("account_id", "=", account)
    .execute();
  const macs = new Set(there.map((folder) => toHex(folder.name_mac)));
  const roles = new Set(there.map((folder) => folder.role));
  const wanted = args.folders.at(-1);
  if (wanted === undefined || macs.has(toHex(wanted.mac))) return "exists";
  if (wanted.role !== null && roles.has(wanted.role)) return "exists";
  const missing = args.folders.filter((folder) => !macs.has(toHex(folder.mac)));
  if (there.length + missing.length > mostFolders) return "too-many";
  await insertFolders(tx, row, missing, now);
  return "created";
}

export interface RenameArgs {
  readonly client: string;
  readonly account: string;
  /** As read together with the names that are renamed. */
  readonly folderChanges: number;
  readonly renamed: readonly {
    readonly id: string;
    readonly name: Uint8Array;
    readonly mac: Uint8Array;
  }[];
  /** Parents of the new name that are missing. */
  readonly parents: readonly NewFolder[];
  readonly now: number;
}

/**
 * The caller has checked the new names against all names as of `folderChanges`; nothing is written when that has moved on. A folder
 * that was subscribed is so under its new name too; the old name stays subscribed, since only its owner takes it from the list
 * (RFC 9051 §6.3.9).
 */
export async function renameFolders(tx: Db, args: RenameArgs): Promise<"renamed" | "stale"> {
  const { client, account, folderChanges, renamed, parents, now } = args;
  const row = await accountRow(tx, client, account);
  if (row.folder_changes !== folderChanges) return "stale";
  for (const { id, name, mac } of renamed) {
    await followSubscription(tx, row, { id, name, mac });
    await tx
      .updateTable("folder")
      .set({ name, name_mac: mac })
      .where("client_id", "=", client)
      .where("account_id", "=", account)
      .where("id", "=", id)
      .execute();
  }
  await insertFolders(tx, row, parents, now);
  return "renamed";
}

async function followSubscription(
  tx: Db,
  account: AccountRow,
  { id, name, mac }: RenameArgs["renamed"][number],
): Promise<void> {
  const subscribed = await tx
    .selectFrom("subscription")
    .innerJoin("folder", (join) =>
      join
        .onRef("folder.client_id", "=", "subscription.client_id")
        .onRef("folder.account_id", "=", "subscription.account_id")
        .onRef("folder.name_mac", "=", "subscription.name_mac"),
    )
    .select("folder.id")
    .where("folder.client_id", "=", account.client_id)
    .where("folder.account_id", "=", account.id)
    .where("folder.id", "=", id)
    .executeTakeFirst();
  if (subscribed !== undefined) await insertSubscription(tx, account, { object: id, name, mac });
}

/** The messages go as by expunge; the folder's tombstones stay. */
export async function deleteFolder(
  tx: Db,
  args: FolderKey & { readonly now: number },
): Promise<"deleted" | "no-such-folder" | "is-inbox"> {
  const { client, account, folder, now } = args;
  const row = await folderRow(tx, args);
  if (row === undefined) return "no-such-folder";
  if (row.role === "inbox") return "is-inbox";
  const rows = await placementsAmong(tx, args, undefined);
  const touched = await touchFolder(tx, args, 0);
  if (rows.length > 0) await removePlacements(tx, args, rows, touched?.modseq ?? 0, now);
  await tx.deleteFrom("folder").where("client_id", "=", client).where("id", "=", folder).execute();
  // RFC 5464 §4.1: a folder made later under this name does not inherit them.
  await tx
    .deleteFrom("annotation")
    .where("client_id", "=", client)
    .where("account_id", "=", account)
    .where("object", "=", folder)
    .execute();
  await countFolderChange(tx, await accountRow(tx, client, account));
  return "deleted";
}

/** A name to subscribe to; `object` is the id that it is sealed to. */
interface SealedSubscription {
  readonly object: string;
  readonly name: Uint8Array;
  readonly mac: Uint8Array;
}

export interface SubscribeArgs {
  readonly client: string;
  readonly account: string;
  readonly subscription: SealedSubscription;
  readonly mostNames: number;
}

export async function subscribe(
  tx: Db,
  { client, account, subscription, mostNames }: SubscribeArgs,
): Promise<"subscribed" | "too-many"> {
  const { count } = await tx
    .selectFrom("subscription")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("client_id", "=", client)
    .where("account_id", "=", account)
    .executeTakeFirstOrThrow();
  if (count >= mostNames) return "too-many";
  await insertSubscription(tx, { client_id: client, id: account }, subscription);
  return "subscribed";
}

export async function unsubscribe(
  tx: Db,
  args: { readonly client: string; readonly account: string; readonly mac: Uint8Array },
): Promise<null> {
  await tx
    .deleteFrom("subscription")
    .where("client_id", "=", args.client)
    .where("account_id", "=", args.account)
    .where("name_mac", "=", args.mac)
    .execute();
  return null;
}

async function insertSubscription(
  tx: Db,
  account: Pick<AccountRow, "client_id" | "id">,
  { object, name, mac }: SealedSubscription,
): Promise<void> {
  await tx
    .insertInto("subscription")
    .values({ client_id: account.client_id, account_id: account.id, name_mac: mac, object, name })
    .onConflict((conflict) => conflict.columns(["client_id", "account_id", "name_mac"]).doNothing())
    .execute();
}

/** UIDVALIDITY starts from the second and is greater than any that this account ever had. */
async function insertFolders(
  tx: Db,
  account: AccountRow,
  folders: readonly NewFolder[],
  now: number,
): Promise<void> {
  let validity = account.last_uid_validity;
  for (const { id, name, mac, role, subscribed } of folders) {
    validity = Math.max(validity + 1, seconds(now));
    await tx
      .insertInto("folder")
      .values({
        client_id: account.client_id,
        id,
        account_id: account.id,
        name,
        name_mac: mac,
        role,
        uid_validity: validity,
        uid_next: 1,
        highest_modseq: account.counter,
      })
      .execute();
    if (subscribed) await insertSubscription(tx, account, { object: id, name, mac });
  }
  await tx
    .updateTable("account")
    .set({ last_uid_validity: validity })
    .where("client_id", "=", account.client_id)
    .where("id", "=", account.id)
    .execute();
  await countFolderChange(tx, account);
}

async function countFolderChange(tx: Db, account: AccountRow): Promise<void> {
  await tx
    .updateTable("account")
    .set((eb) => ({ folder_changes: eb("folder_changes", "+", 1) }))
    .where("client_id", "=", account.client_id)
    .where("id", "=", account.id)
    .execute();
}
