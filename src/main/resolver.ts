// Reverse names for the counters, from the configured resolver or the system's. Asks the DNS only: a hosts file names
// machines, not providers.
import { Resolver } from "node:dns/promises";
import { reverseDnsName } from "#base/network";

/** Looks up the first reverse name of an address; undefined when it has none or the resolver does not answer. */
export function reverseName(
  dns: string | undefined,
): (address: string) => Promise<string | undefined> {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  if (dns !== undefined) resolver.setServers([dns]);
  return async (address) => {
    const name = reverseDnsName(address);
    if (name === undefined) return undefined;
    try {
      return (await resolver.resolvePtr(name))[0];
    } catch {
      return undefined; // no name, or nobody to ask: the counter says "unknown"
    }
  };
}
