// What counts as one peer when connections are counted. Pure.

/**
 * The IPv4 address as it stands, also where it comes mapped into IPv6 (RFC 4291 §2.5.5.2); of another IPv6 address the first 64 bits,
 * which is the least that a network gives one machine (RFC 6177).
 */
export function sourceOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
  if (!plain.includes(":")) return plain;
  const [head = "", tail] = plain.toLowerCase().split("::");
  const groups = (part: string): string[] => (part === "" ? [] : part.split(":"));
  const first = groups(head);
  const last = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => "0");
  return `${[...first, ...zeros, ...last].slice(0, 4).join(":")}::/64`;
}
