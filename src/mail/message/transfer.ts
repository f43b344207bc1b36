// Content-Transfer-Encoding undone (RFC 2045 §6). Total: what does not belong to an encoding is passed over or kept as it is.
import { asBuffer } from "#base/bytes";

/** The octets of a body after its transfer encoding; undefined for an encoding that nobody knows. */
export function decodeTransfer(bytes: Uint8Array, encoding: string): Uint8Array | undefined {
  switch (encoding) {
    case "7bit":
    case "8bit":
    case "binary":
      return bytes;
    case "base64":
      return decodeBase64(bytes);
    case "quoted-printable":
      return decodeQuotedPrintable(bytes);
    default:
      return undefined;
  }
}

// Encoders that put files together made two or three runs; what is behind a thousand is an attack on memory.
const MAX_RUNS = 1000;

/** Octets outside the alphabet are passed over; after padding, as where files were put together, a new run begins. */
function decodeBase64(bytes: Uint8Array): Uint8Array {
  const text = asBuffer(bytes).toString("latin1", 0, bytes.byteLength);
  const pad = text.indexOf("=");
  if (pad < 0 || /^[=\s]*$/.test(text.slice(pad, pad + 100))) return Buffer.from(text, "base64");
  return Buffer.concat(text.split(/=+/, MAX_RUNS).map((run) => Buffer.from(run, "base64")));
}

const EQUALS = 61;
const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;

function decodeQuotedPrintable(bytes: Uint8Array): Uint8Array {
  const out = Buffer.allocUnsafe(bytes.byteLength);
  let length = 0;
  // Behind the last octet that is no blank: blanks at the end of a line were added on the way and go (RFC 2045 §6.7, rule 3).
  let solid = 0;
  let at = 0;
  const put = (octet: number, isBlank: boolean): void => {
    out[length] = octet;
    length += 1;
    if (!isBlank) solid = length;
  };
  while (at < bytes.byteLength) {
    const octet = bytes[at] ?? 0;
    if (octet !== EQUALS) {
      if (octet === LF || (octet === CR && bytes[at + 1] === LF)) length = solid;
      put(octet, octet === SPACE || octet === TAB);
      at += 1;
      continue;
    }
    const value = hexPair(bytes[at + 1], bytes[at + 2]);
    if (value !== undefined) {
      put(value, false);
      at += 3;
      continue;
    }
    const soft = softBreak(bytes, at + 1);
    if (soft === 0) {
      put(EQUALS, false); // not an encoding: it stands for itself (RFC 2045 §6.7, note)
      at += 1;
    } else {
      solid = length; // blanks before a soft break are no end of a line
      at = soft;
    }
  }
  return out.subarray(0, solid);
}

/** Where the next line begins when only white space stands before it; 0 when this is no soft line break. */
function softBreak(bytes: Uint8Array, from: number): number {
  let at = from;
  // No more than a line's worth of white space, so that a body of "= = =" and blanks stays linear.
  const limit = Math.min(bytes.byteLength, from + 76);
  while (at < limit && (bytes[at] === 32 || bytes[at] === 9)) at += 1;
  if (bytes[at] === CR && bytes[at + 1] === LF) return at + 2;
  if (bytes[at] === LF) return at + 1;
  return at === bytes.byteLength ? at : 0;
}

export function hexPair(high: number | undefined, low: number | undefined): number | undefined {
  const a = hexDigit(high);
  const b = hexDigit(low);
  return a === undefined || b === undefined ? undefined : a * 16 + b;
}

function hexDigit(octet: number | undefined): number | undefined {
  if (octet === undefined) return undefined;
  if (octet >= 48 && octet <= 57) return octet - 48;
  const upper = octet & 0xdf;
  return upper >= 65 && upper <= 70 ? upper - 55 : undefined;
}
