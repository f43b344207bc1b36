// The tables of filters in transit. Sealed to the rules' key: what a client turned on. Marks of greylisting are keyed hashes of who wrote
// to whom from where; nobody can read them, and each has an end.
import type { Migration } from "#engine";

export interface Tables {
  transit_choice: { client_id: string; sealed: Uint8Array };
  /** Times are milliseconds since 1970. */
  transit_mark: {
    client_id: string;
    mark: string;
    first: number;
    /** 1 for a place that came again after the wait, 0 for a letter that has not. */
    passed: number;
    ends: number;
  };
}

export const migrations: readonly Migration[] = [
  {
    name: "1-transit",
    async up(db, types) {
      await db.schema
        .createTable("transit_choice")
        .addColumn("client_id", types.text, (column) => column.primaryKey())
        .addColumn("sealed", types.bytes, (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("transit_mark")
        .addColumn("client_id", types.text, (column) => column.notNull())
        .addColumn("mark", types.text, (column) => column.notNull())
        .addColumn("first", types.integer, (column) => column.notNull())
        .addColumn("passed", types.integer, (column) => column.notNull())
        .addColumn("ends", types.integer, (column) => column.notNull())
        .addPrimaryKeyConstraint("transit_mark_key", ["client_id", "mark"])
        .execute();
      await db.schema.createIndex("transit_mark_ends").on("transit_mark").column("ends").execute();
    },
  },
];
