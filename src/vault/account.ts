// An account's own keys: one bundle, wrapped once per credential.
//
//   0  32  box secret (X25519): opens the account's content
//  32  32  signing secret (Ed25519): proves to the keeper that the client asks
//  64  32  name key: folder names are unique by their HMAC under it
//  96  32  pseudonym key: the client's pseudonym in the public ledger comes from it
import { createHmac, randomBytes } from "node:crypto";
import { concatBytes, toBase64Url } from "#base/bytes";
import { newBoxKeyPair, newSigningKeyPair, publicHalf } from "./keys.ts";

export interface AccountKeys {
  readonly boxSecret: Uint8Array;
  readonly boxPublic: Uint8Array;
  readonly signingSecret: Uint8Array;
  readonly signingPublic: Uint8Array;
  readonly nameKey: Uint8Array;
  readonly pseudonymKey: Uint8Array;
}

export function newAccountKeys(): AccountKeys {
  const box = newBoxKeyPair();
  const signing = newSigningKeyPair();
  return {
    boxSecret: box.secretKey,
    boxPublic: box.publicKey,
    signingSecret: signing.secretKey,
    signingPublic: signing.publicKey,
    nameKey: randomBytes(32),
    pseudonymKey: randomBytes(32),
  };
}

export function encodeAccountKeys(keys: AccountKeys): Uint8Array {
  return concatBytes(keys.boxSecret, keys.signingSecret, keys.nameKey, keys.pseudonymKey);
}

/** Undefined when the bytes are not a bundle. */
export function decodeAccountKeys(bytes: Uint8Array): AccountKeys | undefined {
  if (bytes.byteLength !== 128) return undefined;
  const boxSecret = bytes.slice(0, 32);
  const signingSecret = bytes.slice(32, 64);
  return {
    boxSecret,
    boxPublic: publicHalf("x25519", boxSecret),
    signingSecret,
    signingPublic: publicHalf("ed25519", signingSecret),
    nameKey: bytes.slice(64, 96),
    pseudonymKey: bytes.slice(96, 128),
  };
}

/** The client's pseudonym in the public ledger, 22 characters; only who holds the key can compute it. */
export function ledgerPseudonym(pseudonymKey: Uint8Array): string {
  return toBase64Url(
    createHmac("sha256", pseudonymKey).update("bailee pseudonym v1").digest().subarray(0, 16),
  );
}

/** The HMAC by which a folder name is unique without being known, 32 bytes. */
export function nameMac(nameKey: Uint8Array, name: string): Uint8Array {
  return createHmac("sha256", nameKey).update("bailee folder v1\0").update(name).digest();
}
