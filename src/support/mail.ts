// Letters by the provider: who they are from, and the addresses that lead back into a ticket. Pure but for a random token.
import { createHash, randomBytes } from "node:crypto";
import { toHex } from "#base/bytes";
import { base32 } from "#base/ids";
import { composeLetter } from "#mail/message";

/** Whoever answers is "support", not a person: what staff are called is theirs. */
const NAME = "Support";

export interface ProviderLetter {
  readonly domain: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly at: number;
  /** The left side of the Message-ID. */
  readonly id: string;
  readonly replyTo?: string;
  /** Message-IDs with their brackets, oldest first. */
  readonly references?: readonly string[];
  /** Written by a program: nobody's absence note answers it (RFC 3834 §5). */
  readonly automatic?: boolean;
}

export function providerLetter(letter: ProviderLetter): Uint8Array {
  const { domain, to, subject, text, at, id, replyTo, references = [], automatic } = letter;
  const last = references.at(-1);
  const fields: (readonly [string, string])[] = [];
  if (replyTo !== undefined) fields.push(["Reply-To", replyTo]);
  if (last !== undefined) fields.push(["In-Reply-To", last]);
  if (references.length > 0) fields.push(["References", references.join(" ")]);
  if (automatic === true) fields.push(["Auto-Submitted", "auto-generated"]);
  const from = { name: NAME, address: `support@${domain}` };
  return composeLetter({ from, to, subject, text, at, messageId: `${id}@${domain}`, fields });
}

/** A fresh reply address and what is kept of its token. 26 characters hold 128 bits; the local part stays below its 64. */
export function newReplyAddress(domain: string): {
  readonly address: string;
  readonly tokenHash: string;
} {
  const token = base32(randomBytes(16));
  return { address: `support+${token}@${domain}`, tokenHash: hashOf(token) };
}

/** The hash of the token in a recipient's address, whatever its case; undefined where it has none. */
export function tokenHashOf(recipient: string): string | undefined {
  const token = /^support\+([a-z2-7]{26})@/i.exec(recipient)?.[1];
  return token === undefined ? undefined : hashOf(token.toLowerCase());
}

function hashOf(token: string): string {
  return toHex(createHash("sha256").update("bailee ticket v1\0").update(token).digest());
}
