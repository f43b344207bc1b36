// The Date field of a message (RFC 5322 §3.3 with the obsolete forms of §4.3), and what else is found there. Total.

export interface MailDate {
  /** Since 1970-01-01T00:00Z. */
  readonly seconds: number;
  /** East of UTC; 0 for zones that say nothing ("-0000", military letters). */
  readonly offsetMinutes: number;
}

// No date of RFC 5322 is longer than 40 characters; a comment may follow.
const MAX_LENGTH = 256;
const DAY = 86_400;

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const zones: { readonly [name: string]: number } = {
  EST: -300,
  EDT: -240,
  CST: -360,
  CDT: -300,
  MST: -420,
  MDT: -360,
  PST: -480,
  PDT: -420,
};

const clock = String.raw`(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d{1,9})?)?`;
const zone = String.raw`(?:\s*([+-]\d{4}|[A-Za-z]{1,5})\b)?`;
/** `Mon, 23 Nov 2026 18:00:00 +0000`, also with hyphens. */
const usual = new RegExp(
  String.raw`^(?:[A-Za-z]{2,9}\s*,?\s*)?(\d{1,2})[\s-]+([A-Za-z]{3})[A-Za-z]{0,6}[\s-]+(\d{2,4})\s+${clock}${zone}`,
);
/** What C's asctime gives: `Mon Nov 23 18:00:00 2026`, with a zone before or after the year. */
const asctime = new RegExp(
  String.raw`^[A-Za-z]{3}\s+([A-Za-z]{3})\s+(\d{1,2})\s+${clock}${zone}\s+(\d{4})${zone}`,
);

/** The instant and zone that a Date field names; undefined when it names none. */
export function parseDate(text: string): MailDate | undefined {
  const bare = withoutComments(text.slice(0, MAX_LENGTH)).trim();
  const a = usual.exec(bare);
  if (a !== null) return instant(a[3], a[2], a[1], [a[4], a[5], a[6]], a[7]);
  const b = asctime.exec(bare);
  if (b !== null) return instant(b[7], b[1], b[2], [b[3], b[4], b[5]], b[6] ?? b[8]);
  return undefined;
}

const dayOnly =
  /^(?:[A-Za-z]{2,9}\s*,?\s*)?(\d{1,2})[\s-]+([A-Za-z]{3})[A-Za-z]{0,6}[\s-]+(\d{2,4})(?![\d])/;

/**
 * The sent date of RFC 5256 §2.2, milliseconds since 1970: adjusted to UTC; 00:00 where the time is wrong; undefined where not even
 * a day can be read.
 */
export function sentAt(text: string): number | undefined {
  const date = parseDate(text);
  if (date !== undefined) return date.seconds * 1000;
  const day = dayAlone(text);
  return day === undefined ? undefined : day * DAY * 1000;
}

/** The day that a Date field names, whatever its time and zone (RFC 9051 §6.4.4, SENTON), in days since 1970. */
export function dayOfDate(text: string): number | undefined {
  const date = parseDate(text);
  return date === undefined
    ? dayAlone(text)
    : Math.floor((date.seconds + date.offsetMinutes * 60) / DAY);
}

function dayAlone(text: string): number | undefined {
  const match = dayOnly.exec(withoutComments(text.slice(0, MAX_LENGTH)).trim());
  if (match === null) return undefined;
  const found = instant(match[3], match[2], match[1], ["0", "0", "0"], undefined);
  return found === undefined ? undefined : found.seconds / DAY;
}

function instant(
  year: string | undefined,
  month: string | undefined,
  day: string | undefined,
  [hour, minute, second]: readonly (string | undefined)[],
  zoneName: string | undefined,
): MailDate | undefined {
  const monthIndex = months.indexOf((month ?? "").toLowerCase());
  const dayOfMonth = Number(day);
  const [h, m, s] = [Number(hour), Number(minute), Number(second ?? 0)];
  if (monthIndex < 0 || dayOfMonth < 1 || dayOfMonth > 31 || h > 24 || m > 59 || s > 60) {
    return undefined;
  }
  const offsetMinutes = offsetOf(zoneName ?? "");
  // setUTCFullYear, since Date.UTC takes the years 0 to 99 for another century.
  const date = new Date(0);
  date.setUTCFullYear(fullYear(year ?? ""), monthIndex, dayOfMonth);
  if (date.getUTCMonth() !== monthIndex) return undefined; // the 31st of a shorter month
  const local = date.getTime() / 1000 + h * 3600 + m * 60 + s;
  return { seconds: local - offsetMinutes * 60, offsetMinutes };
}

/** RFC 5322 §4.3: two digits up to 49 are 20xx, other two or three digits count from 1900. */
function fullYear(text: string): number {
  const year = Number(text);
  if (text.length >= 4) return year;
  return text.length === 2 && year < 50 ? 2000 + year : 1900 + year;
}

function offsetOf(name: string): number {
  const numeric = /^([+-])(\d\d)(\d\d)$/.exec(name);
  if (numeric === null) return zones[name.toUpperCase()] ?? 0;
  const minutes = Number(numeric[2]) * 60 + Number(numeric[3]);
  return numeric[1] === "-" ? 0 - minutes : minutes;
}

function withoutComments(text: string): string {
  let out = "";
  let depth = 0;
  for (const char of text) {
    if (char === "(") depth += 1;
    else if (char === ")") depth = Math.max(0, depth - 1);
    else if (depth === 0) out += char;
  }
  return out;
}
