// The words of a letter for SEARCH: headers with encoded words decoded, text parts with transfer encoding and charset undone.
// Substrings are matched exactly, not by words; attachments that are no text are not looked into.
import { foldText } from "./casemap.ts";
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

/** Where text of a message stands: a block of header fields, or the text of a part. */
export interface TextPiece {
  readonly start: number;
  readonly end: number;
  /** Undefined for header fields. */
  readonly encoding: string | undefined;
  readonly charset: string | undefined;
}

/**
 * The pieces that a search looks through: for "text" everything, for "body" all but header fields, those of parts and of messages
 * within the message among them (RFC 9051 §6.4.4: BODY does not match any header fields).
 */
export function textPieces(message: ParsedMessage, where: "text" | "body"): readonly TextPiece[] {
  const pieces: TextPiece[] = [];
  if (where === "text") pieces.push(header(message.root));
  addPieces(pieces, message.root, where === "text");
  return pieces;
}

function header({ headerStart, bodyStart }: Part): TextPiece {
  return { start: headerStart, end: bodyStart, encoding: undefined, charset: undefined };
}

function addPieces(pieces: TextPiece[], part: Part, headers: boolean): void {
  if (part.message !== null) {
    const { root } = part.message;
    if (headers) pieces.push(header(root));
    addPieces(pieces, root, headers);
  } else if (part.type === "multipart") {
    for (const child of part.parts) {
      if (headers) pieces.push(header(child));
      addPieces(pieces, child, headers);
    }
  } else if (part.type === "text" || part.type === "message") {
    const { bodyStart: start, bodyEnd: end, encoding } = part;
    pieces.push({ start, end, encoding, charset: parameter(part.parameters, "charset") });
  }
}

/** The decoded text of pieces, to be searched one by one; `bytes` are the whole message. */
export function* searchText(
  bytes: Uint8Array,
  pieces: readonly TextPiece[],
): Generator<string, void> {
  for (const { start, end, encoding, charset } of pieces)
    if (encoding === undefined) yield* headerLines(bytes, start, end);
    else yield decodeText(bytes.subarray(start, end), encoding, charset);
}

function* headerLines(bytes: Uint8Array, start: number, end: number): Generator<string, void> {
  for (const field of headerFields(bytes, start, end)) {
    const { valueStart } = fieldName(bytes, field.start, field.end);
    const name = decodeWords(unfold(bytes, field.start, Math.min(valueStart, field.end)));
    yield `${name} ${decodeWords(unfold(bytes, field.valueStart, field.end))}`;
  }
}

/** Whether folded text (`foldText`) stands in a text as a substring. The empty text stands in everything. */
export function containsText(haystack: string, folded: string): boolean {
  return foldText(haystack).includes(folded);
}
