// Where mail for a domain goes: its mail exchangers in order (RFC 5321 §5.1), null MX (RFC 7505), or the domain itself.
import type { Dns } from "#dns";
import { failed, later, type Verdict } from "./verdict.ts";

export interface Host {
  /** The name to expect in a certificate; for EHLO-free logging it is enough. */
  readonly name: string;
  readonly address: string;
}

export type Route =
  | { readonly kind: "hosts"; readonly hosts: readonly Host[] }
  | { readonly kind: "none"; readonly verdict: Verdict };

export type Resolve = (domain: string) => Promise<Route>;

// RFC 5321 §5.1 wants at least two addresses tried; five bound the time that one dead domain takes.
const MAX_HOSTS = 5;

/** How mail goes to a domain, by the DNS. */
export function openRoutes(dns: Dns): Resolve {
  return (domain) => routeTo(dns, domain);
}

async function routeTo(dns: Dns, domain: string): Promise<Route> {
  const literal = /^\[(?:IPv6:)?([^\]]+)\]$/i.exec(domain)?.[1];
  if (literal !== undefined) return { kind: "hosts", hosts: [{ name: literal, address: literal }] };
  const exchangers = await mxOf(dns, domain);
  if (!Array.isArray(exchangers)) return { kind: "none", verdict: exchangers };
  const hosts: Host[] = [];
  let trouble: string | undefined;
  for (const name of exchangers) {
    if (hosts.length >= MAX_HOSTS) break;
    const found = await addressesOf(dns, name);
    trouble ??= found.trouble;
    hosts.push(...found.addresses.map((address) => ({ name, address })));
  }
  if (hosts.length > 0) return { kind: "hosts", hosts: hosts.slice(0, MAX_HOSTS) };
  if (trouble !== undefined)
    return { kind: "none", verdict: later("4.4.3", `name server trouble: ${trouble}`) };
  return { kind: "none", verdict: failed("5.1.2", "the domain has no mail server") };
}

async function mxOf(dns: Dns, domain: string): Promise<string[] | Verdict> {
  const answer = await dns.lookup(domain, "MX");
  if (!answer.ok) {
    if (answer.why === "trouble") return later("4.4.3", `name server trouble: ${answer.reason}`);
    if (answer.why === "nxdomain") return failed("5.1.2", "the domain does not exist");
    return [domain]; // the implicit MX
  }
  const { records } = answer;
  if (records.length === 1 && records[0]?.exchange === "")
    return failed("5.1.10", "the domain takes no mail (null MX)");
  // Equal preferences in random order spread the load (RFC 5321 §5.1).
  const drawn = records.map((record) => ({ ...record, lot: Math.random() }));
  drawn.sort((a, b) => a.preference - b.preference || a.lot - b.lot);
  return drawn.map(({ exchange }) => exchange);
}

async function addressesOf(
  dns: Dns,
  name: string,
): Promise<{ addresses: string[]; trouble: string | undefined }> {
  const answers = await Promise.all([dns.lookup(name, "AAAA"), dns.lookup(name, "A")]);
  const addresses = answers.flatMap((answer) => (answer.ok ? answer.records : []));
  const [trouble] = answers.flatMap((answer) =>
    !answer.ok && answer.why === "trouble" ? [answer.reason] : [],
  );
  return { addresses, trouble };
}
