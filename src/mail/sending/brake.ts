// The brake: when an account suddenly sends unlike itself, as it does when somebody else has its password. One rule, from counts alone:
// how many, to how many that refuse, from how many networks. Nothing here or elsewhere reads what is written, and no letter is judged
// by its words: the promise disclaims surveillance, and a count is all that is needed. Pure.
import { DAY, HOUR } from "#base/time";
import { FEWEST_REFUSALS, firstStep, type Step, sumOf } from "./limits.ts";

/** What set the brake, with the count that did and what it was held against. */
export interface Cause {
  readonly why: "burst" | "refusals" | "suppressed" | "networks";
  readonly seen: number;
  readonly usual: number;
}

/** An account's busiest hours of sixty days are what is usual: who sends a newsletter each month has one that is as large. */
export const USUAL_FOR = 60 * DAY;
/** For so long after the owner said that it was them, number and networks alone do not brake. By then the new habit is known. */
export const TRUSTED_FOR = DAY;
// An invitation to a wedding, a club's letter: up to a hundred at once is a person, who need have no history for it.
const UNUSUAL = 100;
// A growing list doubles at times; four times its busiest hour is another hand.
const TIMES_USUAL = 4;
// More than a third refused: addresses that were bought or guessed. Old ones of one's own die one by one.
const BRAKING_SHARE = 1 / 3;
// Addresses that refused twice are known to the program's owner from its reports; ten of them in an hour nobody types.
const SUPPRESSED_AN_HOUR = 10;
// A train, a telephone and a home are three networks; a botnet is many at once. Who goes by Tor changes often and writes to few.
const NEW_NETWORKS = 5;
const NETWORKS_RECIPIENTS = 25;

export interface Conduct {
  /** The account's own, of the last day. */
  readonly steps: readonly Step[];
  readonly now: number;
  /** What came before this step is settled: somebody lifted the brake. */
  readonly from: number;
  /** Until then the owner's word stands for number and networks. */
  readonly trustedUntil: number;
  /** Recipients of its busiest hour, of the days before this one. */
  readonly busiest: number;
  /** Networks (/24, /48) that it sent from for the first time within this hour; its very first ones are no news. */
  readonly newNetworks: number;
}

/** The first cause there is to hold an account's sending; undefined in ordinary life. */
export function causeToBrake(conduct: Conduct): Cause | undefined {
  const { steps, now, from, trustedUntil, busiest, newNetworks } = conduct;
  const [hour, day] = [firstStep(now, HOUR), firstStep(now, DAY)];
  const suppressed = sumOf(steps, "suppressed", Math.max(hour, from));
  if (suppressed >= SUPPRESSED_AN_HOUR)
    return { why: "suppressed", seen: suppressed, usual: SUPPRESSED_AN_HOUR };
  const refused = sumOf(steps, "refused", Math.max(day, from));
  const outside = sumOf(steps, "outside", day);
  if (refused >= FEWEST_REFUSALS && refused > outside * BRAKING_SHARE)
    return { why: "refusals", seen: refused, usual: outside };
  if (now < trustedUntil) return undefined;
  const recipients = sumOf(steps, "recipients", Math.max(hour, from));
  if (recipients > Math.max(UNUSUAL, TIMES_USUAL * busiest))
    return { why: "burst", seen: recipients, usual: busiest };
  if (newNetworks >= NEW_NETWORKS && recipients >= NETWORKS_RECIPIENTS)
    return { why: "networks", seen: newNetworks, usual: recipients };
  return undefined;
}
