// The exact bytes that are hashed and signed in grants, approvals, certificates and requests. Pure; holds no secret.
// Each statement is SHA-256 over length-prefixed fields that begin with the statement's own name, so that a signature given
// for one thing is never one for another.
import { createHash } from "node:crypto";
import { fromUtf8, lengthPrefixed, toHex } from "#base/bytes";
import { canonicalBytes } from "#base/canonical";
import { signBytes, verifyBytes } from "#vault";
import type { Scope } from "./grant.ts";
import type {
  AddressBinding,
  EraseOrder,
  Interception,
  KeyCertificate,
  OwnRequest,
  SealedObject,
} from "./port.ts";
import type { ResetRequest } from "./resetbook.ts";

/** Names a public key: hex of the first 8 bytes of its SHA-256. */
export function keyId(publicKey: Uint8Array): string {
  return toHex(sha256(publicKey).subarray(0, 8));
}

/** A grant's name: SHA-256 of its canonical bytes, lower-case hex. */
export function grantHash(grant: Uint8Array): string {
  return toHex(sha256(grant));
}

/** What the actor signs to file a grant. */
export function grantBytes(hash: string): Uint8Array {
  return statement("bailee grant v1", [hash]);
}

/** A reset's name: SHA-256 over what is asked, lower-case hex. */
export function resetHash({ client, account, key, at }: ResetRequest): string {
  return toHex(sha256(canonicalBytes({ account, at, client, key })));
}

/** What an approver signs for a reset, having asked whether it is the client who wants it. */
export function resetBytes(hash: string): Uint8Array {
  return statement("bailee reset v1", [hash]);
}

/** What the account's signing key signs to cancel a reset. */
export function resetCancelBytes(hash: string): Uint8Array {
  return statement("bailee reset cancelled v1", [hash]);
}

/** What an approver signs, having read the grant. */
export function approvalBytes(hash: string): Uint8Array {
  return statement("bailee approval v1", [hash]);
}

/** What the client signs with the account's signing key for ground E1: these ids, until then, once. */
export function clientCaseBytes(about: {
  readonly client: string;
  readonly account: string;
  /** Merkle root over the ids in scope, hex. */
  readonly root: string;
  /** Seconds since 1970; the grant must not outlive it. */
  readonly until: number;
}): Uint8Array {
  return statement("bailee client case v1", [
    about.client,
    about.account,
    about.root,
    String(about.until),
  ]);
}

/** What the person who determined that an instrument is valid signs (grounds D2 and E3). */
export function determinationBytes(about: {
  readonly client: string;
  readonly class: string;
  /** `scopeRootOf` the scope. */
  readonly root: string;
  readonly instrument: string;
  readonly text: string;
}): Uint8Array {
  return statement("bailee determination v1", [
    about.client,
    about.class,
    about.root,
    about.instrument,
    about.text,
  ]);
}

/** What approvers sign to enrol a person's key: the canonical request that `enrolPerson` takes. */
export function personBytes(request: Uint8Array): Uint8Array {
  return statement("bailee person v1", [request]);
}

/** What approvers sign to announce an amended policy: the canonical request that `amendPolicy` takes. */
export function amendmentBytes(request: Uint8Array): Uint8Array {
  return statement("bailee amendment v1", [request]);
}

/** What the account's signing key signs when the client asks for what is theirs: who, when, once, and exactly which objects. */
export function ownRequestBytes(
  request: Omit<OwnRequest, "signature">,
  objects: readonly SealedObject[],
): Uint8Array {
  const fields: (string | Uint8Array)[] = [
    request.client,
    request.account,
    String(request.at),
    request.nonce,
    String(objects.length),
  ];
  for (const { context, sealed } of objects) {
    const { class: dataClass, client, account, object, part } = context;
    fields.push(dataClass, client, account, object, part, sha256(sealed));
  }
  return statement("bailee own request v1", fields);
}

/** What the account's signing key signs to have everything destroyed that the keeper holds of the client. */
export function eraseBytes(order: Omit<EraseOrder, "signature">): Uint8Array {
  const { client, account, notBefore } = order;
  return statement("bailee erasure v1", [client, account, String(notBefore)]);
}

/** What an actor or approver signs over the canonical bytes of a case's record (record.ts). */
export function recordBytes(record: Uint8Array): Uint8Array {
  return statement("bailee record v1", [record]);
}

/** What the keeper signs to certify a public key. */
export function certificateBytes(certificate: Omit<KeyCertificate, "signature">): Uint8Array {
  return statement("bailee certificate v1", [
    canonicalBytes({
      client: certificate.client,
      account: certificate.account,
      class: certificate.class,
      part: certificate.part,
      publicKey: toHex(certificate.publicKey),
      epoch: certificate.epoch,
    }),
  ]);
}

/** True when the keeper's certificate key signed exactly this certificate. Total. */
export function verifyCertificate(
  certificateKey: Uint8Array,
  certificate: KeyCertificate,
): boolean {
  try {
    return verifyBytes(certificateKey, certificateBytes(certificate), certificate.signature);
  } catch {
    return false; // fields without a canonical form were never signed
  }
}

/** What the keeper's certificate key signs to say whose an address is. */
function addressBytes({ address, client, account }: Omit<AddressBinding, "signature">): Uint8Array {
  return statement("bailee address v1", [address, client, account]);
}

export function signAddress(
  secretKey: Uint8Array,
  binding: Omit<AddressBinding, "signature">,
): Uint8Array {
  return signBytes(secretKey, addressBytes(binding));
}

/** True when the keeper's certificate key signed that this address is this account's. Total. */
export function verifyAddress(certificateKey: Uint8Array, binding: AddressBinding): boolean {
  return verifyBytes(certificateKey, addressBytes(binding), binding.signature);
}

/** What the keeper's certificate key signs for a second recipient of future mail. */
export function interceptionBytes(interception: Omit<Interception, "signature">): Uint8Array {
  const { grant, client, account, publicKey, from, until } = interception;
  const times = [String(from), String(until)];
  return statement("bailee interception v1", [grant, client, account, publicKey, ...times]);
}

/** True when the keeper's certificate key signed exactly this. Total; whether its time has come is for the caller. */
export function verifyInterception(
  certificateKey: Uint8Array,
  interception: Interception,
): boolean {
  return verifyBytes(certificateKey, interceptionBytes(interception), interception.signature);
}

/** Merkle root (RFC 9162 §2.1.1, SHA-256) over ids in the order given; 64 hex digits. */
export function scopeRoot(ids: readonly string[]): string {
  return toHex(merkleRoot(ids.map((id) => fromUtf8(id))));
}

/** What a grant's scope is signed as, 64 hex digits: the root of its ids, or SHA-256 of the canonical {from, until}. */
export function scopeRootOf(scope: Scope): string {
  if ("ids" in scope) return scopeRoot(scope.ids);
  return toHex(sha256(canonicalBytes({ from: scope.from, until: scope.until })));
}

export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array());
  const [first] = leaves;
  if (leaves.length === 1 && first !== undefined) return sha256(Buffer.of(0), first);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256(Buffer.of(1), merkleRoot(leaves.slice(0, split)), merkleRoot(leaves.slice(split)));
}

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function statement(name: string, fields: readonly (string | Uint8Array)[]): Uint8Array {
  return sha256(lengthPrefixed([name, ...fields]));
}
