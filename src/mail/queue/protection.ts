// How a connection to one mail exchanger must be protected: DANE before MTA-STS before what the peer offers (RFC 7672, RFC 8461
// §2, RFC 7435), and REQUIRETLS above them (RFC 8689). Decides; connects to nobody.
import type { Dns } from "#dns";
import type { X509Certificate } from "node:crypto";
import { isUsable, isVouchedFor, type TlsaRecord } from "./dane.ts";
import type { PolicyOf, StsFailure } from "./policies.ts";
import type { Host } from "./route.ts";
import { isStsHost, type StsPolicy } from "./sts.ts";

/** RFC 8460 §4.3. */
export type TlsFailure =
  | "starttls-not-supported"
  | "certificate-host-mismatch"
  | "certificate-expired"
  | "certificate-not-trusted"
  | "validation-failure"
  | "tlsa-invalid"
  | "dnssec-invalid"
  | StsFailure;

/** A policy as a report names it (RFC 8460 §4.4). */
export interface ReportedPolicy {
  readonly type: "tlsa" | "sts" | "no-policy-found";
  readonly strings: readonly string[];
  readonly mxHosts: readonly string[];
}

/** What a connection showed: the certificates as sent, and what the system's authorities say of them. */
export interface Shown {
  readonly chain: readonly X509Certificate[];
  /** Undefined when chain and name are right. */
  readonly wrong: TlsFailure | undefined;
}

export interface Protection {
  readonly policy: ReportedPolicy;
  /** Nothing is sent without TLS. */
  readonly encrypted: boolean;
  /** Undefined when the certificate is as the policy wants it. */
  readonly judge: (shown: Shown) => TlsFailure | undefined;
  /** False where a failure is only reported (MTA-STS in testing mode). */
  readonly enforced: boolean;
  /** The host may not be used at all, whatever it shows. */
  readonly refused: TlsFailure | undefined;
  /** The name comes from a source that is itself vouched for, which REQUIRETLS asks for (RFC 8689 §4.2.1). */
  readonly nameVouched: boolean;
  /** True when the judgement alone says who the peer is, whatever the authorities say. */
  readonly identifies: boolean;
}

const nothing: ReportedPolicy = { type: "no-policy-found", strings: [], mxHosts: [] };
const believe = (): undefined => undefined;

const opportunistic = (nameVouched: boolean): Protection => ({
  policy: nothing,
  encrypted: false,
  judge: believe,
  enforced: false,
  refused: undefined,
  nameVouched,
  identifies: false,
});

/** `optional` is the sender's "TLS-Required: No": policies do not count (RFC 8689 §4.2.2). */
export async function protectionOf(
  parts: { readonly dns: Dns; readonly policyOf: PolicyOf; readonly now: () => number },
  domain: string,
  host: Host,
  port: number,
  optional: boolean,
): Promise<Protection> {
  if (optional) return opportunistic(host.secure);
  const dane = await daneOf(parts, domain, host, port);
  if (dane !== undefined) return dane;
  const sts = await parts.policyOf(domain);
  if (sts === undefined) return opportunistic(host.secure);
  if (typeof sts === "string")
    // Without a policy there is nothing to hold the peer to (RFC 8461 §3.3); the failure is reported.
    return { ...opportunistic(host.secure), policy: { ...nothing, type: "sts" }, judge: () => sts };
  return stsOf(sts, host);
}

function stsOf(policy: StsPolicy, host: Host): Protection {
  if (policy.mode === "none") return opportunistic(host.secure);
  const enforced = policy.mode === "enforce";
  const listed = isStsHost(policy, host.name);
  return {
    policy: { type: "sts", strings: policy.lines, mxHosts: policy.mx },
    encrypted: enforced,
    judge: ({ wrong }) => wrong ?? (listed ? undefined : "validation-failure"),
    enforced,
    refused: enforced && !listed ? "validation-failure" : undefined,
    nameVouched: listed || host.secure,
    identifies: false,
  };
}

/** RFC 7672 §2.2: only where DNSSEC vouches for exchanger, addresses and records. Undefined when DANE says nothing. */
async function daneOf(
  { dns, now }: { readonly dns: Dns; readonly now: () => number },
  domain: string,
  host: Host,
  port: number,
): Promise<Protection | undefined> {
  if (!host.secure || !host.addressSecure) return undefined;
  for (const base of new Set([host.expanded, host.name])) {
    const answer = await dns.lookup(`_${port}._tcp.${base}`, "TLSA");
    if (!answer.ok && answer.why === "trouble") {
      // An attacker who can suppress the records must not gain by it (§2.1.2): later, or another host.
      const policy = { type: "tlsa", strings: [], mxHosts: [host.name] } as const;
      return { ...opportunistic(true), policy, enforced: true, refused: "dnssec-invalid" };
    }
    if (!answer.ok || !answer.authenticated) continue;
    const usable = answer.records.filter(isUsable);
    return {
      policy: { type: "tlsa", strings: answer.records.map(words), mxHosts: [host.name] },
      encrypted: true,
      // §2.2: records of which none can be used still say that there is TLS.
      judge: ({ chain }) =>
        usable.length === 0 || isVouchedFor(usable, chain, [base, host.name, domain], now())
          ? undefined
          : "tlsa-invalid",
      enforced: true,
      refused: undefined,
      nameVouched: true,
      identifies: usable.length > 0,
    };
  }
  return undefined;
}

function words({ usage, selector, matching, data }: TlsaRecord): string {
  return `${usage} ${selector} ${matching} ${Buffer.from(data).toString("hex")}`;
}

/** The header field by which a sender says that arriving matters more than secrecy (RFC 8689 §3). */
export function saysTlsOptional(raw: Uint8Array): boolean {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, MAX_HEADER));
  const end = bytes.indexOf("\r\n\r\n");
  const header = bytes.toString("latin1", 0, end === -1 ? bytes.byteLength : end + 2);
  return /^TLS-Required:[ \t]*No[ \t]*\r?$/im.test(header);
}

const MAX_HEADER = 256 * 1024;
