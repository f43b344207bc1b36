// Key files of people: what `bailee approve init` and the example genesis write. Text of four lines, mode 0600:
//
//   bailee key v1
//   kind ed25519          (or x25519: opens packages)
//   public <64 hex digits>
//   secret <64 hex digits>
import { equalBytes, fromHex, toHex } from "#base/bytes";
import { publicHalf } from "#vault";

export type KeyKind = "ed25519" | "x25519";

export interface KeyFile {
  readonly kind: KeyKind;
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

export function formatKeyFile(kind: KeyKind, secretKey: Uint8Array): string {
  const publicKey = toHex(publicHalf(kind, secretKey));
  return `bailee key v1\nkind ${kind}\npublic ${publicKey}\nsecret ${toHex(secretKey)}\n`;
}

/** Undefined when the text is no key file of that kind, or its halves do not belong together. Total. */
export function readKeyFile(kind: KeyKind, text: string): KeyFile | undefined {
  const match =
    /^bailee key v1\nkind (ed25519|x25519)\npublic ([0-9a-f]{64})\nsecret ([0-9a-f]{64})\n?$/.exec(
      text.replaceAll("\r\n", "\n"),
    );
  const publicKey = fromHex(match?.[2] ?? "");
  const secretKey = fromHex(match?.[3] ?? "");
  if (match?.[1] !== kind || publicKey === undefined || secretKey === undefined) return undefined;
  return equalBytes(publicHalf(kind, secretKey), publicKey)
    ? { kind, publicKey, secretKey }
    : undefined;
}
