// What an invoice says, once and for all: seller, buyer, lines, tax, the policy in force. Made when it becomes final, sealed to
// the client's payment key, never changed: a mistake is answered by a credit note. Pure.
import { type Canonical, canonicalBytes, parseCanonical } from "#base/canonical";
import { Broken } from "#base/errors";
import type { BillingInformation } from "./information.ts";
import type { Period } from "./period.ts";
import { referenceOf } from "./reference.ts";
import { type Seller, taxOn } from "./seller.ts";

export type DocumentKind = "invoice" | "credit-note";

export interface Line {
  readonly words: string;
  readonly quantity: number;
  /** Of one, tax included. */
  readonly cents: number;
}

export interface InvoiceText {
  readonly kind: DocumentKind;
  readonly number: string;
  /** ISO 11649; of a credit note that of its invoice. */
  readonly reference: string;
  /** Days. */
  readonly issued: string;
  readonly due: string;
  readonly period: Period;
  readonly policy: string;
  readonly seller: {
    readonly name: string;
    readonly address: string;
    readonly vatId: string;
    readonly email: string;
    readonly bank: { readonly holder: string; readonly iban: string; readonly bic: string };
  };
  readonly buyer: BillingInformation & { readonly account: string };
  readonly lines: readonly Line[];
  readonly tax: {
    readonly name: string;
    /** Hundredths of a percent. */
    readonly rate: number;
    readonly note: string;
    readonly netCents: number;
    readonly taxCents: number;
  };
  readonly cents: number;
  readonly currency: string;
  /** Of a credit note: the number of the invoice, and why. */
  readonly corrects: string;
  readonly because: string;
}

/** Six digits sort as text for a million invoices; after that they only look less even. */
export function numberWords(number: number): string {
  return String(number).padStart(6, "0");
}

export function invoiceText(about: {
  readonly number: number;
  readonly issued: string;
  readonly due: string;
  readonly period: Period;
  readonly policy: string;
  readonly seller: Seller;
  readonly buyer: InvoiceText["buyer"];
  readonly lines: readonly Line[];
  readonly currency: string;
}): InvoiceText {
  const { number, issued, due, period, policy, seller, buyer, lines, currency } = about;
  const cents = lines.reduce((sum, line) => sum + line.quantity * line.cents, 0);
  const { name, rate, note } = taxOn(seller, issued);
  return {
    kind: "invoice",
    number: numberWords(number),
    reference: referenceOf(numberWords(number)),
    issued,
    due,
    period: { from: period.from, to: period.to },
    policy,
    seller: {
      name: seller.name,
      address: seller.address,
      vatId: seller.vatId,
      email: seller.email,
      bank: { ...seller.bank },
    },
    buyer: { ...buyer },
    lines: lines.map((line) => ({ ...line })),
    tax: { name, rate, note, ...splitTax(cents, rate) },
    cents,
    currency,
    corrects: "",
    because: "",
  };
}

/** The whole of an invoice given back, under a number of its own. */
export function creditNoteText(
  original: InvoiceText,
  about: { readonly number: number; readonly issued: string; readonly because: string },
): InvoiceText {
  const { tax } = original;
  return {
    ...original,
    kind: "credit-note",
    number: numberWords(about.number),
    issued: about.issued,
    due: about.issued,
    lines: original.lines.map((line) => ({ ...line, cents: negative(line.cents) })),
    tax: { ...tax, netCents: negative(tax.netCents), taxCents: negative(tax.taxCents) },
    cents: negative(original.cents),
    corrects: original.number,
    because: about.because,
  };
}

/** Prices include the tax: it is taken out of the sum, half a cent upwards, and what is left is the net. */
export function splitTax(
  cents: number,
  rate: number,
): { readonly netCents: number; readonly taxCents: number } {
  const netCents = Math.round((cents * 10_000) / (10_000 + rate));
  return { netCents, taxCents: cents - netCents };
}

function negative(cents: number): number {
  return cents === 0 ? 0 : -cents;
}

export function encodeInvoice(text: InvoiceText): Uint8Array {
  return canonicalBytes({ version: 1, ...text } as unknown as Canonical);
}

/** What we sealed ourselves has this form; anything else is broken. */
export function decodeInvoice(bytes: Uint8Array): InvoiceText {
  const { version, ...text } = Object(parseCanonical(bytes)) as InvoiceText & { version?: number };
  if (version !== 1 || typeof text.number !== "string" || typeof text.cents !== "number")
    throw new Broken("an opened invoice has another form");
  return text;
}

export function rateWords(rate: number): string {
  return `${(rate / 100).toLocaleString("en-GB")} %`;
}
