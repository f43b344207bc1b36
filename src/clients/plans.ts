// The plans that one can sign up for: services, limits, price, and how a lost password is answered. A version in use is never
// edited, its price least of all; a change is a new version, and clients keep theirs until they choose another.
import type { Protocol } from "./contract.ts";
import type { Mode } from "./ports.ts";

/** How many of each a client may have at once. */
export interface AddressLimits {
  /** Further addresses of our domain. */
  readonly aliases: number;
  /** Masked addresses. */
  readonly masks: number;
  /** Domains of the client's own, claimed ones that are not yet proved among them. */
  readonly domains: number;
  /** Addresses of the client's own domains, all together. */
  readonly ownAddresses: number;
}

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
    readonly addresses: AddressLimits;
  };
  /** Cents of `CURRENCY` a month, tax included, from the second month on. */
  readonly cents: number;
  readonly mode: Mode;
}

/** Of every price (ISO 4217). */
export const CURRENCY = "EUR";

const GIB = 1024 ** 3;
const everyService = ["imap", "pop3", "submission", "web"] as const;
// Five hundred is what a person who writes to a club needs on its busiest day; a thief of a password needs more.
const personalLimits = {
  storage: 10 * GIB,
  recipientsPerDay: 500,
  // Names of ours are what everybody shares: ten are a person's and a small business's. Masks are random and cost nobody a name: a
  // hundred is one a week for two years. Names on one's own domain are one's own; the bound keeps the list readable.
  addresses: { aliases: 10, masks: 100, domains: 3, ownAddresses: 200 },
};

const personal: Plan = {
  name: "personal",
  version: 1,
  words:
    "Mail for one person. The provider keeps a sealed copy of your key, for warrants and, in a coming version, for a lost password.",
  services: everyService,
  limits: personalLimits,
  // Version 1 was handed out before there were prices, and stays free.
  cents: 0,
  mode: "quorum",
};

const sealed: Plan = {
  name: "sealed",
  version: 1,
  words:
    "Mail for one person that only your password opens: nobody can reset it, and nobody can be ordered to open stored mail. By a court's order, mail that is still to come can be intercepted, as everywhere.",
  services: everyService,
  limits: personalLimits,
  cents: 0,
  mode: "client-only",
};

/** In the order in which they are offered; of one name the newest version last. */
const plans: readonly Plan[] = [
  personal,
  { ...personal, version: 2, cents: 300 },
  {
    ...personal,
    name: "plus",
    version: 1,
    words: "The same with room for everything that ever came, and for letters to a whole club.",
    // Fifty years of a busy person's mail.
    limits: {
      storage: 50 * GIB,
      recipientsPerDay: 2000,
      // A club's offices, and a domain for each of its teams.
      addresses: { aliases: 30, masks: 500, domains: 10, ownAddresses: 1000 },
    },
    cents: 600,
  },
  {
    ...personal,
    name: "inbox",
    version: 1,
    words: "An address that receives and sends nothing: for what must arrive somewhere.",
    services: ["imap", "pop3", "web"],
    limits: {
      storage: 2 * GIB,
      recipientsPerDay: 0,
      // One address is what it is for; masks keep it from being passed on.
      addresses: { aliases: 2, masks: 50, domains: 0, ownAddresses: 0 },
    },
    cents: 100,
  },
  sealed,
  { ...sealed, version: 2, cents: 300 },
];

/** What can be chosen now: the newest version of each name. */
export const plansOffered: readonly Plan[] = plans.filter((plan) => findPlan(plan.name) === plan);

export const DEFAULT_PLAN = "personal";

/** A plan by name, in its newest version or the one asked for. */
export function findPlan(name: string, version?: number): Plan | undefined {
  return plans.findLast(
    (plan) => plan.name === name && (version === undefined || plan.version === version),
  );
}
