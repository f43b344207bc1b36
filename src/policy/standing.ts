// Standing purposes: what the keeper opens for the server itself, with no person asking, because the service could not be given
// otherwise. One closed table; what is not in it is opened for nobody. Stored mail is never in it.
import type { DataClass } from "./classes.ts";

export interface StandingRow {
  readonly class: Exclude<DataClass, "content">;
  /** The ids of what may be opened; undefined for every object of the class. */
  readonly objects: readonly string[] | undefined;
  readonly words: string;
  /** The most clients in an hour of the clock, as a share of all, in percent. */
  readonly sharePercent: number;
  /** A small house may open this many whatever the share. */
  readonly atLeast: number;
}

export const standingPurposes = {
  "process-payment": {
    class: "payment",
    objects: ["billing"],
    words: "to write an invoice and to match a payment that came in",
    // A month's invoices are written over some ten hours; whoever wants all billing data at once waits as long, in public.
    sharePercent: 10,
    // A house of a few clients writes all its invoices in one run.
    atLeast: 50,
  },
  "establish-service": {
    class: "contact",
    objects: ["contact"],
    words: "to set up the service and to send a notice about it",
    // Sign-ups and notices of an hour are few among many clients; nobody's address book is read out in a day.
    sharePercent: 2,
    // A small house must still be able to tell its clients of something in an evening.
    atLeast: 20,
  },
  "provide-service": {
    class: "standing",
    objects: undefined,
    words: "to give the services that were chosen, in the limits that were chosen",
    // Those who do something in an hour; everybody at once is no service that anybody asked for.
    sharePercent: 25,
    // In a small house everybody may be awake.
    atLeast: 200,
  },
} as const satisfies { readonly [purpose: string]: StandingRow };

export type StandingPurpose = keyof typeof standingPurposes;

/** The row of a purpose with its fields at their widest; undefined when the table has none of that name. Exact spelling only. */
export function standingRow(purpose: string): StandingRow | undefined {
  return Object.hasOwn(standingPurposes, purpose)
    ? standingPurposes[purpose as StandingPurpose]
    : undefined;
}

/** The most clients of whom something may be opened for a standing purpose in one hour, in a house of so many. */
export function standingCap(row: StandingRow, clients: number): number {
  return Math.max(row.atLeast, Math.floor((clients * row.sharePercent) / 100));
}
