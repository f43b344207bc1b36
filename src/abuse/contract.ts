// What the abuse room promises to others: the types of its front door. Holds no code.
import type { Result } from "#base/errors";
import type { ClientReader, DeskReader, KnownClient } from "./ports.ts";
import type { ReportKind, Tables } from "./tables.ts";

export interface NewReport {
  /** What is wrong, in the reporter's words. */
  readonly what: string;
  /** The full message as the reporter has it. */
  readonly copy: Uint8Array | undefined;
  /** An address of ours that it is about, where the reporter says so. */
  readonly about: string;
  /** How to reach the reporter; "" for a report without a name. */
  readonly contact: string;
  /** The peer's address: in memory, for the limit only. */
  readonly peer: string;
}

export type TakeRefusal = "empty" | "too-long" | "too-many" | "enough";

/** All of it clear on disk. */
export interface ReportRow {
  readonly id: string;
  readonly client: string;
  readonly state: "open" | "decided";
  readonly kind: ReportKind;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly times: number;
  /** Ids that the keeper matched; undefined when it was not asked. */
  readonly matched: readonly string[] | undefined;
}

/** A report as the desk reads it. */
export interface OpenedReport extends ReportRow {
  readonly known: KnownClient | undefined;
  readonly what: string;
  readonly contact: string;
  readonly about: string;
  /** The reporter's copy as text, its beginning; "" when none came. */
  readonly copy: string;
  /** What kind of feedback a report by mail says it is; "" for others. */
  readonly feedback: string;
  readonly canMatch: boolean;
  readonly decisions: readonly DeskDecision[];
  /** How many more about this client came today and were not kept. */
  readonly beyond: number;
}

export interface DecisionRow {
  readonly id: string;
  readonly entry: number | undefined;
  readonly report: string;
  readonly client: string;
  readonly measure: Tables["abuse_decision"]["measure"];
  readonly clause: string;
  readonly at: number;
  /** Milliseconds since 1970; undefined for no end. */
  readonly until: number | undefined;
  readonly state: Tables["abuse_decision"]["state"];
  readonly appealAt: number | undefined;
}

export interface DeskDecision extends DecisionRow {
  readonly statement: string;
  readonly appeal: string;
}

/** A decision as the client about whom it is reads it. */
export interface OwnDecision extends DecisionRow {
  readonly statement: string;
  /** What the other person wrote about the appeal; "" before. */
  readonly answer: string;
  /** Until when it can be appealed, milliseconds since 1970; undefined when it no longer can. */
  readonly appealBefore: number | undefined;
}

/** The desk's form for a decision, as text. */
export interface DecisionForm {
  readonly measure: string;
  readonly basis: string;
  readonly clause: string;
  /** What happened, and why the clause is violated. */
  readonly facts: string;
  /** Where the measure holds. */
  readonly scope: string;
  /** Days until it ends; "" or "0" for no end. */
  readonly days: string;
  readonly ids: readonly string[];
  /** Whom a block keeps out: an address or a domain. */
  readonly sender: string;
}

/** What is wrong, by the form's field. */
export type Mistakes = { readonly [field: string]: string };

/** Canonical JSON to be signed elsewhere, without its signer's id. */
type Draft =
  | { readonly ok: true; readonly value: Uint8Array; readonly name: string }
  | { readonly ok: false; readonly mistakes: Mistakes };

/** A signed record of the keeper's that this room carries out. */
export interface DecisionRecord {
  readonly case: string;
  readonly nonce: string;
  readonly measure: "none" | "delete" | "block" | "suspend";
  readonly basis: "report" | "terms";
  readonly clause: string;
  readonly client: string;
  readonly ids: readonly string[];
  readonly statement: string;
  /** Seconds since 1970; 0 for no end. */
  readonly until: number;
}

export interface AppealRecord {
  readonly case: string;
  readonly of: number;
  readonly result: "upheld" | "reversed";
  readonly client: string;
  readonly statement: string;
}

export type Letter = {
  readonly sender: string;
  readonly peerDomain: string;
};

export interface Abuse {
  /** A report by form. Resolves with its number when it is durable; the same report again has the number of the first. */
  report(report: NewReport): Promise<Result<string, TakeRefusal>>;
  /** A letter to abuse@: a report in ARF, or anything else that somebody writes. Never refused for what is in it. */
  letter(about: Letter, raw: Uint8Array): Promise<Result<string, TakeRefusal>>;
  /** Open ones first, newest first. */
  list(limit: number): Promise<readonly ReportRow[]>;
  read(desk: DeskReader, report: string): Promise<OpenedReport | undefined>;
  /** Has the keeper compare the reporter's copy with the client's messages around its date; what it says stays with the report. */
  match(
    desk: DeskReader,
    report: string,
  ): Promise<
    | { readonly ok: true; readonly ids: readonly string[]; readonly tried: number }
    | { readonly ok: false; readonly refusal: string; readonly why: string }
  >;
  /** A record of a decision, to be signed elsewhere. A block's address is kept, sealed, until the decision is on record. */
  draftDecision(report: string, form: DecisionForm): Promise<Draft>;
  draftAppeal(
    report: string,
    decision: string,
    form: { readonly result: string; readonly statement: string },
  ): Promise<Draft>;
  /** Why a record cannot be carried out; undefined when it can. Asked before its entry is written. */
  checkDecision(record: DecisionRecord): Promise<string | undefined>;
  /** In words, that this decision was carried out and its client told; undefined while something of that is missing. */
  wasDecided(record: DecisionRecord): Promise<string | undefined>;
  checkAppeal(record: AppealRecord): Promise<string | undefined>;
  /** Does what a recorded decision says, and tells the client. Bears being done again. Says in words what was done. */
  decide(record: DecisionRecord, entry: number | undefined): Promise<string>;
  decideAppeal(record: AppealRecord): Promise<string>;
  /** Decisions about a client, newest first. */
  decisionsOf(reader: ClientReader): Promise<readonly OwnDecision[]>;
  appeal(
    reader: ClientReader,
    decision: string,
    words: string,
  ): Promise<Result<true, "empty" | "too-long" | "no-such-decision" | "too-late">>;
  /** For the mail path: whether a decision keeps this sender out now. Looks in memory only. */
  isBlocked(sender: string): boolean;
  /** The job: ends deletions whose appeal window is over, blocks, marks and old reports. */
  endByDate(): Promise<{
    readonly deletions: number;
    readonly blocks: number;
    readonly marks: number;
    readonly reports: number;
  }>;
  /** Destroys what this room holds of a client; returns how many reports went. */
  forget(client: string): Promise<number>;
}
