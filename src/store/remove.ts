// Placements taken away: each leaves a tombstone, and a message without any placement is marked with the time, to be destroyed later.
import { flagBits } from "./contract.ts";
import { type Db, type FolderKey, idsOf, numbersOf, touchFolder, usageOf } from "./rows.ts";
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
    .select(["placement.uid", "placement.message_id", "placement.size"])
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

/** Deletes the rows and leaves their tombstones under `modseq`; a message's last placement is kept as `expunged`. */
export async function removePlacements(
  tx: Db,
  key: FolderKey,
  rows: readonly Pick<PlacementRow, "uid" | "message_id" | "size">[],
  modseq: number,
  now: number,
): Promise<void> {
  const { client, account, folder } = key;
  const numbers = rows.map((row) => row.uid);
  const uids = numbersOf(numbers);
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
  await keepExpunged(tx, key, numbers, now);
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
  const { octets, messages } = usageOf(rows);
  await tx
    .updateTable("account")
    .set((eb) => ({ octets: eb("octets", "-", octets), messages: eb("messages", "-", messages) }))
    .where("client_id", "=", client)
    .where("id", "=", account)
    .execute();
}

/** Notes how those of the placements stood that are the last of their message. */
async function keepExpunged(
  tx: Db,
  { client, account, folder }: FolderKey,
  numbers: readonly number[],
  now: number,
): Promise<void> {
  const uids = numbersOf(numbers);
  await tx
    .insertInto("expunged")
    .columns([
      "client_id",
      "message_id",
      "account_id",
      "folder_id",
      "folder_name",
      "uid",
      "flags",
      "keywords",
      "expunged_at",
    ])
    .expression(
      tx
        .selectFrom("placement")
        .innerJoin("folder", (join) =>
          join
            .onRef("folder.client_id", "=", "placement.client_id")
            .onRef("folder.id", "=", "placement.folder_id"),
        )
        .select((eb) => [
          "placement.client_id",
          "placement.message_id",
          "folder.account_id",
          "placement.folder_id",
          "folder.name",
          "placement.uid",
          "placement.flags",
          "placement.keywords",
          eb.cast<number>(eb.val(now), "bigint").as("expunged_at"),
        ])
        .where("placement.client_id", "=", client)
        .where("placement.folder_id", "=", folder)
        .where("placement.uid", "in", uids)
        .where("folder.account_id", "=", account)
        .where((eb) =>
          eb.not(
            eb.exists(
              eb
                .selectFrom("placement as other")
                .select("other.uid")
                .whereRef("other.client_id", "=", "placement.client_id")
                .whereRef("other.message_id", "=", "placement.message_id")
                .where((inner) =>
                  inner.not(
                    inner.and([
                      inner("other.folder_id", "=", folder),
                      inner("other.uid", "in", uids),
                    ]),
                  ),
                ),
            ),
          ),
        ),
    )
    // Two copies of one message in one folder, gone at once, are one message to give back.
    .onConflict((conflict) => conflict.columns(["client_id", "message_id"]).doNothing())
    .execute();
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

export interface PurgeArgs {
  readonly client: string;
  readonly messageIds: readonly string[];
}

/** From here on nobody can have these back: which of them still stand nowhere since before an instant. Blobs go only after this. */
export async function claimUnplaced(
  tx: Db,
  { client, messageIds, before }: PurgeArgs & { readonly before: number },
): Promise<readonly string[]> {
  const rows = await tx
    .selectFrom("message")
    .select("id")
    .where("client_id", "=", client)
    .where("id", "in", idsOf(messageIds))
    .where("unplaced_at", "<", before)
    .execute();
  const ids = rows.map((row) => row.id);
  await tx
    .deleteFrom("expunged")
    .where("client_id", "=", client)
    .where("message_id", "in", idsOf(ids))
    .execute();
  return ids;
}

/** Deletes the rows of unplaced messages; their blobs are gone already. */
export async function purge(tx: Db, { client, messageIds }: PurgeArgs): Promise<null> {
  await tx
    .deleteFrom("message")
    .where("client_id", "=", client)
    .where("id", "in", idsOf(messageIds))
    .where("unplaced_at", "is not", null)
    .execute();
  return null;
}
