// Octets to Unicode by the charset that a part claims. What the platform's decoders do not know goes to iconv (libmime), loaded
// at the first letter that needs it.
import { createRequire } from "node:module";
import type * as Charset from "libmime/lib/charset.js";
import { asBuffer, toUtf8 } from "#base/bytes";

const require = createRequire(import.meta.url);

/**
 * Decodes octets. Never fails: what is no character of the charset is U+FFFD. Text without a charset, or that claims US-ASCII
 * and is not, is read as UTF-8 where it is valid, else as windows-1252 (as browsers do with ISO-8859-1).
 */
export function decodeCharset(bytes: Uint8Array, charset: string | undefined): string {
  const label = (charset ?? "").trim().toLowerCase();
  if (label === "utf-8" || label === "utf8") return asBuffer(bytes).toString("utf8");
  if (label === "" || label === "us-ascii" || label === "ascii" || label.startsWith("unknown")) {
    return toUtf8(bytes) ?? new TextDecoder("windows-1252").decode(bytes);
  }
  const decoder = decoderFor(label);
  if (decoder !== undefined) return decoder.decode(bytes);
  return decodeRare(bytes, label);
}

/** Whether a charset is known here by that name. */
export function canDecode(charset: string): boolean {
  const label = charset.trim().toLowerCase();
  return label === "us-ascii" || label === "utf-8" || decoderFor(label) !== undefined;
}

function decoderFor(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label);
  } catch {
    return undefined; // not a label that the platform knows
  }
}

/** An unknown charset is read as one without a claim: its ASCII part is right in nearly every case. */
function decodeRare(bytes: Uint8Array, label: string): string {
  try {
    const charset = require("libmime/lib/charset.js") as typeof Charset;
    const stream = charset.createDecodeStream(label);
    stream.destroy();
    return stream.supported ? charset.decode(asBuffer(bytes), label) : decodeCharset(bytes, "");
  } catch {
    return decodeCharset(bytes, "");
  }
}

/** Raw header text (one character per octet) that holds octets above 127: UTF-8 where valid, else windows-1252. */
export function decodeRaw(text: string): string {
  return /[\x80-\xff]/.test(text) ? decodeCharset(Buffer.from(text, "latin1"), "") : text;
}
