// The tables of this room. Clear: ids, numbers, amounts, days, states, structured references. Sealed to the client's payment
// key: billing information and what an invoice says. No payer's name, no account of a payer, no card; a code only as its hash.
import type { Migration } from "#engine";
import type { ClientState } from "./ports.ts";
import type { DocumentKind } from "./invoice.ts";
import type { Step } from "./ladder.ts";

export type InvoiceState = "draft" | "open" | "paid" | "credited" | "note";

/** Days are "YYYY-MM-DD"; money is in integer cents. */
export interface Tables {
  billing_series: { name: string; next: number };
  billing_information: { client_id: string; sealed: Uint8Array };
  invoice: {
    invoice_id: string;
    client_id: string;
    kind: DocumentKind;
    /** One invoice of a client's month, one credit note of an invoice. */
    about: string;
    period_from: string;
    period_to: string;
    plan: string;
    plan_version: number;
    cents: number;
    currency: string;
    state: InvoiceState;
    /** From here on null in a draft. */
    number: number | null;
    reference: string | null;
    issued: string | null;
    due: string | null;
    policy: string | null;
    sealed: Uint8Array | null;
    paid_cents: number;
    /** The last step of the ladder of which the client was told. */
    step: Step | null;
  };
  /** What a client has to their credit. */
  billing_balance: { client_id: string; cents: number };
  /** What came in and went out of a client's credit, for their own page: of a code only amount and day. */
  billing_move: {
    move_id: string;
    client_id: string;
    day: string;
    kind: "transfer" | "code" | "invoice" | "credit-note";
    cents: number;
    invoice_id: string | null;
  };
  /** Entries of bank statements that were seen: never credited twice. */
  bank_entry: {
    entry_id: string;
    day: string;
    direction: "credit" | "returned";
    cents: number;
    currency: string;
    reference: string | null;
    bank_reference: string;
    outcome: EntryOutcome;
    invoice_id: string | null;
  };
  prepaid_code: { hash: string; cents: number; made: string };
  /** Where the ladder has moved a client's status to, so that only what it did is undone by a payment. */
  dunned_client: { client_id: string; moved_to: ClientState };
}

/** The first three are credited; the next three wait for a person; the last two are what the person did. */
export type EntryOutcome =
  | "exact"
  | "over"
  | "under"
  | "unknown-reference"
  | "wrong-currency"
  | "returned"
  | "assigned"
  | "set-aside";

export const waitingOutcomes = ["unknown-reference", "wrong-currency", "returned"] as const;

export const migrations: readonly Migration[] = [
  {
    name: "1-billing",
    async up(db, types) {
      await db.schema
        .createTable("billing_series")
        .addColumn("name", types.text, (column) => column.primaryKey())
        .addColumn("next", types.integer, (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("billing_information")
        .addColumn("client_id", types.text, (column) => column.primaryKey())
        .addColumn("sealed", types.bytes, (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("invoice")
        .addColumn("invoice_id", types.text, (column) => column.primaryKey())
        .addColumn("client_id", types.text, (column) => column.notNull())
        .addColumn("kind", types.text, (column) => column.notNull())
        .addColumn("about", types.text, (column) => column.notNull().unique())
        .addColumn("period_from", types.text, (column) => column.notNull())
        .addColumn("period_to", types.text, (column) => column.notNull())
        .addColumn("plan", types.text, (column) => column.notNull())
        .addColumn("plan_version", types.integer, (column) => column.notNull())
        .addColumn("cents", types.integer, (column) => column.notNull())
        .addColumn("currency", types.text, (column) => column.notNull())
        .addColumn("state", types.text, (column) => column.notNull())
        .addColumn("number", types.integer, (column) => column.unique())
        .addColumn("reference", types.text)
        .addColumn("issued", types.text)
        .addColumn("due", types.text)
        .addColumn("policy", types.text)
        .addColumn("sealed", types.bytes)
        .addColumn("paid_cents", types.integer, (column) => column.notNull())
        .addColumn("step", types.text)
        .execute();
      await db.schema.createIndex("invoice_by_client").on("invoice").column("client_id").execute();
      await db.schema.createIndex("invoice_by_state").on("invoice").column("state").execute();
      await db.schema
        .createIndex("invoice_by_reference")
        .on("invoice")
        .column("reference")
        .execute();
      await db.schema
        .createTable("billing_balance")
        .addColumn("client_id", types.text, (column) => column.primaryKey())
        .addColumn("cents", types.integer, (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("billing_move")
        .addColumn("move_id", types.text, (column) => column.primaryKey())
        .addColumn("client_id", types.text, (column) => column.notNull())
        .addColumn("day", types.text, (column) => column.notNull())
        .addColumn("kind", types.text, (column) => column.notNull())
        .addColumn("cents", types.integer, (column) => column.notNull())
        .addColumn("invoice_id", types.text)
        .execute();
      await db.schema
        .createIndex("billing_move_by_client")
        .on("billing_move")
        .column("client_id")
        .execute();
      await db.schema
        .createTable("bank_entry")
        .addColumn("entry_id", types.text, (column) => column.primaryKey())
        .addColumn("day", types.text, (column) => column.notNull())
        .addColumn("direction", types.text, (column) => column.notNull())
        .addColumn("cents", types.integer, (column) => column.notNull())
        .addColumn("currency", types.text, (column) => column.notNull())
        .addColumn("reference", types.text)
        .addColumn("bank_reference", types.text, (column) => column.notNull())
        .addColumn("outcome", types.text, (column) => column.notNull())
        .addColumn("invoice_id", types.text)
        .execute();
      await db.schema
        .createTable("prepaid_code")
        .addColumn("hash", types.text, (column) => column.primaryKey())
        .addColumn("cents", types.integer, (column) => column.notNull())
        .addColumn("made", types.text, (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("dunned_client")
        .addColumn("client_id", types.text, (column) => column.primaryKey())
        .addColumn("moved_to", types.text, (column) => column.notNull())
        .execute();
    },
  },
];
