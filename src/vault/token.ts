// Session tokens: 32 random bytes that only a cookie holds. What is stored of one is its name, a verifier and what is
// wrapped under its key, which open nothing without it.
import { createHash } from "node:crypto";
import { fromBase64Url, toHex } from "#base/bytes";

export const TOKEN_BYTES = 32;

/** The bytes of a token as it stands in a cookie (base64url); undefined for any other text. */
export function parseToken(text: string): Uint8Array | undefined {
  const token = fromBase64Url(text);
  return token?.byteLength === TOKEN_BYTES ? token : undefined;
}

/** The name of a session: a hash, so that reading the table gives no token. 64 hex digits. */
export function sessionId(token: Uint8Array): string {
  return toHex(createHash("sha256").update("bailee session v1\0").update(token).digest());
}
