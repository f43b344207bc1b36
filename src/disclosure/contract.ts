// What the disclosure room promises to the pages, the command line and the house, and what it needs from them. Types only.
import type { Clock } from "#base/time";
import type { Result } from "#base/errors";
import type { Engine } from "#engine";
import type { CaseKind } from "./kinds.ts";
import type { Note, Request, RequestForm, RequestMistakes } from "./request.ts";
import type { Next, Outcome, Stage, Step, StepRefusal, Verdict } from "./stages.ts";
import type { ApprovalState } from "./tables.ts";

/** What is clear on disk. Times in milliseconds since 1970. */
export interface CaseFacts {
  readonly id: string;
  readonly kind: CaseKind;
  readonly stage: Stage;
  readonly verdict: Verdict | "";
  readonly outcome: Outcome | "";
  readonly received: number;
  readonly answerBy: number;
  readonly holdUntil: number | undefined;
  /** Hash; "" until one was drafted. */
  readonly grant: string;
  readonly next: Next;
}

export interface Case extends CaseFacts {
  readonly request: Request;
  readonly notes: readonly Note[];
}

/** What only a desk session can do. */
export interface DeskOpener {
  open(object: string, part: string, sealed: Uint8Array): Uint8Array | undefined;
}

interface StepTaken {
  /** What is noted; sealed to the desk. */
  readonly words: string;
  readonly verdict?: Verdict;
  readonly outcome?: Outcome;
  readonly grant?: string;
  /** Index of the ledger entry that it is, where it is one. */
  readonly entry?: number;
}

export interface Cases {
  add(
    typed: RequestForm,
  ): Promise<
    | { readonly ok: true; readonly value: { readonly id: string; readonly request: Request } }
    | { readonly ok: false; readonly mistakes: RequestMistakes }
  >;
  list(): Promise<readonly CaseFacts[]>;
  facts(id: string): Promise<CaseFacts | undefined>;
  /** The case of a grant, by its hash. */
  ofGrant(hash: string): Promise<CaseFacts | undefined>;
  /** Undefined when there is none, or this opener is not the desk's. */
  read(desk: DeskOpener, id: string): Promise<Case | undefined>;
  step(id: string, step: string, taken: StepTaken): Promise<Result<CaseFacts, StepProblem>>;
  /** Why the step cannot be taken now, or undefined. */
  whyNot(id: string, step: Step, outcome?: Outcome): Promise<StepProblem | undefined>;
  /** Notes that what the request is about is kept from destruction until its clock's end; the hold itself is the caller's. */
  preserved(id: string, words: string): Promise<CaseFacts | undefined>;
}

export type StepProblem =
  | StepRefusal
  | "unknown-case"
  | "unknown-step"
  | "words-missing"
  | "grant-missing";

/** What support asks the client to approve (ground E1): named messages, once, for a reason. */
interface ApprovalAsked {
  readonly client: string;
  readonly account: string;
  readonly ids: readonly string[];
  readonly reason: string;
  /** Number of the client's own request. */
  readonly ticket: string;
}

export interface ApprovalFacts {
  readonly id: string;
  readonly client: string;
  readonly account: string;
  readonly state: ApprovalState;
  readonly items: number;
  readonly asked: number;
  /** Milliseconds; until when the client's signature is good. */
  readonly until: number | undefined;
  readonly grant: string;
}

export interface Approval extends ApprovalFacts {
  readonly ids: readonly string[];
  readonly reason: string;
  readonly ticket: string;
}

export interface SignedApproval extends Approval {
  /** "UNTIL SIGNATURE", as a grant on ground E1 demands it; undefined while there is none. */
  readonly clientSignature: string | undefined;
}

export type ApprovalProblem = "unknown" | "not-now" | "no-ids" | "words-missing" | "cannot-seal";

/** Opens the client's own copy: the client's live session, nobody else. */
export interface ClientOpener {
  open(approvalId: string, sealed: Uint8Array): Uint8Array | undefined;
  /** The session's own signature over the bytes that ground E1 demands: these ids, until then (seconds). */
  sign(root: string, until: number): string;
}

export interface Approvals {
  ask(asked: ApprovalAsked): Promise<Result<ApprovalFacts, ApprovalProblem>>;
  /** Of all clients, newest first; nothing opened. */
  list(): Promise<readonly ApprovalFacts[]>;
  ofClient(client: string, account: string, opener: ClientOpener): Promise<readonly Approval[]>;
  read(desk: DeskOpener, id: string): Promise<SignedApproval | undefined>;
  approve(
    client: string,
    account: string,
    id: string,
    opener: ClientOpener,
  ): Promise<Result<ApprovalFacts, ApprovalProblem>>;
  /** Says no to what is asked, or takes back what was approved and not yet used. */
  refuse(client: string, id: string): Promise<Result<ApprovalFacts, ApprovalProblem>>;
  /** A grant was drafted with the signature. */
  drafted(id: string, grant: string): Promise<void>;
  /** Whether a release of this grant is to be kept back, because the client took their approval back. */
  isTakenBack(grant: string): Promise<boolean>;
  used(grant: string): Promise<void>;
}

interface DisclosurePorts {
  /** To the desk's key; see the desk's room. */
  readonly seal: (object: string, part: string, bytes: Uint8Array) => Promise<Uint8Array>;
  /** To the client's certified key, as class content, part "approval"; undefined when there is none. */
  readonly sealToClient: (
    client: string,
    account: string,
    object: string,
    bytes: Uint8Array,
  ) => Promise<Uint8Array | undefined>;
}

export interface DisclosureOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly ports: DisclosurePorts;
}

export interface Disclosure {
  readonly cases: Cases;
  readonly approvals: Approvals;
}
