// What the disclosure desk's pages and the client's page of approvals need. The desk's session opens case data, the client's own
// session opens and signs what is theirs; both pass through here unread.
import type {
  ApprovalFacts,
  Case,
  CaseFacts,
  Draft,
  RequestForm,
  RequestMistakes,
  SignedApproval,
} from "#disclosure";

/** What came of a step, in words for whoever took it. */
export interface Told {
  readonly ok: boolean;
  readonly words: string;
}

/** A record to be signed elsewhere: its receipt, its determination, its end. */
export type RecordWanted =
  | { readonly what: "received" }
  | { readonly what: "determined"; readonly verdict: string }
  | { readonly what: "closed"; readonly outcome: string; readonly because: string };

interface AtDesk {
  readonly name: string;
}

export interface DeskCases {
  list(): Promise<readonly CaseFacts[]>;
  /** Undefined when there is none. */
  read(desk: AtDesk, id: string): Promise<Case | undefined>;
  add(
    form: RequestForm,
  ): Promise<
    | { readonly ok: true; readonly id: string }
    | { readonly ok: false; readonly mistakes: RequestMistakes }
  >;
  step(id: string, step: string, words: string, grant: string): Promise<Told>;
  /** Sets the hold on the client whom the request is about. */
  preserve(desk: AtDesk, id: string, words: string): Promise<Told>;
  /** Canonical JSON; undefined when what is chosen is no choice. */
  record(desk: AtDesk, id: string, wanted: RecordWanted): Promise<Uint8Array | undefined>;
  approvals(): Promise<readonly ApprovalFacts[]>;
  approval(desk: AtDesk, id: string): Promise<SignedApproval | undefined>;
  /** Asks the client, and tells them so by letter and in their log. */
  ask(asked: {
    readonly client: string;
    readonly account: string;
    readonly ids: readonly string[];
    readonly reason: string;
    readonly ticket: string;
  }): Promise<Told & { readonly id?: string }>;
  /** The grant on ground E1 with the client's signature; undefined while there is none. */
  draft(
    desk: AtDesk,
    id: string,
    by: { readonly actor: string; readonly recipient: string },
  ): Promise<Draft | undefined>;
}

/** A message of the client's own, opened in their own session. */
export interface OwnMessage {
  readonly id: string;
  readonly subject: string;
  readonly from: string;
  /** Milliseconds since 1970; undefined for one that is no longer there. */
  readonly receivedAt: number | undefined;
}

export interface OwnApproval {
  readonly id: string;
  readonly state: ApprovalFacts["state"];
  readonly reason: string;
  readonly ticket: string;
  readonly asked: number;
  readonly until: number | undefined;
  readonly messages: readonly OwnMessage[];
}

interface Client {
  readonly client: string;
  readonly account: string;
}

export interface OwnApprovals {
  list(session: Client): Promise<readonly OwnApproval[]>;
  approve(session: Client, id: string): Promise<Told>;
  refuse(session: Client, id: string): Promise<Told>;
}
