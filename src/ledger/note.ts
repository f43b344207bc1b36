// Signed notes as C2SP signed-note defines them: text under Ed25519 signatures, and keys as "vkey" text. Parsing is strict:
// what does not spell back to the same bytes is malformed. Cosignatures (cosignature.ts) and other key types are left alone, as the standard asks.
//
//   text ending in a newline | empty line | "— name base64(u32 key id || signature)" newline, once or more
import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { fromBase64, fromUtf8, toBase64, toHex, toUtf8 } from "#base/bytes";
import { no, type Result, yes } from "#base/errors";
import { formatVkey, isKeyName, keyId, parseVkey, publicKeyOf } from "./vkey.ts";

export interface NoteSigner {
  readonly name: string;
  /** The public half as "name+id+base64". */
  readonly verifierKey: string;
  /** The whole signed note over a text that ends in a newline. Throws a TypeError when the text cannot be a note. */
  sign(text: string): Uint8Array;
}

export interface VerifierKey {
  readonly name: string;
  /** Eight hex digits. */
  readonly id: string;
  /** Ed25519, raw, 32 bytes. */
  readonly publicKey: Uint8Array;
}

interface NoteSignature {
  readonly name: string;
  readonly id: string;
  readonly signature: Uint8Array;
}

export interface Note {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export type NoteRefusal = "malformed" | "unknown-key" | "bad-signature";

// A checkpoint of ours has about 200 bytes; sixteen ML-DSA cosignatures of nearly 5 kB, which must be borne, have 80 kB.
const MAX_NOTE = 128 * 1024;
const MAX_SIGNATURES = 64;
const ED25519 = 1;
const pkcs8 = Buffer.from("302e020100300506032b657004220420", "hex");
const spki = Buffer.from("302a300506032b6570032100", "hex");

/** A signer over a 32-byte Ed25519 seed (RFC 8032). Throws a TypeError on a name that no key may have. */
export function openSigner(name: string, seed: Uint8Array): NoteSigner {
  if (!isKeyName(name)) throw new TypeError("a key's name has no white space and no plus sign");
  if (seed.byteLength !== 32) throw new TypeError("an Ed25519 seed has 32 bytes");
  const key = createPrivateKey({
    key: Buffer.concat([pkcs8, seed]),
    format: "der",
    type: "pkcs8",
  });
  const der = createPublicKey(key).export({ format: "der", type: "spki" });
  const publicKey = der.subarray(spki.byteLength);
  const id = keyId(name, ED25519, publicKey);
  return {
    name,
    verifierKey: formatVkey({ name, id, type: ED25519, publicKey }),
    sign: (text) => {
      if (!isNoteText(text)) throw new TypeError("this text cannot be a note's");
      const signature = Buffer.concat([Buffer.from(id, "hex"), sign(null, fromUtf8(text), key)]);
      return fromUtf8(`${text}\n— ${name} ${toBase64(signature)}\n`);
    },
  };
}

/** Reads a vkey; undefined unless it is an Ed25519 key whose id is the one that its name and key give. */
export function parseVerifierKey(text: string): VerifierKey | undefined {
  const key = parseVkey(text);
  if (key?.type !== ED25519 || key.publicKey.byteLength !== 32) return undefined;
  const { name, id, publicKey } = key;
  return { name, id, publicKey };
}

/** Takes a note apart without believing it; undefined when it is not one. */
export function parseNote(bytes: Uint8Array): Note | undefined {
  if (bytes.byteLength > MAX_NOTE) return undefined;
  const whole = toUtf8(bytes);
  // The signatures follow the last empty line.
  const end = whole?.lastIndexOf("\n\n") ?? -1;
  if (whole === undefined || end < 0 || !whole.endsWith("\n")) return undefined;
  const text = whole.slice(0, end + 1);
  const lines = whole.slice(end + 2, -1).split("\n");
  if (!isNoteText(text) || lines.length > MAX_SIGNATURES) return undefined;
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const [, name = "", encoded = ""] = /^— ([^ ]+) ([A-Za-z0-9+/=]+)$/.exec(line) ?? [];
    const signed = fromBase64(encoded);
    if (!isKeyName(name) || signed === undefined || signed.byteLength < 5) return undefined;
    signatures.push({ name, id: toHex(signed.subarray(0, 4)), signature: signed.subarray(4) });
  }
  return { text, signatures };
}

/** The text of a note that the key signed. Signatures by other keys are passed over; a bad one by this key spoils the note. */
export function verifyNote(bytes: Uint8Array, key: VerifierKey): Result<string, NoteRefusal> {
  const note = parseNote(bytes);
  if (note === undefined) return no("malformed");
  const ours = note.signatures.filter(({ name, id }) => name === key.name && id === key.id);
  if (ours.length === 0) return no("unknown-key");
  const text = fromUtf8(note.text);
  const publicKey = publicKeyOf(spki, key.publicKey);
  return ours.every(({ signature }) => verify(null, text, publicKey, signature))
    ? yes(note.text)
    : no("bad-signature");
}

function isNoteText(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- the standard forbids just these
  return text.endsWith("\n") && text.isWellFormed() && !/[\u0000-\u0009\u000b-\u001f]/.test(text);
}
