// Sealing: bytes to a public key, so that writing needs no secret. A sealed object is
//
//   0   1  version, 1
//   1   1  algorithm, 1 = X25519 + HKDF-SHA-512 + AES-256-GCM, committing
//   2   8  second of receipt, unsigned big-endian
//  10  32  digest of the policy in force at receipt
//  42  32  ephemeral X25519 public key
//  74  16  salt of this object
//  90  32  key commitment
// 122   n  ciphertext
//  …   16  GCM tag
//
// The ephemeral pair lives in memory for one hour per recipient, so that X25519 is paid once per batch. Each object's key
// and commitment are one block of HKDF-Expand (RFC 5869) over salt and associated data: a key is used once, hence the zero
// nonce, and two keys cannot open one object to two texts. Everything that says what the object is and whose is bound as
// associated data: an object moved to another row, part, client, class or policy does not open.
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  diffieHellman,
  type KeyObject,
} from "node:crypto";
import { asBuffer, equalBytes, fromUtf8, lengthPrefixed } from "#base/bytes";
import { randomOctets } from "#base/random";
import { Broken, no, type Result, yes } from "#base/errors";
import { type Clock, HOUR, seconds, systemClock } from "#base/time";
import {
  type DataClass,
  type Ground,
  type GroundClass,
  policyDigest,
  type PolicyTable,
  policyTable,
  policyTables,
  type PurposeOf,
} from "#policy";
import { newBoxKeyPair, publicHalf, publicKeyObject, secretKeyObject } from "./keys.ts";

/** What an object is and whose. `account` is "" for what belongs to the client as a whole; `part` names the piece. */
export interface Context<Class extends DataClass = DataClass> {
  readonly class: Class;
  readonly client: string;
  readonly account: string;
  readonly object: string;
  readonly part: string;
}

/** The header of a sealed object that stands in clear and is authenticated. */
export interface SealedHeader {
  readonly received: number;
  readonly policy: Uint8Array;
}

export interface Sealer {
  readonly publicKey: Uint8Array;
  /** Seals under the policy in force and the clock's second. Never fails but for a broken machine. */
  seal(context: Context, plain: Uint8Array): Uint8Array;
}

/** `unknown-policy`: sealed under a policy that this program does not know, so that nobody can say what it allowed. */
export type OpenRefusal = "purpose-not-listed" | "unknown-policy" | "does-not-open";

export interface Opener {
  readonly publicKey: Uint8Array;
  /**
   * Opens an object of a class for a purpose that the policy lists for it, today's and the one under which it was sealed; the types
   * allow no other, and neither does this.
   */
  open<Class extends DataClass>(
    context: Context<Class>,
    purpose: PurposeOf<Class>,
    sealed: Uint8Array,
  ): Result<Uint8Array, OpenRefusal>;
  /** Opens an object on a ground of the table, for the keeper's releases; a class that the ground does not reach stays shut. */
  openOnGround<Of extends Ground>(
    context: Context<GroundClass<Of>>,
    ground: Of,
    sealed: Uint8Array,
  ): Result<Uint8Array, OpenRefusal>;
}

const VERSION = 1;
const ALGORITHM = 1;
const HEADER = 122;
const TAG = 16;
/** Bytes that sealing adds. */
export const SEAL_OVERHEAD = HEADER + TAG;

const extractSalt = fromUtf8("bailee box v1");
const zeroNonce = Buffer.alloc(12);
const currentPolicy = Buffer.from(policyDigest, "hex");
const knownTables = policyTables();

/** `policy` is the digest under which what is sealed anew was collected; the one in force for all that is new. */
export function openSealer(
  publicKey: Uint8Array,
  clock: Clock = systemClock,
  policy: Uint8Array = currentPolicy,
): Sealer {
  const recipient = publicKeyObject("x25519", publicKey);
  let ephemeral: { publicKey: Uint8Array; prk: Buffer; until: number } | undefined;
  return {
    publicKey,
    seal(context, plain) {
      const now = clock.now();
      if (ephemeral === undefined || now >= ephemeral.until || now < ephemeral.until - HOUR) {
        const pair = newBoxKeyPair();
        const prk = sharedKey(
          secretKeyObject("x25519", pair.secretKey),
          recipient,
          pair.publicKey,
          publicKey,
        );
        ephemeral = { publicKey: pair.publicKey, prk, until: now + HOUR };
      }
      const header = Buffer.alloc(HEADER);
      header[0] = VERSION;
      header[1] = ALGORITHM;
      header.writeBigUInt64BE(BigInt(seconds(now)), 2);
      header.set(policy, 10);
      header.set(ephemeral.publicKey, 42);
      randomOctets(16).copy(header, 74);
      const { key, commitment } = objectKey(ephemeral.prk, header, context);
      commitment.copy(header, 90);
      const cipher = createCipheriv("aes-256-gcm", key, zeroNonce);
      return Buffer.concat([header, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
  };
}

/** `tables` are the policies by digest whose objects it opens: today's and those before it. */
export function openOpener(
  secretKey: Uint8Array,
  tables: ReadonlyMap<string, PolicyTable> = knownTables,
): Opener {
  const publicKey = publicHalf("x25519", secretKey);
  const secret = secretKeyObject("x25519", secretKey);
  // Objects arrive in runs that share an ephemeral key; a thousand covers six weeks of hours.
  const known = new Map<string, Buffer>();
  const prkFor = (ephemeral: Buffer): Buffer | undefined => {
    const name = ephemeral.toString("latin1");
    const held = known.get(name);
    if (held !== undefined) return held;
    try {
      const prk = sharedKey(secret, publicKeyObject("x25519", ephemeral), ephemeral, publicKey);
      if (known.size >= 1000) known.clear();
      known.set(name, prk);
      return prk;
    } catch {
      return undefined; // a point of low order: no key of ours
    }
  };
  const openIf = (
    allows: (table: PolicyTable) => boolean,
    context: Context,
    sealed: Uint8Array,
  ): Result<Uint8Array, OpenRefusal> => {
    const bytes = asBuffer(sealed);
    if (!isSealed(bytes))
      return allows(policyTable) ? no("does-not-open") : no("purpose-not-listed");
    const policy = bytes.subarray(10, 42);
    // Nearly every object is of today's policy: no text is made of its digest.
    const table = policy.equals(currentPolicy) ? policyTable : tables.get(policy.toString("hex"));
    if (table === undefined)
      return allows(policyTable) ? no("unknown-policy") : no("purpose-not-listed");
    if (!allows(table)) return no("purpose-not-listed");
    const plain = openSealed(prkFor, context, bytes);
    return plain === undefined ? no("does-not-open") : yes(plain);
  };
  return {
    publicKey,
    open: (context, purpose, sealed) =>
      openIf((table) => table.mayOpen(context.class, purpose), context, sealed),
    openOnGround: (context, ground, sealed) =>
      openIf((table) => table.reaches(ground, context.class), context, sealed),
  };
}

/** The clear header of a sealed object; undefined when the bytes are no sealed object. */
export function sealedHeader(sealed: Uint8Array): SealedHeader | undefined {
  if (!isSealed(sealed)) return undefined;
  const bytes = asBuffer(sealed);
  return { received: Number(bytes.readBigUInt64BE(2)), policy: bytes.subarray(10, 42) };
}

function isSealed(bytes: Uint8Array): boolean {
  return bytes.byteLength >= SEAL_OVERHEAD && bytes[0] === VERSION && bytes[1] === ALGORITHM;
}

function openSealed(
  prkFor: (ephemeral: Buffer) => Buffer | undefined,
  context: Context,
  sealed: Buffer,
): Uint8Array | undefined {
  if (!isSealed(sealed)) return undefined;
  const header = sealed.subarray(0, HEADER);
  const prk = prkFor(header.subarray(42, 74));
  if (prk === undefined) return undefined;
  const { key, commitment } = objectKey(prk, header, context);
  if (!equalBytes(commitment, header.subarray(90, HEADER))) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", key, zeroNonce);
  decipher.setAuthTag(sealed.subarray(sealed.byteLength - TAG));
  try {
    // GCM gives all of the text here, and `final` only says whether the tag is right: nothing to put together.
    const plain = decipher.update(sealed.subarray(HEADER, sealed.byteLength - TAG));
    decipher.final();
    return plain;
  } catch {
    return undefined;
  }
}

function objectKey(
  prk: Buffer,
  header: Buffer,
  context: Context,
): { key: Buffer; commitment: Buffer } {
  const said = lengthPrefixed([
    header.subarray(0, 90),
    context.class,
    context.client,
    context.account,
    context.object,
    context.part,
  ]);
  // HKDF-Expand with one block of output: T(1) = HMAC(PRK, info | 0x01).
  const block = createHmac("sha512", prk).update(said).update("\x01").digest();
  return { key: block.subarray(0, 32), commitment: block.subarray(32, 64) };
}

function sharedKey(
  own: KeyObject,
  other: KeyObject,
  ephemeral: Uint8Array,
  recipient: Uint8Array,
): Buffer {
  const shared = diffieHellman({ privateKey: own, publicKey: other });
  if (shared.every((byte) => byte === 0)) throw new Broken("an X25519 exchange gave zero");
  const ends = createHash("sha512")
    .update(lengthPrefixed([ephemeral, recipient]))
    .digest();
  return createHmac("sha512", extractSalt).update(shared).update(ends).digest();
}
