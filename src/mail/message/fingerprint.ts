// The fingerprint of a letter: what stays the same on every copy of it, so that a reporter's copy can be compared with a stored one.
// Its bytes are SHA-256 over
//
//   "bailee fingerprint 1" LF
//   the fields Message-ID, From and Date in the order in which they stand, each in DKIM's relaxed form (RFC 6376 §3.4.2): name in
//     lower case, ":", the value unfolded with single spaces and none around it, CR LF
//   CR LF
//   the body in DKIM's relaxed form (RFC 6376 §3.4.4)
//
// Trace fields, folding, line ends, white space and empty lines at the end do not matter. There is no key in it: whoever stores one
// seals it. Pure, total, one pass.
import { createHash, type Hash } from "node:crypto";
import { fieldName, headerFields, isBlankLine, lineEnd } from "./scan.ts";

/** Octets of a fingerprint. */
export const FINGERPRINT_BYTES = 32;

const wanted = new Set(["message-id", "from", "date"]);

// A field longer than this is cut for the fingerprint on both sides alike, so that a hostile header costs no more than its reading.
const MAX_FIELD = 64 * 1024;

/** 32 octets for any bytes; the same for two copies of one letter. */
export function fingerprintOf(message: Uint8Array): Uint8Array {
  let head = "bailee fingerprint 1\n";
  let at = 0;
  for (const { name, start, end } of headerFields(message, 0, message.byteLength)) {
    at = end;
    if (!wanted.has(name)) continue;
    const { valueStart } = fieldName(message, start, end);
    head += `${name}:${relaxedValue(message, valueStart, end)}\r\n`;
  }
  const blank = lineEnd(message, at, message.byteLength);
  const hash = createHash("sha256").update(`${head}\r\n`, "latin1");
  relaxedBody(hash, message, isBlankLine(message, at, blank) ? blank : at);
  return hash.digest();
}

function relaxedValue(bytes: Uint8Array, start: number, end: number): string {
  const upTo = Math.min(end, start + MAX_FIELD);
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, upTo - start)
    .toString("latin1")
    .replaceAll(/[ \t\r\n]+/g, " ")
    .replace(/^ | $/g, "");
}

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;

/** Most of a letter is in relaxed form as it stands: it is hashed in long runs, cut only where something changes. */
function relaxedBody(hash: Hash, bytes: Uint8Array, start: number): void {
  const end = withoutEnd(bytes, start);
  if (end === start) return;
  const out = openGathering(hash);
  let from = start;
  for (;;) {
    const at = nextChange(bytes, from, end);
    out.put(bytes, from, at);
    if (at === end) break;
    from = at + 1;
    if (bytes[at] === LF) {
      out.put(lineBreak, 0, 2);
    } else {
      while (isBlank(bytes[from] ?? 0)) from += 1;
      if (!isLineEnd(bytes, from)) out.put(oneSpace, 0, 1);
    }
  }
  out.put(lineBreak, 0, 2);
  out.end();
}

/** Where the next octet stands that the relaxed form changes: a bare LF, a TAB, a space before white space; or `end`. */
function nextChange(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at += 1) {
    const octet = bytes[at] ?? 0;
    // Nine octets of ten leave here: this loop is what a fingerprint costs.
    if (octet > SPACE) continue;
    if (octet === LF ? bytes[at - 1] !== CR : octet === TAB) return at;
    if (octet !== SPACE) continue;
    const next = bytes[at + 1];
    if (next === SPACE || next === TAB || next === CR || next === LF) return at;
  }
  return end;
}

const lineBreak = Buffer.from("\r\n");
const oneSpace = Buffer.from(" ");

function isBlank(octet: number): boolean {
  return octet === SPACE || octet === TAB;
}

function isLineEnd(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] === LF);
}

/** Where the body ends without its last line end, empty lines, and white space before them. */
function withoutEnd(bytes: Uint8Array, start: number): number {
  let end = bytes.byteLength;
  while (end > start) {
    const last = bytes[end - 1] ?? 0;
    if (last === LF) end -= end - 1 > start && bytes[end - 2] === CR ? 2 : 1;
    else if (isBlank(last)) end -= 1;
    else break;
  }
  return end;
}

// Short pieces are put together, since a call of the hash costs as much as hashing a hundred octets; long ones go as they are.
const PIECE = 4096;

function openGathering(hash: Hash): {
  put(bytes: Uint8Array, from: number, to: number): void;
  end(): void;
} {
  const held = Buffer.allocUnsafe(PIECE);
  let length = 0;
  return {
    put(bytes, from, to) {
      if (from === to) return;
      if (length + to - from > PIECE) {
        if (length > 0) hash.update(held.subarray(0, length));
        length = 0;
        if (to - from > PIECE) {
          hash.update(bytes.subarray(from, to));
          return;
        }
      }
      held.set(bytes.subarray(from, to), length);
      length += to - from;
    },
    end() {
      if (length > 0) hash.update(held.subarray(0, length));
    },
  };
}
