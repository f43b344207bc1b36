// What this room promises to others: the types of its front door. Holds no code.
import type { Invocation } from "#engine";
import type { Result } from "#base/errors";
import type { AccountKeys, Context, Sealer } from "#vault";
import type { LogKind } from "#policy";
import type { Addresses, DomainPorts, Domains } from "./addresses/contract.ts";
import type { AppPasswords } from "./apppasswords.ts";
import type { Recovery } from "./recovery.ts";
import type { ErasingParts } from "./ports.ts";

export type ClientStatus = "pending" | "active" | "past-due" | "suspended" | "closed" | "erased";

/** Who moves a status, as the client reads it in their log. */
export type Mover = "client" | "ladder" | "operator" | "abuse";

/** Why something was done to a client's standing, and by whom: both go into the client's log, word for word. */
export interface Because {
  readonly reason: string;
  readonly by: Mover;
}

/** What a standing comes to: see levels.ts for what each answers. */
export type Level =
  | "open"
  | "notice"
  | "waiting"
  | "read-only"
  | "outbound-off"
  | "export-only"
  | "deferred"
  | "refused"
  | "deletion"
  | "closed"
  | "gone";

/** What the protocols do for a client just now. */
export interface Serving {
  readonly imap: "whole" | "read-only" | "off";
  readonly submission: boolean;
  /** `own-data`: the portal with all that is held, the export and what there is to settle; nothing that changes mail. */
  readonly web: "open" | "own-data" | "shut";
  readonly inbound: "taken" | "deferred" | "refused" | "unknown";
}

/**
 * Beside the status, and whatever it is. `legal-hold`: nothing of the client's is destroyed. `abuse-block`: nothing is sent.
 * `do-not-suspend`: a promise of ours, until a day.
 */
export type HoldKind = "legal-hold" | "abuse-block" | "do-not-suspend";

export interface Hold {
  readonly kind: HoldKind;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Excluded; undefined for one without an end. A lifted hold ended when it was lifted. */
  readonly until: number | undefined;
  /** Not told to the client before it is over: no line in their log, nothing on their pages. */
  readonly quiet?: true;
}

/** `quiet`: only a legal hold can be. Its one line is written when it is lifted or over, whichever comes first. */
interface HoldOptions {
  readonly quiet?: boolean;
}

/** All that the class standing holds of a client. */
export interface Standing {
  readonly client: string;
  readonly account: string;
  readonly address: string;
  readonly status: ClientStatus;
  readonly since: number;
  readonly level: Level;
  /** What the level means, for the client; "" where there is nothing to say. */
  readonly words: string;
  readonly serving: Serving;
  /** The level that comes by the passing of time alone, and when. */
  readonly next: { readonly level: Level; readonly at: number } | undefined;
  /** In force, or ended and not yet forgotten. */
  readonly holds: readonly (Hold & { readonly inForce: boolean })[];
  readonly plan: string;
  readonly planVersion: number;
  readonly mode: string;
  readonly clientSince: number;
  readonly closing:
    | {
        readonly closedAt: number;
        /** From here on everything is destroyed. */
        readonly eraseAfter: number;
        readonly mayComeBack: boolean;
      }
    | undefined;
}

/** Where mail for an address goes: everything here is clear on disk. */
export interface Recipient {
  readonly client: string;
  readonly account: string;
  /** The address as it is kept: lower case, no subaddress. */
  readonly address: string;
  readonly status: ClientStatus;
  readonly level: Level;
  readonly inbound: Serving["inbound"];
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
  | { readonly ok: true; readonly value: PasswordSession }
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

/** A session of somebody who gave a password. */
export interface PasswordSession extends Session {
  /** False once that password was changed, or the account is gone: a connection that lives on asks now and then. */
  readonly passwordStands: () => Promise<boolean>;
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
  readonly planVersion: number;
  readonly mode: string;
  readonly since: number;
}

export interface WebSession extends Session {
  /** Hash of the token, names the session. */
  readonly id: string;
  readonly expires: number;
  readonly standing: { readonly status: ClientStatus; readonly level: Level };
  /** What the client is to read at the top of every page; "" where there is nothing to say. */
  readonly notice: string;
}

export interface SealedObject {
  readonly context: Context;
  readonly sealed: Uint8Array;
}

/** A page of the log, and how many events of it were beyond opening because the key of their day is destroyed. */
export interface LogPage {
  readonly events: readonly LogEvent[];
  readonly destroyed: number;
  /** Where the next page begins; undefined at the end. */
  readonly older: string | undefined;
}

/** Which part of the log: one kind, and from where on. */
export interface LogPart {
  readonly kind?: LogKind | undefined;
  /** As the page before gave it in `older`. */
  readonly before?: string | undefined;
}

export interface LogExpiry {
  readonly keys: number;
  readonly events: number;
}

/** A closed account's erasure, as whoever has the receipt's link sees it. */
export interface ReceiptView {
  readonly closedAt: number;
  readonly eraseAfter: number;
  /** Canonical JSON; undefined until everything is destroyed. */
  readonly receipt: Uint8Array | undefined;
}

export interface ErasureReport {
  readonly erased: number;
  /** Due, and kept by a legal hold. */
  readonly held: number;
  /** Due, and the keeper could not yet, or something broke (the log has it): tried again at the next run. */
  readonly waiting: number;
  /** Suspended so long that the ladder has closed them. */
  readonly closed: number;
  /** Receipts and quarantined addresses whose time was over. */
  readonly forgotten: number;
}

export interface Clients {
  /** Client, account, address, credential, key certificates and first folders in one transaction, after the keeper enrolled it. */
  signUp(request: NewClient): Promise<SignUpResult>;
  /**
   * Local part with an optional "+tag" (RFC 5233), any case, the domain as U- or A-labels; every kind of address, in the order of
   * addresses/resolution.ts. Undefined for an address that leads to no account; throws Broken for a row that the keeper did not sign.
   */
  resolve(address: string): Promise<Recipient | undefined>;
  /** Addresses whose rows are not as the keeper signed them; none in a house in order. Checks them all. */
  unsignedAddresses(): Promise<readonly string[]>;
  /** Whether its mail is ours to take: the house's own domains, and those that clients hold. */
  isOurDomain(domain: string): boolean;
  isHouseDomain(domain: string): boolean;
  /** Whether it is this client's, proved, and not given up or lost since. */
  holdsDomain(client: string, domain: string): Promise<boolean>;
  readonly addresses: Addresses;
  openDomains(ports: DomainPorts): Domains;
  /** The addresses that an account may send as, the main one first; not the names that a catch-all covers. */
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
  readonly appPasswords: AppPasswords;
  readonly recovery: Recovery;
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
  readLogPage(session: Session, limit: number, part?: LogPart): Promise<LogPage>;
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
  /**
   * Keeps addresses for what is no client (a mailing list), all or none, until they are given back: of our domain, or of one that
   * `client` holds.
   */
  holdAddresses(
    addresses: readonly string[],
    holder: string,
    client?: string,
  ): Promise<"held" | "taken" | "bad-address">;
  freeAddresses(addresses: readonly string[], holder: string): Promise<void>;
  /** The sealer to a client's certified payment key; undefined when the certificate does not verify. */
  paymentSealer(client: string): Promise<Sealer | undefined>;
  /** The same of the class standing: what is shown of it to a person is sealed first. */
  standingSealer(client: string): Promise<Sealer | undefined>;
  /** Ids, kinds and times (milliseconds since 1970) of the events of a client's log, oldest first, for scoping a grant. */
  listLog(
    client: string,
  ): Promise<readonly { readonly event: string; readonly kind: LogKind; readonly at: number }[]>;
  /** Opens what is the client's own by the keeper, for `own`: all or nothing. Throws Broken when the keeper refuses. */
  openOwn(session: Session, objects: readonly SealedObject[]): Promise<readonly Uint8Array[]>;
  /**
   * Moves a client to the newest version of another plan, with a log event in the same transaction; limits and services follow at
   * once. "other-mode": how a lost password is answered belongs to the keys, and stays what it was at sign-up.
   */
  changePlan(
    client: string,
    plan: string,
  ): Promise<Result<true, "unknown" | "unknown-plan" | "other-mode" | "same-plan">>;
  /**
   * Moves a client's status by the state machine, with a log event in the same transaction. "held": the ladder may not suspend
   * who has our promise. Closing and erasing have their own ways.
   */
  moveStatus(
    client: string,
    to: ClientStatus,
    because?: Because,
  ): Promise<Result<true, "unknown" | "not-allowed" | "held">>;
  /** What may be shown to the client. */
  standing(client: string): Promise<Standing | undefined>;
  /** For the operator: quiet holds too. */
  wholeStanding(client: string): Promise<Standing | undefined>;
  /** What the client's plan gives them: octets of mail, recipients a day; undefined for who is not there (any more). */
  limits(
    client: string,
  ): Promise<{ readonly storage: number; readonly recipientsPerDay: number } | undefined>;
  /** What the protocols do for a client at this moment. */
  serving(client: string): Promise<Serving>;
  /** Sets or prolongs; `until` is milliseconds since 1970. The reason of a quiet one is not kept. */
  setHold(
    client: string,
    kind: HoldKind,
    until: number | undefined,
    because: Because,
    options?: HoldOptions,
  ): Promise<Result<true, "unknown" | "over-already" | "not-quiet">>;
  /** Lifts the hold that the client knows of; the quiet one where there is none such, or where it is asked for. */
  liftHold(
    client: string,
    kind: HoldKind,
    because: Because,
    options?: HoldOptions,
  ): Promise<Result<true, "unknown" | "no-such-hold">>;
  /** Writes the line of each quiet hold that is over, and forgets the hold; returns how many. */
  tellEndedHolds(): Promise<number>;
  /** Seals the contact card anew; a pseudonymous client becomes one with contact data. */
  correctContact(
    session: Session,
    contact: Contact,
  ): Promise<Result<true, "contact-incomplete" | "key-not-certified">>;
  /**
   * Closes the account at once and signs, with the account's own key, the order to destroy everything when the window is over.
   * `receipt` is the token of the receipt's link, shown this once; other sessions end.
   */
  close(
    session: Session | WebSession,
    password: string,
  ): Promise<
    Result<
      { readonly receipt: string; readonly eraseAfter: number },
      "wrong" | "too-many" | "not-allowed"
    >
  >;
  /** Within the window: the account is as it was before it was closed, and the order is torn up. */
  reopen(session: Session): Promise<Result<true, "not-closed" | "too-late">>;
  /** By the token of its link; undefined when there is none of it. */
  receipt(token: string): Promise<ReceiptView | undefined>;
  /** The erasing job: carries out orders that are due, a few at a time; what a crash leaves half-done is done by the next run. */
  eraseDue(parts: ErasingParts): Promise<ErasureReport>;
  /** The retention job: has the keeper destroy the keys whose time is over, then deletes what they had sealed. */
  expireLogs(keeper: { expireKeys(): Promise<readonly string[]> }): Promise<LogExpiry>;
}
