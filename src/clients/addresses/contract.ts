// Addresses and domains of clients, as this room promises them to others. Holds no code.
import type { Result } from "#base/errors";
import type { Session } from "../contract.ts";
import type { AddressLimits } from "../plans.ts";

/**
 * `main`: the login. `alias`: a further name on our domain. `mask`: a random one, made by a click. `own`: on a domain of the
 * client's. `catch-all`: all other names there. `duty`: postmaster and abuse there, which every domain must have (RFC 5321 §4.5.1,
 * RFC 2142 §5) and which go to whoever holds it.
 */
export type AddressKind = "main" | "alias" | "mask" | "own" | "catch-all" | "duty";

/**
 * `pending`: not yet proved. `verified`: proved at the last look. `broken`: proved before, and the proof is gone; its mail still
 * comes for a while. `ended`: given up or lost; its names are kept from others for a while.
 */
export type ClaimState = "pending" | "verified" | "broken" | "ended";

export interface OwnAddress {
  readonly address: string;
  readonly kind: AddressKind;
  readonly enabled: boolean;
  /** The client's domain that it is of. */
  readonly domain: string | undefined;
  /** Milliseconds since 1970. */
  readonly created: number;
  /** What the client noted; "" where there is nothing. Undefined where it does not open. */
  readonly note: string | undefined;
}

/**
 * `not-now`: the account's standing lets nothing be added. `kept-back`: it was another client's until lately. `spent`: as many were
 * made and given up this year as the plan has room for.
 */
export type AddRefusal =
  | "bad-name"
  | "reserved"
  | "not-your-domain"
  | "taken"
  | "kept-back"
  | "too-many"
  | "spent"
  | "long-note"
  | "not-now";

type ChangeRefusal = "no-such-address" | "not-this-kind";

export interface Addresses {
  /** All of an account, the main one first; notes opened in the session. */
  list(session: Session): Promise<readonly OwnAddress[]>;
  limits(client: string): Promise<AddressLimits>;
  /** A further name on our domain or on one that the client holds; "*" is the catch-all of the latter. Gives it as it is kept. */
  add(
    session: Session,
    local: string,
    domain: string,
    note?: string,
  ): Promise<Result<string, AddRefusal>>;
  /** A random address of our domain. */
  mask(session: Session, note: string): Promise<Result<string, AddRefusal>>;
  note(
    session: Session,
    address: string,
    note: string,
  ): Promise<Result<true, ChangeRefusal | "long-note">>;
  /** Off: letters to it are refused as to nobody's (550 5.1.1), and nothing can be sent as it. */
  switch(session: Session, address: string, on: boolean): Promise<Result<true, ChangeRefusal>>;
  /** For good. One of our domain is nobody's for a year and a month, a mask for ever, the client not excepted. */
  remove(session: Session, address: string): Promise<Result<true, ChangeRefusal>>;
}

/** A record of the zone that a domain wants. Names and values as a zone file has them, without quotes or last dots. */
export interface ZoneRecord {
  readonly name: string;
  readonly type: "TXT" | "MX" | "CNAME" | "SRV";
  readonly value: string;
  readonly purpose: RecordPurpose;
  /** Mail does not work, or not as it should, without it. */
  readonly needed: boolean;
}

type RecordPurpose =
  | "proof"
  | "mx"
  | "spf"
  | "dkim"
  | "dmarc"
  | "reports"
  | "mta-sts"
  | "tls-rpt"
  | "srv"
  | "autoconfig";

/** `right`: as wanted. `other`: something else stands there. `missing`: nothing. `unknown`: the DNS did not answer. */
export type RecordState = "right" | "other" | "missing" | "unknown";

export interface CheckedRecord extends ZoneRecord {
  readonly state: RecordState;
  /** What stands there, as a zone file would have it. */
  readonly found: readonly string[];
}

export interface OwnDomain {
  readonly domain: string;
  readonly client: string;
  readonly account: string;
  readonly state: ClaimState;
  /** Milliseconds since 1970, as all times here. */
  readonly since: number;
  readonly created: number;
  readonly checked: number | undefined;
  /** What the last check found; each record is "unknown" before the first. */
  readonly records: readonly CheckedRecord[];
  /** Until when the state lasts if nothing happens; undefined where it has no end. */
  readonly until: number | undefined;
}

export type ClaimRefusal = "bad-domain" | "ours" | "there" | "too-many" | "not-now";

/** What came of looking for a proof. `held`: another client's proof stands there as well. `waiting`: theirs is gone, not long enough. */
export type ProofOutcome = "verified" | "no-proof" | "held" | "waiting" | "no-answer";

export interface DomainReport {
  readonly checked: number;
  readonly proved: number;
  readonly broke: number;
  readonly ended: number;
  readonly forgotten: number;
}

type Owner = Pick<Session, "client" | "account">;

export interface Domains {
  list(owner: Owner): Promise<readonly OwnDomain[]>;
  /** Every claim there is, for the operator. */
  all(): Promise<readonly OwnDomain[]>;
  claim(owner: Owner, domain: string): Promise<Result<string, ClaimRefusal>>;
  /** Asks the DNS now. */
  check(
    owner: Owner,
    domain: string,
  ): Promise<
    Result<{ readonly proof: ProofOutcome; readonly domain: OwnDomain }, "no-such-domain">
  >;
  /** Given up: its mail stops at once, its names are kept from others for a while. */
  remove(owner: Owner, domain: string): Promise<Result<true, "no-such-domain">>;
  /** The house's own zone against the DNS. */
  house(): Promise<readonly CheckedRecord[]>;
  /** The daily job: looks after claims that were not looked at for a day, ends what is over. */
  checkDue(): Promise<DomainReport>;
}

/** What the DNS has under a name: records as a zone file has them (TXT unquoted), "none", or "trouble" when it does not answer. */
export type LookUp = (
  name: string,
  type: "TXT" | "MX" | "CNAME" | "SRV" | "A" | "AAAA",
) => Promise<readonly string[] | "none" | "trouble">;

/** A record by which others check our signatures (RFC 6376 §3.6.1). */
export interface SigningRecord {
  readonly name: string;
  readonly type: "TXT" | "CNAME";
  readonly value: string;
}

export interface DomainPorts {
  readonly lookUp: LookUp;
  signingRecords(domain: string): Promise<readonly SigningRecord[]>;
  /** What mail programs connect to, on the house's own name; absent means not offered. */
  readonly services: readonly { readonly service: string; readonly port: number }[];
  /** Where reports about our own mail go; absent where nobody reads them. */
  readonly reports: { readonly dmarc?: string; readonly tls?: string };
  /** Who sends our mail on, where it is not us. */
  readonly smarthost: string | undefined;
  /** A letter to the client. */
  tell(
    client: string,
    fields: { readonly domain: string; readonly what: string },
    key: string,
  ): Promise<void>;
  /** What else stood on the domain goes: lists and groups. */
  forget(client: string, domain: string): Promise<void>;
}
