// Values to their spelling in answers (RFC 9051 §9). All text here has one character per octet (latin1), so that a header
// goes out as it came in; `Spelling` says whether the mail program enabled raw UTF-8 in quoted strings.
import { toUtf8 } from "#base/bytes";
import { months } from "./grammar-date.ts";

export interface Spelling {
  /** IMAP4rev2 or UTF8=ACCEPT was enabled: UTF-8 may stand in quoted strings. */
  readonly utf8: boolean;
}

// A quoted string longer than this goes out as a literal; some mail programs read lines of limited length.
const MAX_QUOTED = 1000;

/** A string of octets: quoted where the grammar allows, a literal otherwise. */
export function formatString(octets: string, { utf8 }: Spelling): string {
  if (octets.length <= MAX_QUOTED) {
    // oxlint-disable-next-line no-control-regex -- TEXT-CHAR is defined by them (RFC 9051 §9)
    if (/^[\x01-\x09\x0b\x0c\x0e-\x7f]*$/.test(octets)) return quote(octets);
    if (utf8 && /^[^\0\r\n]*$/.test(octets) && toUtf8(Buffer.from(octets, "latin1")) !== undefined)
      return quote(octets);
  }
  return `{${octets.length}}\r\n${octets}`;
}

/** null is NIL, which is not the empty string. */
export function formatNstring(octets: string | null, spelling: Spelling): string {
  return octets === null ? "NIL" : formatString(octets, spelling);
}

/** Text of ours (Unicode) as a string of UTF-8 octets. */
export function formatText(text: string, spelling: Spelling): string {
  return formatString(Buffer.from(text, "utf8").toString("latin1"), spelling);
}

function quote(octets: string): string {
  return `"${/["\\]/.test(octets) ? octets.replace(/["\\]/g, "\\$&") : octets}"`;
}

const pad = (value: number): string => String(value).padStart(2, "0");

/** RFC 9051 date-time in UTC: " 3-Feb-2026 09:05:00 +0000", with its quotes. */
export function formatDateTime(milliseconds: number): string {
  const date = new Date(milliseconds);
  const day = String(date.getUTCDate()).padStart(2, " ");
  const year = String(date.getUTCFullYear()).padStart(4, "0");
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(pad).join(":");
  return `"${day}-${months[date.getUTCMonth()] ?? ""}-${year} ${time} +0000"`;
}
