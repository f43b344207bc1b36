// Messages that a decision takes away and an appeal gives back: rows only, nothing is opened. To a mail program both look as if the
// message had been expunged, and later delivered again.
import { type Db, folderRow, idsOf, touchFolder, usageOf } from "./rows.ts";
import { insertPlacement } from "./place.ts";
import { removePlacements } from "./remove.ts";
import type { PlacementRow, WithheldRow } from "./tables.ts";

export interface WithholdArgs {
  readonly client: string;
  readonly account: string;
  readonly messageIds: readonly string[];
  readonly decision: string;
  readonly now: number;
}

/** Folders that changed, and how many messages did. */
export interface Withheld {
  readonly folders: readonly string[];
  readonly messages: number;
}

export async function withhold(tx: Db, args: WithholdArgs): Promise<Withheld> {
  const { client, account, messageIds, decision, now } = args;
  const rows = await tx
    .selectFrom("placement")
    .innerJoin("folder", (join) =>
      join
        .onRef("folder.client_id", "=", "placement.client_id")
        .onRef("folder.id", "=", "placement.folder_id"),
    )
    .selectAll("placement")
    .where("placement.client_id", "=", client)
    .where("folder.account_id", "=", account)
    .where("placement.message_id", "in", idsOf(messageIds))
    .execute();
  for (const [folder, same] of Map.groupBy(rows, (row) => row.folder_id)) {
    const key = { client, account, folder };
    const touched = await touchFolder(tx, key, 0);
    if (touched === undefined) continue;
    for (const row of same)
      await tx
        .insertInto("withheld")
        .values(withheldRow(row, { account, decision, now }))
        .execute();
    await removePlacements(tx, key, same, touched.modseq, now);
  }
  const taken = [...new Set(rows.map((row) => row.message_id))];
  // No longer deleted mail, whose end comes by itself: the decision says when it ends.
  await markUnplaced(tx, client, taken, null);
  // Nor mail that its owner may have back; what they had expunged before the decision is theirs no more either.
  await tx
    .deleteFrom("expunged")
    .where("client_id", "=", client)
    .where("account_id", "=", account)
    .where("message_id", "in", idsOf(messageIds))
    .execute();
  return { folders: [...new Set(rows.map((row) => row.folder_id))], messages: taken.length };
}

function withheldRow(
  row: PlacementRow,
  of: { readonly account: string; readonly decision: string; readonly now: number },
): WithheldRow {
  return {
    client_id: row.client_id,
    message_id: row.message_id,
    folder_id: row.folder_id,
    uid: row.uid,
    account_id: of.account,
    decision: of.decision,
    size: row.size,
    received_at: row.received_at,
    flags: row.flags,
    withheld_at: of.now,
  };
}

export interface DecisionArgs {
  readonly client: string;
  readonly account: string;
  readonly decision: string;
  readonly now: number;
}

export async function giveBack(tx: Db, args: DecisionArgs): Promise<Withheld> {
  const { client, account, now } = args;
  const rows = await takenBy(tx, args);
  const folders = new Set<string>();
  for (const row of rows) {
    const key = { client, account, folder: row.folder_id };
    const isThere = (await folderRow(tx, key)) !== undefined;
    const folder = await touchFolder(
      tx,
      { ...key, folder: isThere ? row.folder_id : undefined },
      1,
      usageOf([row]),
    );
    if (folder === undefined) continue; // an account without an inbox is being erased
    await insertPlacement(tx, {
      client_id: client,
      folder_id: folder.id,
      uid: folder.firstUid,
      message_id: row.message_id,
      size: row.size,
      received_at: row.received_at,
      saved_at: now,
      flags: row.flags,
      keywords: null,
      modseq: folder.modseq,
    });
    folders.add(folder.id);
  }
  await forget(tx, args);
  return { folders: [...folders], messages: countMessages(rows) };
}

export async function endWithheld(tx: Db, args: DecisionArgs): Promise<Withheld> {
  const rows = await takenBy(tx, args);
  for (const [at, same] of Map.groupBy(rows, (row) => row.withheld_at))
    await markUnplaced(
      tx,
      args.client,
      same.map((row) => row.message_id),
      at,
    );
  await forget(tx, args);
  return { folders: [], messages: countMessages(rows) };
}

function takenBy(tx: Db, { client, account, decision }: DecisionArgs) {
  return tx
    .selectFrom("withheld")
    .selectAll()
    .where("client_id", "=", client)
    .where("account_id", "=", account)
    .where("decision", "=", decision)
    .orderBy("folder_id")
    .orderBy("uid")
    .execute();
}

async function forget(tx: Db, { client, account, decision }: DecisionArgs): Promise<void> {
  await tx
    .deleteFrom("withheld")
    .where("client_id", "=", client)
    .where("account_id", "=", account)
    .where("decision", "=", decision)
    .execute();
}

async function markUnplaced(
  tx: Db,
  client: string,
  messageIds: readonly string[],
  at: number | null,
): Promise<void> {
  if (messageIds.length === 0) return;
  await tx
    .updateTable("message")
    .set({ unplaced_at: at })
    .where("client_id", "=", client)
    .where("id", "in", idsOf(messageIds))
    .execute();
}

function countMessages(rows: readonly WithheldRow[]): number {
  return new Set(rows.map((row) => row.message_id)).size;
}
