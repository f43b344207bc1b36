// The only reasons for which anybody but the client may be shown something, and what each demands. One closed table; the
// keeper enforces it, the desk fills it in, the published policy prints it.
import type { DataClass } from "./classes.ts";
import { DAY, HOUR } from "#base/time";

export type Ground = keyof typeof grounds;
export type DisclosurePurpose = (typeof grounds)[Ground]["purpose"];

/** A demand is a field of the grant that must be filled in for the ground; its meaning and who checks it. */
export const demands = {
  ticket: "the number of the client's own request",
  who: "who it is that may be causing harm",
  interferesWith: "whose rights or property: provider, clients or others",
  harm: "the harm or interference",
  leastData: "why nothing less would do",
  instrument: "the legal instrument: kind, issuer, reference, date",
  determination:
    "the written determination that the instrument is valid and enforceable, and who made it",
  clientSignature: "the client's own signature over the ids in scope",
  providerInterest: "the provider's legitimate interest that is protected",
  clientInterest: "how the client is protected",
  earlierEntry:
    "the index of the earlier ledger entry, made for another purpose, in which these messages were already seen",
  authority: "the law enforcement agency that receives it",
  reportOrClause: "the report, or the clause of the terms of use",
} as const;

export type Demand = keyof typeof demands;

interface GroundRow {
  readonly purpose: string;
  readonly words: string;
  readonly classes: readonly DataClass[];
  /** Classes that are in reach only when the instrument names them. */
  readonly namedClasses: readonly DataClass[];
  /** Distinct approvers, none of them the actor. */
  readonly approvals: number;
  /** Whether the client's own approval stands in for approvers. */
  readonly clientApproves: boolean;
  readonly lifeMs: number;
  readonly uses: number;
  /** How many grants of this ground for one client in 30 days; undefined where there is no such cap. */
  readonly perClientIn30Days: number | undefined;
  readonly demands: readonly Demand[];
}

const noCap = { namedClasses: [], clientApproves: false, perClientIn30Days: undefined } as const;

export const grounds = {
  support: {
    ...noCap,
    purpose: "support-relationship",
    words: "support of the client relationship",
    classes: ["contact", "standing", "clientlog"],
    approvals: 0,
    lifeMs: 12 * HOUR,
    uses: 1,
    demands: ["ticket"],
  },
  D1: {
    ...noCap,
    purpose: "disclose-harm",
    words:
      "necessary to identify, contact or bring legal action against someone who may be causing harm",
    classes: ["contact", "standing", "clientlog"],
    approvals: 2,
    lifeMs: 30 * DAY,
    uses: 1,
    demands: ["who", "interferesWith", "harm", "leastData"],
  },
  D2: {
    ...noCap,
    purpose: "disclose-law",
    words: "a good-faith belief that the law requires it",
    classes: ["contact", "standing", "clientlog"],
    namedClasses: ["payment"],
    approvals: 2,
    lifeMs: 30 * DAY,
    uses: 1,
    demands: ["instrument", "determination"],
  },
  E1: {
    ...noCap,
    purpose: "client-case",
    words: "necessary to provide the service to the client, who approves this case",
    classes: ["content"],
    approvals: 0,
    clientApproves: true,
    lifeMs: 12 * HOUR,
    uses: 3,
    demands: ["clientSignature"],
  },
  E2: {
    ...noCap,
    purpose: "protect-both",
    words: "necessary to protect the provider's legitimate interests and the client",
    classes: ["content"],
    approvals: 2,
    lifeMs: 72 * HOUR,
    uses: 1,
    demands: ["providerInterest", "clientInterest"],
  },
  E3: {
    ...noCap,
    purpose: "legal-process",
    words:
      "an interception order, warrant or other legal process that we determined to be valid and enforceable",
    classes: ["content"],
    approvals: 2,
    lifeMs: 30 * DAY,
    uses: 1,
    demands: ["instrument", "determination"],
  },
  E4: {
    ...noCap,
    purpose: "report-crime",
    words:
      "contents that we came upon inadvertently and that appear to concern a crime, to a law enforcement agency",
    classes: ["content"],
    approvals: 2,
    lifeMs: 7 * DAY,
    uses: 1,
    demands: ["earlierEntry", "authority"],
  },
  A: {
    ...noCap,
    purpose: "review-harm",
    words: "review of communications that may harm, on a report or a violation of the terms of use",
    classes: ["content"],
    approvals: 2,
    lifeMs: 72 * HOUR,
    uses: 3,
    perClientIn30Days: 3,
    demands: ["reportOrClause"],
  },
} as const satisfies { readonly [ground: string]: GroundRow };

/** The classes that a ground may reach, those that its instrument must name included. */
export type GroundClass<Of extends Ground> =
  | (typeof grounds)[Of]["classes"][number]
  | (typeof grounds)[Of]["namedClasses"][number];

/** The same question at run time. */
export function groundReaches(ground: string, dataClass: DataClass): boolean {
  if (!isGround(ground)) return false;
  const row = groundRow(ground);
  return row.classes.includes(dataClass) || row.namedClasses.includes(dataClass);
}

export function isGround(name: string): name is Ground {
  return Object.hasOwn(grounds, name);
}

/** A ground's row with its fields at their widest, for code that walks the table. */
export function groundRow(ground: Ground): GroundRow {
  return grounds[ground];
}
