// Numbers, plurals and dates as a language writes them, from the tables that Node brings along. Pure; every time is UTC.

/** The forms of a counted word by plural category (Unicode CLDR); what a language does not name falls to "other". */
type Forms = { readonly [category in Intl.LDMLPluralRule]?: string } & {
  readonly other: string;
};

export interface Formats {
  readonly number: (count: number) => string;
  /** "1,204 views". */
  readonly counted: (count: number, forms: Forms) => string;
  /** Of milliseconds since 1970: "23 Nov 2026". */
  readonly date: (at: number) => string;
  /** Of a day "2026-11-23": "23 Nov". */
  readonly shortDay: (day: string) => string;
  /** Of a month "2026-11": "Nov 2026". */
  readonly month: (month: string) => string;
  /** Of a row of the week, Monday first: "Mon". */
  readonly weekDay: (row: number) => string;
}

/** `locale` is a BCP 47 tag. */
export function formats(locale: string): Formats {
  const numbers = new Intl.NumberFormat(locale);
  const plurals = new Intl.PluralRules(locale);
  const dates = (parts: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
    new Intl.DateTimeFormat(locale, { ...parts, timeZone: "UTC" });
  const date = dates({ day: "numeric", month: "short", year: "numeric" });
  const shortDay = dates({ day: "numeric", month: "short" });
  const month = dates({ month: "short", year: "numeric" });
  const weekDay = dates({ weekday: "short" });
  return {
    number: (count) => numbers.format(count),
    counted: (count, forms) =>
      `${numbers.format(count)} ${forms[plurals.select(count)] ?? forms.other}`,
    date: (at) => date.format(at),
    shortDay: (day) => shortDay.format(new Date(day)),
    month: (text) => month.format(new Date(text)),
    // The first Monday of 1970 was the fifth of January.
    weekDay: (row) => weekDay.format(Date.UTC(1970, 0, 5 + row)),
  };
}
