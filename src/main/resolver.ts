// Reverse names for the counters and for Received fields. Asks the DNS only: a hosts file names machines, not providers.
import { reverseDnsName } from "#base/network";
import type { Dns } from "#dns";
import { checkIprev } from "#mail/authentication";

/** Looks up the first reverse name of an address; undefined when it has none or the resolver does not answer. */
export function reverseName(dns: Dns): (address: string) => Promise<string | undefined> {
  return async (address) => {
    const name = reverseDnsName(address);
    if (name === undefined) return undefined;
    const answer = await dns.lookup(name, "PTR");
    return answer.ok ? answer.records[0] : undefined;
  };
}

/**
 * The name of a peer that leads back to its address (RFC 8601 §3); undefined without one. Peers on this machine have none, but where a
 * resolver was named for them too.
 */
export function confirmedName(
  dns: Dns,
  asksForLocal: boolean,
): (address: string) => Promise<string | undefined> {
  return async (address) => {
    if (!asksForLocal && /^(?:::ffff:)?127\.|^::1$/i.test(address)) return undefined;
    const found = await checkIprev((name, type) => dns.lookup(name, type), address);
    return found.result === "pass" ? found.name : undefined;
  };
}
