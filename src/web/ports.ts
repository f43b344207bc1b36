// What the pages need from other rooms, in the pages' own words. A session is opaque here: the pages hand it back to the
// room that made it and never look at its keys. Methods, not function properties, so that a richer session still fits.
import type { Result } from "#base/errors";
import type { DataClass, Ground } from "#policy";
import type { Cookies, Visitors } from "#visitors";
import type { AbusePages } from "./ports/abuse.ts";
import type { BillingPages } from "./ports/billing.ts";
import type { DeskCases, OwnApprovals } from "./ports/cases.ts";
import type { AccountPort } from "./ports/account.ts";
import type { AddressesPort, DeletedPort, DomainsPort } from "./ports/addresses.ts";
import type { Jobs } from "./ports/jobs.ts";
import type { AppsPort } from "./ports/apps.ts";
import type { RecoveryPort } from "./ports/recovery.ts";
import type { FiltersPort } from "./ports/filters.ts";
import type { SendingPort } from "./ports/sending.ts";
import type { ListsPort, TicketsPort } from "./ports/support.ts";

/** A client who is signed in; the room that made it knows more about it than we do. */
export interface SignedIn {
  readonly client: string;
  readonly account: string;
  readonly address: string;
  /** What the client is to read at the top of every page; absent or "" where there is nothing to say. */
  readonly notice?: string;
}

/** A person at the staff desk; opaque like a client's session: the room that made it opens case data with it. */
export interface AtDesk {
  readonly name: string;
}

export interface ContactData {
  readonly name: string;
  readonly postal: string;
  readonly phone: string;
  readonly email: string;
}

interface SignUpForm {
  readonly address: string;
  readonly password: string;
  readonly plan?: string;
  /** Absent on the pseudonymous track. */
  readonly contact?: ContactData;
  /** The connection's own address, for limits only. */
  readonly peer: string;
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

/** `key-differs`: the password is right, and the key behind it is not the one that was certified for the account. */
export type SignInRefusal = "wrong" | "suspended" | "too-many" | "not-this-way" | "key-differs";
export type PasswordRefusal = "wrong" | "password-too-short" | "password-too-long";

/** One line of the client's own log, shown word for word. */
export interface LogLine {
  readonly kind: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly fields: { readonly [name: string]: string | number };
}

/** Sign-up, sign-in, the portal's sessions and what a client reads about themself. Rate limits live behind this port. */
export interface Entrance {
  signUp(form: SignUpForm): Promise<Result<unknown, SignUpRefusal>>;
  signIn(attempt: {
    readonly login: string;
    readonly password: string;
    readonly protocol: "web";
    readonly peer: string;
  }): Promise<Result<SignedIn, SignInRefusal>>;
  /** `expires` is milliseconds since 1970. */
  openWebSession(
    session: SignedIn,
    remember: boolean,
  ): Promise<{ readonly token: string; readonly expires: number }>;
  resumeWebSession(token: string): Promise<SignedIn | undefined>;
  endWebSession(token: string): Promise<void>;
  changePassword(
    session: SignedIn,
    old: string,
    fresh: string,
  ): Promise<Result<true, PasswordRefusal>>;
  readLog(session: SignedIn, limit: number): Promise<readonly LogLine[]>;
  readContact(session: SignedIn): Promise<ContactData | undefined>;
  list(): Promise<readonly ClientFacts[]>;
  /** The desk password, with a limit on tries. A desk session is nobody's client session and holds no key. */
  deskSignIn(
    password: string,
    peer: string,
  ): Promise<Result<{ readonly token: string; readonly expires: number }, "wrong" | "too-many">>;
  resumeDeskSession(token: string): Promise<AtDesk | undefined>;
  endDeskSession(token: string): Promise<void>;
}

export type RecoveryMode = "provider" | "quorum" | "client-only";

/** What can be chosen at sign-up. */
export interface Plan {
  readonly name: string;
  /** One or two sentences: what it gives, and what happens when the password is lost. */
  readonly words: string;
  readonly mode: RecoveryMode;
}

/** Facts about a client that are clear on disk: what the desk may list, and what the client's own page shows. */
export interface ClientFacts {
  readonly client: string;
  readonly account: string;
  readonly address: string;
  readonly status: string;
  readonly plan: string;
  readonly mode: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** One look by a person, as the client sees it. */
export interface Look {
  /** Index of the ledger entry. */
  readonly index: number;
  /** Seconds since 1970, as the keeper counts. */
  readonly at: number;
  readonly ground: Ground;
  readonly class: DataClass;
  readonly purpose: string;
  readonly role: string;
  readonly items: number;
  readonly reason: string;
  readonly ids: readonly string[];
  readonly outcome: "intent" | "released" | "failed";
  /** A C2SP tlog-proof; undefined until the entry is published. */
  readonly proof: string | undefined;
  /** The ledger's opening lines of the entry's public part and the client's own: with the proof they can be checked. */
  readonly openings?: readonly string[];
}

/** What the signed-in client may see about themself beyond log and contact. A rejection means that the keeper is away. */
export interface OwnView {
  facts(session: SignedIn): Promise<ClientFacts | undefined>;
  looks(session: SignedIn): Promise<readonly Look[]>;
  /** Count and octets of the messages kept, all folders. */
  mail(session: SignedIn): Promise<{ readonly messages: number; readonly octets: number }>;
}

/** A line of what a mail program must be told. */
export interface MailSetting {
  readonly use: string;
  readonly protocol: string;
  readonly host: string;
  readonly port: number;
  readonly security: string;
}

/** A message as the desk may know it: nothing here is sealed. */
export interface MessageFacts {
  readonly messageId: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
}

/** A filed grant as the keeper tells it. */
export interface FiledGrant {
  /** Canonical JSON, exactly what is hashed and signed. */
  readonly grant: Uint8Array;
  readonly hash: string;
  /** `at` in seconds since 1970. */
  readonly approvals: readonly { readonly approver: string; readonly at: number }[];
  readonly approvalsNeeded: number;
  readonly uses: number;
  readonly usesAllowed: number;
  readonly state: "waiting" | "approved" | "released" | "expired";
}

/** What the staff desk may list: facts and filed grants. There is no function here that opens anything or becomes anybody. */
export interface Desk {
  grants(): Promise<readonly FiledGrant[]>;
  messages(client: string, account: string): Promise<readonly MessageFacts[]>;
}

export interface WebPorts {
  readonly account: AccountPort;
  readonly addresses: AddressesPort;
  readonly sending: SendingPort;
  readonly filters: FiltersPort;
  readonly apps: AppsPort;
  readonly recovery: RecoveryPort;
  readonly domains: DomainsPort;
  readonly deleted: DeletedPort;
  readonly jobs: Jobs;
  readonly abuse: AbusePages;
  readonly tickets: TicketsPort;
  readonly lists: ListsPort;
  readonly billing: BillingPages;
  readonly cases: DeskCases;
  readonly approvals: OwnApprovals;
  readonly entrance: Entrance;
  readonly plans: readonly Plan[];
  readonly own: OwnView;
  readonly desk: Desk;
  /** The register's emitter; nothing else here writes a Set-Cookie header. */
  readonly cookies: Cookies;
  readonly visits: Pick<Visitors, "count" | "report" | "whatYouLeft">;
}
