// What this room promises to others: the types of its front door. Holds no code.
import type { Invocation } from "#engine";
import type { Result } from "#base/errors";
import type { AccountKeys, Context, Sealer } from "#vault";
import type { LogKind } from "#policy";

export type ClientStatus = "pending" | "active" | "past-due" | "suspended" | "closed" | "erased";

/** Where mail for an address goes: everything here is clear on disk. */
export interface Recipient {
  readonly client: string;
  readonly account: string;
  /** The address as it is kept: lower case, no subaddress. */
  readonly address: string;
  readonly status: ClientStatus;
}

export interface NewClient {
  readonly address: string;
  readonly password: string;
  readonly plan?: string;
  /** Absent for the pseudonymous track. */
  readonly contact?: Contact;
  /** The address of who asks from outside, for limits only; absent for the operator, whom none hold up. */
  readonly peer?: string;
}

export interface Contact {
  readonly name: string;
  readonly postal: string;
  readonly phone: string;
  readonly email: string;
}

export type SignUpRefusal =
  | "bad-address"
  | "not-our-domain"
  | "address-taken"
  | "password-too-short"
  | "password-too-long"
  | "unknown-plan"
  | "contact-incomplete"
  | "too-many"
  | "keeper-away";

export type Protocol = "imap" | "pop3" | "submission" | "web";

export interface SignInAttempt {
  /** The address; lower-cased by the callee. */
  readonly login: string;
  readonly password: string;
  readonly protocol: Protocol;
  /** The peer's address, in memory only; what is logged is its /24 or /48. */
  readonly peer: string;
}

export type SignInRefusal = "wrong" | "suspended" | "too-many" | "not-this-way";

/**
 * A refusal with, where there is one, its finer reason. `key-differs`: the key behind the password is not the one that the
 * keeper certified, so one of the two was swapped in the database; nobody is let in, and the log says so.
 */
export type SignInResult =
  | { readonly ok: true; readonly value: Session }
  | { readonly ok: false; readonly refusal: SignInRefusal; readonly why?: "key-differs" };

/** `why` of "address-taken": the name is reserved for the provider. */
export type SignUpResult =
  | { readonly ok: true; readonly value: Recipient }
  | { readonly ok: false; readonly refusal: SignUpRefusal; readonly why?: string };

/** A signed-in client: keys in memory while the session lives. */
export interface Session {
  readonly client: string;
  readonly account: string;
  readonly address: string;
  readonly keys: AccountKeys;
  /** Certified; refuses to exist for a key that the keeper did not sign. */
  readonly sealer: Sealer;
}

export interface LogEvent {
  readonly kind: LogKind;
  readonly at: number;
  /** Plain fields that the client will read verbatim; text and integers only. */
  readonly fields: { readonly [name: string]: string | number };
}

export interface ClientRow {
  readonly client: string;
  readonly account: string;
  readonly address: string;
  readonly status: ClientStatus;
  readonly plan: string;
  readonly mode: string;
  readonly since: number;
}

export interface WebSession extends Session {
  /** Hash of the token, names the session. */
  readonly id: string;
  readonly expires: number;
}

export interface SealedObject {
  readonly context: Context;
  readonly sealed: Uint8Array;
}

/** A page of the log, and how many events of it were beyond opening because the key of their day is destroyed. */
export interface LogPage {
  readonly events: readonly LogEvent[];
  readonly destroyed: number;
}

export interface LogExpiry {
  readonly keys: number;
  readonly events: number;
}

export interface Clients {
  /** Client, account, address, credential, key certificates and first folders in one transaction, after the keeper enrolled it. */
  signUp(request: NewClient): Promise<SignUpResult>;
  /** Local part with an optional "+tag" (RFC 5233), any case. Undefined for an address that is not ours. */
  resolve(address: string): Promise<Recipient | undefined>;
  isOurDomain(domain: string): boolean;
  /** The addresses that an account may send as. */
  addressesOf(client: string, account: string): Promise<readonly string[]>;
  /** One Argon2id for known and unknown alike; logs the sign-in; short-lived memory-only cache for mail programs. */
  signIn(attempt: SignInAttempt): Promise<SignInResult>;
  /** For delivery: the sealer to an account's certified content key. Undefined when the certificate does not verify (451). */
  sealerFor(client: string, account: string): Promise<Sealer | undefined>;
  /** Wraps the account's keys under a fresh random token; the token goes into the cookie and nowhere else. */
  openWebSession(
    session: Session,
    remember: boolean,
  ): Promise<{ readonly token: string; readonly expires: number }>;
  resumeWebSession(token: string): Promise<WebSession | undefined>;
  endWebSession(token: string): Promise<void>;
  changePassword(
    session: Session,
    old: string,
    fresh: string,
  ): Promise<Result<true, "wrong" | "password-too-short" | "password-too-long">>;
  /** A sealed log event as a command, to be carried out with what it tells of. */
  logged(client: string, account: string, event: LogEvent): Promise<Invocation>;
  log(client: string, account: string, event: LogEvent): Promise<void>;
  /** The client's own log, newest first, opened by the keeper for `own`. */
  readLog(session: Session, limit: number): Promise<readonly LogEvent[]>;
  /** The same with the count of what its retention has already taken. */
  readLogPage(session: Session, limit: number): Promise<LogPage>;
  /** Contact data as the client gave it, opened by the keeper for `own`; undefined on the pseudonymous track. */
  readContact(session: Session): Promise<Contact | undefined>;
  /**
   * What this room holds sealed of a client, for the keeper to open under a grant: class "contact" (object id "contact") and
   * "clientlog" (event ids). Ids that do not exist are left out, as is every other class: nothing of it is here.
   */
  sealedOf(
    dataClass: string,
    client: string,
    ids: readonly string[],
  ): Promise<readonly SealedObject[]>;
  list(): Promise<readonly ClientRow[]>;
  /** Moves a client's status by the state machine, with a log event in the same transaction. */
  moveStatus(client: string, to: ClientStatus): Promise<Result<true, "unknown" | "not-allowed">>;
  /** The retention job: has the keeper destroy the keys whose time is over, then deletes what they had sealed. */
  expireLogs(keeper: { expireKeys(): Promise<readonly string[]> }): Promise<LogExpiry>;
}
