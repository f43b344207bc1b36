// When a failed attempt is made again, and when we give up. Pure but for the jitter it is given.
import { DAY, HOUR, MINUTE, SECOND } from "#base/time";

/** RFC 5321 §4.5.4.1: give up after four to five days at the earliest. */
export const EXPIRY = 5 * DAY;

/** The sender hears of a delay after four hours: late enough to spare them greylisting, early enough to phone instead. */
export const DELAY_NOTICE = 4 * HOUR;

/** An attempt of which nothing was heard in this time is made again (another process died over it). */
export const ATTEMPT_LOST = 30 * MINUTE;

// Greylisting lets one through after some minutes; who is still away after hours is away for longer.
const waits = [1, 5, 15, 30, 60, 120, 240].map((minutes) => minutes * MINUTE);

/** `retrySeconds` stands in for this many waits; then the ordinary ones follow. */
const TRIED_OUT = 10;

/**
 * Milliseconds until the next attempt after `attempts` were made. `random` is in [0, 1) and spreads the wait by a fifth
 * either way, so that what failed together does not come back together.
 */
export function waitAfter(attempts: number, random: number, retrySeconds?: number): number {
  const trying = retrySeconds !== undefined && attempts <= TRIED_OUT;
  const at = Math.max(0, attempts - 1);
  const base = trying ? retrySeconds * SECOND : (waits[Math.min(at, waits.length - 1)] ?? HOUR);
  return Math.round(base * (0.8 + 0.4 * random));
}
