// Paths and addresses as RFC 5321 §4.1.2 spells them (RFC 6531 §3.3 adds UTF-8). Pure and total.
import { MAX_ADDRESS } from "./limits.ts";

export interface Path {
  /** "" for the null reverse-path; otherwise local part, "@" and domain; "postmaster" may stand alone (§4.5.1). */
  readonly address: string;
  /** What follows the closing bracket, without leading blanks. */
  readonly rest: string;
}

const atext = String.raw`[A-Za-z0-9!#$%&'*+/=?^_\x60{|}~\u{80}-\u{10ffff}-]`;
const dotString = String.raw`${atext}+(?:\.${atext}+)*`;
const quotedString = String.raw`"(?:[\x20\x21\x23-\x5b\x5d-\x7e\u{80}-\u{10ffff}]|\\[\x20-\x7e])*"`;
const label = String.raw`[A-Za-z0-9_\u{80}-\u{10ffff}](?:[A-Za-z0-9_\u{80}-\u{10ffff}-]*[A-Za-z0-9_\u{80}-\u{10ffff}])?`;
const domain = String.raw`${label}(?:\.${label})*\.?`;
const byte = "(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])";
// RFC 5321 §4.1.3: an IPv4 address, "IPv6:" and one, or another tag with content that nobody here can use.
const literal = String.raw`\[(?:${byte}(?:\.${byte}){3}|IPv6:(?=[0-9a-f]*:)[0-9a-f:.]{2,45}|(?!IPv6:)[a-z][a-z0-9-]*[a-z0-9]:[\x21-\x5a\x5e-\x7e]+)\]`;
const mailbox = new RegExp(`^(?:${dotString}|${quotedString})@(?:${domain}|${literal})$`, "iu");
// Source routes are taken and ignored (RFC 5321 §4.1.1.3, appendix C).
const route = new RegExp(`^@${domain}(?:,@${domain})*:`, "u");

/** Reads "<address>" and what follows; undefined when it is no path. Blanks before the bracket are let pass, as Postfix does. */
export function parsePath(text: string): Path | undefined {
  const start = text.startsWith(" ") ? text.trimStart() : text;
  if (!start.startsWith("<")) return undefined;
  const close = closingBracket(start);
  if (close === undefined) return undefined;
  const inner = start.slice(1, close).replace(route, "");
  const rest = start.slice(close + 1);
  if (rest !== "" && !rest.startsWith(" ")) return undefined;
  if (inner.length > MAX_ADDRESS) return undefined;
  const known = inner === "" || /^postmaster$/i.test(inner) || mailbox.test(inner);
  return known ? { address: leastQuoted(inner), rest: rest.trimStart() } : undefined;
}

const dotStringOnly = new RegExp(`^${dotString}$`, "u");

/** "ada"@host is ada@host (RFC 5321 §4.1.2): the same mailbox, in the form that needs the fewest quotes. */
function leastQuoted(address: string): string {
  if (!address.startsWith('"')) return address;
  const end = address.lastIndexOf('"@');
  const content = address.slice(1, end).replaceAll(/\\(.)/g, "$1");
  if (dotStringOnly.test(content)) return `${content}${address.slice(end + 1)}`;
  return `"${content.replaceAll(/["\\]/g, String.raw`\$&`)}"${address.slice(end + 1)}`;
}

/** The domain of an address, lower case; "" when it has none. */
export function domainOf(address: string): string {
  const at = address.lastIndexOf("@");
  return at === -1
    ? ""
    : address
        .slice(at + 1)
        .toLowerCase()
        .replace(/\.$/, "");
}

/** True when every character is ASCII, so that a server without SMTPUTF8 can take it. */
export function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 127) return false;
  return true;
}

function closingBracket(text: string): number | undefined {
  let quoted = false;
  for (let at = 1; at < text.length && at <= MAX_ADDRESS * 2; at += 1) {
    const character = text[at];
    if (quoted && character === "\\") at += 1;
    else if (character === '"') quoted = !quoted;
    else if (character === ">" && !quoted) return at;
  }
  return undefined;
}
