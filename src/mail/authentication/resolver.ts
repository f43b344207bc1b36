// The DNS as mailauth asks for it (node's resolver by shape), with a bound on questions and on time for one letter. Asks nobody
// itself: every question goes to the port.
import { SECOND } from "#base/time";
import type { Lookup, RecordOf } from "./ports.ts";

/** Resolves with node's shapes; rejects with an error whose `code` says why, as node's does. */
export type NodeResolver = (name: string, type: string) => Promise<string[][] | string[]>;

// One letter, everything together: SPF twice (11 terms, ten hosts of each mx), ten keys, fifty ARC seals, and DMARC's walks of
// eight. An honest letter asks about ten.
const MAX_QUESTIONS = 300;

/**
 * How long a letter may be under examination: RFC 7208 §4.6.4 asks for at least 20 seconds for SPF, and a peer waits ten
 * minutes for the answer to its final dot (RFC 5321 §4.5.3.2.6).
 */
export const EXAMINED_FOR = 25 * SECOND;

class DnsError extends Error {
  readonly code: string;

  constructor(code: string, name: string, type: string) {
    super(`${code} ${type} ${name}`);
    this.code = code;
  }
}

const types = new Set<string>(["A", "AAAA", "CNAME", "PTR", "TXT", "MX"]);

/** A resolver for one letter. After its questions or its time (milliseconds of the process's own clock) every answer is a timeout. */
export function boundedResolver(lookup: Lookup, examinedFor = EXAMINED_FOR): NodeResolver {
  const until = performance.now() + examinedFor;
  let asked = 0;
  return async (name, type) => {
    asked += 1;
    if (asked > MAX_QUESTIONS || performance.now() > until || !types.has(type))
      throw new DnsError("ETIMEOUT", name, type);
    const answer = await lookup(name, type as keyof RecordOf);
    if (!answer.ok) {
      const codes = { nodata: "ENODATA", nxdomain: "ENOTFOUND", trouble: "ESERVFAIL" } as const;
      throw new DnsError(codes[answer.why], name, type);
    }
    const shaped = answer.records.map((record) => {
      if (typeof record !== "string") return { ...record, priority: record.preference };
      return type === "TXT" ? [record] : record;
    });
    return shaped as string[][] | string[];
  };
}
