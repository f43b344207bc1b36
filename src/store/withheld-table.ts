// What reports need of the store: a sealed fingerprint beside each message, and placements that a decision took away.
import type { Migration } from "#engine";

export const withheldMigration: Migration = {
  name: "2-reports",
  async up(db, { bytes, integer, text }) {
    await db.schema.alterTable("message").addColumn("fingerprint", bytes).execute();
    await db.schema
      .createTable("withheld")
      .addColumn("client_id", text, (column) => column.notNull())
      .addColumn("message_id", text, (column) => column.notNull())
      .addColumn("folder_id", text, (column) => column.notNull())
      .addColumn("uid", integer, (column) => column.notNull())
      .addColumn("account_id", text, (column) => column.notNull())
      .addColumn("decision", text, (column) => column.notNull())
      .addColumn("size", integer, (column) => column.notNull())
      .addColumn("received_at", integer, (column) => column.notNull())
      .addColumn("flags", integer, (column) => column.notNull())
      .addColumn("withheld_at", integer, (column) => column.notNull())
      .addPrimaryKeyConstraint("withheld_pk", ["client_id", "message_id", "folder_id", "uid"])
      .execute();
  },
};
