// The tables of reports that came. All of it is clear: domains, addresses of servers, counts; no row names a person or a message. Every
// report has its end.
import type { Migration } from "#engine";
import type { ReportKind } from "./contract.ts";

export interface Tables {
  mail_report: {
    report_id: string;
    kind: ReportKind;
    /** By which the same report is known again: a hash of who sends it and how they name it. */
    mark: string;
    organisation: string;
    domain: string;
    /** Seconds since 1970. */
    begins: number;
    ends: number;
    /** Milliseconds since 1970. */
    received: number;
  };
  mail_report_figure: {
    report_id: string;
    number: number;
    /** DMARC: the source; TLS: result type and host. "" for what went well in TLS. */
    what: string;
    passed: number;
    failed: number;
  };
}

export const migrations: readonly Migration[] = [
  {
    name: "1-mail-reports",
    async up(db, types) {
      await db.schema
        .createTable("mail_report")
        .addColumn("report_id", types.text, (column) => column.primaryKey())
        .addColumn("kind", types.text, (column) => column.notNull())
        .addColumn("mark", types.text, (column) => column.notNull().unique())
        .addColumn("organisation", types.text, (column) => column.notNull())
        .addColumn("domain", types.text, (column) => column.notNull())
        .addColumn("begins", types.integer, (column) => column.notNull())
        .addColumn("ends", types.integer, (column) => column.notNull())
        .addColumn("received", types.integer, (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex("mail_report_received")
        .on("mail_report")
        .column("received")
        .execute();
      await db.schema
        .createTable("mail_report_figure")
        .addColumn("report_id", types.text, (column) => column.notNull())
        .addColumn("number", types.integer, (column) => column.notNull())
        .addColumn("what", types.text, (column) => column.notNull())
        .addColumn("passed", types.integer, (column) => column.notNull())
        .addColumn("failed", types.integer, (column) => column.notNull())
        .addPrimaryKeyConstraint("mail_report_figure_key", ["report_id", "number"])
        .execute();
    },
  },
];
