// The desk's tables. Clear: ids, stage, kind, dates, the hash of the grant. What was asked, by whom, about whom and what was noted is
// sealed to the desk (class case); a client's own copy of what they are asked to approve is sealed to the client.
import type { Migration } from "#engine";
import type { CaseKind } from "./kinds.ts";
import type { Outcome, Stage, Verdict } from "./stages.ts";

/** Times are milliseconds since 1970. */
export interface Tables {
  disclosure_case: {
    case_id: string;
    kind: CaseKind;
    stage: Stage;
    verdict: Verdict | "";
    outcome: Outcome | "";
    received: number;
    answer_by: number;
    hold_until: number | null;
    /** "" until a grant was drafted for it. */
    grant_hash: string;
    /** The request, sealed as object case_id, part "request". */
    sealed: Uint8Array;
  };
  /** A step that was taken, sealed as object case_id, part "note/NOTE_ID". */
  disclosure_note: { case_id: string; note_id: string; at: number; sealed: Uint8Array };
  /** What the client is asked to approve (ground E1). */
  disclosure_approval: {
    approval_id: string;
    client_id: string;
    account_id: string;
    state: ApprovalState;
    items: number;
    asked: number;
    /** Until when the client's signature is good; null until it is given. */
    until: number | null;
    /** What is asked, for the client: class content, their key, object approval_id, part "approval". */
    for_client: Uint8Array;
    /** The same for the desk: class case, object approval_id, part "approval". */
    for_desk: Uint8Array;
    /** "UNTIL SIGNATURE" (class case, part "signature"); null while there is none. */
    signature: Uint8Array | null;
    /** The grant that was drafted with it; "" until then. */
    grant_hash: string;
  };
}

export type ApprovalState = "asked" | "approved" | "declined" | "withdrawn" | "used";

export const migrations: readonly Migration[] = [
  {
    name: "1-disclosure",
    async up(db, { bytes, integer, text }) {
      await db.schema
        .createTable("disclosure_case")
        .addColumn("case_id", text, (column) => column.primaryKey())
        .addColumn("kind", text, (column) => column.notNull())
        .addColumn("stage", text, (column) => column.notNull())
        .addColumn("verdict", text, (column) => column.notNull())
        .addColumn("outcome", text, (column) => column.notNull())
        .addColumn("received", integer, (column) => column.notNull())
        .addColumn("answer_by", integer, (column) => column.notNull())
        .addColumn("hold_until", integer)
        .addColumn("grant_hash", text, (column) => column.notNull())
        .addColumn("sealed", bytes, (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("disclosure_note")
        .addColumn("case_id", text, (column) => column.notNull())
        .addColumn("note_id", text, (column) => column.notNull())
        .addColumn("at", integer, (column) => column.notNull())
        .addColumn("sealed", bytes, (column) => column.notNull())
        .addPrimaryKeyConstraint("disclosure_note_pk", ["case_id", "note_id"])
        .execute();
      await db.schema
        .createTable("disclosure_approval")
        .addColumn("approval_id", text, (column) => column.primaryKey())
        .addColumn("client_id", text, (column) => column.notNull())
        .addColumn("account_id", text, (column) => column.notNull())
        .addColumn("state", text, (column) => column.notNull())
        .addColumn("items", integer, (column) => column.notNull())
        .addColumn("asked", integer, (column) => column.notNull())
        .addColumn("until", integer)
        .addColumn("for_client", bytes, (column) => column.notNull())
        .addColumn("for_desk", bytes, (column) => column.notNull())
        .addColumn("signature", bytes)
        .addColumn("grant_hash", text, (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex("disclosure_approval_client")
        .on("disclosure_approval")
        .columns(["client_id", "account_id"])
        .execute();
    },
  },
];
