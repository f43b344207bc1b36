// What this room promises to others: the types of its front door. Holds no code.
import type { Result } from "#base/errors";
import type { BillingInformation, InformationMistakes } from "./information.ts";
import type { DocumentKind, InvoiceText } from "./invoice.ts";
import type { Rung, Step } from "./ladder.ts";
import type { OpenOwn, PaymentObject } from "./ports.ts";
import type { StatementMistake } from "./statement.ts";
import type { EntryOutcome, InvoiceState } from "./tables.ts";

/** What of an invoice is clear on disk. */
export interface InvoiceFacts {
  readonly id: string;
  readonly client: string;
  readonly kind: DocumentKind;
  readonly state: InvoiceState;
  /** "" in a draft, as are the four after it. */
  readonly number: string;
  readonly reference: string;
  readonly issued: string;
  readonly due: string;
  readonly from: string;
  readonly to: string;
  readonly plan: string;
  readonly cents: number;
  readonly paidCents: number;
  readonly currency: string;
  readonly step: Step | undefined;
}

export interface Move {
  readonly day: string;
  readonly kind: "transfer" | "code" | "invoice" | "credit-note";
  readonly cents: number;
  /** Number of the invoice; "" where there is none. */
  readonly invoice: string;
}

/** What a client sees of their own: nothing here needs the keeper. */
export interface OwnBilling {
  readonly currency: string;
  readonly credit: number;
  /** Newest first; drafts are left out. */
  readonly invoices: readonly (InvoiceFacts & {
    /** The dates of the ladder, while there is something to pay. */
    readonly ladder: readonly Rung[];
  })[];
  readonly moves: readonly Move[];
  readonly hasInformation: boolean;
  /** The first day that is paid for. */
  readonly billedFrom: string;
  readonly bank: { readonly holder: string; readonly iban: string; readonly bic: string };
}

export interface WaitingEntry {
  readonly id: string;
  readonly day: string;
  readonly outcome: EntryOutcome;
  readonly cents: number;
  readonly currency: string;
  readonly reference: string;
  readonly bankReference: string;
}

/** What a billing run did. */
export interface RunReport {
  readonly drafted: number;
  readonly issued: number;
  /** Drafts that stay for the next run, and why. */
  readonly left: readonly { readonly client: string; readonly why: string }[];
}

export interface ImportReport {
  readonly outcomes: { readonly [outcome in EntryOutcome | "seen-before"]?: number };
  /** Cents that were credited. */
  readonly credited: number;
  /** Debits and announcements in the file. */
  readonly passedOver: number;
  /** How many entries wait for a person now, older ones included. */
  readonly waiting: number;
}

export interface LadderReport {
  readonly told: number;
  readonly moved: number;
}

export type Progress = (done: number, of: number) => void;

export interface Billing {
  /** Drafts what is due of each client, then makes each draft final. Goes on after one that cannot be. May run at any time. */
  run(progress?: Progress): Promise<RunReport>;
  /** Tells clients what the ladder has reached and moves their status; back to active once nothing is overdue. */
  climb(): Promise<LadderReport>;
  /** Credits what a camt.053 file holds. All of a hundred entries or none, and each once for ever: it may be handed in again. */
  importStatement(
    bytes: Uint8Array,
    progress?: Progress,
  ): Promise<
    | { readonly ok: true; readonly value: ImportReport }
    | { readonly ok: false; readonly mistake: StatementMistake }
  >;
  waiting(): Promise<readonly WaitingEntry[]>;
  /** A person's word about an entry that waits: the number of the invoice that it pays, or undefined to set it aside. */
  settle(
    entry: string,
    number: number | undefined,
  ): Promise<
    Result<"assigned" | "set-aside", "not-waiting" | "no-such-invoice" | "not-to-be-credited">
  >;
  /** New prepaid codes, in words, this once. */
  makeCodes(count: number, cents: number): Promise<readonly string[]>;
  /** How many codes are out, and what they are worth. */
  codesOut(): Promise<{ readonly count: number; readonly cents: number }>;
  redeem(client: string, code: string): Promise<Result<number, "no-such-code">>;
  /** Newest first, drafts before all. */
  invoices(): Promise<readonly InvoiceFacts[]>;
  /** Gives an invoice back whole, under a number of its own. */
  creditNote(
    number: number,
    because: string,
  ): Promise<
    Result<InvoiceFacts, "not-open" | "no-such-invoice" | "key-not-certified" | "keeper-refuses">
  >;
  own(client: string): Promise<OwnBilling | undefined>;
  information(client: string, open: OpenOwn): Promise<BillingInformation | undefined>;
  /** Undefined removes it. */
  keepInformation(
    client: string,
    given: BillingInformation | undefined,
  ): Promise<
    | { readonly ok: true }
    | {
        readonly ok: false;
        readonly refusal: "mistakes" | "key-not-certified";
        readonly mistakes: InformationMistakes;
      }
  >;
  /** What an invoice of this client says; undefined when it is not theirs, or a draft. */
  invoiceText(client: string, id: string, open: OpenOwn): Promise<InvoiceText | undefined>;
  /** The sealed objects of class payment with these ids, for the keeper to open under a grant. */
  sealedOf(client: string, ids: readonly string[]): Promise<readonly PaymentObject[]>;
  /**
   * Destroys what the law does not want kept: billing information, drafts, credit, and what moved it. Numbers, amounts and days of
   * invoices stay; their texts are sealed to a key that goes with the client.
   */
  forget(client: string): Promise<void>;
  /** Ids of what is sealed of a client: "billing" and invoices. */
  objectsOf(client: string): Promise<readonly string[]>;
}
