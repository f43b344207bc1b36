// Slows down guessing: after a few wrong passwords each further one costs a longer wait. In memory only.
import { type Clock, HOUR, MINUTE, SECOND } from "#base/time";

export interface Throttle {
  /** True while any of these keys has to wait. */
  mustWait(...keys: readonly string[]): boolean;
  failed(...keys: readonly string[]): void;
  succeeded(...keys: readonly string[]): void;
}

// Five: a person who has three passwords in mind tries each, mistyping once or twice.
const FREE_FAILURES = 5;
// A quarter of an hour: ninety-six guesses a day, while an honest person locked out by a stranger is not out for long.
const LONGEST_WAIT = 15 * MINUTE;
// Failures are forgotten when this long has passed without another.
const FORGOTTEN_AFTER = 6 * HOUR;
// An attacker can make up this many logins at 100 bytes each before old ones are dropped: 10 MB.
const MAX_KEYS = 100_000;

interface Count {
  failures: number;
  last: number;
  waitUntil: number;
}

export function openThrottle(clock: Clock, freeFailures: number = FREE_FAILURES): Throttle {
  const counts = new Map<string, Count>();
  const live = (key: string): Count | undefined => {
    const count = counts.get(key);
    if (count === undefined) return undefined;
    if (clock.now() - count.last < FORGOTTEN_AFTER) return count;
    counts.delete(key);
    return undefined;
  };
  return {
    mustWait(...keys) {
      return keys.some((key) => (live(key)?.waitUntil ?? 0) > clock.now());
    },
    failed(...keys) {
      const now = clock.now();
      for (const key of keys) {
        const failures = (live(key)?.failures ?? 0) + 1;
        const over = failures - freeFailures;
        const wait = over < 0 ? 0 : Math.min(LONGEST_WAIT, 2 ** Math.min(over, 20) * SECOND);
        // Deleted first, so that the map's order is that of the last failure and the oldest go when it is full.
        counts.delete(key);
        counts.set(key, { failures, last: now, waitUntil: now + wait });
      }
      for (const key of counts.keys()) {
        if (counts.size <= MAX_KEYS) break;
        counts.delete(key);
      }
    },
    succeeded(...keys) {
      for (const key of keys) counts.delete(key);
    },
  };
}
