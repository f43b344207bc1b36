// Wraps: a secret sealed under a symmetric key that comes from a credential, a class key or the root. A wrap is
//
//   0   1  version, 1
//   1  12  nonce
//  13  32  key commitment
//  45   n  ciphertext
//   …  16  GCM tag
//
// `purpose` and what it belongs to are bound as associated data.
import {
  argon2,
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
} from "node:crypto";
import { asBuffer, equalBytes, lengthPrefixed } from "#base/bytes";

const HEADER = 45;
const TAG = 16;

/** Wraps a secret under a 32-byte key; `about` says what it is and whose, and must be said again to unwrap. */
export function wrapSecret(
  key: Uint8Array,
  about: readonly string[],
  secret: Uint8Array,
): Uint8Array {
  const nonce = randomBytes(12);
  const { encrypt, commitment } = split(key, nonce);
  const cipher = createCipheriv("aes-256-gcm", encrypt, nonce).setAAD(lengthPrefixed(about));
  return Buffer.concat([
    Buffer.of(1),
    nonce,
    commitment,
    cipher.update(secret),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
}

/** The secret; undefined when key, `about` or bytes are not those of the wrap. */
export function unwrapSecret(
  key: Uint8Array,
  about: readonly string[],
  wrapped: Uint8Array,
): Uint8Array | undefined {
  if (wrapped.byteLength < HEADER + TAG || wrapped[0] !== 1 || key.byteLength !== 32)
    return undefined;
  const bytes = asBuffer(wrapped);
  const nonce = bytes.subarray(1, 13);
  const { encrypt, commitment } = split(key, nonce);
  if (!equalBytes(commitment, bytes.subarray(13, HEADER))) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", encrypt, nonce).setAAD(lengthPrefixed(about));
  decipher.setAuthTag(bytes.subarray(bytes.byteLength - TAG));
  try {
    return Buffer.concat([
      decipher.update(bytes.subarray(HEADER, bytes.byteLength - TAG)),
      decipher.final(),
    ]);
  } catch {
    return undefined;
  }
}

/** Argon2id (RFC 9106) costs, kept beside each verifier so that they can rise. Memory in KiB. */
export interface PasswordCost {
  readonly memory: number;
  readonly passes: number;
}

// 46 MiB, one pass, one lane: the first of OWASP's equivalent settings; 64 ms on one core of the smallest machine we target.
export const passwordCost: PasswordCost = { memory: 47_104, passes: 1 };

export interface PasswordKeys {
  /** 32 bytes to store and compare in constant time. */
  readonly verifier: Uint8Array;
  /** 32 bytes that open the wrap; never stored. */
  readonly wrapKey: Uint8Array;
}

/** One Argon2id gives both the verifier and the wrap key, by HKDF with different labels. Runs on the thread pool. */
export function passwordKeys(
  password: string,
  salt: Uint8Array,
  cost: PasswordCost,
): Promise<PasswordKeys> {
  const { promise, resolve, reject } = Promise.withResolvers<PasswordKeys>();
  const settings = {
    message: Buffer.from(password.normalize("NFC"), "utf8"),
    nonce: salt,
    parallelism: 1,
    tagLength: 64,
    memory: cost.memory,
    passes: cost.passes,
  };
  argon2("argon2id", settings, (error, derived) => {
    if (error) reject(error);
    else resolve({ verifier: label(derived, "verifier"), wrapKey: label(derived, "wrap") });
  });
  return promise;
}

/** The same two keys from a random secret (session token, app password, recovery code): HKDF, since nothing needs slowing. */
export function tokenKeys(token: Uint8Array): PasswordKeys {
  return { verifier: label(token, "verifier"), wrapKey: label(token, "wrap") };
}

function label(secret: Uint8Array, name: string): Uint8Array {
  return Buffer.from(hkdfSync("sha256", secret, "bailee credential v1", name, 32));
}

function split(key: Uint8Array, nonce: Uint8Array): { encrypt: Buffer; commitment: Buffer } {
  const block = createHmac("sha512", key).update("bailee wrap v1").update(nonce).digest();
  return { encrypt: block.subarray(0, 32), commitment: block.subarray(32, 64) };
}
