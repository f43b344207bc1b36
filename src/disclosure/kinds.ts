// What comes to the disclosure desk, and the clock of each kind. Pure.
import { DAY } from "#base/time";

interface Kind {
  readonly words: string;
  /** What the ledger counts it as. */
  readonly asks: "account" | "content" | "interception" | "emergency";
  /** Days from receipt until it is to be answered. */
  readonly answerDays: number;
  /** Days for which what is asked for is kept from destruction, once the hold is set. */
  readonly holdDays: number;
}

// Ten days is what Regulation (EU) 2023/1543 (Article 10) gives a provider for an order; ninety days is how long 18 U.S.C. 2703(f)
// has one keep what an order is being sought for. Where a court sets another day, the instrument says so.
const ANSWER_DAYS = 10;
const HOLD_DAYS = 90;
const common = { answerDays: ANSWER_DAYS, holdDays: HOLD_DAYS };

export const kinds = {
  harm: {
    ...common,
    words: "a lawyer or party about somebody who may be causing harm (D1)",
    asks: "account",
    answerDays: 30,
  },
  order: { ...common, words: "an authority's order for account data (D2)", asks: "account" },
  warrant: { ...common, words: "a warrant for stored mail (E3)", asks: "content" },
  crime: { ...common, words: "contents that we came upon, to an authority (E4)", asks: "content" },
  // It runs from the day on which it is served.
  interception: {
    ...common,
    words: "an order to intercept future mail (E3)",
    asks: "interception",
    answerDays: 3,
  },
  preservation: {
    ...common,
    words: "a request to keep what an order is being sought for",
    asks: "content",
    answerDays: 2,
  },
  // Answered on the day: the answer is which ways are open.
  emergency: {
    ...common,
    words: "an emergency, without legal process",
    asks: "emergency",
    answerDays: 1,
  },
} as const satisfies { readonly [kind: string]: Kind };

export type CaseKind = keyof typeof kinds;

export function isCaseKind(name: string): name is CaseKind {
  return Object.hasOwn(kinds, name);
}

/** Milliseconds since 1970. */
export function clocksOf(
  kind: CaseKind,
  received: number,
): { readonly answerBy: number; readonly holdUntil: number } {
  const { answerDays, holdDays } = kinds[kind];
  return { answerBy: received + answerDays * DAY, holdUntil: received + holdDays * DAY };
}

/** What whoever comes with an emergency and no process is told: the clause, and the ways that are open. */
export const emergencyAnswer = {
  clause: "content-disclosure",
  refused:
    "The policy has no ground for an emergency as such: contents are shown on E1, E2, E3 or E4 and account data on D1 or D2, and none of them is opened by urgency alone.",
  ways: [
    "Legal process: an order, a warrant or an interception order (E3 for contents, D2 for account data). It is handled at once, at any hour.",
    "The client: we can ask our client to approve that named messages are looked at (E1), or the person at risk can sign in themselves.",
    "Preservation: on your written request we keep what there is from being destroyed, while you obtain process.",
    "An authority that learns of harm to somebody else's rights may ask for the least contact data that the harm needs (D1), with two approvals.",
  ],
} as const;
