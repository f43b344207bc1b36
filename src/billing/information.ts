// Billing information: who an invoice is made out to. Nothing of it is needed to have an account. A card number is refused
// wherever it is typed; this never keeps one.
import { canonicalBytes, parseCanonical } from "#base/canonical";
import { Broken } from "#base/errors";

export interface BillingInformation {
  readonly name: string;
  readonly company: string;
  readonly address: string;
  readonly vatId: string;
}

const names = ["name", "company", "address", "vatId"] as const;
export type InformationField = (typeof names)[number];

export type InformationMistakes = {
  readonly [field in InformationField]?: "missing" | "too-long" | "card-number" | "no-vat-id";
};

// Room for any name or address that is written by hand; five lines of an envelope have some 300 characters.
const LONGEST = 400;

/** Tidied fields, or each field's mistake. Total. */
export function checkInformation(
  given: BillingInformation,
):
  | { readonly ok: true; readonly value: BillingInformation }
  | { readonly ok: false; readonly mistakes: InformationMistakes } {
  const tidy = (text: string): string =>
    text.toWellFormed().normalize("NFC").replaceAll("\r\n", "\n").trim();
  const value = {
    name: tidy(given.name),
    company: tidy(given.company),
    address: tidy(given.address),
    vatId: tidy(given.vatId)
      .replaceAll(/[\s.-]/g, "")
      .toUpperCase(),
  };
  const mistakes: {
    [field in InformationField]?: "missing" | "too-long" | "card-number" | "no-vat-id";
  } = {};
  for (const field of names) {
    if (value[field].length > LONGEST) mistakes[field] = "too-long";
    else if (looksLikeCardNumber(given[field])) mistakes[field] = "card-number";
  }
  if (value.name === "" && value.company === "") mistakes.name ??= "missing";
  if (value.address === "") mistakes.address ??= "missing";
  // Two letters of the country, then two to twelve characters: the widest of the EU's forms.
  if (value.vatId !== "" && !/^[A-Z]{2}[A-Z0-9+*]{2,12}$/.test(value.vatId))
    mistakes.vatId ??= "no-vat-id";
  return Object.keys(mistakes).length === 0 ? { ok: true, value } : { ok: false, mistakes };
}

/**
 * True when a run of digits, however grouped, holds a card number: 13 to 19 digits with the first digit and the check digit
 * that cards have (ISO/IEC 7812-1, Luhn).
 */
export function looksLikeCardNumber(text: string): boolean {
  // Digits of any width count: full-width ones paste as well.
  for (const { 0: run } of text.normalize("NFKC").matchAll(/\d(?:[\s.\-_/]*\d){12,}/g)) {
    // Two numbers in one line: more digits than three cards have are no address either way.
    const digits = run.replaceAll(/\D/g, "").slice(0, 60);
    for (let start = 0; start + 13 <= digits.length; start += 1)
      for (let length = 13; length <= 19 && start + length <= digits.length; length += 1) {
        const isWhole = length === digits.length;
        // Within a longer run only what has a card's usual length, or every long number would hold one by chance.
        if ((isWhole || length >= 15) && isCardNumber(digits.slice(start, start + length)))
          return true;
      }
  }
  return false;
}

function isCardNumber(digits: string): boolean {
  return /^[2-6]/.test(digits) && passesLuhn(digits);
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (const [index, digit] of Array.from(digits).reverse().entries()) {
    const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

export function encodeInformation({
  name,
  company,
  address,
  vatId,
}: BillingInformation): Uint8Array {
  return canonicalBytes({ name, company, address, vatId });
}

/** What we sealed ourselves has this form; anything else is broken. */
export function decodeInformation(bytes: Uint8Array): BillingInformation {
  const { name, company, address, vatId } = Object(
    parseCanonical(bytes),
  ) as Partial<BillingInformation>;
  if (name === undefined || company === undefined || address === undefined || vatId === undefined)
    throw new Broken("opened billing information has another form");
  return { name, company, address, vatId };
}
