// Counters in memory between two writes, keyed by what they count.
import type { Increments } from "./commands.ts";
import type { RoutePattern } from "./contract.ts";

export interface Counters {
  addPage(day: string, hour: number, page: RoutePattern, automated: boolean, count?: number): void;
  /** Returns the name that it was counted under: "other" where there is no room for one more. */
  addIsp(day: string, isp: string, automated: boolean, count?: number): string;
  /** Takes everything out, sorted by key; undefined when there is nothing. */
  take(): Increments | undefined;
  /** Puts back what could not be written. */
  putBack(increments: Increments): void;
}

// Domains that one second can bring; an owner of many networks could invent more, which then count as "other".
const MAX_ISPS = 2000;

export function openCounters(): Counters {
  let pages = new Map<string, Increments["pages"][number]>();
  let isps = new Map<string, Increments["isps"][number]>();
  const counters: Counters = {
    addPage(day, hour, page, automated, count = 1) {
      const key = `${day} ${hour < 10 ? "0" : ""}${hour} ${automated ? 1 : 0} ${page}`;
      const held = pages.get(key);
      if (held !== undefined) held.count += count;
      else pages.set(key, { day, hour, page, automated: automated ? 1 : 0, count });
    },
    addIsp(day, isp, automated, count = 1) {
      const key = `${day} ${isp} ${automated ? 1 : 0}`;
      const held = isps.get(key);
      if (held === undefined && isps.size >= MAX_ISPS && isp !== "other")
        return counters.addIsp(day, "other", automated, count);
      if (held !== undefined) held.count += count;
      else isps.set(key, { day, isp, automated: automated ? 1 : 0, count });
      return isp;
    },
    take() {
      if (pages.size === 0 && isps.size === 0) return undefined;
      const taken = { pages: sorted(pages), isps: sorted(isps) };
      pages = new Map();
      isps = new Map();
      return taken;
    },
    putBack(increments) {
      for (const { day, hour, page, automated, count } of increments.pages)
        counters.addPage(day, hour, page as RoutePattern, automated === 1, count);
      for (const { day, isp, automated, count } of increments.isps)
        counters.addIsp(day, isp, automated === 1, count);
    },
  };
  return counters;
}

function sorted<Value>(map: ReadonlyMap<string, Value>): Value[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}
