// Canonical forms of header fields and bodies for signing: relaxed (RFC 6376 §3.4.2 and §3.4.4). Pure.
import { createHash } from "node:crypto";
import { asBuffer } from "#base/bytes";

/** One field, with its CRLF, in relaxed form and without a CRLF at the end. Octets as latin1. */
export function relaxedField(field: string): string {
  const colon = field.indexOf(":");
  const name = field
    .slice(0, colon)
    .toLowerCase()
    .replaceAll(/[ \t\r\n]+$/g, "");
  const value = field
    .slice(colon + 1)
    .replaceAll(/\r?\n/g, "")
    .replaceAll(/[ \t]+/g, " ")
    .replace(/^ | $/g, "");
  return `${name}:${value.replace(/ $/, "")}`;
}

// Bodies are worked through in pieces, so that a large one makes no second copy of itself.
const PIECE = 256 * 1024;

/** SHA-256 of the body in relaxed form, base64. `from` is where the body begins; every line must end in CRLF. */
export function relaxedBodyHash(raw: Uint8Array, from: number): string {
  const bytes = asBuffer(raw);
  const hash = createHash("sha256");
  let blank = 0;
  let at = from;
  while (at < bytes.byteLength) {
    const lines: string[] = [];
    const stop = endOfPiece(bytes, at);
    const text = bytes.toString("latin1", at, stop);
    const parts = text.split("\r\n");
    if (parts.at(-1) === "") parts.pop();
    for (const part of parts) {
      const line = part.replaceAll(/[ \t]+/g, " ").replace(/ $/, "");
      if (line === "") {
        blank += 1;
        continue;
      }
      if (blank > 0) lines.push("\r\n".repeat(blank));
      blank = 0;
      lines.push(line, "\r\n");
    }
    hash.update(lines.join(""), "latin1");
    at = stop;
  }
  return hash.digest("base64");
}

/** After the last whole line of the next piece; the end where no line ends in it. */
function endOfPiece(bytes: Buffer, at: number): number {
  if (at + PIECE >= bytes.byteLength) return bytes.byteLength;
  const last = bytes.lastIndexOf("\r\n", at + PIECE);
  if (last >= at) return last + 2;
  const next = bytes.indexOf("\r\n", at + PIECE);
  return next === -1 ? bytes.byteLength : next + 2;
}
