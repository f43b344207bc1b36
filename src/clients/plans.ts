// The plans that one can sign up for: services, limits and how a lost password is answered. A version in use is never
// edited; a change is a new version, and clients keep theirs.
import type { Protocol } from "./contract.ts";
import type { Mode } from "./ports.ts";

export interface Plan {
  readonly name: string;
  readonly version: number;
  readonly words: string;
  readonly services: readonly Protocol[];
  readonly limits: {
    /** Octets of stored mail. */
    readonly storage: number;
    /** Recipients a day of outgoing mail. */
    readonly recipientsPerDay: number;
  };
  readonly mode: Mode;
}

const GIB = 1024 ** 3;
const everyService = ["imap", "pop3", "submission", "web"] as const;
// Five hundred is what a person who writes to a club needs on its busiest day; a thief of a password needs more.
const personalLimits = { storage: 10 * GIB, recipientsPerDay: 500 };

/** Newest version of a name last. */
export const plans: readonly Plan[] = [
  {
    name: "personal",
    version: 1,
    words:
      "Mail for one person. The provider keeps a sealed copy of your key, for warrants and, in a coming version, for a lost password.",
    services: everyService,
    limits: personalLimits,
    mode: "quorum",
  },
  {
    name: "sealed",
    version: 1,
    words:
      "Mail for one person that only your password opens: nobody can reset it, and nobody can be ordered to open stored mail.",
    services: everyService,
    limits: personalLimits,
    mode: "client-only",
  },
];

export const DEFAULT_PLAN = "personal";

/** A plan by name, in its newest version or the one asked for. */
export function findPlan(name: string, version?: number): Plan | undefined {
  return plans.findLast(
    (plan) => plan.name === name && (version === undefined || plan.version === version),
  );
}
