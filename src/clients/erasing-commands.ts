// The writes by which a client is forgotten here: the log in batches, and at last everything else in one transaction.
import { command } from "#engine";
import type { Insertable } from "kysely";
import { Broken } from "#base/errors";
import { mayMove } from "./status.ts";
import type { Tables } from "./tables.ts";

/** Deletes some of a client's log; returns how many went. */
export const forgetLog = command<
  Tables,
  { readonly client_id: string; readonly atMost: number },
  number
>("clients.forgetLog", async (tx, { client_id, atMost }) => {
  const gone = await tx
    .deleteFrom("client_log")
    .where("client_id", "=", client_id)
    .where(
      "event_id",
      "in",
      tx
        .selectFrom("client_log")
        .select("event_id")
        .where("client_id", "=", client_id)
        .limit(atMost),
    )
    .executeTakeFirst();
  return Number(gone.numDeletedRows);
});

/**
 * The end: addresses into quarantine, every row of the client's away, the receipt written, the status at "erased" without
 * anything of a person beside it. Throws when the client is not closed.
 */
export const eraseClient = command<
  Tables,
  {
    readonly client_id: string;
    readonly now: number;
    readonly quarantine: readonly Insertable<Tables["address_quarantine"]>[];
    readonly receipt:
      | { readonly receipt_id: string; readonly sealed: Uint8Array; readonly expires: number }
      | undefined;
  },
  void
>("clients.erase", async (tx, { client_id, now, quarantine, receipt }) => {
  const row = await tx
    .selectFrom("client")
    .select("status")
    .where("client_id", "=", client_id)
    .executeTakeFirst();
  if (row === undefined || !mayMove(row.status, "erased", "client"))
    throw new Broken("only a closed client is erased");
  for (const kept of quarantine)
    await tx
      .insertInto("address_quarantine")
      .values(kept)
      .onConflict((conflict) => conflict.column("hash").doUpdateSet({ until: kept.until }))
      .execute();
  for (const table of [
    "address",
    "address_made",
    "client_domain",
    "address_reservation",
    "credential",
    "key_certificate",
    "contact",
    "client_log",
    "web_session",
    "client_account",
    "client_hold",
    "client_closing",
  ] as const)
    await tx.deleteFrom(table).where("client_id", "=", client_id).execute();
  if (receipt !== undefined) {
    const { receipt_id, ...written } = receipt;
    await tx
      .updateTable("erasure_receipt")
      .set(written)
      .where("receipt_id", "=", receipt_id)
      .execute();
  }
  await tx
    .updateTable("client")
    // What is left of a client: a random id, and that it is erased since this second.
    .set({ status: "erased", status_since: now, plan: "", plan_version: 0, created: 0 })
    .where("client_id", "=", client_id)
    .execute();
});

/** Receipts and quarantined addresses whose time is over; returns how many went. */
export const forgetExpired = command<Tables, { readonly now: number }, number>(
  "clients.forgetExpired",
  async (tx, { now }) => {
    const receipts = await tx
      .deleteFrom("erasure_receipt")
      .where("expires", "<=", now)
      .executeTakeFirst();
    const addresses = await tx
      .deleteFrom("address_quarantine")
      .where("until", "<=", now)
      .executeTakeFirst();
    return Number(receipts.numDeletedRows) + Number(addresses.numDeletedRows);
  },
);

/** The key of this house, made once; the one that was there before wins. */
export const keepQuarantineKey = command<
  Tables,
  Insertable<Tables["address_quarantine_key"]>,
  void
>("clients.keepQuarantineKey", async (tx, row) => {
  await tx
    .insertInto("address_quarantine_key")
    .values(row)
    .onConflict((conflict) => conflict.column("name").doNothing())
    .execute();
});
