// Which resolvers are asked: the one that is set, or the system's. Says of each whether its AD bit can be believed.
import { readFileSync, statSync } from "node:fs";
import { isIP } from "node:net";

export interface Resolver {
  readonly address: string;
  readonly port: number;
  /**
   * The AD bit is one bit of a datagram that nothing protects (RFC 7672 §2.1, RFC 6840 §7.2). It is believed from a resolver on
   * this machine, since nobody stands between; and from the one that the operator named, who answers for the path to it.
   */
  readonly trusted: boolean;
}

const DNS_PORT = 53;
// What the C library takes from the file (resolv.conf(5)).
const MAX_RESOLVERS = 3;

/** "192.0.2.1", "192.0.2.1:53", "[2001:db8::1]:53"; undefined for anything else. */
export function parseServer(server: string): { address: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+))(?::(\d{1,5}))?$/i.exec(server);
  const address = match?.[1] ?? match?.[2] ?? "";
  const port = Number(match?.[3] ?? DNS_PORT);
  return isIP(address) === 0 || port > 65_535 ? undefined : { address, port };
}

/** Asked at each look-up, so that a changed /etc/resolv.conf (a new network) counts at once. */
export function resolversFrom(
  server: string | undefined,
  file = "/etc/resolv.conf",
): () => readonly Resolver[] {
  if (server !== undefined) {
    const named = parseServer(server);
    const only = named === undefined ? [] : [{ ...named, trusted: true }];
    return () => only;
  }
  let read: { readonly changed: number; readonly resolvers: readonly Resolver[] } | undefined;
  return () => {
    const changed = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (read?.changed !== changed) read = { changed, resolvers: parseResolvConf(textOf(file)) };
    return read.resolvers;
  };
}

/** The nameserver lines of resolv.conf(5); the one on this machine when there is none, as the C library does. */
export function parseResolvConf(text: string): readonly Resolver[] {
  const addresses = text
    .split("\n")
    .map((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? "")
    .filter((address) => isIP(address) !== 0)
    .slice(0, MAX_RESOLVERS);
  return (addresses.length === 0 ? ["127.0.0.1"] : addresses).map((address) => ({
    address,
    port: DNS_PORT,
    trusted: address === "::1" || address.startsWith("127."),
  }));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
