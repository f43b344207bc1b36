// DANE for SMTP (RFC 7672, RFC 7671): whether TLSA records vouch for the certificates that a mail server showed. Pure.
import { createHash, X509Certificate } from "node:crypto";
import { checkServerIdentity } from "node:tls";
import { asBuffer } from "#base/bytes";

export interface TlsaRecord {
  readonly usage: number;
  readonly selector: number;
  readonly matching: number;
  readonly data: Uint8Array;
}

const DIGEST_SIZES: { readonly [matching: number]: number } = { 1: 32, 2: 64 };
const digestNames: { readonly [matching: number]: string } = { 1: "sha256", 2: "sha512" };
const TRUST_ANCHOR = 2;
const END_ENTITY = 3;

/** RFC 7672 §3.1: usages 0 and 1 mean nothing to a mail server without authorities of its own; nor do unknown numbers. */
export function isUsable({ usage, selector, matching, data }: TlsaRecord): boolean {
  if (usage !== TRUST_ANCHOR && usage !== END_ENTITY) return false;
  if (selector !== 0 && selector !== 1) return false;
  const size = DIGEST_SIZES[matching];
  return matching === 0 ? data.byteLength > 0 : size !== undefined && data.byteLength === size;
}

/**
 * True when one of the usable records matches. `chain` is as the server sent it, its own certificate first; `names` are those
 * of which a certificate below a trust anchor must bear one (RFC 7672 §3.2.2). `at` in milliseconds since 1970.
 */
export function isVouchedFor(
  records: readonly TlsaRecord[],
  chain: readonly X509Certificate[],
  names: readonly string[],
  at: number,
): boolean {
  const [leaf] = chain;
  if (leaf === undefined) return false;
  return records.filter(isUsable).some((record) => {
    // RFC 7671 §5.1: of the server's own certificate neither names nor dates count, only that it is the one.
    if (record.usage === END_ENTITY) return matches(record, leaf);
    const anchored = chain.slice(1).concat(bareAnchor(record));
    return (
      names.some((name) => bears(leaf, name)) &&
      anchored.some((anchor) => matches(record, anchor) && leadsTo(chain, anchor, at))
    );
  });
}

/** A record may hold the whole anchor (2 0 0), which the server then need not send (RFC 7671 §5.2.2). */
function bareAnchor({ selector, matching, data }: TlsaRecord): X509Certificate[] {
  if (selector !== 0 || matching !== 0) return [];
  try {
    return [new X509Certificate(data)];
  } catch {
    return [];
  }
}

function matches({ selector, matching, data }: TlsaRecord, certificate: X509Certificate): boolean {
  const part =
    selector === 0
      ? certificate.raw
      : certificate.publicKey.export({ type: "spki", format: "der" });
  const digest = digestNames[matching];
  const value = digest === undefined ? part : createHash(digest).update(part).digest();
  return value.equals(asBuffer(data));
}

/** Whether each certificate, from the server's own on, is signed by one further on until the anchor, and all are in time. */
function leadsTo(chain: readonly X509Certificate[], anchor: X509Certificate, at: number): boolean {
  let [current] = chain;
  const left = chain.slice(1);
  while (current !== undefined && isInTime(current, at)) {
    if (isSignedBy(current, anchor)) return isInTime(anchor, at);
    const child: X509Certificate = current;
    const next = left.findIndex((candidate) => isSignedBy(child, candidate));
    [current] = next === -1 ? [] : left.splice(next, 1);
  }
  return false;
}

function isSignedBy(child: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && child.checkIssued(issuer) && child.verify(issuer.publicKey);
}

function isInTime(certificate: X509Certificate, at: number): boolean {
  return at >= Date.parse(certificate.validFrom) && at <= Date.parse(certificate.validTo);
}

function bears(certificate: X509Certificate, name: string): boolean {
  return checkServerIdentity(name, certificate.toLegacyObject()) === undefined;
}
