// The table of second copies. Clear: which grant, when, which way, how large; the copy is sealed to the recipient of the order.
import type { Migration } from "#engine";

export const copiesMigration: Migration = {
  name: "3-second-copies",
  async up(db, { bytes, integer, text }) {
    await db.schema
      .createTable("second_copy")
      .addColumn("grant_hash", text, (column) => column.notNull())
      .addColumn("copy_id", text, (column) => column.notNull())
      .addColumn("at", integer, (column) => column.notNull())
      .addColumn("direction", text, (column) => column.notNull())
      .addColumn("octets", integer, (column) => column.notNull())
      .addColumn("place", text, (column) => column.notNull())
      .addColumn("body", bytes)
      .addPrimaryKeyConstraint("second_copy_pk", ["grant_hash", "copy_id"])
      .execute();
  },
};
