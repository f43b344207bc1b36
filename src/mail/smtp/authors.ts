// Whom a submitted message says it is from: its From and Sender fields and their Resent- kin (RFC 5322 §3.6.2, §3.6.6). A client may
// name their own addresses only, in a way that every reader reads alike. Pure.
import { toUtf8 } from "#base/bytes";
import { headerFields, parseAddresses, unfold } from "#mail/message";
import { headerOf } from "./inspect.ts";

/** More authors than this is nobody's letter, and each is a look-up. */
const MAX_AUTHORS = 20;

// Twenty addresses of the greatest length with their names; what is longer would be read in part only.
const MAX_FIELD = 16 * 1024;

const authorFields = new Set(["from", "sender", "resent-from", "resent-sender"]);

/**
 * The addresses as they stand; a group's marks are left out. Undefined when it cannot be said whom the letter is from: no From or more
 * than one, no address in it, a line in the header that is no field, or a field that goes on without end.
 */
export function authorsOf(raw: Uint8Array): readonly string[] | undefined {
  if (!isHeader(headerOf(raw))) return undefined;
  const authors = new Set<string>();
  const seen: string[] = [];
  for (const { name, valueStart, end } of headerFields(raw, 0, raw.byteLength)) {
    if (!authorFields.has(name)) continue;
    if (end - valueStart > MAX_FIELD) return undefined;
    const before = authors.size;
    const value = unfold(raw, valueStart, end);
    for (const { mailbox, host } of parseAddresses(value))
      if (mailbox !== null && host !== null) authors.add(spelled(`${mailbox}@${host}`));
    for (const address of looseAddresses(value)) authors.add(spelled(address));
    if (authors.size === before && authors.size === 0) return undefined;
    seen.push(name);
  }
  const once = ["from", "sender"].every((name) => seen.filter((one) => one === name).length < 2);
  return once && seen.includes("from") && authors.size <= MAX_AUTHORS ? [...authors] : undefined;
}

/** Every line is a field or goes on with one; readers differ in what they make of another. */
function isHeader(header: string): boolean {
  const lines = header.split("\r\n").slice(0, header.endsWith("\r\n") ? -1 : undefined);
  return lines.every(
    (line, at) => /^[\x21-\x39\x3b-\x7e]+[ \t]*:/.test(line) || (at > 0 && /^[ \t]/.test(line)),
  );
}

/** Whatever stands there like an address outside quotes, comments and encoded words: a reader may take it for the author. */
function looseAddresses(value: string): readonly string[] {
  const bare = value
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, " ")
    .replaceAll(/\([^()]*\)/g, " ")
    .replaceAll(/=\?[^?\s]+\?[bq]\?[^?\s]*\?=/gi, " ");
  return bare.match(/[^\s<>()[\]\\,;:"@]{1,64}@[^\s<>()\\,;:"@]{1,255}/g) ?? [];
}

function spelled(octets: string): string {
  return toUtf8(Buffer.from(octets, "latin1")) ?? octets;
}
