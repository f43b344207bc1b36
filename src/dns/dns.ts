// Questions to the DNS, with the resolver's word on DNSSEC (the AD bit): one look-up per name and type, remembered for as long
// as its records say. Never reads a hosts file, and believes in the AD bit only where nobody can have set it on the way.
import { type Clock, systemClock } from "#base/time";
import { openCache } from "./cache.ts";
import type { Answer, Dns, Records, RecordType } from "./contract.ts";
import { ask } from "./outbound.ts";
import { canonicalName, type Reply } from "./packet.ts";
import { type Resolver, resolversFrom } from "./resolvers.ts";

export type { Answer, Dns, RecordType } from "./contract.ts";

// A resolver that has the answer needs milliseconds; one that must walk from the root with dead servers on the way, seconds.
const TIMEOUT = 4000;
// Each resolver twice: a datagram is lost now and then.
const TRIES = 2;
// RFC 1034 §5.2.2 asks for some bound; resolvers themselves stop at about this many.
const MAX_CNAMES = 8;
// Sockets open at once; the rest wait their turn in line.
const AT_ONCE = 200;

/**
 * `server` is "address:port", as BAILEE_DNS gives it; the system's resolvers (/etc/resolv.conf) when undefined.
 * `timeout` (milliseconds a try) is for tests.
 */
export function openDns(
  server?: string,
  { clock = systemClock, timeout = TIMEOUT }: { clock?: Clock; timeout?: number } = {},
): Dns {
  const resolvers = resolversFrom(server);
  const cache = openCache(clock);
  const underway = new Map<string, Promise<Answer<RecordType>>>();
  const turns = openTurns(AT_ONCE);
  const find = async (name: string, type: RecordType): Promise<Answer<RecordType>> => {
    const known = cache.get(name, type);
    if (known !== undefined) return known;
    const { answer, ttl } = await turns(() => follow(resolvers(), name, type, timeout));
    cache.put(name, type, answer, ttl);
    return answer;
  };
  return {
    async lookup<Type extends RecordType>(name: string, type: Type) {
      const asked = canonicalName(name);
      // What is no name cannot be in the DNS.
      if (asked === undefined) return { ok: false, why: "nxdomain", authenticated: false };
      const key = `${type} ${asked}`;
      let finding = underway.get(key);
      if (finding === undefined) {
        finding = find(asked, type).finally(() => underway.delete(key));
        underway.set(key, finding);
      }
      return (await finding) as Answer<Type>;
    },
  };
}

interface Found {
  readonly answer: Answer<RecordType>;
  /** Seconds. */
  readonly ttl: number;
}

/** Asks, and asks again for the target where a resolver gave an alias (CNAME) alone. */
async function follow(
  resolvers: readonly Resolver[],
  asked: string,
  type: RecordType,
  timeout: number,
): Promise<Found> {
  let name = asked;
  let authenticated = true;
  let ttl = Infinity;
  for (let aliases = 0; aliases <= MAX_CNAMES; aliases += 1) {
    const said = await askAll(resolvers, name, type, timeout);
    if (typeof said === "string") return trouble(said);
    const { reply, trusted } = said;
    if (reply.code !== "NOERROR" && reply.code !== "NXDOMAIN")
      return trouble(`the resolver answered ${reply.code}`);
    authenticated &&= reply.authenticated && trusted;
    ttl = Math.min(ttl, reply.ttl);
    const chain = alongAliases(reply, name, type);
    if (chain === undefined) return trouble("aliases that go in a circle");
    name = chain.name;
    const records = reply.answers
      .filter((record) => record.type === type && record.name === name)
      .map(({ data }) => data);
    if (records.length > 0) return { answer: { ok: true, records, name, authenticated }, ttl };
    if (reply.code === "NXDOMAIN" || chain.steps === 0) {
      const why = reply.code === "NXDOMAIN" ? "nxdomain" : "nodata";
      return { answer: { ok: false, why, authenticated }, ttl };
    }
    // The chain ends within what the resolver said: where it said also why (SOA), nothing more is there.
    if (reply.hasSoa) return { answer: { ok: false, why: "nodata", authenticated }, ttl };
  }
  return trouble("too many aliases");
}

function trouble(reason: string): Found {
  return { answer: { ok: false, why: "trouble", reason }, ttl: 0 };
}

/** Where the aliases of one reply lead. Undefined when they go on without end. */
function alongAliases(
  { answers }: Reply,
  from: string,
  type: RecordType,
): { readonly name: string; readonly steps: number } | undefined {
  let name = from;
  if (type === "CNAME") return { name, steps: 0 };
  for (let steps = 0; steps <= MAX_CNAMES; steps += 1) {
    const alias = answers.find((record) => record.type === "CNAME" && record.name === name);
    if (alias === undefined) return { name, steps };
    name = canonicalName(alias.data as Records["CNAME"]) ?? "";
  }
  return undefined;
}

/** The first useful reply; else why there was none. */
async function askAll(
  resolvers: readonly Resolver[],
  name: string,
  type: RecordType,
  timeout: number,
): Promise<{ readonly reply: Reply; readonly trusted: boolean } | string> {
  let last = "there is no resolver";
  let broken: { reply: Reply; trusted: boolean } | undefined;
  for (let turn = 0; turn < TRIES; turn += 1) {
    for (const resolver of resolvers) {
      const said = await ask(resolver, name, type, timeout);
      if (typeof said === "string") {
        last = said;
        continue;
      }
      const got = { reply: said, trusted: resolver.trusted };
      if (said.code === "NOERROR" || said.code === "NXDOMAIN") return got;
      broken = got; // another resolver may know better; the same one will not within a second
    }
    if (broken !== undefined) return broken;
  }
  return last;
}

/** So many at once; the others in the order in which they came. */
function openTurns(atOnce: number): <Value>(work: () => Promise<Value>) => Promise<Value> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= atOnce) await new Promise<void>((go) => waiting.push(go));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
