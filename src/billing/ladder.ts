// What happens when, after an invoice: a ladder of dates that the client sees beforehand. A pure function of the due day and
// the seller's settings; who climbs it is the job in dunning.ts.
import { daysLater } from "./period.ts";

export const steps = ["due", "reminder", "past-due", "suspended"] as const;
export type Step = (typeof steps)[number];

/** Days after the due day. */
export interface LadderSettings {
  readonly reminder: number;
  readonly pastDue: number;
  readonly suspended: number;
}

export interface Rung {
  readonly step: Step;
  readonly day: string;
}

export const stepWords: { readonly [step in Step]: string } = {
  due: "Payment is due",
  reminder: "We remind you",
  "past-due": "Your account is marked past due; everything works as before",
  suspended: "Your account is suspended gently; your mail stays and keeps arriving for a while",
};

export function ladderOf(due: string, settings: LadderSettings): readonly Rung[] {
  return [
    { step: "due", day: due },
    { step: "reminder", day: daysLater(due, settings.reminder) },
    { step: "past-due", day: daysLater(due, settings.pastDue) },
    { step: "suspended", day: daysLater(due, settings.suspended) },
  ];
}

/** The highest step that was reached by a day: each begins with its day, but being due ends the due day itself; undefined before. */
export function stepReached(
  due: string,
  today: string,
  settings: LadderSettings,
): Step | undefined {
  const isReached = ({ step, day }: Rung): boolean => (step === "due" ? day < today : day <= today);
  return ladderOf(due, settings).findLast(isReached)?.step;
}

export function isAtLeast(step: Step | undefined, least: Step): boolean {
  return step !== undefined && steps.indexOf(step) >= steps.indexOf(least);
}
