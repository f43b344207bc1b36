// Time comes in by a Clock, so that tests can turn it. Instants are milliseconds since 1970, days are UTC "YYYY-MM-DD".

export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / SECOND);
}

/** The UTC day of an instant, "2026-11-23". */
export function dayOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}
