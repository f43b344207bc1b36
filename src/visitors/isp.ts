// From an address to the registrable domain of its internet provider, by the address's reverse name. Looks up in the
// background, remembers by network and for an hour, in memory only.
import { parse } from "tldts";
import { isLocalNetwork, networkPrefix } from "#base/network";
import { type Clock, HOUR, SECOND } from "#base/time";

export const LOCAL = "local network";
export const UNKNOWN = "unknown";

/** The name that an address's owner gave it in the DNS; undefined where there is none. */
export type ReverseLookup = (address: string) => Promise<string | undefined>;

export interface IspDomains {
  /** The domain when it is known by now; undefined while it is looked up. */
  known(address: string): string | undefined;
  /** Calls back with the domain: at once when it is known, else when the look-up ends. */
  tell(address: string, listener: (isp: string) => void): void;
  /** Ends what is pending: all who wait hear "unknown". */
  close(): void;
}

// Sixteen questions to the resolver at once are what one page view of a busy minute asks for.
const AT_ONCE = 16;
// Networks that wait for their turn; beyond it they count as unknown, so that a flood of addresses costs no memory.
const MAX_WAITING = 500;
// A resolver that has not answered by then will not.
const TIMEOUT = 5 * SECOND;
const REMEMBERED_FOR = HOUR;
// Networks that come by in an hour, at 150 bytes each.
const MAX_REMEMBERED = 20_000;

/**
 * The registrable domain of a host name by the Public Suffix List's ICANN part, lower case; undefined for anything that is
 * not a host name under a public suffix. Whoever runs a network can put any text into its reverse names.
 */
export function registrableDomain(name: string): string | undefined {
  const host = name.toLowerCase().replace(/\.$/, "");
  if (
    host.length > 253 ||
    !/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*$/.test(host)
  )
    return undefined;
  const found = parse(host, { allowPrivateDomains: false });
  return found.isIcann === true && found.domain !== null ? found.domain : undefined;
}

/**
 * Private addresses are nobody's provider and count as "local network" without a question, so that the world's resolvers
 * never hear of them; with `asksForLocal` the resolver is the operator's own and may know a name for them.
 */
export function openIspDomains(
  reverse: ReverseLookup,
  clock: Clock,
  asksForLocal = false,
): IspDomains {
  const remembered = new Map<string, { readonly isp: string; readonly until: number }>();
  const pending = new Map<string, ((isp: string) => void)[]>();
  const waiting: { readonly network: string; readonly address: string }[] = [];
  let running = 0;
  let isClosed = false;

  const finish = (network: string, isp: string): void => {
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(network, { isp, until: clock.now() + REMEMBERED_FOR });
    const listeners = pending.get(network) ?? [];
    pending.delete(network);
    for (const listener of listeners) listener(isp);
  };

  const run = async (network: string, address: string): Promise<void> => {
    running += 1;
    const found = await lookUp(reverse, address);
    const isp = found === UNKNOWN && isLocalNetwork(address) ? LOCAL : found;
    running -= 1;
    if (isClosed) return;
    finish(network, isp);
    start();
  };

  const takeTurn = () => (running < AT_ONCE ? waiting.shift() : undefined);
  const start = (): void => {
    for (let next = takeTurn(); next !== undefined; next = takeTurn())
      void run(next.network, next.address); // never rejects: lookUp turns every failure into "unknown"
  };

  const known = (network: string, address: string): string | undefined => {
    const held = remembered.get(network);
    if (held !== undefined && clock.now() < held.until) return held.isp;
    return !asksForLocal && isLocalNetwork(address) ? LOCAL : undefined;
  };

  return {
    known: (address) => known(networkPrefix(address), address),
    tell(address, listener) {
      const network = networkPrefix(address);
      const isp = network === "unknown" || isClosed ? UNKNOWN : known(network, address);
      if (isp !== undefined) return listener(isp);
      const listeners = pending.get(network);
      if (listeners !== undefined) {
        listeners.push(listener);
        return;
      }
      if (waiting.length >= MAX_WAITING) return listener(UNKNOWN);
      pending.set(network, [listener]);
      waiting.push({ network, address });
      start();
    },
    close() {
      isClosed = true;
      waiting.length = 0;
      for (const network of pending.keys()) finish(network, UNKNOWN);
    },
  };
}

async function lookUp(reverse: ReverseLookup, address: string): Promise<string> {
  const { promise: timeout, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, TIMEOUT, undefined);
  try {
    const name = await Promise.race([reverse(address), timeout]);
    return (name === undefined ? undefined : registrableDomain(name)) ?? UNKNOWN;
  } catch {
    return UNKNOWN; // a resolver that fails is no news about the visitor
  } finally {
    clearTimeout(timer);
  }
}
