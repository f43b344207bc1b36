// Key pairs as raw bytes (32 each), and node's key objects made from them.
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { asBuffer } from "#base/bytes";

/** An X25519 pair (RFC 7748), raw. */
export interface BoxKeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** An Ed25519 pair (RFC 8032), raw; the secret half is the 32-byte seed. */
export interface SigningKeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

// The fixed DER that stands before 32 raw bytes (RFC 8410 §4, §7), so that every supported Node can read raw keys.
const prefixes = {
  x25519: { public: "302a300506032b656e032100", secret: "302e020100300506032b656e04220420" },
  ed25519: { public: "302a300506032b6570032100", secret: "302e020100300506032b657004220420" },
} as const;

type Curve = keyof typeof prefixes;

export function publicKeyObject(curve: Curve, raw: Uint8Array): KeyObject {
  const der = Buffer.concat([Buffer.from(prefixes[curve].public, "hex"), exactly32(raw)]);
  return createPublicKey({ key: der, format: "der", type: "spki" });
}

export function secretKeyObject(curve: Curve, raw: Uint8Array): KeyObject {
  const der = Buffer.concat([Buffer.from(prefixes[curve].secret, "hex"), exactly32(raw)]);
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}

export function newBoxKeyPair(): BoxKeyPair {
  return newPair("x25519");
}

export function newSigningKeyPair(): SigningKeyPair {
  return newPair("ed25519");
}

/** The public half that belongs to a secret half. */
export function publicHalf(curve: Curve, secretKey: Uint8Array): Uint8Array {
  return lastBytes(
    createPublicKey(secretKeyObject(curve, secretKey)).export({ format: "der", type: "spki" }),
  );
}

/** A 64-byte Ed25519 signature. */
export function signBytes(secretKey: Uint8Array, message: Uint8Array): Uint8Array {
  return sign(null, message, secretKeyObject("ed25519", secretKey));
}

/** False for a wrong signature and for anything that is no key or signature at all. */
export function verifyBytes(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (publicKey.byteLength !== 32 || signature.byteLength !== 64) return false;
  try {
    return verify(null, message, publicKeyObject("ed25519", publicKey), signature);
  } catch {
    return false;
  }
}

function newPair(curve: Curve): { publicKey: Uint8Array; secretKey: Uint8Array } {
  const pair = curve === "x25519" ? generateKeyPairSync("x25519") : generateKeyPairSync("ed25519");
  return {
    publicKey: lastBytes(pair.publicKey.export({ format: "der", type: "spki" })),
    secretKey: lastBytes(pair.privateKey.export({ format: "der", type: "pkcs8" })),
  };
}

function lastBytes(der: Buffer): Uint8Array {
  return Buffer.from(der.subarray(der.byteLength - 32));
}

function exactly32(raw: Uint8Array): Buffer {
  if (raw.byteLength !== 32) throw new RangeError(`a raw key has 32 bytes, not ${raw.byteLength}`);
  return asBuffer(raw);
}
