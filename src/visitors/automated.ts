// Tells programs from people by what they do: how fast they ask, how, and how often for pages that are not there. Looks at
// no browser name and keeps nothing beyond the minute.
import { type Clock, MINUTE } from "#base/time";
import type { Seen } from "./contract.ts";

export type IsAutomated = (seen: Seen) => boolean;

/** The pattern under which a view of no known page is counted. */
export const ELSEWHERE = "/*";

// A person who clicks once a second through a site is at sixty.
const VIEWS_A_MINUTE = 60;
// Scanners try names that are not there; a person meets a dead link or two.
const MISSES_A_MINUTE = 5;
// Addresses in one minute; beyond it they are forgotten early, and a flood counts as people until the next minute.
const MAX_ADDRESSES = 50_000;

export function openIsAutomated(clock: Clock): IsAutomated {
  let minute = 0;
  const views = new Map<string, { views: number; misses: number }>();
  return (seen) => {
    const now = Math.floor(clock.now() / MINUTE);
    if (now !== minute || views.size > MAX_ADDRESSES) {
      minute = now;
      views.clear();
    }
    const held = views.get(seen.address) ?? { views: 0, misses: 0 };
    held.views += 1;
    if (seen.page === ELSEWHERE) held.misses += 1;
    views.set(seen.address, held);
    const method = seen.method ?? "GET";
    return (
      seen.automated === true ||
      (method !== "GET" && method !== "POST") ||
      held.views > VIEWS_A_MINUTE ||
      held.misses > MISSES_A_MINUTE
    );
  };
}

/**
 * True for what a program declares as a route: words, ":parameter" and "*". A token has digits or is longer than a word; where the
 * routes are known, only they count anyway.
 */
export function isRoutePattern(page: string): boolean {
  return (
    page === "/" ||
    /^(?:\/(?:[a-z]{1,15}(?:[.-][a-z]{1,15}){0,5}|:[a-zA-Z]{1,20}|\*)){1,8}$/.test(page)
  );
}
