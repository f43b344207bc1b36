// Two tables of counters, and nothing else about visitors: no row is a visit, no column holds an address or a name.
import type { Migration } from "#engine";

export interface Tables {
  /** Views of a page in one UTC hour. `automated` is 0 or 1. */
  visit_page: { day: string; hour: number; page: string; automated: number; count: number };
  /** Views by the registrable domain of the internet provider in one UTC day. */
  visit_isp: { day: string; isp: string; automated: number; count: number };
}

export const migrations: readonly Migration[] = [
  {
    name: "1-counters",
    async up(db, types) {
      await db.schema
        .createTable("visit_page")
        .addColumn("day", types.text, (column) => column.notNull())
        .addColumn("hour", types.integer, (column) => column.notNull())
        .addColumn("page", types.text, (column) => column.notNull())
        .addColumn("automated", types.integer, (column) => column.notNull())
        .addColumn("count", types.integer, (column) => column.notNull())
        .addPrimaryKeyConstraint("visit_page_key", ["day", "hour", "page", "automated"])
        .execute();
      await db.schema
        .createTable("visit_isp")
        .addColumn("day", types.text, (column) => column.notNull())
        .addColumn("isp", types.text, (column) => column.notNull())
        .addColumn("automated", types.integer, (column) => column.notNull())
        .addColumn("count", types.integer, (column) => column.notNull())
        .addPrimaryKeyConstraint("visit_isp_key", ["day", "isp", "automated"])
        .execute();
    },
  },
];
