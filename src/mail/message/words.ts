// Encoded words of RFC 2047 in header text, decoded to Unicode for display and search. Total and linear.
import { decodeCharset, decodeRaw } from "./charset.ts";
import type { RawText } from "./shape.ts";
import { hexPair } from "./transfer.ts";

const encodedWord = /=\?([^?\s]+)\?([bBqQ])\?([^?]*)\?=/g;

interface Run {
  readonly charset: string;
  readonly octets: Uint8Array[];
}

/**
 * Header text with its encoded words decoded; the rest is UTF-8 where valid, else windows-1252. White space between encoded
 * words goes (RFC 2047 §6.2), and neighbours of one charset are joined before decoding, for mailers that cut characters.
 */
export function decodeWords(text: RawText): string {
  if (!text.includes("=?")) return decodeRaw(text);
  let out = "";
  let at = 0;
  let run: Run | undefined;
  for (const match of text.matchAll(encodedWord)) {
    const between = text.slice(at, match.index);
    const charset = (match[1] ?? "").replace(/\*.*$/s, "").toLowerCase();
    const joins = run !== undefined && /^[ \t\r\n]*$/.test(between);
    if (run !== undefined && !(joins && run.charset === charset)) {
      out += decodeRun(run);
      run = undefined;
    }
    if (!joins) out += decodeRaw(between);
    run ??= { charset, octets: [] };
    run.octets.push(wordOctets(match[2] ?? "", match[3] ?? ""));
    at = match.index + match[0].length;
  }
  if (run !== undefined) out += decodeRun(run);
  return out + decodeRaw(text.slice(at));
}

function decodeRun(run: Run): string {
  return decodeCharset(Buffer.concat(run.octets), run.charset);
}

function wordOctets(encoding: string, text: string): Uint8Array {
  if (encoding === "b" || encoding === "B") return Buffer.from(text, "base64");
  const bytes = Buffer.from(text, "latin1");
  const out = Buffer.allocUnsafe(bytes.byteLength);
  let length = 0;
  for (let at = 0; at < bytes.byteLength; at += 1) {
    const octet = bytes[at] ?? 0;
    const value = octet === 61 ? hexPair(bytes[at + 1], bytes[at + 2]) : undefined;
    if (value !== undefined) at += 2;
    out[length] = value ?? (octet === 95 ? 32 : octet);
    length += 1;
  }
  return out.subarray(0, length);
}
