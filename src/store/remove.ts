// Placements taken away: each leaves a tombstone, and a message without any placement is marked with the time, to be destroyed later.
import { flagBits } from "./contract.ts";
import { type Db, type FolderKey, idsOf, numbersOf, touchFolder } from "./rows.ts";
import type { PlacementRow } from "./tables.ts";

export interface ExpungeArgs extends FolderKey {
  /** Undefined: all that are marked as deleted. */
  readonly uids: readonly number[] | undefined;
  readonly now: number;
}

export interface ExpungeValue {
  readonly vanished: readonly number[];
  readonly modseq: number;
}

/** Removes what carries \Deleted. Nothing to remove changes nothing, MODSEQ included. */
export async function expunge(tx: Db, args: ExpungeArgs): Promise<ExpungeValue> {
  const { client, account, folder, uids, now } = args;
  const marked = tx
    .selectFrom("placement")
    .innerJoin("folder", (join) =>
      join
        .onRef("folder.client_id", "=", "placement.client_id")
        .onRef("folder.id", "=", "placement.folder_id"),
    )
    .select(["placement.uid", "placement.message_id"])
    .where("placement.client_id", "=", client)
    .where("placement.folder_id", "=", folder)
    .where("folder.account_id", "=", account)
    .where((eb) => eb(eb("flags", "&", flagBits.deleted), "!=", 0))
    .orderBy("placement.uid");
  const rows = await (
    uids === undefined ? marked : marked.where("placement.uid", "in", numbersOf(uids))
  ).execute();
  if (rows.length === 0) return { vanished: [], modseq: await highestModseq(tx, args) };
  const touched = await touchFolder(tx, args, 0);
  if (touched === undefined) return { vanished: [], modseq: 0 };
  await removePlacements(tx, args, rows, touched.modseq, now);
  return { vanished: rows.map((row) => row.uid), modseq: touched.modseq };
}

/** Deletes the rows and leaves their tombstones under `modseq`. */
export async function removePlacements(
  tx: Db,
  { client, folder }: FolderKey,
  rows: readonly Pick<PlacementRow, "uid" | "message_id">[],
  modseq: number,
  now: number,
): Promise<void> {
  const uids = numbersOf(rows.map((row) => row.uid));
  await tx
    .insertInto("tombstone")
    .columns(["client_id", "folder_id", "modseq", "uid"])
    .expression(
      tx
        .selectFrom("placement")
        .select((eb) => [
          "client_id",
          "folder_id",
          eb.cast<number>(eb.val(modseq), "bigint").as("modseq"),
          "uid",
        ])
        .where("client_id", "=", client)
        .where("folder_id", "=", folder)
        .where("uid", "in", uids),
    )
    .execute();
  await tx
    .deleteFrom("placement")
    .where("client_id", "=", client)
    .where("folder_id", "=", folder)
    .where("uid", "in", uids)
    .execute();
  await markUnplaced(
    tx,
    client,
    rows.map((row) => row.message_id),
    now,
  );
}

async function markUnplaced(
  tx: Db,
  client: string,
  messageIds: readonly string[],
  now: number,
): Promise<void> {
  await tx
    .updateTable("message")
    .set({ unplaced_at: now })
    .where("client_id", "=", client)
    .where("id", "in", idsOf(messageIds))
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom("placement")
            .select("placement.uid")
            .where("placement.client_id", "=", client)
            .whereRef("placement.message_id", "=", "message.id"),
        ),
      ),
    )
    .execute();
}

async function highestModseq(tx: Db, { client, account, folder }: FolderKey): Promise<number> {
  const row = await tx
    .selectFrom("folder")
    .select("highest_modseq")
    .where("client_id", "=", client)
    .where("account_id", "=", account)
    .where("id", "=", folder)
    .executeTakeFirst();
  return row?.highest_modseq ?? 0;
}

/** Deletes the rows of unplaced messages; their blobs are gone already. */
export async function purge(
  tx: Db,
  { client, messageIds }: { readonly client: string; readonly messageIds: readonly string[] },
): Promise<null> {
  await tx
    .deleteFrom("message")
    .where("client_id", "=", client)
    .where("id", "in", idsOf(messageIds))
    .where("unplaced_at", "is not", null)
    .execute();
  return null;
}
