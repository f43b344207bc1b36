// Prepaid codes: random words that stand for an amount. Only their hashes are kept, and a code's row goes when it is credited:
// nothing then says which code a client had. Pure but for the random octets.
import { createHash } from "node:crypto";
import { toHex } from "#base/bytes";
import { base32 } from "#base/ids";
import { randomOctets } from "#base/random";

/** 120 bits in six groups of four: too many to guess, few enough to type. */
export function newCode(): string {
  return base32(randomOctets(15)).replaceAll(/(.{4})(?=.)/g, "$1-");
}

/** SHA-256 of the code in its one spelling; undefined for what is no code. A random code needs no salt. */
export function codeHash(typed: string): string | undefined {
  // The alphabet has no 0, 1 or 8: who reads them means the letters that look like them.
  const plain = typed
    .toLowerCase()
    .replaceAll(/[\s-]/g, "")
    .replaceAll("0", "o")
    .replaceAll("1", "l")
    .replaceAll("8", "b");
  if (!/^[a-z2-7]{24}$/.test(plain)) return undefined;
  return toHex(createHash("sha256").update(plain).digest());
}
