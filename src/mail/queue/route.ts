// Where mail for a domain goes: its mail exchangers in order (RFC 5321 §5.1), null MX (RFC 7505), or the domain itself.
import type { Dns } from "#dns";
import { failed, later, type Verdict } from "./verdict.ts";

export interface Host {
  /** The name to expect in a certificate; for EHLO-free logging it is enough. */
  readonly name: string;
  readonly address: string;
  /** DNSSEC vouches for the name being the domain's exchanger, and for its addresses. */
  readonly secure: boolean;
  readonly addressSecure: boolean;
  /** The name after its aliases (RFC 7672 §2.2.2). */
  readonly expanded: string;
}

type Route =
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
  if (literal !== undefined) return { kind: "hosts", hosts: [unvouched(literal, literal)] };
  const found = await mxOf(dns, domain);
  if ("verdict" in found) return { kind: "none", verdict: found.verdict };
  const hosts: Host[] = [];
  let trouble: string | undefined;
  for (const name of found.names) {
    if (hosts.length >= MAX_HOSTS) break;
    const at = await addressesOf(dns, name);
    trouble ??= at.trouble;
    const { addressSecure, expanded } = at;
    hosts.push(
      ...at.addresses.map((address) => ({
        name,
        address,
        secure: found.secure,
        addressSecure,
        expanded,
      })),
    );
  }
  if (hosts.length > 0) return { kind: "hosts", hosts: hosts.slice(0, MAX_HOSTS) };
  if (trouble !== undefined)
    return { kind: "none", verdict: later("4.4.3", `name server trouble: ${trouble}`) };
  return { kind: "none", verdict: failed("5.1.2", "the domain has no mail server") };
}

/** A host that somebody named without the DNS. */
export function unvouched(name: string, address: string): Host {
  return { name, address, secure: false, addressSecure: false, expanded: name };
}

async function mxOf(
  dns: Dns,
  domain: string,
): Promise<
  { readonly names: readonly string[]; readonly secure: boolean } | { readonly verdict: Verdict }
> {
  const answer = await dns.lookup(domain, "MX");
  if (!answer.ok) {
    if (answer.why === "trouble")
      return { verdict: later("4.4.3", `name server trouble: ${answer.reason}`) };
    if (answer.why === "nxdomain") return { verdict: failed("5.1.2", "the domain does not exist") };
    return { names: [domain], secure: answer.authenticated }; // the implicit MX
  }
  const { records, authenticated: secure } = answer;
  if (records.length === 1 && records[0]?.exchange === "")
    return { verdict: failed("5.1.10", "the domain takes no mail (null MX)") };
  // Equal preferences in random order spread the load (RFC 5321 §5.1).
  const drawn = records.map((record) => ({ ...record, lot: Math.random() }));
  drawn.sort((a, b) => a.preference - b.preference || a.lot - b.lot);
  return { names: drawn.map(({ exchange }) => exchange), secure };
}

async function addressesOf(dns: Dns, name: string) {
  const answers = await Promise.all([dns.lookup(name, "AAAA"), dns.lookup(name, "A")]);
  const addresses = answers.flatMap((answer) => (answer.ok ? answer.records : []));
  const [trouble] = answers.flatMap((answer) =>
    !answer.ok && answer.why === "trouble" ? [answer.reason] : [],
  );
  // One insecure answer is enough for a forger (RFC 7672 §2.2.2 wants all that there are secure).
  const addressSecure = answers.every(
    (answer) => "authenticated" in answer && answer.authenticated,
  );
  const expanded = answers.flatMap((answer) => (answer.ok ? [answer.name] : []))[0] ?? name;
  return { addresses, trouble, addressSecure, expanded };
}
