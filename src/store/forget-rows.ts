// The rows of an account that ends: messages with their placements, then tombstones, folders and the account's counters.
import type { Owner } from "./contract.ts";
import { type Db, idsOf } from "./rows.ts";

/** Deletes messages whose blobs are gone already, and where they stood. No tombstones: nobody will ask what vanished. */
export async function forgetMessages(
  tx: Db,
  { client, messageIds }: { readonly client: string; readonly messageIds: readonly string[] },
): Promise<null> {
  const ids = idsOf(messageIds);
  for (const table of ["placement", "withheld", "expunged"] as const)
    await tx
      .deleteFrom(table)
      .where("client_id", "=", client)
      .where("message_id", "in", ids)
      .execute();
  await tx.deleteFrom("message").where("client_id", "=", client).where("id", "in", ids).execute();
  return null;
}

/** Deletes some of what is left beside messages; true while there may be more. */
export async function forgetRest(
  tx: Db,
  { client, account, atMost }: Owner & { readonly atMost: number },
): Promise<boolean> {
  const folder = await tx
    .selectFrom("folder")
    .select("id")
    .where("client_id", "=", client)
    .where("account_id", "=", account)
    .limit(1)
    .executeTakeFirst();
  if (folder === undefined) {
    for (const table of ["subscription", "annotation"] as const)
      await tx
        .deleteFrom(table)
        .where("client_id", "=", client)
        .where("account_id", "=", account)
        .execute();
    await tx
      .deleteFrom("account")
      .where("client_id", "=", client)
      .where("id", "=", account)
      .execute();
    return false;
  }
  const tombstones = await tx
    .selectFrom("tombstone")
    .select(["modseq", "uid"])
    .where("client_id", "=", client)
    .where("folder_id", "=", folder.id)
    .orderBy("modseq")
    .limit(atMost)
    .execute();
  const last = tombstones.at(-1);
  if (last !== undefined) {
    await tx
      .deleteFrom("tombstone")
      .where("client_id", "=", client)
      .where("folder_id", "=", folder.id)
      .where("modseq", "<=", last.modseq)
      .execute();
    return true;
  }
  await tx
    .deleteFrom("folder")
    .where("client_id", "=", client)
    .where("id", "=", folder.id)
    .execute();
  return true;
}
