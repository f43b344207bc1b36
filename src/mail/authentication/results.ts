// The Authentication-Results field (RFC 8601 §2.2): what was found, in one field under our name. Pure. Values that come from the letter
// or the DNS are quoted where they must be, cut where they are long, and can hold no line end.
import type { DkimCheck, Evidence, SpfCheck } from "./evidence.ts";

// Lines that a mail program shows; every value is cut well below the 998 octets of RFC 5322 §2.1.1.
const MAX_VALUE = 250;
const MAX_REASON = 100;

/** The whole field with its CRLF. `kept` says why a failure of DMARC had no effect. */
export function resultsField(hostname: string, evidence: Evidence, kept?: string): string {
  const parts = [
    iprevPart(evidence),
    ...evidence.spf.map((check) => spfPart(check)),
    ...(evidence.dkim.length === 0 ? ["dkim=none"] : evidence.dkim.map((check) => dkimPart(check))),
    ...arcPart(evidence),
    dmarcPart(evidence, kept),
  ];
  return `Authentication-Results: ${[hostname, ...parts].join(";\r\n\t")}\r\n`;
}

function iprevPart({ iprev: { result, address, name } }: Evidence): string {
  const named = name === undefined ? "" : ` (${comment(name)})`;
  return `iprev=${result}${named} policy.iprev=${value(address.replace(/^::ffff:/i, ""))}`;
}

function spfPart({ identity, domain, result }: SpfCheck): string {
  return `spf=${result} smtp.${identity}=${value(domain)}`;
}

function dkimPart({ result, reason, domain, selector, algorithm, mark }: DkimCheck): string {
  const properties = Object.entries({ d: domain, s: selector, a: algorithm, b: mark })
    .filter(([, said]) => said !== undefined && said !== "")
    .map(([tag, said]) => ` header.${tag}=${value(said ?? "")}`);
  return `dkim=${result}${reasonOf(reason)}${properties.join("")}`;
}

/** RFC 8617 §10.2: said where there is a chain. */
function arcPart({ arc, iprev }: Evidence): readonly string[] {
  if (arc.result === "none") return [];
  const last = arc.sealers.at(-1) ?? "";
  const sealed = last === "" ? "" : ` (i=${arc.sealers.length} d=${comment(last)})`;
  const address = value(iprev.address.replace(/^::ffff:/i, ""));
  return [`arc=${arc.result}${sealed}${reasonOf(arc.reason)} smtp.remote-ip=${address}`];
}

function dmarcPart({ dmarc }: Evidence, kept?: string): string {
  const { result, reason, published, policy, from } = dmarc;
  const asked = published === undefined ? "" : ` (p=${comment(published.p)})`;
  const effect = kept === undefined ? "" : ` (${comment(kept)})`;
  const applied = result === "fail" && policy !== undefined ? ` policy.dmarc=${policy}` : "";
  const author = from === undefined ? "" : ` header.from=${value(from)}`;
  return `dmarc=${result}${asked}${effect}${reasonOf(reason)}${author}${applied}`;
}

function reasonOf(reason: string | undefined): string {
  return reason === undefined ? "" : ` reason="${plain(reason, MAX_REASON)}"`;
}

/** pvalue: what is a token or an address as it is, the rest as a quoted string. */
function value(text: string): string {
  const clean = plain(text, MAX_VALUE);
  return /^[A-Za-z0-9!#$%&'*+\-^_`{|}~.@/]+$/.test(clean) && !clean.includes("/")
    ? clean
    : `"${clean}"`;
}

function comment(text: string): string {
  return plain(text, MAX_REASON).replaceAll(/[()]/g, " ");
}

/** Printable ASCII without quotes and backslashes. */
function plain(text: string, atMost: number): string {
  return text
    .slice(0, atMost)
    .replaceAll(/["\\]/g, "'")
    .replaceAll(/[^\x20-\x7e]/g, "?");
}
