// The few words of a letter that lists show (RFC 8970). Looks at the beginning of one part only, whatever the letter's size.
import { decodeCharset } from "./charset.ts";
import { parameter } from "./parameters.ts";
import type { Part } from "./shape.ts";
import { decodeTransfer } from "./transfer.ts";

// RFC 8970 §3.3: no more than 256, and better no more than 200.
const MAX_CHARACTERS = 200;
// Two hundred characters fit in 4 KiB of any transfer encoding; HTML has its styles first.
const PLAIN_OCTETS = 4 * 1024;
const HTML_OCTETS = 32 * 1024;

/** Decoded text on one line; empty when no part is text. */
export function previewOf(bytes: Uint8Array, root: Part): string {
  const part = firstText(root);
  if (part === undefined) return "";
  const html = part.subtype === "html" || part.subtype === "xhtml";
  const limit = part.bodyStart + (html ? HTML_OCTETS : PLAIN_OCTETS);
  const raw = bytes.subarray(part.bodyStart, Math.min(part.bodyEnd, limit));
  const decoded = decodeTransfer(raw, part.encoding) ?? raw;
  const text = decodeCharset(decoded, parameter(part.parameters, "charset"));
  return shortened(html ? stripHtml(text) : withoutQuotes(text));
}

export function firstText(part: Part): Part | undefined {
  if (part.disposition?.type === "attachment") return undefined;
  if (part.type === "text") return part.bodyEnd > part.bodyStart ? part : undefined;
  for (const child of part.message === null ? part.parts : [part.message.root]) {
    const found = firstText(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Lines of quoted text are left out, unless there is nothing else. */
function withoutQuotes(text: string): string {
  if (!text.startsWith(">") && !text.includes("\n>")) return text;
  const own = text
    .split("\n")
    .filter((line) => !line.startsWith(">"))
    .join("\n");
  return own.trim() === "" ? text : own;
}

function shortened(text: string): string {
  const line = text
    .slice(0, 8 * MAX_CHARACTERS)
    // Single spaces, the most of what would match, are left as they are.
    .replace(/[\s\p{Cc}\ufffd]{2,}|[^\S ]|[\p{Cc}\ufffd]/gu, " ")
    .trim();
  // A character beyond U+FFFF is two units of a string.
  const characters = Array.from(line.slice(0, 2 * MAX_CHARACTERS)).slice(0, MAX_CHARACTERS);
  return characters.join("").toWellFormed().trimEnd();
}

const entities: { readonly [name: string]: string } = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
};

/** The text of HTML without tags, comments, and what style, script, head and title hold. For previews, not for display. */
export function stripHtml(html: string): string {
  const out: string[] = [];
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf("<", at);
    if (open < 0) break;
    out.push(html.slice(at, open));
    at = afterTag(html, open);
    out.push(" ");
  }
  if (at < html.length) out.push(html.slice(at));
  return out
    .join("")
    .replace(/&(#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{1,8});/gi, (whole, name: string) =>
      entity(whole, name),
    );
}

/** Where the text goes on after the tag, comment or hidden element that begins at `open`. */
function afterTag(html: string, open: number): number {
  if (html.startsWith("<!--", open)) return after(html, "-->", open + 4);
  const hidden = /^<(style|script|head|title)\b/i.exec(html.slice(open, open + 10))?.[1];
  if (hidden === undefined) return after(html, ">", open);
  // Only the lower-case or upper-case end tag is looked for; mailers write no other.
  const lower = html.indexOf(`</${hidden.toLowerCase()}`, open);
  const upper = html.indexOf(`</${hidden.toUpperCase()}`, open);
  const close = lower < 0 ? upper : upper < 0 ? lower : Math.min(lower, upper);
  return close < 0 ? html.length : after(html, ">", close);
}

function after(html: string, mark: string, from: number): number {
  const found = html.indexOf(mark, from);
  return found < 0 ? html.length : found + mark.length;
}

function entity(whole: string, name: string): string {
  if (!name.startsWith("#")) return entities[name.toLowerCase()] ?? whole;
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : " ";
}
