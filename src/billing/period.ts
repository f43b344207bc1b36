// Months of service, counted from the day of sign-up. The first is free: it is the trial. Pure; days are UTC "YYYY-MM-DD".
import { dayOf } from "#base/time";

export interface Period {
  /** First day. */
  readonly from: string;
  /** The first day of the next. */
  readonly to: string;
}

// A first month to try everything, before the first invoice.
const FREE_MONTHS = 1;

/**
 * The month that a day falls into and that is to be paid for; undefined within the trial. A month from the 31st ends on the last
 * day that the next one has.
 */
export function periodToBill(since: number, now: number): Period | undefined {
  const today = dayOf(now);
  let month = Math.max(0, monthsBetween(dayOf(since), today) - 1);
  while (monthsLater(since, month + 1) <= today) month += 1;
  if (month < FREE_MONTHS) return undefined;
  return { from: monthsLater(since, month), to: monthsLater(since, month + 1) };
}

/** The day from which service is to be paid for. */
export function firstBilledDay(since: number): string {
  return monthsLater(since, FREE_MONTHS);
}

/** `days` after a day. */
export function daysLater(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return dayOf(date.getTime());
}

function monthsLater(since: number, months: number): string {
  const start = new Date(since);
  const [year, month] = [start.getUTCFullYear(), start.getUTCMonth() + months];
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return dayOf(Date.UTC(year, month, Math.min(start.getUTCDate(), last)));
}

function monthsBetween(from: string, to: string): number {
  const [fromYear = 0, fromMonth = 0] = from.split("-").map(Number);
  const [toYear = 0, toMonth = 0] = to.split("-").map(Number);
  return (toYear - fromYear) * 12 + toMonth - fromMonth;
}
