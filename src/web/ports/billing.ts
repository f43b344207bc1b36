// What the billing pages need, in the pages' own words. A session is handed back to the room that made it; a rejection means that
// the keeper is away.
import type { Result } from "#base/errors";
import type { SignedIn } from "../ports.ts";

export interface PlanOffer {
  readonly name: string;
  readonly words: string;
  readonly mode: "provider" | "quorum" | "client-only";
  readonly services: readonly string[];
  readonly limits: { readonly storage: number; readonly recipientsPerDay: number };
  /** A month, tax included. */
  readonly cents: number;
  readonly currency: string;
}

export interface BillingInformation {
  readonly name: string;
  readonly company: string;
  readonly address: string;
  readonly vatId: string;
}

type InformationMistakes = {
  readonly [field in keyof BillingInformation]?:
    | "missing"
    | "too-long"
    | "card-number"
    | "no-vat-id";
};

/** Days are "YYYY-MM-DD", money integer cents; all of it is clear on disk. */
export interface InvoiceFacts {
  readonly id: string;
  readonly client: string;
  readonly kind: "invoice" | "credit-note";
  readonly state: "draft" | "open" | "paid" | "credited" | "note";
  readonly number: string;
  readonly reference: string;
  readonly issued: string;
  readonly due: string;
  readonly from: string;
  readonly to: string;
  readonly cents: number;
  readonly paidCents: number;
  readonly currency: string;
}

interface Rung {
  readonly day: string;
  readonly words: string;
  /** Whether its day has come. */
  readonly reached: boolean;
}

export interface OwnBilling {
  readonly plan: PlanOffer | undefined;
  /** What can be chosen instead; those whose keys would have to differ are left out. */
  readonly choices: readonly PlanOffer[];
  readonly credit: number;
  readonly currency: string;
  readonly billedFrom: string;
  readonly invoices: readonly (InvoiceFacts & { readonly ladder: readonly Rung[] })[];
  readonly moves: readonly {
    readonly day: string;
    readonly words: string;
    readonly cents: number;
  }[];
  readonly bank: { readonly holder: string; readonly iban: string; readonly bic: string };
}

export interface WaitingEntry {
  readonly id: string;
  readonly day: string;
  readonly words: string;
  readonly cents: number;
  readonly currency: string;
  readonly reference: string;
  readonly bankReference: string;
  /** False where it is not ours to credit: it can only be set aside. */
  readonly mayCredit: boolean;
}

export interface DeskBilling {
  readonly invoices: readonly InvoiceFacts[];
  readonly waiting: readonly WaitingEntry[];
  readonly codes: { readonly count: number; readonly cents: number };
  readonly currency: string;
  /** True while there is no file that says who sells. */
  readonly isTrialSeller: boolean;
}

/** In words: what was done, or why it was not. */
export interface Said {
  readonly ok: boolean;
  readonly words: string;
}

export interface BillingPages {
  offers(): readonly PlanOffer[];
  money(cents: number): string;
  own(session: SignedIn): Promise<OwnBilling | undefined>;
  information(session: SignedIn): Promise<BillingInformation | undefined>;
  /** Undefined removes it. */
  keepInformation(
    session: SignedIn,
    given: BillingInformation | undefined,
  ): Promise<
    | { readonly ok: true }
    | {
        readonly ok: false;
        readonly refusal: "mistakes" | "key-not-certified";
        readonly mistakes: InformationMistakes;
      }
  >;
  changePlan(
    session: SignedIn,
    plan: string,
  ): Promise<Result<true, "unknown" | "unknown-plan" | "other-mode" | "same-plan">>;
  /** Gives the cents. */
  redeem(session: SignedIn, code: string): Promise<Result<number, "no-such-code">>;
  /** A whole document by itself; undefined when it is not this client's. */
  invoiceHtml(session: SignedIn, id: string): Promise<InvoiceFile | undefined>;
  invoicePdf(session: SignedIn, id: string): Promise<InvoiceFile | undefined>;
  readonly desk: {
    view(): Promise<DeskBilling>;
    run(): Promise<Said>;
    importStatement(bytes: Uint8Array): Promise<Said>;
    settle(entry: string, number: number | undefined): Promise<Said>;
    creditNote(number: number, because: string): Promise<Said>;
    /** Octets that a statement may have. */
    readonly largestStatement: number;
  };
}

export interface InvoiceFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}
