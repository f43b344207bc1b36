// Whether an address and its name in the DNS lead to each other (RFC 8601 §3).
import { isIPv4 } from "node:net";
import { reverseDnsName } from "#base/network";
import type { IprevCheck } from "./evidence.ts";
import type { Lookup } from "./ports.ts";

// RFC 8601 §3 asks for a bound; RFC 7208 §5.5 looks at ten.
const MAX_NAMES = 10;

/** `address` in any spelling, also IPv4 mapped into IPv6. Asks for one name, and for the addresses of ten at most. */
export async function checkIprev(lookup: Lookup, address: string): Promise<IprevCheck> {
  const said = (result: IprevCheck["result"], name?: string): IprevCheck => ({
    result,
    address,
    name,
  });
  // Two addresses are the same when they have the same name below arpa: that spells every group out.
  const own = reverseDnsName(address);
  if (own === undefined) return said("permerror");
  const names = await lookup(own, "PTR");
  if (!names.ok) return said(names.why === "trouble" ? "temperror" : "permerror");
  const type = isIPv4(address) || own.endsWith(".in-addr.arpa") ? "A" : "AAAA";
  let trouble = false;
  for (const name of names.records.slice(0, MAX_NAMES)) {
    const found = await lookup(name, type);
    if (!found.ok) trouble ||= found.why === "trouble";
    else if (found.records.some((record) => reverseDnsName(record) === own))
      return said("pass", name);
  }
  return said(trouble ? "temperror" : "fail", names.records[0]);
}
