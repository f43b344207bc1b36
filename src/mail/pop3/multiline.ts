// A message as a multi-line response (RFC 1939 §3): a line that begins with a dot gets another one, and a line with a dot alone ends it.
// Pure. What is kept is sent octet for octet beside that; only a last line without an end gets one, and UTF-8 in a header goes
// out as it is (RFC 6856 has a command for programs that can read it, and none asks).
import { asBuffer } from "#base/bytes";

const CRLF = Buffer.from("\r\n");
const DOT = 0x2e;
const END = Buffer.from(".\r\n");

/** The octets to send, in pieces that share the message's memory. */
export function stuffed(message: Uint8Array): Uint8Array[] {
  const bytes = asBuffer(message);
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (let at = 0; at < bytes.length; at = nextLine(bytes, at)) {
    if (bytes[at] !== DOT) continue;
    // The dot goes twice: once at the end of this piece, once at the start of the next.
    pieces.push(bytes.subarray(from, at + 1));
    from = at;
  }
  if (from < bytes.length) pieces.push(bytes.subarray(from));
  if (!bytes.subarray(-2).equals(CRLF)) pieces.push(CRLF);
  pieces.push(END);
  return pieces;
}

/** The header, the line that ends it and so many lines of the body (RFC 1939 §7, TOP). */
export function topOf(message: Uint8Array, lines: number): Uint8Array {
  const bytes = asBuffer(message);
  const gap = bytes.indexOf("\r\n\r\n");
  if (gap < 0) return bytes;
  let end = gap + 4;
  for (let line = 0; line < lines && end < bytes.length; line += 1) end = nextLine(bytes, end);
  return bytes.subarray(0, end);
}

function nextLine(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(CRLF, from);
  return end < 0 ? bytes.length : end + 2;
}
