// Who our clients are: sign-up, sign-in, status, addresses, credentials, logs. Holds no secret of a client longer than a session.
import type { Invocation } from "#engine";
import type { Result } from "#base/errors";
import type { AccountKeys, Sealer } from "#vault";
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
}

export interface Clients {
  /** Client, account, address, credential, key certificates and first folders in one transaction, after the keeper enrolled it. */
  signUp(request: NewClient): Promise<Result<Recipient, SignUpRefusal>>;
  /** Local part with an optional "+tag" (RFC 5233), any case. Undefined for an address that is not ours. */
  resolve(address: string): Promise<Recipient | undefined>;
  isOurDomain(domain: string): boolean;
  /** The addresses that an account may send as. */
  addressesOf(client: string, account: string): Promise<readonly string[]>;
  /** One Argon2id for known and unknown alike; logs the sign-in; short-lived memory-only cache for mail programs. */
  signIn(attempt: SignInAttempt): Promise<Result<Session, SignInRefusal>>;
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
  /** Contact data as the client gave it, opened by the keeper for `own`; undefined on the pseudonymous track. */
  readContact(session: Session): Promise<Contact | undefined>;
  list(): Promise<readonly ClientRow[]>;
}
