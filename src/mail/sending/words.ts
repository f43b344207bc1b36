// What a mail program shows its user when a letter is not taken, and what set a brake, in words. ASCII: not every program takes more.
import { never } from "#base/errors";
import type { Cause } from "./brake.ts";
import type { Limited } from "./limits.ts";

const limits: { readonly [limit in Limited]: (most: number) => string } = {
  accountHour: (most) => `this account may send to ${most} recipients an hour`,
  clientHour: (most) => `all your accounts together may send to ${most} recipients an hour`,
  clientDay: (most) => `your plan has ${most} recipients a day`,
  distinctWeek: (most) => `your plan has ${most} different addresses elsewhere in seven days`,
  refusals: () => "more than a quarter of the recipients of the last day were refused for good",
};

/** For 451. RFC 3463 X.7.1: delivery not authorized. `at` is milliseconds since 1970. */
export function laterWords(limit: Limited, most: number, at: number): string {
  const time = new Date(at).toISOString().slice(0, 16).replace("T", " ");
  return `4.7.1 ${limits[limit](most)}; there is room for this letter from ${time} UTC`;
}

/** For 550: waiting does not help. */
export function neverWords(limit: Limited, most: number): string {
  if (most === 0) return "5.7.1 your plan does not send";
  return `5.7.1 ${limits[limit](most)}; this letter alone has more`;
}

export const heldWords =
  "5.7.1 sending from this account is held, for it suddenly sent unlike you; the letter in your inbox says how it goes on";

/** What was seen, as a sentence for the client and the operator. Figures only. */
export function causeWords({ why, seen, usual }: Cause): string {
  switch (why) {
    case "burst":
      return `letters to ${seen} recipients within an hour; the busiest hour of the last sixty days had ${usual}`;
    case "refusals":
      return `${seen} recipients refused for good within a day, of ${usual} elsewhere`;
    case "suppressed":
      return `letters to ${seen} addresses within an hour that had refused more than once before`;
    case "networks":
      return `letters to ${usual} recipients within an hour, from ${seen} networks that were never used before`;
    default:
      return never(why);
  }
}
