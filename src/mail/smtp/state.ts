// What a session knows, what can happen to it, and what it wants done. Data only.
import type { Result } from "#base/errors";
import type { CommandKind } from "./grammar.ts";
import type { MessageFlaw } from "./inspect.ts";
import type { MailParameters, RecipientParameters } from "./parameters.ts";
import type { Mailbox, Submitter, SubmitRefusal } from "./ports.ts";
import type { LineFlaw } from "./wire.ts";

/** `mx` takes mail for our addresses from anybody, `lmtp` the same with one reply per recipient, `submission` from clients. */
export type SmtpRole = "mx" | "submission" | "lmtp";

/** What does not change while a connection lives, but for TLS. */
export interface Rules {
  readonly role: SmtpRole;
  readonly hostname: string;
  /** Where "postmaster" without a domain lives (RFC 5321 §4.5.1). */
  readonly domain: string;
  readonly maxSize: number;
  readonly offersTls: boolean;
  /** Password sign-in without TLS; for trying things out on one machine. */
  readonly allowPlaintextAuth: boolean;
}

export interface Recipient {
  readonly address: string;
  /** Undefined for an address of another server. */
  readonly mailbox: Mailbox | undefined;
  readonly parameters: RecipientParameters;
}

interface Transaction {
  readonly sender: string;
  readonly parameters: MailParameters;
  readonly recipients: readonly Recipient[];
}

/** `waiting` is for an answer of a port; the `auth-…` phases take a line that is no command. */
export type Phase =
  | "connected"
  | "ready"
  | "mail"
  | "rcpt"
  | "chunks"
  | "waiting"
  | "auth-plain"
  | "auth-login"
  | "auth-password";

export interface State {
  readonly phase: Phase;
  readonly helo: string;
  /** EHLO or LHLO was said: extensions are on. */
  readonly extended: boolean;
  readonly secure: boolean;
  readonly submitter: Submitter | undefined;
  readonly transaction: Transaction | undefined;
  /** The login of AUTH LOGIN while its password is awaited. */
  readonly login: string;
  readonly mistakes: number;
  /** Commands since the last letter was taken. */
  readonly commands: number;
  readonly failedSignIns: number;
  /** What the answer awaited will complete. */
  readonly pending: Pending | undefined;
}

type Pending =
  | { readonly kind: "mail"; readonly sender: string; readonly parameters: MailParameters }
  | { readonly kind: "rcpt"; readonly address: string; readonly parameters: RecipientParameters }
  | { readonly kind: "chunk"; readonly last: boolean; readonly kept: boolean };

export type Event =
  | { readonly kind: "connected" }
  | { readonly kind: "line"; readonly line: string }
  | { readonly kind: "bad-line"; readonly flaw: LineFlaw }
  | { readonly kind: "secured" }
  | { readonly kind: "chunk"; readonly tooLarge: boolean }
  /** The end of a message by DATA or by the last chunk. */
  | { readonly kind: "message"; readonly flaw: MessageFlaw | "too-large" | undefined }
  | Answer
  | { readonly kind: "timeout" }
  /** More of one message than anybody reads to its end. */
  | { readonly kind: "flood" }
  | { readonly kind: "shutting-down" };

export type Answer =
  | { readonly kind: "sign-in"; readonly result: Result<Submitter, SubmitRefusal> }
  | { readonly kind: "sender"; readonly refusal: "not-yours" | "suspended" | "blocked" | undefined }
  | { readonly kind: "recipient"; readonly place: Place }
  | { readonly kind: "accepted"; readonly replies: readonly string[] }
  /** The port threw; the id is in the operator's log. */
  | { readonly kind: "broken"; readonly id: string };

export type Place =
  | { readonly kind: "ours"; readonly mailbox: Mailbox }
  /** Ours, and takes nothing: for now, or any more. */
  | { readonly kind: "shut"; readonly until: "later" | "never" }
  | { readonly kind: "unknown" }
  | { readonly kind: "elsewhere" }
  /** Ours, and does not take mail from this peer; with the reply. */
  | { readonly kind: "screened"; readonly reply: string };

export type Ask =
  | { readonly kind: "sign-in"; readonly login: string; readonly password: string }
  | {
      readonly kind: "sender";
      readonly submitter: Submitter | undefined;
      readonly sender: string;
    }
  | {
      readonly kind: "recipient";
      readonly address: string;
      /** As the sender declared it; undefined when it did not. */
      readonly size: number | undefined;
      readonly sender: string;
      readonly helo: string;
      readonly secure: boolean;
    }
  | {
      readonly kind: "accept";
      readonly transaction: Transaction;
      readonly submitter: Submitter | undefined;
      readonly helo: string;
      readonly extended: boolean;
      readonly secure: boolean;
    };

/** What the server does next. */
export type Next =
  | { readonly do: "read" }
  | { readonly do: "read-message" }
  | {
      readonly do: "read-chunk";
      readonly size: number;
      readonly keep: boolean;
      readonly last: boolean;
    }
  | { readonly do: "ask"; readonly ask: Ask }
  | { readonly do: "start-tls" }
  | { readonly do: "close" };

export interface Step {
  readonly state: State;
  readonly replies: readonly string[];
  readonly next: Next;
}

type Verb = Exclude<CommandKind, "unknown" | "malformed">;

const always: readonly Phase[] = ["connected", "ready", "mail", "rcpt", "chunks"];

/** When each command may come, and from whom it is heard at all. */
export const allowed: {
  readonly [verb in Verb]: {
    readonly roles: readonly SmtpRole[];
    readonly phases: readonly Phase[];
  };
} = {
  hello: { roles: ["mx", "submission", "lmtp"], phases: always },
  mail: { roles: ["mx", "submission", "lmtp"], phases: ["ready"] },
  rcpt: { roles: ["mx", "submission", "lmtp"], phases: ["mail", "rcpt"] },
  data: { roles: ["mx", "submission", "lmtp"], phases: ["rcpt"] },
  bdat: { roles: ["mx", "submission", "lmtp"], phases: ["rcpt", "chunks"] },
  rset: { roles: ["mx", "submission", "lmtp"], phases: always },
  noop: { roles: ["mx", "submission", "lmtp"], phases: always },
  quit: { roles: ["mx", "submission", "lmtp"], phases: always },
  vrfy: { roles: ["mx", "submission", "lmtp"], phases: always },
  help: { roles: ["mx", "submission", "lmtp"], phases: always },
  starttls: { roles: ["mx", "submission", "lmtp"], phases: ["ready"] },
  auth: { roles: ["submission"], phases: ["ready"] },
};
