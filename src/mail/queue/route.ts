// Where mail for a domain goes: its mail exchangers in order (RFC 5321 §5.1), null MX (RFC 7505), or the domain itself.
import { Resolver } from "node:dns/promises";
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
// RFC 1035 leaves it open; three tries of five seconds find any resolver that works.
const resolverOptions = { timeout: 5000, tries: 3 };

/** A resolver over `dns` (address:port), or over the system's servers. */
export function openRoutes(dns: string | undefined): Resolve {
  const resolver = new Resolver(resolverOptions);
  if (dns !== undefined) resolver.setServers([dns]);
  return (domain) => routeTo(resolver, domain);
}

async function routeTo(resolver: Resolver, domain: string): Promise<Route> {
  const literal = /^\[(?:IPv6:)?([^\]]+)\]$/i.exec(domain)?.[1];
  if (literal !== undefined) return { kind: "hosts", hosts: [{ name: literal, address: literal }] };
  const exchangers = await mxOf(resolver, domain);
  if (!Array.isArray(exchangers)) return { kind: "none", verdict: exchangers };
  const hosts: Host[] = [];
  let trouble: string | undefined;
  for (const name of exchangers) {
    if (hosts.length >= MAX_HOSTS) break;
    const found = await addressesOf(resolver, name);
    trouble ??= found.trouble;
    hosts.push(...found.addresses.map((address) => ({ name, address })));
  }
  if (hosts.length > 0) return { kind: "hosts", hosts: hosts.slice(0, MAX_HOSTS) };
  if (trouble !== undefined)
    return { kind: "none", verdict: later("4.4.3", `name server trouble: ${trouble}`) };
  return { kind: "none", verdict: failed("5.1.2", "the domain has no mail server") };
}

async function mxOf(resolver: Resolver, domain: string): Promise<string[] | Verdict> {
  try {
    const records = await resolver.resolveMx(domain);
    if (records.length === 1 && /^\.?$/.test(records[0]?.exchange ?? ""))
      return failed("5.1.10", "the domain takes no mail (null MX)");
    // Equal preferences in random order spread the load (RFC 5321 §5.1).
    const drawn = records.map((record) => ({ ...record, lot: Math.random() }));
    drawn.sort((a, b) => a.priority - b.priority || a.lot - b.lot);
    return drawn.map(({ exchange }) => exchange);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENODATA") return [domain]; // the implicit MX
    if (code === "ENOTFOUND") return failed("5.1.2", "the domain does not exist");
    return later("4.4.3", `name server trouble: ${code}`);
  }
}

async function addressesOf(
  resolver: Resolver,
  name: string,
): Promise<{ addresses: string[]; trouble: string | undefined }> {
  const answers = await Promise.allSettled([resolver.resolve6(name), resolver.resolve4(name)]);
  const addresses = answers.flatMap((answer) =>
    answer.status === "fulfilled" ? answer.value : [],
  );
  const codes = answers.flatMap((answer) =>
    answer.status === "rejected" ? [codeOf(answer.reason)] : [],
  );
  const trouble = codes.find((code) => code !== "ENODATA" && code !== "ENOTFOUND");
  return { addresses, trouble };
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "unknown";
}
