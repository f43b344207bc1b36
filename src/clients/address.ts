// Addresses of ours: their grammar, which names nobody may have, and the tag behind a plus. Pure and total.
import { domainToASCII } from "node:url";

/** RFC 5321 §4.5.3.1.1. */
const MAX_LOCAL = 64;
/** RFC 5321 §4.5.3.1.2. */
const MAX_DOMAIN = 255;

export interface Address {
  readonly local: string;
  readonly domain: string;
}

/**
 * Names that no client may have, and why: mail to them is meant for the provider (RFC 2142, RFC 5321 §4.5.1), or whoever
 * holds them could pass for the provider, or get a certificate for its domain (CA/Browser Forum, §3.2.2.4.4).
 */
const reserved: { readonly [why: string]: readonly string[] } = {
  "answered by the provider": ["postmaster", "abuse", "noc", "security", "hostmaster", "usenet"],
  "answered by the provider, RFC 2142": ["news", "webmaster", "www", "uucp", "ftp", "info"],
  "offices of the provider": [
    "marketing",
    "sales",
    "support",
    "billing",
    "legal",
    "privacy",
    "dpo",
  ],
  "proof for a certificate": ["admin", "administrator", "ssladmin", "sysadmin", "ssl-admin"],
  "would pass for the system": ["root", "system", "daemon", "mail", "mailer-daemon", "bailee"],
  "letters that nobody answers": ["noreply", "no-reply", "bounce", "bounces", "nobody"],
  "reports about mail come here": ["dmarc-reports", "tls-reports"],
};

const reasons = new Map(
  Object.entries(reserved).flatMap(([why, names]) => names.map((name) => [name, why] as const)),
);

/** Why a name is not to be had; undefined when it is free to take. */
export function reservedBecause(local: string): string | undefined {
  return reasons.get(local);
}

/** A domain as it is kept: lower case, A-labels (RFC 5890 §2.3.2.1), no dot at its end; "" for what is no domain. */
export function asciiDomain(text: string): string {
  const plain = text.toLowerCase().replace(/\.$/, "");
  // What is ASCII stays as it is: an address literal is nobody's, and must not become somebody's.
  return /^[\x20-\x7e]*$/.test(plain) ? plain : domainToASCII(plain);
}

/** Any address, split at its last "@", its domain as it is kept; undefined when a half is empty or too long. */
export function splitAddress(text: string): Address | undefined {
  if (text.length > MAX_LOCAL + 1 + MAX_DOMAIN) return undefined;
  const at = text.lastIndexOf("@");
  const local = text.slice(0, Math.max(0, at)).toLowerCase();
  const domain = asciiDomain(text.slice(at + 1));
  if (at < 1 || local.length > MAX_LOCAL || domain === "" || domain.length > MAX_DOMAIN)
    return undefined;
  return { local, domain };
}

/**
 * True for a local part that a client may choose: a dot-atom (RFC 5322 §3.2.3) of letters, digits, "-" and "_". The rest
 * of atext is left out because sign-up forms elsewhere refuse it, and "+" because it begins a tag.
 */
export function isNewLocalPart(local: string): boolean {
  return local.length <= MAX_LOCAL && /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(local);
}

/** Begins a tag (RFC 5233 §4 leaves the choice to the site). "-" would make anna-lee somebody's tag of anna. */
const SEPARATOR = "+";

/** The local part without its tag, "anna+lists" is "anna". A part that begins with the separator has no tag. */
export function withoutTag(local: string): string {
  const plus = local.indexOf(SEPARATOR);
  return plus > 0 ? local.slice(0, plus) : local;
}

export function joinAddress(address: Address): string {
  return `${address.local}@${address.domain}`;
}
