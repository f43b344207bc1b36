// A message that holds NUL, which no other part of mail can carry, turned into one that does not: parts with a NUL go into base64
// (RFC 3516 §4.4, §6), and nothing else is touched. Pure; no octet of any part's content is lost.
import { asBuffer } from "#base/bytes";
import { headerFields } from "./scan.ts";
import type { Part } from "./shape.ts";

// RFC 2045 §6.8: lines of at most 76 characters.
const LINE = 76;

const identities: ReadonlySet<string> = new Set(["7bit", "8bit", "binary"]);

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: Buffer;
}

/**
 * The message with every part that holds a NUL in base64, as it was where it holds none. Undefined when a NUL stands outside of a
 * part's own content, or in one with an encoding: there is no way to write such a message without changing what it says.
 */
export function withoutNul(bytes: Uint8Array, root: Part): Uint8Array | undefined {
  const whole = asBuffer(bytes);
  if (!whole.includes(0)) return bytes;
  const edits: Edit[] = [];
  for (const part of leaves(root)) {
    const body = whole.subarray(part.bodyStart, part.bodyEnd);
    if (!body.includes(0)) continue;
    if (!identities.has(part.encoding)) return undefined;
    edits.push(...encodingField(whole, part));
    const lines = body.toString("base64").match(new RegExp(`.{1,${LINE}}`, "g")) ?? [];
    edits.push({
      start: part.bodyStart,
      end: part.bodyEnd,
      // The line end before a boundary is the boundary's, and stays.
      text: Buffer.from(lines.join("\r\n")),
    });
  }
  const pieces: Buffer[] = [];
  let at = 0;
  for (const { start, end, text } of edits.sort((a, b) => a.start - b.start)) {
    pieces.push(whole.subarray(at, start), text);
    at = end;
  }
  pieces.push(whole.subarray(at));
  const written = Buffer.concat(pieces);
  return written.includes(0) ? undefined : written;
}

function* leaves(part: Part): Generator<Part, void> {
  if (part.message !== null) yield* leaves(part.message.root);
  else if (part.type === "multipart") for (const child of part.parts) yield* leaves(child);
  else yield part;
}

/** The part's Content-Transfer-Encoding, in place of the old one or before the first field. */
function encodingField(bytes: Buffer, { headerStart, bodyStart }: Part): readonly Edit[] {
  const text = Buffer.from("Content-Transfer-Encoding: base64\r\n");
  for (const { name, start, end } of headerFields(bytes, headerStart, bodyStart))
    if (name === "content-transfer-encoding") return [{ start, end, text }];
  return [{ start: headerStart, end: headerStart, text }];
}
