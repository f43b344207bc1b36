// Placements made: new messages into a folder, copies, moves. UID allocation and insertion are one transaction; keywords come sealed
// for a UID that was foreseen, and nothing is written when it turns out to be another.
import { Broken } from "#base/errors";
import { prepared } from "#engine";
import type { Allowance, Placed } from "./contract.ts";
import {
  type Db,
  type FolderKey,
  folderRow,
  hasRoom,
  numbersOf,
  shareModseq,
  touchFolder,
  usageOf,
} from "./rows.ts";
import { removePlacements } from "./remove.ts";
import type { MessageRow, PlacementRow, Tables } from "./tables.ts";

export interface SealedNew {
  readonly id: string;
  readonly size: number;
  readonly prefixSize: number;
  readonly receivedAt: number;
  readonly structure: Uint8Array;
  /** Null when it was put as a blob. */
  readonly body: Uint8Array | null;
  readonly fingerprint: Uint8Array | null;
  readonly flags: number;
  readonly keywords: Uint8Array | null;
}

export interface PlaceArgs {
  readonly client: string;
  readonly account: string;
  /** Undefined for the inbox. */
  readonly folder: string | undefined;
  readonly messages: readonly SealedNew[];
  readonly now: number;
  /** What the first UID must be, where keywords are sealed to it. */
  readonly firstUid: number | undefined;
  /** Undefined where nothing limits it: a letter of the provider's own, a delivery that asked before. */
  readonly allowance: Allowance | undefined;
}

type Stale = { readonly stale: true };

export type PlaceValue =
  | { readonly folder: string; readonly placed: readonly Placed[]; readonly modseq: number }
  | Stale
  | "no-such-folder"
  | "over-quota";

const insertMessage = prepared<Tables, MessageRow, unknown>((tx, row) =>
  tx.insertInto("message").values({
    client_id: row.client_id,
    id: row.id,
    account_id: row.account_id,
    size: row.size,
    prefix_size: row.prefix_size,
    received_at: row.received_at,
    unplaced_at: row.unplaced_at,
    structure: row.structure,
    body: row.body,
    fingerprint: row.fingerprint,
  }),
);

export const insertPlacement = prepared<Tables, PlacementRow, unknown>((tx, row) =>
  tx.insertInto("placement").values({
    client_id: row.client_id,
    folder_id: row.folder_id,
    uid: row.uid,
    message_id: row.message_id,
    size: row.size,
    received_at: row.received_at,
    saved_at: row.saved_at,
    flags: row.flags,
    keywords: row.keywords,
    modseq: row.modseq,
  }),
);

/** All of them or none. */
export async function place(tx: Db, args: PlaceArgs): Promise<PlaceValue> {
  const { client, account, messages, now, firstUid } = args;
  if (firstUid !== undefined) {
    const folder = await folderRow(tx, { client, account, folder: args.folder ?? "" });
    if (folder !== undefined && folder.uid_next !== firstUid) return { stale: true };
  }
  const added = usageOf(messages);
  if (!(await hasRoom(tx, args, added, args.allowance))) return "over-quota";
  const folder = await touchFolder(tx, args, messages.length, added);
  if (folder === undefined) return "no-such-folder";
  const placed: Placed[] = [];
  for (const [index, message] of messages.entries()) {
    const uid = folder.firstUid + index;
    await insertMessage(tx, {
      client_id: client,
      id: message.id,
      account_id: account,
      size: message.size,
      prefix_size: message.prefixSize,
      received_at: message.receivedAt,
      unplaced_at: null,
      structure: message.structure,
      body: message.body,
      fingerprint: message.fingerprint,
    });
    await insertPlacement(tx, {
      client_id: client,
      folder_id: folder.id,
      uid,
      message_id: message.id,
      size: message.size,
      received_at: message.receivedAt,
      saved_at: now,
      flags: message.flags,
      keywords: message.keywords,
      modseq: folder.modseq,
    });
    placed.push({
      messageId: message.id,
      uid,
      uidValidity: folder.uidValidity,
      modseq: folder.modseq,
    });
  }
  return { folder: folder.id, placed, modseq: folder.modseq };
}

/** Places one message in the inbox. Throws where there is none, so that what was to be written alongside is not written either. */
export async function deliver(
  tx: Db,
  args: PlaceArgs,
): Promise<{ readonly folder: string; readonly placed: Placed }> {
  const value = await place(tx, args);
  const placed = typeof value === "object" && "placed" in value ? value.placed[0] : undefined;
  if (placed === undefined || typeof value === "string" || "stale" in value)
    throw new Broken("the account has no inbox");
  return { folder: value.folder, placed };
}

/** Keywords of one source placement, sealed again for the UID that its copy is foreseen to get. */
export interface Resealed {
  readonly uid: number;
  readonly modseq: number;
  readonly targetUid: number;
  readonly keywords: Uint8Array;
}

export interface TransferArgs extends FolderKey {
  readonly uids: readonly number[];
  readonly target: string;
  readonly resealed: readonly Resealed[];
  readonly now: number;
  /** True for a move: gone from the source in the same transaction. */
  readonly leave: boolean;
  readonly allowance: Allowance | undefined;
}

export type TransferValue =
  | {
      readonly transferred: readonly { readonly from: number; readonly placed: Placed }[];
      readonly modseq: number;
    }
  | Stale
  | "no-such-folder"
  | "over-quota";

/** Copies or moves by ascending UID. UIDs that are not there are passed over. */
export async function transfer(tx: Db, args: TransferArgs): Promise<TransferValue> {
  const { client, account, target, leave, now } = args;
  const source = await folderRow(tx, args);
  const targetKey = { client, account, folder: target };
  const before = await folderRow(tx, targetKey);
  if (source === undefined || before === undefined) return "no-such-folder";
  const rows = await placementsAmong(tx, args, args.uids);
  if (rows.length === 0) return { transferred: [], modseq: source.highest_modseq };
  const keywords = foreseenKeywords(rows, before.uid_next, args.resealed);
  if (keywords === undefined) return { stale: true };
  const added = usageOf(rows);
  // What moves takes no more room than before.
  if (!leave && !(await hasRoom(tx, args, added, args.allowance))) return "over-quota";
  const folder = await touchFolder(tx, targetKey, rows.length, added);
  if (folder === undefined) return "no-such-folder";
  await insertPlacements(
    tx,
    rows.map((row, index) => ({
      ...row,
      folder_id: target,
      uid: folder.firstUid + index,
      saved_at: now,
      keywords: keywords.get(row.uid) ?? null,
      modseq: folder.modseq,
    })),
  );
  if (leave) {
    await removePlacements(tx, args, rows, folder.modseq, now);
    if (target !== args.folder) await shareModseq(tx, args, folder.modseq);
  }
  const transferred = rows.map((row, index) => ({
    from: row.uid,
    placed: {
      messageId: row.message_id,
      uid: folder.firstUid + index,
      uidValidity: folder.uidValidity,
      modseq: folder.modseq,
    },
  }));
  return { transferred, modseq: folder.modseq };
}

/** Rows of a folder by ascending UID: all of them, or those among `uids`. */
export async function placementsAmong(
  tx: Db,
  { client, folder }: FolderKey,
  uids: readonly number[] | undefined,
): Promise<readonly PlacementRow[]> {
  const query = tx
    .selectFrom("placement")
    .selectAll()
    .where("client_id", "=", client)
    .where("folder_id", "=", folder)
    .orderBy("uid");
  if (uids === undefined) return query.execute();
  return query.where("uid", "in", numbersOf(uids)).execute();
}

/** The resealed keywords by source UID, or undefined when what was foreseen is not how it is. */
function foreseenKeywords(
  rows: readonly PlacementRow[],
  firstUid: number,
  resealed: readonly Resealed[],
): ReadonlyMap<number, Uint8Array> | undefined {
  const byUid = new Map(resealed.map((item) => [item.uid, item]));
  const keywords = new Map<number, Uint8Array>();
  for (const [index, row] of rows.entries()) {
    if (row.keywords === null) continue;
    const item = byUid.get(row.uid);
    if (item === undefined || item.modseq !== row.modseq || item.targetUid !== firstUid + index)
      return undefined;
    keywords.set(row.uid, item.keywords);
  }
  return keywords;
}

// Ten columns a row: 500 rows stay far below the 32,766 parameters that SQLite takes in one statement.
const ROWS_AT_ONCE = 500;

async function insertPlacements(tx: Db, rows: readonly PlacementRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE)
    await tx
      .insertInto("placement")
      .values(rows.slice(at, at + ROWS_AT_ONCE))
      .execute();
}
