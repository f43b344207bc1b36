// Lists of bad addresses in the DNS (RFC 5782). Pure but for the look-up it is given. A list that does not answer, or answers that we
// ask it wrongly, says nothing about anybody.
import { isLocalNetwork, reverseDnsName } from "#base/network";
import type { LookUp } from "./contract.ts";

/** The first of the zones that lists the address; undefined where none does. */
export async function listedBy(
  address: string,
  zones: readonly string[],
  lookUp: LookUp,
): Promise<string | undefined> {
  const reversed = reverseDnsName(address)?.replace(/\.(?:in-addr|ip6)\.arpa$/, "");
  // Nobody lists private networks, and their addresses are not the list's to know.
  if (reversed === undefined || isLocalNetwork(address)) return undefined;
  const answers = await Promise.all(zones.map((zone) => lookUp(`${reversed}.${zone}`)));
  return zones.find((_, at) => {
    const answer = answers[at];
    return answer !== undefined && answer !== "trouble" && answer.some(isListing);
  });
}

/**
 * RFC 5782 §2.1: an entry is an address of 127.0.0.0/8. 127.0.0.1 is what a list never means (§5), and 127.255.255.0/24 is how large
 * lists say that they do not answer this resolver.
 */
function isListing(record: string): boolean {
  return /^127\.(?!255\.255\.)\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(record) && record !== "127.0.0.1";
}
