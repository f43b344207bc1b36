// Verifier keys as C2SP signed-note spells them: "name+id+base64(type byte || public key)", where the id is the first four bytes of
// SHA-256(name || newline || type byte || public key). Which types are of use is for whoever reads one to say.
import { createPublicKey, type KeyObject } from "node:crypto";
import { asBuffer, fromBase64, fromUtf8, toBase64, toHex } from "#base/bytes";
import { sha256 } from "./tree.ts";

export interface Vkey {
  readonly name: string;
  /** Eight hex digits. */
  readonly id: string;
  /** The type byte. */
  readonly type: number;
  readonly publicKey: Uint8Array;
}

// ML-DSA-44, the largest in use, has 1,312 bytes; names are host names and paths.
const MAX_TEXT = 4096;

/** Undefined unless its id is the one that its name, type and key give. */
export function parseVkey(text: string): Vkey | undefined {
  if (text.length > MAX_TEXT) return undefined;
  const [, name = "", id = "", encoded = ""] =
    /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text) ?? [];
  const bytes = fromBase64(encoded);
  const type = bytes?.[0];
  if (!isKeyName(name) || bytes === undefined || type === undefined) return undefined;
  const publicKey = bytes.subarray(1);
  return keyId(name, type, publicKey) === id ? { name, id, type, publicKey } : undefined;
}

export function formatVkey({ name, id, type, publicKey }: Vkey): string {
  return `${name}+${id}+${toBase64(Buffer.concat([Buffer.of(type), publicKey]))}`;
}

export function keyId(name: string, type: number, publicKey: Uint8Array): string {
  return toHex(sha256(fromUtf8(`${name}\n`), Buffer.of(type), asBuffer(publicKey)).subarray(0, 4));
}

/** C2SP signed-note: not empty, no Unicode spaces, no plus. */
export function isKeyName(name: string): boolean {
  return name !== "" && name.isWellFormed() && !/[\s\p{White_Space}\p{Cc}+]/u.test(name);
}

/** A raw public key behind the DER that says what it is. */
export function publicKeyOf(der: Uint8Array, publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([der, publicKey]), format: "der", type: "spki" });
}
