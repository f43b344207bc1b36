// The writes of this room: named commands over plain rows. Each body is one transaction and may be run again.
import { command, prepared } from "#engine";
import type { Insertable } from "kysely";
import { Broken } from "#base/errors";
import type { Tables } from "./tables.ts";

export {
  closeClient,
  moveStatus,
  reopenClient,
  replaceContact,
  setHold,
  endQuietHold,
} from "./standing-commands.ts";
export {
  addAddress,
  changeAddress,
  claimDomain,
  forgetClaim,
  keepFindings,
  moveClaim,
  proveClaim,
  removeAddress,
} from "./addresses/commands.ts";
export { eraseClient, forgetExpired, forgetLog, keepQuarantineKey } from "./erasing-commands.ts";

type Row<Table extends keyof Tables> = Insertable<Tables[Table]>;

export interface NewClientRows {
  readonly client: Row<"client">;
  readonly account: Row<"client_account">;
  readonly address: Row<"address">;
  readonly credential: Row<"credential">;
  readonly certificates: readonly Row<"key_certificate">[];
  readonly contact: Row<"contact"> | undefined;
}

export const addDomain = command<Tables, Row<"domain">, void>(
  "clients.addDomain",
  async (tx, row) => {
    await tx
      .insertInto("domain")
      .values(row)
      .onConflict((conflict) => conflict.column("domain").doNothing())
      .execute();
  },
);

/**
 * Holds an address for one sign-up until `until`. The row is put in before the address is looked for: where two do this
 * at once, the second waits on the row's key and then sees what the first has made.
 */
export const reserveAddress = command<
  Tables,
  Row<"address_reservation"> & { readonly now: number; readonly quarantine: string },
  "reserved" | "taken"
>("clients.reserveAddress", async (tx, { now, quarantine, ...row }) => {
  await tx
    .deleteFrom("address_reservation")
    .where("address", "=", row.address)
    .where("until", "<", now)
    .execute();
  const held = await tx
    .insertInto("address_reservation")
    .values(row)
    .onConflict((conflict) => conflict.column("address").doNothing())
    .returning("address")
    .execute();
  if (held.length === 0) return "taken";
  const owner = await tx
    .selectFrom("address")
    .select("client_id")
    .where("address", "=", row.address)
    .executeTakeFirst();
  const kept = await tx
    .selectFrom("address_quarantine")
    .select("until")
    .where("hash", "=", quarantine)
    .where("until", ">", now)
    .executeTakeFirst();
  if (owner === undefined && kept === undefined) return "reserved";
  await tx.deleteFrom("address_reservation").where("address", "=", row.address).execute();
  return "taken";
});

export const releaseAddress = command<
  Tables,
  { readonly address: string; readonly client_id: string },
  void
>("clients.releaseAddress", async (tx, { address, client_id }) => {
  await tx
    .deleteFrom("address_reservation")
    .where("address", "=", address)
    .where("client_id", "=", client_id)
    .execute();
});

/** All of a new client. Throws, and so undoes everything carried out with it, when the address is somebody's. */
export const createClient = command<Tables, NewClientRows, void>(
  "clients.createClient",
  async (tx, rows) => {
    await tx.insertInto("address").values(rows.address).execute();
    await tx
      .deleteFrom("address_reservation")
      .where("address", "=", rows.address.address)
      .where("client_id", "=", rows.client.client_id)
      .execute();
    await tx.insertInto("client").values(rows.client).execute();
    await tx.insertInto("client_account").values(rows.account).execute();
    await tx.insertInto("credential").values(rows.credential).execute();
    await tx
      .insertInto("key_certificate")
      .values([...rows.certificates])
      .execute();
    if (rows.contact !== undefined) await tx.insertInto("contact").values(rows.contact).execute();
  },
);

export const setPlan = command<
  Tables,
  { readonly client_id: string; readonly plan: string; readonly plan_version: number },
  void
>("clients.setPlan", async (tx, { client_id, ...to }) => {
  await tx.updateTable("client").set(to).where("client_id", "=", client_id).execute();
});

/** Rewrites one wrap and ends the account's web sessions but `keepSession`. Throws when the credential has moved on. */
export const replaceCredential = command<
  Tables,
  {
    readonly row: Row<"credential">;
    readonly oldVersion: number;
    readonly keepSession: string;
  },
  void
>("clients.replaceCredential", async (tx, { row, oldVersion, keepSession }) => {
  const { client_id, account_id, credential_id, ...fresh } = row;
  const result = await tx
    .updateTable("credential")
    .set(fresh)
    .where("client_id", "=", client_id)
    .where("account_id", "=", account_id)
    .where("credential_id", "=", credential_id)
    .where("version", "=", oldVersion)
    .executeTakeFirst();
  if (result.numUpdatedRows === 0n) throw new Broken("the credential has moved on");
  await tx
    .deleteFrom("web_session")
    .where("client_id", "=", client_id)
    .where("account_id", "=", account_id)
    .where("session_id", "!=", keepSession)
    .execute();
});

/** Throws when there are as many of its kind already. */
export const addCredential = command<
  Tables,
  { readonly row: Row<"credential">; readonly most: number },
  void
>("clients.addCredential", async (tx, { row, most }) => {
  const { count } = await tx
    .selectFrom("credential")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("client_id", "=", row.client_id)
    .where("account_id", "=", row.account_id)
    .where("kind", "=", row.kind)
    .executeTakeFirstOrThrow();
  if (count >= most) throw new Broken("too many credentials of this kind");
  await tx.insertInto("credential").values(row).execute();
});

/** In the place of the one of that name. */
export const putCredential = command<Tables, Row<"credential">, void>(
  "clients.putCredential",
  async (tx, row) => {
    await tx
      .deleteFrom("credential")
      .where("client_id", "=", row.client_id)
      .where("account_id", "=", row.account_id)
      .where("credential_id", "=", row.credential_id)
      .execute();
    await tx.insertInto("credential").values(row).execute();
  },
);

/** A new password in the place of every credential and session. Throws when the code was used or replaced meanwhile. */
export const recoverAccount = command<
  Tables,
  { readonly row: Row<"credential">; readonly code: Uint8Array },
  void
>("clients.recoverAccount", async (tx, { row, code }) => {
  const { client_id, account_id } = row;
  const spent = await tx
    .deleteFrom("credential")
    .where("client_id", "=", client_id)
    .where("account_id", "=", account_id)
    .where("kind", "=", "recovery")
    .where("verifier", "=", code)
    .executeTakeFirst();
  if (spent.numDeletedRows === 0n) throw new Broken("the recovery code is void");
  for (const table of ["credential", "web_session"] as const)
    await tx
      .deleteFrom(table)
      .where("client_id", "=", client_id)
      .where("account_id", "=", account_id)
      .execute();
  await tx.insertInto("credential").values(row).execute();
});

interface OneCredential {
  readonly client_id: string;
  readonly account_id: string;
  readonly credential_id: string;
}

/** Never the main password. */
export const removeCredential = command<Tables, OneCredential, void>(
  "clients.removeCredential",
  async (tx, one) => {
    await tx
      .deleteFrom("credential")
      .where("client_id", "=", one.client_id)
      .where("account_id", "=", one.account_id)
      .where("credential_id", "=", one.credential_id)
      .where("kind", "!=", "password")
      .execute();
  },
);

export const noteUse = command<Tables, OneCredential & { readonly day: string }, void>(
  "clients.noteUse",
  async (tx, { day, ...one }) => {
    await tx
      .updateTable("credential")
      .set({ used: day })
      .where("client_id", "=", one.client_id)
      .where("account_id", "=", one.account_id)
      .where("credential_id", "=", one.credential_id)
      .execute();
  },
);

export const openSession = command<Tables, Row<"web_session">, void>(
  "clients.openSession",
  async (tx, row) => {
    // Old sessions go here, so that no timer is needed and the table stays as small as the living ones.
    await tx
      .deleteFrom("web_session")
      .where("client_id", "=", row.client_id)
      .where("expires", "<", row.created)
      .execute();
    await tx.insertInto("web_session").values(row).execute();
  },
);

export const endSession = command<Tables, { readonly session_id: string }, void>(
  "clients.endSession",
  async (tx, { session_id }) => {
    await tx.deleteFrom("web_session").where("session_id", "=", session_id).execute();
  },
);

// Once per message that comes in.
const insertLog = prepared<Tables, Row<"client_log">, unknown>((tx, row) =>
  tx.insertInto("client_log").values({
    client_id: row.client_id,
    account_id: row.account_id,
    event_id: row.event_id,
    kind: row.kind,
    day: row.day,
    at: row.at,
    sealed: row.sealed,
  }),
);

export const appendLog = command<Tables, Row<"client_log">, void>(
  "clients.appendLog",
  async (tx, row) => {
    await insertLog(tx, row);
  },
);

export const keepLogKeys = command<
  Tables,
  { readonly rows: readonly Row<"client_log_key">[] },
  void
>("clients.keepLogKeys", async (tx, { rows }) => {
  for (const { day, kind, ...fresh } of rows) {
    await tx
      .insertInto("client_log_key")
      .values({ day, kind, ...fresh })
      .onConflict((conflict) => conflict.columns(["day", "kind"]).doUpdateSet(fresh))
      .execute();
  }
});

/** Deletes the events and the public key of one kind up to and with a day (`upTo`), or of exactly that day. */
export const expireLog = command<
  Tables,
  { readonly kind: string; readonly day: string; readonly upTo: boolean },
  number
>("clients.expireLog", async (tx, { kind, day, upTo }) => {
  const comparison = upTo ? "<=" : "=";
  const gone = await tx
    .deleteFrom("client_log")
    .where("kind", "=", kind)
    .where("day", comparison, day)
    .executeTakeFirst();
  await tx
    .deleteFrom("client_log_key")
    .where("kind", "=", kind)
    .where("day", comparison, day)
    .execute();
  return Number(gone.numDeletedRows);
});
