// A report as it is sealed: what was said, and the copy that came with it. Reads of a copy what matching and sorting need; pure.
import { fromUtf8, toBase64, toHex, toUtf8 } from "#base/bytes";
import { SECOND } from "#base/time";
import { type Address, fingerprintOf, headerValue, parseDate, parseMessage } from "#mail/message";
import { printable } from "./arf.ts";

export interface Report {
  readonly what: string;
  readonly contact: string;
  readonly about: string;
  readonly feedback: string;
  /** Base64 of the copy's beginning. */
  readonly copy: string;
  /** Hex; "" where no whole message came. */
  readonly fingerprint: string;
  /** The copy's own date, milliseconds since 1970; 0 where it has none. */
  readonly date: number;
}

// What a person reads of a message before they decide; the fingerprint is made over all of it.
const KEPT_COPY = 256 * 1024;

export function makeReport(given: {
  readonly what: string;
  readonly contact: string;
  readonly about: string;
  readonly feedback: string;
  readonly copy: Uint8Array | undefined;
  readonly isWhole: boolean;
}): Report {
  const { copy, isWhole } = given;
  return {
    what: printable(given.what),
    contact: printable(given.contact),
    about: printable(given.about),
    feedback: given.feedback,
    copy: copy === undefined ? "" : toBase64(copy.subarray(0, KEPT_COPY)),
    fingerprint: copy === undefined || !isWhole ? "" : toHex(fingerprintOf(copy)),
    date: copy === undefined ? 0 : dateOf(copy),
  };
}

export function encodeReport(report: Report): Uint8Array {
  return fromUtf8(JSON.stringify(report));
}

/** What `encodeReport` made; it was sealed by us, so that it is read as it is. */
export function decodeReport(bytes: Uint8Array): Report {
  return JSON.parse(toUtf8(bytes) ?? "{}") as Report;
}

/** The copy for people's eyes, as much as a page holds. */
export function copyText(report: Report): string {
  const bytes = Buffer.from(report.copy, "base64").subarray(0, SHOWN_COPY);
  return printable(new TextDecoder().decode(bytes).replaceAll("\r\n", "\n"));
}

// Some hundred lines; the whole copy is with the reporter.
const SHOWN_COPY = 16 * 1024;

/**
 * Addresses that a copy names, in the order in which a report is most likely about them: who wrote it, who handed it in, then whom
 * it was for. Lower case, without repetition, no more than a few.
 */
export function partiesOf(copy: Uint8Array): readonly string[] {
  const { envelope } = parseMessage(copy);
  const returnPath = headerValue(copy, 0, copy.byteLength, "return-path") ?? "";
  const delivered = headerValue(copy, 0, copy.byteLength, "delivered-to") ?? "";
  const lists: readonly (readonly Address[] | null)[] = [envelope.from, envelope.sender];
  const recipients: readonly (readonly Address[] | null)[] = [envelope.to, envelope.cc];
  const named = [
    ...lists.flatMap(addressesOf),
    ...(returnPath.match(/[^<>\s]+@[^<>\s]+/g) ?? []),
    ...(delivered.match(/[^<>\s]+@[^<>\s]+/g) ?? []),
    ...recipients.flatMap(addressesOf),
  ];
  return [...new Set(named.map((address) => address.toLowerCase()))].slice(0, MOST_PARTIES);
}

// Each is looked up; a letter to a hundred people is about its sender.
const MOST_PARTIES = 20;

function addressesOf(list: readonly Address[] | null): readonly string[] {
  return (list ?? []).flatMap(({ mailbox, host }) =>
    mailbox === null || host === null ? [] : [`${mailbox}@${host}`],
  );
}

function dateOf(copy: Uint8Array): number {
  const text = headerValue(copy, 0, copy.byteLength, "date");
  const date = text === undefined ? undefined : parseDate(text);
  return date === undefined ? 0 : Math.max(0, date.seconds * SECOND);
}
