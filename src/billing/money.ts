// Money is integer cents and a currency, nowhere a fraction. Pure.

export interface Money {
  readonly cents: number;
  /** ISO 4217: "EUR". */
  readonly currency: string;
}

/** "1,234.50 EUR"; a minus for what goes back. */
export function moneyWords({ cents, currency }: Money): string {
  const sign = cents < 0 ? "-" : "";
  const whole = Math.trunc(Math.abs(cents) / 100).toLocaleString("en-GB");
  return `${sign}${whole}.${String(Math.abs(cents) % 100).padStart(2, "0")} ${currency}`;
}

// Below what a bank file or an invoice of ours can sensibly say, and far below 2^53 even in sums.
const MOST_DIGITS = 11;

/** A decimal amount as ISO 20022 writes it ("12", "12.5", "12.50") in cents; undefined for anything else, finer than a cent too. */
export function parseAmount(text: string): number | undefined {
  const match = /^(\d+)(?:\.(\d{1,5}))?$/.exec(text);
  const [, whole = "", fraction = ""] = match ?? [];
  if (match === null || whole.length > MOST_DIGITS) return undefined;
  if (!/^0*$/.test(fraction.slice(2))) return undefined;
  return Number(whole) * 100 + Number(fraction.slice(0, 2).padEnd(2, "0"));
}
