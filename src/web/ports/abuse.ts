// What the pages about reports and decisions need of the abuse room, in the pages' own words. Sessions pass through as they came.
import type { Result } from "#base/errors";
import type { AtDesk, SignedIn } from "../ports.ts";

export type ReportRefusal = "empty" | "too-long" | "too-many" | "enough";

/** Clear on disk. */
export interface ReportLine {
  readonly id: string;
  readonly client: string;
  readonly state: "open" | "decided";
  readonly kind: "form" | "arf" | "letter";
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly times: number;
  readonly matched: readonly string[] | undefined;
}

interface DecisionLine {
  readonly id: string;
  /** Index of the ledger's entry. */
  readonly entry: number | undefined;
  readonly report: string;
  readonly measure: "none" | "delete" | "block" | "suspend";
  readonly clause: string;
  readonly at: number;
  readonly until: number | undefined;
  readonly state: "stands" | "appealed" | "upheld" | "reversed";
  readonly appealAt: number | undefined;
  readonly statement: string;
}

export interface DeskDecisionLine extends DecisionLine {
  readonly appeal: string;
}

export interface OwnDecisionLine extends DecisionLine {
  readonly answer: string;
  /** Milliseconds since 1970; undefined when it can no longer be appealed. */
  readonly appealBefore: number | undefined;
}

/** A report with its sealed part, opened by the desk's session. */
export interface ReportView extends ReportLine {
  readonly known:
    | { readonly client: string; readonly account: string; readonly address: string }
    | undefined;
  readonly what: string;
  readonly contact: string;
  readonly about: string;
  readonly copy: string;
  readonly feedback: string;
  readonly canMatch: boolean;
  readonly decisions: readonly DeskDecisionLine[];
  readonly beyond: number;
}

interface DecisionFields {
  readonly measure: string;
  readonly basis: string;
  readonly clause: string;
  readonly facts: string;
  readonly scope: string;
  readonly days: string;
  readonly ids: readonly string[];
  readonly sender: string;
}

export type RecordDraft =
  | { readonly ok: true; readonly value: Uint8Array; readonly name: string }
  | { readonly ok: false; readonly mistakes: { readonly [field: string]: string } };

export interface AbusePages {
  report(report: {
    readonly what: string;
    readonly copy: Uint8Array | undefined;
    readonly about: string;
    readonly contact: string;
    readonly peer: string;
  }): Promise<Result<string, ReportRefusal>>;
  list(): Promise<readonly ReportLine[]>;
  read(desk: AtDesk, report: string): Promise<ReportView | undefined>;
  match(
    desk: AtDesk,
    report: string,
  ): Promise<
    | { readonly ok: true; readonly ids: readonly string[]; readonly tried: number }
    | { readonly ok: false; readonly refusal: string; readonly why: string }
  >;
  draftDecision(report: string, form: DecisionFields): Promise<RecordDraft>;
  draftAppeal(
    report: string,
    decision: string,
    form: { readonly result: string; readonly statement: string },
  ): Promise<RecordDraft>;
  decisionsOf(session: SignedIn): Promise<readonly OwnDecisionLine[]>;
  appeal(
    session: SignedIn,
    decision: string,
    words: string,
  ): Promise<Result<true, "empty" | "too-long" | "no-such-decision" | "too-late">>;
}
