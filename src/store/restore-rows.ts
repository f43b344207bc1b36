// Expunged messages given back, or given up for good. Rows only; who holds the keys brings keywords sealed for the UIDs foreseen.
import { type Allowance, flagBits, type Placed } from "./contract.ts";
import { insertPlacement } from "./place.ts";
import { type Db, folderRow, hasRoom, idsOf, touchFolder, usageOf } from "./rows.ts";

export interface RestoreArgs {
  readonly client: string;
  readonly account: string;
  readonly folder: string;
  readonly messages: readonly {
    readonly id: string;
    readonly keywords: Uint8Array | null;
  }[];
  /** What the first UID must be: keywords are sealed to it. */
  readonly firstUid: number;
  readonly now: number;
  readonly allowance: Allowance | undefined;
}

export type RestoreValue =
  | { readonly placed: readonly Placed[] }
  | { readonly stale: true }
  | "no-such-folder"
  | "over-quota";

/** "stale" where the folder has moved on, or one of the messages cannot be had back any more; then nothing is written. */
export async function restore(tx: Db, args: RestoreArgs): Promise<RestoreValue> {
  const { client, account, folder, now } = args;
  const before = await folderRow(tx, args);
  if (before === undefined) return "no-such-folder";
  const ids = idsOf(args.messages.map(({ id }) => id));
  const rows = await tx
    .selectFrom("expunged")
    .innerJoin("message", (join) =>
      join
        .onRef("message.client_id", "=", "expunged.client_id")
        .onRef("message.id", "=", "expunged.message_id"),
    )
    .select(["expunged.message_id", "expunged.flags", "message.size", "message.received_at"])
    .where("expunged.client_id", "=", client)
    .where("expunged.account_id", "=", account)
    .where("expunged.message_id", "in", ids)
    .execute();
  const found = new Map(rows.map((row) => [row.message_id, row]));
  if (before.uid_next !== args.firstUid || found.size !== args.messages.length)
    return { stale: true };
  const added = usageOf(rows);
  if (!(await hasRoom(tx, args, added, args.allowance))) return "over-quota";
  const touched = await touchFolder(tx, args, rows.length, added);
  if (touched === undefined) return "no-such-folder";
  const placed: Placed[] = [];
  for (const [index, { id, keywords }] of args.messages.entries()) {
    const row = found.get(id);
    if (row === undefined) continue;
    const uid = touched.firstUid + index;
    await insertPlacement(tx, {
      client_id: client,
      folder_id: folder,
      uid,
      message_id: id,
      size: row.size,
      received_at: row.received_at,
      saved_at: now,
      flags: row.flags & ~flagBits.deleted,
      keywords,
      modseq: touched.modseq,
    });
    const { uidValidity, modseq } = touched;
    placed.push({ messageId: id, uid, uidValidity, modseq });
  }
  await tx
    .updateTable("message")
    .set({ unplaced_at: null })
    .where("client_id", "=", client)
    .where("id", "in", ids)
    .execute();
  await forgetExpunged(tx, client, ids);
  return { placed };
}

export interface EraseArgs {
  readonly client: string;
  readonly account: string;
  readonly messageIds: readonly string[];
}

/** Nobody can have them back from here on; as if they had been expunged long ago, so that the next purge takes them. */
export async function erase(tx: Db, { client, account, messageIds }: EraseArgs): Promise<number> {
  const rows = await tx
    .selectFrom("expunged")
    .select("message_id")
    .where("client_id", "=", client)
    .where("account_id", "=", account)
    .where("message_id", "in", idsOf(messageIds))
    .execute();
  const ids = idsOf(rows.map((row) => row.message_id));
  await tx
    .updateTable("message")
    .set({ unplaced_at: 0 })
    .where("client_id", "=", client)
    .where("id", "in", ids)
    .where("unplaced_at", "is not", null)
    .execute();
  await forgetExpunged(tx, client, ids);
  return rows.length;
}

async function forgetExpunged(
  tx: Db,
  client: string,
  ids: ReturnType<typeof idsOf>,
): Promise<void> {
  await tx
    .deleteFrom("expunged")
    .where("client_id", "=", client)
    .where("message_id", "in", ids)
    .execute();
}
