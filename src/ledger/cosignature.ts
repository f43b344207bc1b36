// Cosignatures as C2SP tlog-cosignature defines them: what a witness says of a checkpoint, with the second at which it said it. Both
// forms: Ed25519, and ML-DSA-44 (FIPS 204), which the standard recommends. Whether a witness is to be believed is not asked here.
//
//   "— name base64(u32 key id || u64 time || signature)" newline
import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { fromUtf8, toBase64 } from "#base/bytes";
import { type Checkpoint, parseForeignCheckpoint } from "./checkpoint.ts";
import type { Note } from "./note.ts";
import { formatVkey, isKeyName, keyId, parseVkey, publicKeyOf, type Vkey } from "./vkey.ts";

export type CosignatureAlgorithm = "ed25519" | "ml-dsa-44";

export interface Cosigner {
  /** Of the public half; its name is the witness's. */
  readonly verifierKey: string;
  /** The signature line, newline and all, over a checkpoint's text. `time` in seconds since 1970, above 0. Throws a TypeError when the text is no checkpoint. */
  cosign(text: string, time: number): string;
}

interface Form {
  readonly algorithm: CosignatureAlgorithm;
  readonly type: number;
  readonly keySize: number;
  readonly signatureSize: number;
  /** What stands before the raw public key (RFC 8410 §4; FIPS 204 keys have the same form) and before a seed of 32 bytes (RFC 8410 §7). */
  readonly spki: Uint8Array;
  readonly pkcs8: Uint8Array;
  /** Undefined when a name is longer than the message has room for. */
  readonly message: (
    name: string,
    text: string,
    checkpoint: Checkpoint,
    time: number,
  ) => Buffer | undefined;
}

const forms: readonly Form[] = [
  {
    algorithm: "ed25519",
    type: 0x04,
    keySize: 32,
    signatureSize: 64,
    spki: Buffer.from("302a300506032b6570032100", "hex"),
    pkcs8: Buffer.from("302e020100300506032b657004220420", "hex"),
    message: (_name, text, _checkpoint, time) =>
      Buffer.from(`cosignature/v1\ntime ${time}\n${text}`),
  },
  {
    algorithm: "ml-dsa-44",
    type: 0x06,
    keySize: 1312,
    signatureSize: 2420,
    spki: Buffer.from("30820532300b06096086480165030403110382052100", "hex"),
    pkcs8: Buffer.from("3034020100300b060960864801650304031104228020", "hex"),
    message(name, _text, { origin, size, root }, time) {
      const [cosigner, log] = [counted(name), counted(origin)];
      if (cosigner === undefined || log === undefined) return undefined;
      const label = Buffer.from("subtree/v1\n\0");
      return Buffer.concat([label, cosigner, u64(time), log, u64(0), u64(size), root]);
    },
  },
];

/** A signer over a seed of 32 bytes. Throws a TypeError on a name that no key may have. */
export function openCosigner(
  name: string,
  algorithm: CosignatureAlgorithm,
  seed: Uint8Array,
): Cosigner {
  const form = forms.find((each) => each.algorithm === algorithm);
  if (form === undefined || !isKeyName(name) || seed.byteLength !== 32)
    throw new TypeError("a cosigner has a name without spaces and a seed of 32 bytes");
  const { type, spki, pkcs8 } = form;
  const key = createPrivateKey({
    key: Buffer.concat([pkcs8, seed]),
    format: "der",
    type: "pkcs8",
  });
  const der = createPublicKey(key).export({ format: "der", type: "spki" });
  const publicKey = der.subarray(spki.byteLength);
  const id = keyId(name, type, publicKey);
  return {
    verifierKey: formatVkey({ name, id, type, publicKey }),
    cosign(text, time) {
      const checkpoint = parseForeignCheckpoint(text);
      if (checkpoint === undefined || !Number.isSafeInteger(time) || time <= 0)
        throw new TypeError("a cosignature is over a checkpoint, at a time");
      const message = form.message(name, text, checkpoint, time);
      if (message === undefined) throw new TypeError("a name of over 255 bytes cannot be cosigned");
      const signature = sign(null, message, key);
      const bytes = Buffer.concat([Buffer.from(id, "hex"), u64(time), signature]);
      return `— ${name} ${toBase64(bytes)}\n`;
    },
  };
}

/** Reads a witness's vkey; undefined unless it is of one of the two types. */
export function parseCosignerKey(text: string): Vkey | undefined {
  const key = parseVkey(text);
  const form = forms.find(({ type }) => type === key?.type);
  return key?.publicKey.byteLength === form?.keySize ? key : undefined;
}

/** The second at which the witness cosigned this note; "none" when there is nothing by it on the note, "bad" when what there is is wrong. */
export function cosignedAt(note: Note, key: Vkey): number | "none" | "bad" {
  const form = forms.find(({ type }) => type === key.type);
  const checkpoint = parseForeignCheckpoint(note.text);
  const theirs = note.signatures.filter(({ name, id }) => name === key.name && id === key.id);
  if (theirs.length === 0) return "none";
  if (form === undefined || checkpoint === undefined) return "bad";
  const publicKey = publicKeyOf(form.spki, key.publicKey);
  let latest = 0;
  for (const { signature } of theirs) {
    if (signature.byteLength !== 8 + form.signatureSize) return "bad";
    const time = Number(Buffer.from(signature.subarray(0, 8)).readBigUInt64BE());
    // A time of zero says nothing about what the witness saw last.
    if (!Number.isSafeInteger(time) || time === 0) return "bad";
    const message = form.message(key.name, note.text, checkpoint, time);
    if (message === undefined || !verify(null, message, publicKey, signature.subarray(8)))
      return "bad";
    latest = Math.max(latest, time);
  }
  return latest;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** As TLS writes a string of at most 255 bytes: a length byte before it. */
function counted(text: string): Buffer | undefined {
  const bytes = fromUtf8(text);
  if (bytes.byteLength === 0 || bytes.byteLength > 255) return undefined;
  return Buffer.concat([Buffer.of(bytes.byteLength), bytes]);
}
