// Requests for data: cases at the desk, what clients are asked to approve, drafts of grants. Keeps what it is told sealed; signs
// nothing, opens nothing, and reaches neither mail nor keys: what it needs comes by ports.
import type { Room } from "#engine";
import { openApprovals } from "./approvals.ts";
import { openCases } from "./cases.ts";
import type { Disclosure, DisclosureOptions } from "./contract.ts";
import { migrations } from "./tables.ts";

export const disclosureRoom: Room = {
  name: "disclosure",
  migrations,
  commands: new URL("commands.ts", import.meta.url).href,
};

/** The engine must have run this room's migrations. */
export function openDisclosure(options: DisclosureOptions): Disclosure {
  return { cases: openCases(options), approvals: openApprovals(options) };
}

export type {
  Approval,
  ApprovalFacts,
  ApprovalProblem,
  Approvals,
  Case,
  CaseFacts,
  Cases,
  ClientOpener,
  DeskOpener,
  Disclosure,
  SignedApproval,
  StepProblem,
} from "./contract.ts";
export {
  classesOf,
  type Draft,
  type DraftForm,
  draftGrant,
  type DraftMistakes,
  requesterKinds,
} from "./draft.ts";
export { copiesHeader, type CopyFacts, parseCopies } from "./copies.ts";
export { type CaseKind, emergencyAnswer, isCaseKind, kinds } from "./kinds.ts";
export {
  type Because,
  becauses,
  closedRecord,
  determinedRecord,
  outcomes,
  receivedRecord,
  verdicts,
} from "./records.ts";
export type { RequestForm, RequestMistakes } from "./request.ts";
export { type Scope, scopeOf } from "./scope.ts";
export { type Outcome, refusalWords, type Stage, stages, type Verdict } from "./stages.ts";
