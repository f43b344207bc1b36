// Network addresses as text: what of an address may be kept (its network), and whether it is from outside at all.
import { isIPv4, isIPv6 } from "node:net";

/**
 * The network that an address belongs to: "192.0.2.0/24" or "2001:db8:1::/48"; "unknown" for what is no IP address.
 * An IPv4 address mapped into IPv6 (RFC 4291 §2.5.5.2) counts as IPv4.
 */
export function networkPrefix(address: string): string {
  const plain = withoutMapping(address);
  if (isIPv4(plain)) return `${plain.split(".").slice(0, 3).join(".")}.0/24`;
  const groups = isIPv6(plain) ? ipv6Groups(plain) : undefined;
  if (groups === undefined) return "unknown";
  const kept = groups.slice(0, 3).map((group) => group.toString(16));
  while (kept.at(-1) === "0") kept.pop();
  return `${kept.join(":")}::/48`;
}

/** True for loopback, link-local and private networks (RFC 1918, RFC 4193, RFC 6598): no provider stands behind them. */
export function isLocalNetwork(address: string): boolean {
  const plain = withoutMapping(address);
  if (isIPv4(plain)) {
    const [a = 0, b = 0] = plain.split(".").map(Number);
    return (
      a === 10 ||
      a === 127 ||
      (a === 169 && b === 254) ||
      (a === 172 && b >= 16 && b < 32) ||
      (a === 192 && b === 168) ||
      (a === 100 && b >= 64 && b < 128)
    );
  }
  const groups = isIPv6(plain) ? ipv6Groups(plain) : undefined;
  if (groups === undefined) return false;
  const [first = 0] = groups;
  const isLoopback = groups.slice(0, 7).every((group) => group === 0) && (groups[7] ?? 0) <= 1;
  return isLoopback || (first & 0xfe00) === 0xfc00 || (first & 0xffc0) === 0xfe80;
}

/** Where an address's name stands in the DNS (RFC 1035 §3.5, RFC 3596 §2.5); undefined for what is no IP address. */
export function reverseDnsName(address: string): string | undefined {
  const plain = withoutMapping(address);
  if (isIPv4(plain)) return `${plain.split(".").reverse().join(".")}.in-addr.arpa`;
  const groups = isIPv6(plain) ? ipv6Groups(plain) : undefined;
  if (groups === undefined) return undefined;
  const digits = groups.map((group) => group.toString(16).padStart(4, "0")).join("");
  return `${digits.split("").reverse().join(".")}.ip6.arpa`;
}

function withoutMapping(address: string): string {
  const plain = address.replace(/%.*$/, "");
  const mapped = /^::ffff:([0-9.]+)$/i.exec(plain)?.[1];
  return mapped ?? plain;
}

/** The eight groups of an IPv6 address in text (RFC 4291 §2.2), which isIPv6 has accepted. */
function ipv6Groups(address: string): readonly number[] | undefined {
  const [head = "", tail] = address.split("::");
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const missing = 8 - before.length - after.length;
  const groups = [...before, ...Array.from({ length: Math.max(0, missing) }, () => 0), ...after];
  return groups.length === 8 ? groups : undefined;
}

function groupsOf(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (!group.includes(".")) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}
