// The words of a letter for SEARCH: headers with encoded words decoded, text parts with transfer encoding and charset undone.
// Substrings are matched exactly, not by words; attachments that are no text are not looked into.
import { decodeCharset } from "./charset.ts";
import { parameter } from "./parameters.ts";
import { fieldName, headerFields, unfold } from "./scan.ts";
import type { ParsedMessage, Part } from "./shape.ts";
import { decodeTransfer } from "./transfer.ts";
import { decodeWords } from "./words.ts";

/** Decodes the octets of a text part. An unknown transfer encoding is read as if there were none. */
export function decodeText(
  bytes: Uint8Array,
  encoding: string,
  charset: string | undefined,
): string {
  return decodeCharset(decodeTransfer(bytes, encoding) ?? bytes, charset);
}

/** The decoded text of one part, `bytes` being the whole message. */
export function partText(bytes: Uint8Array, part: Part): string {
  return decodeText(
    bytes.subarray(part.bodyStart, part.bodyEnd),
    part.encoding,
    parameter(part.parameters, "charset"),
  );
}

/** The decoded values of every field of a name (any case) in a header block: SEARCH HEADER, SUBJECT, FROM … */
export function* headerText(
  bytes: Uint8Array,
  start: number,
  end: number,
  name: string,
): Generator<string, void> {
  const wanted = name.toLowerCase();
  for (const field of headerFields(bytes, start, end)) {
    if (field.name === wanted) yield decodeWords(unfold(bytes, field.valueStart, field.end));
  }
}

/**
 * Pieces of decoded text, to be searched one by one: for "text" everything (RFC 9051 §6.4.4 TEXT), for "body" all but the
 * header of the message itself. Headers inside (of parts and of messages in the message) count as body.
 */
export function* searchText(
  bytes: Uint8Array,
  message: ParsedMessage,
  where: "text" | "body",
): Generator<string, void> {
  const { root } = message;
  if (where === "text") yield* headerLines(bytes, root.headerStart, root.bodyStart);
  yield* bodyText(bytes, root);
}

function* bodyText(bytes: Uint8Array, part: Part): Generator<string, void> {
  if (part.message !== null) {
    const { root } = part.message;
    yield* headerLines(bytes, root.headerStart, root.bodyStart);
    yield* bodyText(bytes, root);
  } else if (part.type === "multipart") {
    for (const child of part.parts) {
      yield* headerLines(bytes, child.headerStart, child.bodyStart);
      yield* bodyText(bytes, child);
    }
  } else if (part.type === "text" || part.type === "message") {
    yield partText(bytes, part);
  }
}

function* headerLines(bytes: Uint8Array, start: number, end: number): Generator<string, void> {
  for (const field of headerFields(bytes, start, end)) {
    const { valueStart } = fieldName(bytes, field.start, field.end);
    const name = decodeWords(unfold(bytes, field.start, Math.min(valueStart, field.end)));
    yield `${name} ${decodeWords(unfold(bytes, field.valueStart, field.end))}`;
  }
}

/**
 * Text as it is compared: normalization form C, lower case, both sigmas one. Simpler than i;unicode-casemap (RFC 5051), which
 * compares decomposed title case: an accented letter matches itself however it was composed, and no other.
 */
export function foldText(text: string): string {
  // Most mail is ASCII, for which the rest is nothing but a copy.
  // oxlint-disable-next-line no-control-regex
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase();
  return text.normalize("NFC").toLowerCase().normalize("NFC").replaceAll("ς", "σ");
}

/** Whether `needle` stands in `haystack` as a substring, case aside. An empty needle stands in everything. */
export function containsText(haystack: string, needle: string): boolean {
  return foldText(haystack).includes(foldText(needle));
}
