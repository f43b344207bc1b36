// Identifiers: 128 random bits as 26 characters of base32, so that an id tells neither how many there are nor when.
import { randomOctets } from "./random.ts";

const alphabet = "abcdefghijklmnopqrstuvwxyz234567";

export function newId(): string {
  return base32(randomOctets(16));
}

export function isId(text: string): boolean {
  return /^[a-z2-7]{26}$/.test(text);
}

/** Base32 in lower case without padding (RFC 4648 §6). */
export function base32(bytes: Uint8Array): string {
  let out = "";
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += alphabet[(held >>> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  if (bits > 0) out += alphabet[(held << (5 - bits)) & 31];
  return out;
}
