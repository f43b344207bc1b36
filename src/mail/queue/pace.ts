// How fast each destination is approached: so many connections at once, fewer after each "not now" of its own, more again with what
// it takes, and a pause while it says no to all. In memory: after a start everybody is asked at the full pace again.
import { type Clock, MINUTE, SECOND } from "#base/time";
import type { Verdict } from "./verdict.ts";

export interface Pace {
  /** Whether another job may begin, with so many running. */
  mayStart(domain: string, running: number): boolean;
  started(domain: string): void;
  ended(domain: string, verdicts: readonly Verdict[]): void;
  /** When a paused destination may be tried again; undefined for one that is not paused. */
  pausedUntil(domain: string): number | undefined;
  /** How many destinations are slowed down or paused. */
  slowed(): number;
}

// What a large provider bears with good grace from one address (Postfix says 20 to one destination; ten leaves room).
const MOST_AT_ONCE = 10;
// A slowed destination gets at most one new connection in this time for each that it may have.
const SLOW_SPACING = 2 * SECOND;
const FIRST_PAUSE = 15 * SECOND;
const LONGEST_PAUSE = 10 * MINUTE;
// Destinations remembered as slow.
const MAX_SLOW = 5000;

interface State {
  atOnce: number;
  pausedUntil: number;
  pause: number;
  lastStart: number;
}

export function openPace(clock: Clock): Pace {
  const slow = new Map<string, State>();
  const fresh = (domain: string): State => {
    if (slow.size >= MAX_SLOW) {
      const [oldest] = slow.keys();
      if (oldest !== undefined) slow.delete(oldest);
    }
    const state: State = {
      atOnce: MOST_AT_ONCE,
      pausedUntil: 0,
      pause: FIRST_PAUSE,
      lastStart: 0,
    };
    slow.set(domain, state);
    return state;
  };
  return {
    mayStart(domain, running) {
      const state = slow.get(domain);
      if (state === undefined) return running < MOST_AT_ONCE;
      const now = clock.now();
      if (now < state.pausedUntil || running >= state.atOnce) return false;
      return now >= state.lastStart + SLOW_SPACING / state.atOnce;
    },
    started(domain) {
      const state = slow.get(domain);
      if (state !== undefined) state.lastStart = clock.now();
    },
    ended(domain, verdicts) {
      const now = clock.now();
      if (verdicts.some(isPushBack)) {
        const state = slow.get(domain) ?? fresh(domain);
        state.atOnce = Math.max(1, Math.floor(state.atOnce / 2));
        // Only who has nothing left to give up is left alone for a while.
        if (state.atOnce > 1) return;
        state.pausedUntil = now + state.pause;
        state.pause = Math.min(state.pause * 2, LONGEST_PAUSE);
      } else if (verdicts.some(({ kind }) => kind === "sent")) {
        const state = slow.get(domain);
        if (state === undefined) return;
        state.atOnce += 1;
        state.pause = FIRST_PAUSE;
        if (state.atOnce >= MOST_AT_ONCE) slow.delete(domain);
      }
    },
    pausedUntil(domain) {
      const until = slow.get(domain)?.pausedUntil ?? 0;
      return until > clock.now() ? until : undefined;
    },
    slowed: () => slow.size,
  };
}

/**
 * RFC 3463: a refusal for now that is about us or about load, not about one mailbox. Greylisting (4.7.1, 450) is about one letter
 * and comes from so many that it must not slow the others.
 */
function isPushBack(verdict: Verdict): boolean {
  if (verdict.kind !== "later" || !verdict.fromPeer) return false;
  return (
    verdict.text.startsWith("421") || /^4\.(?:3\.2|4\.5|4\.2|7\.28|7\.0)$/.test(verdict.status)
  );
}
