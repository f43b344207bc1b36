// The queue's tables. Clear on disk: ids, times, attempts, state, size, the day of the key. Sealed to that day's queue key:
// the message, the sender and every recipient's address. Deleting an item's row is the destruction of the queued copy.
import type { Migration } from "#engine";

/** Times are milliseconds since 1970; binary columns hold sealed objects. */
export interface Tables {
  queue_item: {
    client_id: string;
    account_id: string;
    item_id: string;
    /** The day whose queue key sealed it, "2026-11-23". */
    day: string;
    created: number;
    size: number;
    /** Sender, RET and ENVID. */
    envelope: Uint8Array;
    /** Empty where the body is a blob under the item's id. */
    body: Uint8Array;
    is_blob: number;
    /** 1 when the account signed in to send it; 0 for a report, a list's copy, and what waits for a mailbox of theirs. */
    submitted: number;
  };
  queue_recipient: {
    client_id: string;
    item_id: string;
    recipient_id: string;
    state: RecipientState;
    /** When it is next tried; while it is being tried, when the attempt counts as lost. */
    due: number;
    attempts: number;
    /** 1 once the sender was told of the delay. */
    delay_told: number;
    /** Address, NOTIFY and ORCPT. */
    address: Uint8Array;
    /** What came of the last attempt, as a number of RFC 3463; "" before it. */
    last_status: string;
    /** Attempts that handed the whole letter over and heard no answer: each may have doubled it. */
    uncertain: number;
    /** 1 when the operator took it out: it fails at the next look, and its sender hears of it. */
    dropping: number;
  };
  /** Written before a body's blob and removed after it, so that none is left behind by a crash. */
  queue_blob: { blob_id: string; created: number };
  /** MTA-STS policies of others: found by an HMAC of the domain, sealed, since they tell to whom our clients write. */
  queue_sts: { mark: string; fetched: number; expires: number; sealed: Uint8Array };
  /** Recipients that refused a client's letters for good: an HMAC of client and address, no address. */
  queue_suppressed: {
    client_id: string;
    mark: string;
    /** RFC 3463. */
    status: string;
    times: number;
    last: number;
  };
}

/**
 * `aside`: cannot be opened or breaks the code that handles it; left for the operator until it expires. `held`: the operator
 * keeps it from being tried, until it expires. `braked`: the same for all of an account that suddenly sent unlike itself.
 */
type RecipientState = "waiting" | "trying" | "aside" | "held" | "braked";

export const migrations: readonly Migration[] = [
  {
    name: "1-queue",
    async up(db, types) {
      await db.schema
        .createTable("queue_item")
        .addColumn("client_id", types.text, (column) => column.notNull())
        .addColumn("account_id", types.text, (column) => column.notNull())
        .addColumn("item_id", types.text, (column) => column.notNull())
        .addColumn("day", types.text, (column) => column.notNull())
        .addColumn("created", types.integer, (column) => column.notNull())
        .addColumn("size", types.integer, (column) => column.notNull())
        .addColumn("envelope", types.bytes, (column) => column.notNull())
        .addColumn("body", types.bytes, (column) => column.notNull())
        .addPrimaryKeyConstraint("queue_item_key", ["client_id", "item_id"])
        .execute();
      await db.schema
        .createTable("queue_recipient")
        .addColumn("client_id", types.text, (column) => column.notNull())
        .addColumn("item_id", types.text, (column) => column.notNull())
        .addColumn("recipient_id", types.text, (column) => column.notNull())
        .addColumn("state", types.text, (column) => column.notNull())
        .addColumn("due", types.integer, (column) => column.notNull())
        .addColumn("attempts", types.integer, (column) => column.notNull())
        .addColumn("delay_told", types.integer, (column) => column.notNull())
        .addColumn("address", types.bytes, (column) => column.notNull())
        .addPrimaryKeyConstraint("queue_recipient_key", ["client_id", "item_id", "recipient_id"])
        .addForeignKeyConstraint("queue_recipient_item", ["client_id", "item_id"], "queue_item", [
          "client_id",
          "item_id",
        ])
        .execute();
      await db.schema
        .createIndex("queue_recipient_due")
        .on("queue_recipient")
        .columns(["due", "state"])
        .execute();
    },
  },
  {
    name: "2-large-bodies-policies-suppression",
    async up(db, types) {
      await db.schema
        .alterTable("queue_item")
        .addColumn("is_blob", types.integer, (column) => column.notNull().defaultTo(0))
        .execute();
      for (const name of ["day", "created", "item_id"])
        await db.schema.createIndex(`queue_item_${name}`).on("queue_item").column(name).execute();
      for (const name of ["uncertain", "dropping"])
        await db.schema
          .alterTable("queue_recipient")
          .addColumn(name, types.integer, (column) => column.notNull().defaultTo(0))
          .execute();
      await db.schema
        .alterTable("queue_recipient")
        .addColumn("last_status", types.text, (column) => column.notNull().defaultTo(""))
        .execute();
      await db.schema
        .createTable("queue_blob")
        .addColumn("blob_id", types.text, (column) => column.primaryKey())
        .addColumn("created", types.integer, (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("queue_sts")
        .addColumn("mark", types.text, (column) => column.primaryKey())
        .addColumn("fetched", types.integer, (column) => column.notNull())
        .addColumn("expires", types.integer, (column) => column.notNull())
        .addColumn("sealed", types.bytes, (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("queue_suppressed")
        .addColumn("client_id", types.text, (column) => column.notNull())
        .addColumn("mark", types.text, (column) => column.notNull())
        .addColumn("status", types.text, (column) => column.notNull())
        .addColumn("times", types.integer, (column) => column.notNull())
        .addColumn("last", types.integer, (column) => column.notNull())
        .addPrimaryKeyConstraint("queue_suppressed_key", ["client_id", "mark"])
        .execute();
    },
  },
  {
    name: "3-submitted",
    async up(db, types) {
      await db.schema
        .alterTable("queue_item")
        .addColumn("submitted", types.integer, (column) => column.notNull().defaultTo(0))
        .execute();
    },
  },
];
