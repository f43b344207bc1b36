// Examines one letter that came from another server: iprev, SPF, DKIM, ARC, DMARC, each by mailauth in its strict mode where there is
// something to check. Pure but for the DNS that is handed in; bounded in questions, signatures, header and time; never rejects for what
// a letter or a zone holds.
import { isIP } from "node:net";
import type { Clock } from "#base/time";
import type { ArcCheck, DkimCheck, Evidence, MethodResult, Signed, SpfCheck } from "./evidence.ts";
import { checkDmarc } from "./dmarc.ts";
import { checkIprev } from "./iprev.ts";
import { type Library, loadLibrary } from "./library.ts";
import type { Lookup } from "./ports.ts";
import { boundedResolver, EXAMINED_FOR, type NodeResolver } from "./resolver.ts";
import { toVerify } from "./signed.ts";

/** A letter at the final dot. */
export interface ArrivedLetter {
  /** The peer's IP address. */
  readonly address: string;
  /** What it called itself, unchecked. */
  readonly helo: string;
  /** "" for the null reverse-path. */
  readonly sender: string;
  readonly raw: Uint8Array;
}

export interface VerifyOptions {
  readonly lookup: Lookup;
  readonly clock: Clock;
  /** Our name, for the macro that says who asks (RFC 7208 §7.3). */
  readonly hostname: string;
  /** Milliseconds; for tests. */
  readonly examinedFor?: number;
}

// RFC 8301 §3.2: shorter keys MUST NOT count.
const MIN_RSA_BITS = 1024;

export async function verifyLetter(
  options: VerifyOptions,
  letter: ArrivedLetter,
): Promise<Evidence> {
  const library = await loadLibrary();
  const { examinedFor = EXAMINED_FOR } = options;
  const resolver = boundedResolver(options.lookup, examinedFor);
  const [iprev, spf, signed] = await Promise.all([
    checkIprev(options.lookup, letter.address),
    checkSpf(library, resolver, options, letter),
    checkSignatures(library, resolver, options, letter),
  ]);
  const dmarc = await checkDmarc(library, resolver, { ...signed, spf });
  return { iprev, spf, dkim: signed.dkim, arc: signed.arc, dmarc };
}

/** RFC 7208 §2.3 and §2.4: the name in HELO where it is one, and the sender's domain; for the null sender HELO alone. */
async function checkSpf(
  { spf }: Library,
  resolver: NodeResolver,
  { hostname, examinedFor = EXAMINED_FOR }: VerifyOptions,
  { address, helo, sender }: ArrivedLetter,
): Promise<readonly SpfCheck[]> {
  const check = async (identity: SpfCheck["identity"]): Promise<SpfCheck> => {
    const { status, domain } = await spf({
      sender: identity === "helo" ? "" : sender,
      ip: address.replace(/%.*$/, ""),
      helo,
      mta: hostname,
      resolver,
      strict: true,
      maxElapsedTime: examinedFor,
    });
    return { identity, domain, result: methodResult(status.result) };
  };
  const named = isIP(helo.replaceAll(/^\[(?:IPv6:)?|\]$/gi, "")) === 0 && helo.includes(".");
  const checks: Promise<SpfCheck>[] = [];
  if (named) checks.push(check("helo"));
  if (sender !== "") checks.push(check("mailfrom"));
  return Promise.all(checks);
}

async function checkSignatures(
  { dkimVerify, arc }: Library,
  resolver: NodeResolver,
  { clock }: VerifyOptions,
  { raw }: ArrivedLetter,
): Promise<Signed> {
  const { bytes, left, tooLarge } = toVerify(raw);
  const verified = await dkimVerify(Buffer.from(bytes), {
    resolver,
    strict: true,
    minBitLength: MIN_RSA_BITS,
    curTime: new Date(clock.now()),
  });
  const dkim = verified.results
    .filter(({ status }) => status.result !== "none")
    .map((result) => dkimCheck(result));
  if (left > 0) dkim.push(leftOut(tooLarge ? "header too large" : "too many signatures"));
  const chain = verified.arc;
  // Read before the chain is verified: the library takes the results of its last set apart then, which may be the first as well.
  const firstDmarc = firstDmarcOf(chain);
  const chained =
    chain === undefined ? undefined : await arc(chain as ArcData, { resolver, strict: true });
  const entries = (chained as { readonly chain?: readonly ArcEntry[] | false } | undefined)?.chain;
  return {
    dkim,
    arc: arcCheck(chained?.status, entries === false ? [] : (entries ?? []), firstDmarc),
    authors: verified.headerFrom,
    fromFields: verified.fromFields,
  };
}

type ArcData = Parameters<Library["arc"]>[0];
type Verified = Awaited<ReturnType<Library["dkimVerify"]>>["results"][number];

function dkimCheck({ status, signingDomain, selector, algo, signature }: Verified): DkimCheck {
  // RFC 6376 §8.2: what stands behind the length that was signed can say anything. Such a signature vouches for nobody here.
  const partial = status.result === "pass" && (status.underSized ?? 0) > 0;
  const policy = (status.policy as Record<string, unknown> | undefined)?.["dkim-rules"];
  return {
    result: partial ? "policy" : methodResult(status.result),
    reason: partial
      ? "text behind the signed length"
      : (status.comment ?? (typeof policy === "string" ? policy : undefined)),
    domain: signingDomain?.toLowerCase(),
    selector,
    algorithm: algo,
    mark: signature?.replaceAll(/\s/g, "").slice(0, 8),
  };
}

function leftOut(reason: string): DkimCheck {
  const nothing = { domain: undefined, selector: undefined, algorithm: undefined, mark: undefined };
  return { result: "policy", reason, ...nothing };
}

interface Tags {
  readonly [tag: string]: { readonly value?: unknown } | undefined;
}

interface ArcEntry {
  readonly "arc-seal"?: { readonly parsed?: Tags };
  readonly "arc-authentication-results"?: { readonly parsed?: Tags };
}

function firstDmarcOf(arc: unknown): string | undefined {
  const chain = (arc as { readonly chain?: readonly ArcEntry[] | false } | undefined)?.chain;
  if (chain === undefined || chain === false) return undefined;
  const said = tagText(chain[0]?.["arc-authentication-results"]?.parsed?.["dmarc"]?.value);
  return said === "" ? undefined : said;
}

function tagText(value: unknown): string {
  return typeof value === "string" ? value.toLowerCase() : "";
}

function arcCheck(
  status: { readonly result: string; readonly comment?: string } | undefined,
  chain: readonly ArcEntry[],
  firstDmarc: string | undefined,
): ArcCheck {
  const result = status?.result === "pass" || status?.result === "fail" ? status.result : "none";
  return {
    result,
    reason: result === "fail" ? status?.comment : undefined,
    sealers: chain.map((entry) => tagText(entry["arc-seal"]?.parsed?.["d"]?.value)),
    firstDmarc,
  };
}

const known: ReadonlySet<string> = new Set<MethodResult>([
  "pass",
  "fail",
  "softfail",
  "neutral",
  "none",
  "policy",
  "temperror",
  "permerror",
]);

function methodResult(result: string): MethodResult {
  return known.has(result) ? (result as MethodResult) : "permerror";
}
