// Answers of the DNS in memory, as long as their records say. Bounded; trouble is never kept.
import { type Clock, SECOND } from "#base/time";
import type { Answer, RecordType } from "./contract.ts";

export interface Cache {
  get(name: string, type: RecordType): Answer<RecordType> | undefined;
  /** `ttl` in seconds; 0 is not kept. */
  put(name: string, type: RecordType, answer: Answer<RecordType>, ttl: number): void;
}

// Some kilobytes each at worst: a few megabytes for the domains of a busy day.
const MAX_KEPT = 5000;

export function openCache(clock: Clock): Cache {
  const kept = new Map<string, { readonly answer: Answer<RecordType>; readonly until: number }>();
  return {
    get(name, type) {
      const key = `${type} ${name}`;
      const found = kept.get(key);
      if (found === undefined) return undefined;
      if (clock.now() < found.until) return found.answer;
      kept.delete(key);
      return undefined;
    },
    put(name, type, answer, ttl) {
      if (ttl <= 0 || !Number.isFinite(ttl) || (!answer.ok && answer.why === "trouble")) return;
      // The oldest goes first: a map keeps the order of insertion.
      const [oldest] = kept.keys();
      if (kept.size >= MAX_KEPT && oldest !== undefined) kept.delete(oldest);
      kept.set(`${type} ${name}`, { answer, until: clock.now() + ttl * SECOND });
    },
  };
}
