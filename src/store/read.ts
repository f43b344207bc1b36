// Reading: rows to folders and placements, bodies and structures opened in batches. Writes nothing.
import { setImmediate } from "node:timers/promises";
import { type Expression, type Kysely, sql } from "kysely";
import { type Blobs, prepared } from "#engine";
import { toHex } from "#base/bytes";
import { Broken } from "#base/errors";
import type { Opener } from "#vault";
import type { Changes, Folder, FolderCounts, Owner, Placement, Role } from "./contract.ts";
import { flagBits } from "./contract.ts";
import { openKeywords } from "./keywords.ts";
import { openContent, openName, whatOpens } from "./names.ts";
import { type FolderKey, folderRow, idsOf, keySet, keysOf } from "./rows.ts";
import type { FolderRow, PlacementRow, SubscriptionRow, Tables } from "./tables.ts";

type Db = Kysely<Tables>;

export function folderOf(
  owner: Owner,
  opener: Opener,
  row: FolderRow,
  subscribed: boolean,
): Folder {
  return {
    id: row.id,
    name: openName(owner, opener, row.id, row.name),
    role: (row.role ?? undefined) as Role | undefined,
    subscribed,
    uidValidity: row.uid_validity,
    uidNext: row.uid_next,
    highestModseq: row.highest_modseq,
  };
}

export function placementOf(owner: Owner, opener: Opener, row: PlacementRow): Placement {
  return {
    uid: row.uid,
    messageId: row.message_id,
    size: row.size,
    receivedAt: row.received_at,
    savedAt: row.saved_at,
    flags: row.flags,
    keywords: openKeywords(owner, opener, row.folder_id, row.uid, row.keywords),
    modseq: row.modseq,
  };
}

/** Several queries at one moment. */
export function atOneMoment<Value>(db: Db, body: (tx: Db) => Promise<Value>): Promise<Value> {
  return db.transaction().setIsolationLevel("repeatable read").execute(body);
}

export async function readFolders(
  db: Db,
  owner: Owner,
): Promise<{
  readonly rows: readonly FolderRow[];
  readonly folderChanges: number;
  readonly subscriptions: readonly SubscriptionRow[];
}> {
  return atOneMoment(db, async (tx) => {
    const account = await tx
      .selectFrom("account")
      .select("folder_changes")
      .where("client_id", "=", owner.client)
      .where("id", "=", owner.account)
      .executeTakeFirst();
    const rows = await tx
      .selectFrom("folder")
      .selectAll()
      .where("client_id", "=", owner.client)
      .where("account_id", "=", owner.account)
      .execute();
    const subscriptions = await tx
      .selectFrom("subscription")
      .selectAll()
      .where("client_id", "=", owner.client)
      .where("account_id", "=", owner.account)
      .execute();
    return { rows, folderChanges: account?.folder_changes ?? 0, subscriptions };
  });
}

/** Whether a name, by its HMAC, is subscribed to. */
export function subscribedAmong(
  subscriptions: readonly Pick<SubscriptionRow, "name_mac">[],
): (mac: Uint8Array) => boolean {
  const macs = new Set(subscriptions.map((row) => toHex(row.name_mac)));
  return (mac) => macs.has(toHex(mac));
}

export async function readUsage(
  db: Db,
  { client, account }: Owner,
): Promise<{ readonly octets: number; readonly messages: number }> {
  const row = await db
    .selectFrom("account")
    .select(["octets", "messages"])
    .where("client_id", "=", client)
    .where("id", "=", account)
    .executeTakeFirst();
  return row ?? { octets: 0, messages: 0 };
}

export async function readCounts(
  db: Db,
  owner: Owner,
  folder: string,
): Promise<FolderCounts | undefined> {
  return atOneMoment(db, async (tx) => {
    if ((await folderRow(tx, { ...owner, folder })) === undefined) return undefined;
    const sum = (value: Expression<number>) => sql<number>`coalesce(sum(${value}), 0)`;
    return tx
      .selectFrom("placement")
      .select((eb) => [
        eb.fn.countAll<number>().as("messages"),
        sum(sql`case when flags & ${sql.lit(flagBits.seen)} = 0 then 1 else 0 end`).as("unseen"),
        sum(sql`case when flags & ${sql.lit(flagBits.deleted)} = 0 then 0 else 1 end`).as(
          "deleted",
        ),
        sum(sql`size`).as("size"),
        sum(sql`case when flags & ${sql.lit(flagBits.deleted)} = 0 then 0 else size end`).as(
          "deletedSize",
        ),
      ])
      .where("client_id", "=", owner.client)
      .where("folder_id", "=", folder)
      .executeTakeFirstOrThrow();
  });
}

export async function readChanges(
  db: Db,
  owner: Owner,
  opener: Opener,
  folder: string,
  modseq: number,
): Promise<Changes | undefined> {
  const [now] = await highestOf(db, { ...owner, folder });
  if (now === undefined) return undefined;
  // Most polls find nothing new: one row tells.
  if (now.highest_modseq <= modseq)
    return { placements: [], vanished: [], highestModseq: now.highest_modseq };
  return atOneMoment(db, async (tx) => {
    const [row] = await highestOf(tx, { ...owner, folder });
    if (row === undefined) return undefined;
    const rows = await placementsAfter(tx, owner, folder, modseq);
    return {
      placements: rows
        .map((placement) => placementOf(owner, opener, placement))
        .sort((a, b) => a.uid - b.uid),
      vanished: await vanishedAfter(tx, owner, folder, modseq),
      highestModseq: row.highest_modseq,
    };
  });
}

const highestOf = prepared((db: Db, { client, account, folder }: FolderKey) =>
  db
    .selectFrom("folder")
    .select("highest_modseq")
    .where("client_id", "=", client)
    .where("account_id", "=", account)
    .where("id", "=", folder),
);

// A slice takes some milliseconds; between two of them others have their turn.
const PLACEMENTS_AT_ONCE = 4000;

const placementSlice = prepared(
  (db: Db, { client, folder, after }: Omit<FolderKey, "account"> & { readonly after: number }) =>
    db
      .selectFrom("placement")
      .selectAll()
      .where("client_id", "=", client)
      .where("folder_id", "=", folder)
      .where("uid", ">", after)
      .orderBy("uid")
      .limit(PLACEMENTS_AT_ONCE),
);

type After = Omit<FolderKey, "account"> & { readonly modseq: number };

const changedPlacements = prepared((db: Db, { client, folder, modseq }: After) =>
  db
    .selectFrom("placement")
    .selectAll()
    .where("client_id", "=", client)
    .where("folder_id", "=", folder)
    .where("modseq", ">", modseq),
);

const tombstones = prepared((db: Db, { client, folder, modseq }: After) =>
  db
    .selectFrom("tombstone")
    .select("uid")
    .where("client_id", "=", client)
    .where("folder_id", "=", folder)
    .where("modseq", ">", modseq),
);

/** All placements of a folder by ascending UID, in slices. */
export async function* placementSlices(
  tx: Db,
  { client }: Owner,
  folder: string,
): AsyncGenerator<readonly PlacementRow[], void> {
  for (let after = 0; ;) {
    const rows = await placementSlice(tx, { client, folder, after });
    yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PLACEMENTS_AT_ONCE) return;
    after = last.uid;
    await setImmediate();
  }
}

/** Those that changed after `modseq`, in no order. */
export function placementsAfter(
  tx: Db,
  { client }: Owner,
  folder: string,
  modseq: number,
): Promise<readonly PlacementRow[]> {
  return changedPlacements(tx, { client, folder, modseq });
}

/** UIDs that went after `modseq`, ascending. */
export async function vanishedAfter(
  tx: Db,
  { client }: Owner,
  folder: string,
  modseq: number,
): Promise<readonly number[]> {
  const rows = await tombstones(tx, { client, folder, modseq });
  return rows.map(({ uid }) => uid).sort((a, b) => a - b);
}

// 64 bodies of at most 64 KiB each: 4 MiB in memory, and the cost of a query is spread thin.
const BODIES_AT_ONCE = 64;

const bodiesOf = prepared(
  (db: Db, of: { readonly client: string; readonly account: string; readonly ids: string }) =>
    db
      .selectFrom("message")
      .select(["id", "body"])
      .where("client_id", "=", of.client)
      .where("account_id", "=", of.account)
      .where("id", "in", keysOf(of.ids)),
);

/** Rows of messages in the order asked, some at a time; an id without a message is skipped. A null body is a blob. */
export async function* sealedBodies(
  db: Db,
  { client, account }: Owner,
  messageIds: readonly string[],
): AsyncGenerator<readonly { readonly id: string; readonly body: Uint8Array | null }[]> {
  for (let at = 0; at < messageIds.length; at += BODIES_AT_ONCE) {
    const ids = messageIds.slice(at, at + BODIES_AT_ONCE);
    const rows = await bodiesOf(db, { client, account, ids: keySet(ids) });
    const byId = new Map(rows.map((row) => [row.id, row]));
    yield ids.map((id) => byId.get(id)).filter((row) => row !== undefined);
  }
}

/** A body too large for its row: fetched when its turn comes, so that never two are in memory. */
export async function blobOf(blobs: Blobs, messageId: string): Promise<Uint8Array> {
  const sealed = await blobs.get(messageId);
  if (sealed === undefined) throw new Broken(`the blob of message ${messageId} is missing`);
  return sealed;
}

// Structures are small (a few hundred bytes): 1,000 of them are less than a megabyte.
const STRUCTURES_AT_ONCE = 1000;

export async function readStructures(
  db: Db,
  owner: Owner,
  opener: Opener,
  messageIds: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const structures = new Map<string, Uint8Array>();
  for (let at = 0; at < messageIds.length; at += STRUCTURES_AT_ONCE) {
    const rows = await db
      .selectFrom("message")
      .select(["id", "structure"])
      .where("client_id", "=", owner.client)
      .where("account_id", "=", owner.account)
      .where("id", "in", idsOf(messageIds.slice(at, at + STRUCTURES_AT_ONCE)))
      .execute();
    for (const { id, structure } of rows) {
      const opened = whatOpens(() => openContent(owner, opener, id, "structure", structure));
      if (opened !== undefined) structures.set(id, opened);
    }
  }
  return structures;
}
