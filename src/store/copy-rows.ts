// The rows of second copies. Each body is one transaction and may be run again.
import type { Db } from "./rows.ts";
import type { CopyRow } from "./tables.ts";

// Ids in one statement: far below the 32,766 parameters that SQLite takes.
const IDS_AT_ONCE = 500;

/** The same letter on two ways of one delivery is one copy. */
export async function keepCopy(tx: Db, row: CopyRow): Promise<void> {
  await tx
    .insertInto("second_copy")
    .values(row)
    .onConflict((conflict) => conflict.columns(["grant_hash", "copy_id"]).doNothing())
    .execute();
}

export async function destroyCopies(
  tx: Db,
  { grant_hash, ids }: { readonly grant_hash: string; readonly ids: readonly string[] },
): Promise<void> {
  for (let at = 0; at < ids.length; at += IDS_AT_ONCE)
    await tx
      .updateTable("second_copy")
      .set({ place: "gone", body: null })
      .where("grant_hash", "=", grant_hash)
      .where("copy_id", "in", ids.slice(at, at + IDS_AT_ONCE))
      .execute();
}

export async function forgetCopies(
  tx: Db,
  { grant_hash }: { readonly grant_hash: string },
): Promise<void> {
  await tx.deleteFrom("second_copy").where("grant_hash", "=", grant_hash).execute();
}
