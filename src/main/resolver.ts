// Reverse names for the counters. Asks the DNS only: a hosts file names machines, not providers.
import { reverseDnsName } from "#base/network";
import type { Dns } from "#dns";

/** Looks up the first reverse name of an address; undefined when it has none or the resolver does not answer. */
export function reverseName(dns: Dns): (address: string) => Promise<string | undefined> {
  return async (address) => {
    const name = reverseDnsName(address);
    if (name === undefined) return undefined;
    const answer = await dns.lookup(name, "PTR");
    return answer.ok ? answer.records[0] : undefined;
  };
}
