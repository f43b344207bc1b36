// Bytes and their spellings. Decoders are strict: what does not encode back to the same text is refused.
import { timingSafeEqual } from "node:crypto";

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function fromUtf8(text: string): Uint8Array {
  return utf8.encode(text);
}

/** Decodes UTF-8; undefined when the bytes are not UTF-8. */
export function toUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** A Buffer over the same memory, for the methods that Uint8Array lacks. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function toHex(bytes: Uint8Array): string {
  return asBuffer(bytes).toString("hex");
}

/** Lower-case hex only; undefined for anything else. */
export function fromHex(text: string): Uint8Array | undefined {
  return /^(?:[0-9a-f]{2})*$/.test(text) ? Buffer.from(text, "hex") : undefined;
}

/** Standard base64 with padding, RFC 4648 §4. */
export function toBase64(bytes: Uint8Array): string {
  return asBuffer(bytes).toString("base64");
}

/** Strict base64: padding required, no white space, no stray bits (RFC 4648 §3.5). */
export function fromBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

/** URL-safe base64 without padding, RFC 4648 §5. */
export function toBase64Url(bytes: Uint8Array): string {
  return asBuffer(bytes).toString("base64url");
}

export function fromBase64Url(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : undefined;
}

/** Equality in time that depends on the lengths only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}

export function concatBytes(...parts: Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

/** Each field behind its length as 32 bits, big-endian, so that no two lists of fields give the same bytes. */
export function lengthPrefixed(fields: readonly (string | Uint8Array)[]): Uint8Array {
  const lengths = fields.map((field) => Buffer.byteLength(field));
  const out = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + 4 + length, 0));
  let at = 0;
  for (const [index, field] of fields.entries()) {
    const length = lengths[index] ?? 0;
    at = out.writeUInt32BE(length, at);
    if (typeof field === "string") out.write(field, at);
    else out.set(field, at);
    at += length;
  }
  return out;
}
