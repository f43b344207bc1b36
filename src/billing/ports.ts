// What the billing room needs from its siblings, in its own words: who the clients are, sealing to a client's payment key, the
// keeper's opening for payment, moves of status, and telling a client.
import type { Result } from "#base/errors";

export type ClientState = "pending" | "active" | "past-due" | "suspended" | "closed" | "erased";

export interface BilledClient {
  readonly client: string;
  /** The mail address of the account: who an invoice without billing information is made out to. */
  readonly address: string;
  readonly status: ClientState;
  readonly plan: string;
  readonly planVersion: number;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** What a plan costs a month, tax included; 0 where it is free. */
export interface PlanPrice {
  readonly cents: number;
  readonly currency: string;
}

/** Something of class payment as it is sealed: what, whose. Billing information is "billing", an invoice its id. */
export interface PaymentObject {
  readonly context: {
    readonly class: "payment";
    readonly client: string;
    readonly account: "";
    readonly object: string;
    readonly part: "text";
  };
  readonly sealed: Uint8Array;
}

/** Opens objects for the client themselves, by the keeper, for `own`; made from their session. Rejects when the keeper is away. */
export type OpenOwn = (objects: readonly PaymentObject[]) => Promise<readonly Uint8Array[]>;

export interface BillingPorts {
  clients(): Promise<readonly BilledClient[]>;
  price(plan: string, version: number): PlanPrice | undefined;
  /** Seals to the client's certified payment key; undefined when the key in the database is not the one that was certified. */
  seal(context: PaymentObject["context"], bytes: Uint8Array): Promise<Uint8Array | undefined>;
  /** The keeper's opening for `process-payment`. Rejects when it is away. */
  openForPayment(
    objects: readonly PaymentObject[],
  ): Promise<
    | { readonly ok: true; readonly value: readonly Uint8Array[] }
    | { readonly ok: false; readonly refusal: string; readonly why: string }
  >;
  moveStatus(
    client: string,
    to: "active" | "past-due" | "suspended",
  ): Promise<Result<true, string>>;
  /** A letter and a line of the log that the client reads. `about` names the invoice or the payment: one letter of a kind for each. */
  notify(client: string, kind: NoticeKind, fields: NoticeFields, about: string): Promise<void>;
}

export type NoticeKind =
  | "invoice"
  | "credit-note"
  | "payment-received"
  | "payment-due"
  | "payment-reminder"
  | "payment-past-due"
  | "payment-suspension";

export type NoticeFields = { readonly [name: string]: string | number };

export function paymentContext(client: string, object: string): PaymentObject["context"] {
  return { class: "payment", client, account: "", object, part: "text" };
}

/** The object id of billing information; invoices have ids of 26 characters, so none has this one. */
export const INFORMATION = "billing";
