// Who sells: what stands on every invoice, where to pay, the tax rates with the day from which each holds, the days of the
// ladder. Read from seller.json in the data folder; without the file a trial seller that cannot be mistaken for a real one.
import * as v from "valibot";

const text = (most: number) => v.pipe(v.string(), v.trim(), v.maxLength(most), v.normalize("NFC"));
const day = v.pipe(v.string(), v.isoDate());
const days = (fewest: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(fewest), v.maxValue(366));

const taxRate = v.strictObject({
  from: day,
  name: text(40),
  /** Hundredths of a percent: 1900 is 19 %. */
  rate: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10_000)),
  /** Printed below the sum: why no tax is charged, for instance. */
  note: v.optional(text(300), ""),
});

const ladder = v.pipe(
  v.strictObject({ reminder: days(1), pastDue: days(2), suspended: days(3) }),
  v.check(
    ({ reminder, pastDue, suspended }) => reminder < pastDue && pastDue < suspended,
    "reminder, pastDue and suspended follow each other",
  ),
);

const schema = v.strictObject({
  name: v.pipe(text(200), v.minLength(1)),
  address: v.pipe(text(400), v.minLength(1)),
  vatId: v.optional(text(20), ""),
  email: v.optional(text(254), ""),
  bank: v.strictObject({
    holder: text(140),
    iban: v.pipe(
      v.string(),
      v.transform((value) => value.replaceAll(/\s/g, "").toUpperCase()),
      v.check(isIban, "the check digits of the IBAN are wrong"),
    ),
    bic: v.optional(text(11), ""),
  }),
  /** The newest that has begun holds. */
  taxes: v.pipe(v.array(taxRate), v.minLength(1), v.maxLength(100)),
  /** Days from issue to the due day. */
  dueDays: v.optional(days(1), 14),
  ladder: v.optional(ladder, { reminder: 7, pastDue: 14, suspended: 28 }),
});

export type Seller = v.InferOutput<typeof schema>;
export type TaxRate = Seller["taxes"][number];

/** The IBAN is the one that ISO 13616 and every bank use as an example. */
export const trialSeller: Seller = v.parse(schema, {
  name: "Trial provider (no seller.json yet)",
  address: "This invoice is not a demand for money",
  bank: { holder: "Trial provider", iban: "GB82 WEST 1234 5698 7654 32" },
  taxes: [{ from: "2000-01-01", name: "VAT", rate: 0 }],
});

/** The settings in a text, or what is wrong with it, each mistake with its field. Total. */
export function parseSeller(
  json: string,
):
  | { readonly ok: true; readonly value: Seller }
  | { readonly ok: false; readonly mistakes: readonly string[] } {
  let given: unknown;
  try {
    given = JSON.parse(json);
  } catch {
    return { ok: false, mistakes: ["it is not JSON"] };
  }
  const result = v.safeParse(schema, given);
  if (result.success) return { ok: true, value: result.output };
  return {
    ok: false,
    mistakes: result.issues.map((issue) => `${v.getDotPath(issue) ?? "file"}: ${issue.message}`),
  };
}

/** The rate that holds on a day; the earliest one before all begin. */
export function taxOn(seller: Pick<Seller, "taxes">, onDay: string): TaxRate {
  const sorted = [...seller.taxes].sort((a, b) => (a.from < b.from ? -1 : 1));
  const found = sorted.findLast(({ from }) => from <= onDay) ?? sorted[0];
  if (found === undefined) throw new TypeError("a seller has at least one tax rate");
  return found;
}

/** ISO 13616: country, check digits, up to 30 more; MOD 97-10 over the rearranged text is 1. */
function isIban(iban: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(iban)) return false;
  let rest = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}
