// A message as a multi-line response (RFC 1939 §3): a line that begins with a dot gets another one, and a line with a dot alone ends it.
// Pure. What is kept is sent octet for octet beside that and line ends; a last line without an end gets one, and UTF-8 in a header goes
// out as it is (RFC 6856 has a command for programs that can read it, and none asks).
import { asBuffer } from "#base/bytes";

const CRLF = Buffer.from("\r\n");
const [LF, CR, DOT] = [0x0a, 0x0d, 0x2e];
const END = Buffer.from(".\r\n");

/**
 * The octets to send, in pieces that share the message's memory. A line that ends with LF alone, as imported mail may have, gets its CR:
 * some programs take it for a line and some do not, and to the former a dot in it would be the end.
 */
export function stuffed(message: Uint8Array): Uint8Array[] {
  const bytes = asBuffer(message);
  const pieces: Uint8Array[] = [];
  let from = 0;
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] === DOT) {
      // The dot goes twice: once at the end of this piece, once at the start of the next.
      pieces.push(bytes.subarray(from, at + 1));
      from = at;
    }
    const end = bytes.indexOf(LF, at);
    if (end < 0) break;
    if (bytes[end - 1] !== CR || end === at) {
      pieces.push(bytes.subarray(from, end), CRLF);
      from = end + 1;
    }
    at = end + 1;
  }
  if (from < bytes.length) pieces.push(bytes.subarray(from));
  if (bytes.at(-1) !== LF) pieces.push(CRLF);
  pieces.push(END);
  return pieces;
}

/** The header, the line that ends it and so many lines of the body (RFC 1939 §7, TOP). */
export function topOf(message: Uint8Array, lines: number): Uint8Array {
  const bytes = asBuffer(message);
  const ends = ["\n\r\n", "\n\n"].flatMap((gap) => {
    const at = bytes.indexOf(gap);
    return at < 0 ? [] : [at + gap.length];
  });
  if (ends.length === 0) return bytes;
  let end = Math.min(...ends);
  for (let line = 0; line < lines && end < bytes.length; line += 1) end = nextLine(bytes, end);
  return bytes.subarray(0, end);
}

function nextLine(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(LF, from);
  return end < 0 ? bytes.length : end + 1;
}
