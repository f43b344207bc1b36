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
    body: Uint8Array;
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
  };
}

/** `aside`: cannot be opened or breaks the code that handles it; left for the operator until it expires. */
type RecipientState = "waiting" | "trying" | "aside";

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
];
