// The tables of the abuse room. Clear: ids, states, kinds, counts, times, which client a report is about. Sealed to the desk: reports
// and appeals; to the client: statements of reasons; to the rules' key: addresses that a decision keeps out.
import type { Migration } from "#engine";

export type ReportKind = "form" | "arf" | "letter";

/** Times are milliseconds since 1970; binary columns hold raw bytes. */
export interface Tables {
  abuse_report: {
    report_id: string;
    /** "" when it names no client of ours. */
    client_id: string;
    account_id: string;
    state: "open" | "decided";
    kind: ReportKind;
    at: number;
    changed: number;
    /** How often the same was reported. */
    times: number;
    /** By which the same report is known again, for a month. */
    mac: string | null;
    /** Case, part "report". */
    sealed: Uint8Array;
    /** Ids that the keeper matched, as a JSON array; null when it was not asked. */
    matched: string | null;
  };
  /** Reports that were not kept, since there are enough about a client on a day. */
  abuse_beyond: { client_id: string; day: string; times: number };
  abuse_decision: {
    /** The nonce of the signed record. */
    decision_id: string;
    /** The entry in the ledger; null when its number was lost with an answer. */
    entry: number | null;
    report_id: string;
    client_id: string;
    account_id: string;
    measure: "none" | "delete" | "block" | "suspend";
    clause: string;
    at: number;
    /** 0 for no end. */
    until: number;
    state: "stands" | "appealed" | "upheld" | "reversed";
    /** Nothing more is to be done for it. */
    ended: number;
    /** Content, part "statement"; null for a decision about nobody here. */
    statement: Uint8Array | null;
    /** Case, part "statement". */
    desk_statement: Uint8Array;
    appeal_at: number | null;
    /** Case, part "appeal". */
    appeal: Uint8Array | null;
    /** Content, part "answer". */
    answer: Uint8Array | null;
    /** It was carried out and told. */
    carried: number;
  };
  abuse_block: {
    decision_id: string;
    report_id: string;
    /** Null while the decision is a draft: then it keeps out nobody. */
    entry: number | null;
    /** True from the decision on. */
    active: number;
    until: number;
    created: number;
    /** Rule, part "sender": an address, or a domain. */
    sealed: Uint8Array;
  };
}

export const migrations: readonly Migration[] = [
  {
    name: "1-abuse",
    async up(db, { bytes, integer, text }) {
      await db.schema
        .createTable("abuse_report")
        .addColumn("report_id", text, (column) => column.primaryKey())
        .addColumn("client_id", text, (column) => column.notNull())
        .addColumn("account_id", text, (column) => column.notNull())
        .addColumn("state", text, (column) => column.notNull())
        .addColumn("kind", text, (column) => column.notNull())
        .addColumn("at", integer, (column) => column.notNull())
        .addColumn("changed", integer, (column) => column.notNull())
        .addColumn("times", integer, (column) => column.notNull())
        .addColumn("mac", text)
        .addColumn("sealed", bytes, (column) => column.notNull())
        .addColumn("matched", text)
        .execute();
      await db.schema
        .createIndex("abuse_report_client")
        .on("abuse_report")
        .columns(["client_id", "at"])
        .execute();
      await db.schema.createIndex("abuse_report_mac").on("abuse_report").column("mac").execute();
      await db.schema
        .createTable("abuse_beyond")
        .addColumn("client_id", text, (column) => column.notNull())
        .addColumn("day", text, (column) => column.notNull())
        .addColumn("times", integer, (column) => column.notNull())
        .addPrimaryKeyConstraint("abuse_beyond_pk", ["client_id", "day"])
        .execute();
      await db.schema
        .createTable("abuse_decision")
        .addColumn("decision_id", text, (column) => column.primaryKey())
        .addColumn("entry", integer)
        .addColumn("report_id", text, (column) => column.notNull())
        .addColumn("client_id", text, (column) => column.notNull())
        .addColumn("account_id", text, (column) => column.notNull())
        .addColumn("measure", text, (column) => column.notNull())
        .addColumn("clause", text, (column) => column.notNull())
        .addColumn("at", integer, (column) => column.notNull())
        .addColumn("until", integer, (column) => column.notNull())
        .addColumn("state", text, (column) => column.notNull())
        .addColumn("ended", integer, (column) => column.notNull())
        .addColumn("statement", bytes)
        .addColumn("desk_statement", bytes, (column) => column.notNull())
        .addColumn("appeal_at", integer)
        .addColumn("appeal", bytes)
        .addColumn("answer", bytes)
        .execute();
      await db.schema
        .createIndex("abuse_decision_client")
        .on("abuse_decision")
        .columns(["client_id", "at"])
        .execute();
      await db.schema
        .createTable("abuse_block")
        .addColumn("decision_id", text, (column) => column.primaryKey())
        .addColumn("report_id", text, (column) => column.notNull())
        .addColumn("entry", integer)
        .addColumn("active", integer, (column) => column.notNull())
        .addColumn("until", integer, (column) => column.notNull())
        .addColumn("created", integer, (column) => column.notNull())
        .addColumn("sealed", bytes, (column) => column.notNull())
        .execute();
    },
  },
  {
    name: "2-carried",
    async up(db, { integer }) {
      // Those from before were carried out.
      await db.schema
        .alterTable("abuse_decision")
        .addColumn("carried", integer, (column) => column.notNull().defaultTo(1))
        .execute();
    },
  },
];
