// How much an account and its client may send, and when there is room again. Pure: counts in, an answer out; it sees no address and no
// word of a letter.
import { DAY, HOUR, MINUTE } from "#base/time";

/** What was taken of an account within one step of time. */
export interface Step {
  readonly account: string;
  /** Which step since 1970. */
  readonly step: number;
  /** Every recipient, and for a mailing list its members. */
  readonly recipients: number;
  /** Those of them that are elsewhere. */
  readonly outside: number;
  /** Recipients that their servers refused for good within this step, whenever the letter was taken. */
  readonly refused: number;
  /** Of those, addresses that had refused so often before that nothing was sent. */
  readonly suppressed: number;
}

export interface Limits {
  readonly accountHour: number;
  readonly clientHour: number;
  readonly clientDay: number;
  /** Different addresses elsewhere within seven days. */
  readonly distinctWeek: number;
}

/** Which limit it is that says no. */
export type Limited = keyof Limits | "refusals";

/**
 * Windows roll in steps of five minutes: a row per letter would say when each was sent, and twelve steps an hour are fine enough to
 * name a time of day.
 */
export const STEP = 5 * MINUTE;
/** For how long a mark of a recipient counts, from its last letter. */
export const DISTINCT_FOR = 7 * DAY;

// Under twenty refusals a share says nothing: five old addresses on a birthday's list are a quarter of it.
export const FEWEST_REFUSALS = 20;
// Large receivers begin to turn a sender away at some hundredths of unknown addresses; a quarter is no list that anybody keeps.
const REFUSED_SHARE = 1 / 4;

/**
 * The layers, all from the plan's recipients a day. An account: half of it an hour, since a whole club is written to at once and a thief
 * is in a hurry. All accounts of a client: three quarters an hour, and a day what the plan says. In seven days three days' worth of
 * different addresses elsewhere: people write to the same people, and bought lists do not.
 */
export function limitsOf(recipientsPerDay: number): Limits {
  return {
    accountHour: Math.ceil(recipientsPerDay / 2),
    clientHour: Math.ceil((recipientsPerDay * 3) / 4),
    clientDay: recipientsPerDay,
    distinctWeek: recipientsPerDay * 3,
  };
}

export function stepOf(at: number): number {
  return Math.floor(at / STEP);
}

/** The first step any part of which lies within a window that ends now. */
export function firstStep(now: number, window: number): number {
  return Math.floor((now - window) / STEP);
}

/** When a step is no part any more of a window of this length: milliseconds since 1970. */
function leaves(step: number, window: number): number {
  return (step + 1) * STEP + window;
}

export function sumOf(
  steps: readonly Step[],
  what: "recipients" | "outside" | "refused" | "suppressed",
  since: number,
): number {
  return steps.reduce((sum, one) => (one.step >= since ? sum + one[what] : sum), 0);
}

export interface Counted {
  /** The client's, of the last day. */
  readonly steps: readonly Step[];
  readonly account: string;
  readonly now: number;
  /** Refusals before this step are settled, and count no more. */
  readonly refusalsFrom: number;
  /** When the mark of each different address elsewhere ends; needed only where there may be too many of them. */
  readonly distinctEnds: readonly number[];
}

export interface Asked {
  readonly recipients: number;
  readonly outside: number;
  /** Addresses elsewhere that were not written to in the last seven days. */
  readonly fresh: number;
}

/**
 * `never`: the letter alone is more than the limit. Else the limit that stops it, and from when on (milliseconds since 1970) there is
 * room if nothing else is sent. Undefined when it may be taken.
 */
export function stoppedBy(
  limits: Limits,
  counted: Counted,
  asked: Asked,
):
  | { readonly kind: "never"; readonly limit: Limited; readonly most: number }
  | { readonly kind: "later"; readonly limit: Limited; readonly most: number; readonly at: number }
  | undefined {
  const { steps, account, now } = counted;
  const own = steps.filter((one) => one.account === account);
  const windows = [
    { limit: "accountHour", of: own, window: HOUR },
    { limit: "clientHour", of: steps, window: HOUR },
    { limit: "clientDay", of: steps, window: DAY },
  ] as const;
  let latest: { limit: Limited; most: number; at: number } | undefined;
  const wait = (limit: Limited, most: number, at: number | undefined): void => {
    if (at !== undefined && at > (latest?.at ?? now)) latest = { limit, most, at };
  };
  for (const { limit, of, window } of windows) {
    const most = limits[limit];
    if (asked.recipients > most) return { kind: "never", limit, most };
    wait(limit, most, roomAt(of, window, now, most - asked.recipients));
  }
  const most = limits.distinctWeek;
  wait("distinctWeek", most, distinctRoomAt(counted.distinctEnds, most - asked.fresh));
  wait("refusals", FEWEST_REFUSALS, refusalsOverAt(own, counted));
  return latest && { kind: "later", ...latest };
}

/** From when on at most so many recipients lie within the window; undefined when that is so now. */
function roomAt(
  steps: readonly Step[],
  window: number,
  now: number,
  most: number,
): number | undefined {
  const since = firstStep(now, window);
  const within = steps.filter(({ step }) => step >= since).sort((a, b) => a.step - b.step);
  let sum = sumOf(within, "recipients", since);
  let at: number | undefined;
  for (const { step, recipients } of within) {
    if (sum <= most) break;
    sum -= recipients;
    at = leaves(step, window);
  }
  return at;
}

function distinctRoomAt(ends: readonly number[], most: number): number | undefined {
  const over = ends.length - Math.max(0, most);
  return over <= 0 ? undefined : ends.toSorted((a, b) => a - b)[over - 1];
}

/** Share of refusals of an account in the last day; undefined when it stops nothing. */
function refusalsOverAt(own: readonly Step[], { now, refusalsFrom }: Counted): number | undefined {
  const since = firstStep(now, DAY);
  const within = own.filter(({ step }) => step >= since).sort((a, b) => a.step - b.step);
  let at: number | undefined;
  for (let first = 0; first <= within.length; first += 1) {
    const left = within.slice(first);
    const refused = sumOf(left, "refused", Math.max(since, refusalsFrom));
    if (refused < FEWEST_REFUSALS || refused <= sumOf(left, "outside", since) * REFUSED_SHARE)
      return at;
    at = leaves(within[first]?.step ?? since, DAY);
  }
  return at;
}
