// What the pages about a client's addresses, domains and deleted mail need, in the pages' own words. Times are milliseconds since 1970.
import type { Result } from "#base/errors";
import type { SignedIn } from "../ports.ts";

export type AddressKind = "main" | "alias" | "mask" | "own" | "catch-all" | "duty";

export interface AddressLine {
  readonly address: string;
  readonly kind: AddressKind;
  readonly enabled: boolean;
  readonly created: number;
  /** Undefined where it did not open. */
  readonly note: string | undefined;
}

export interface AddressLimits {
  readonly aliases: number;
  readonly masks: number;
  readonly domains: number;
  readonly ownAddresses: number;
}

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

export interface AddressesPort {
  list(session: SignedIn): Promise<readonly AddressLine[]>;
  limits(session: SignedIn): Promise<AddressLimits>;
  add(
    session: SignedIn,
    local: string,
    domain: string,
    note: string,
  ): Promise<Result<string, AddRefusal>>;
  mask(session: SignedIn, note: string): Promise<Result<string, AddRefusal>>;
  switch(session: SignedIn, address: string, on: boolean): Promise<Result<true, string>>;
  remove(session: SignedIn, address: string): Promise<Result<true, string>>;
}

export interface DomainRecord {
  readonly name: string;
  readonly type: string;
  /** As a zone file has it. */
  readonly value: string;
  readonly purpose: string;
  readonly needed: boolean;
  readonly state: "right" | "other" | "missing" | "unknown";
  readonly found: readonly string[];
}

export interface DomainLine {
  readonly domain: string;
  readonly state: "pending" | "verified" | "broken" | "ended";
  readonly since: number;
  readonly checked: number | undefined;
  readonly until: number | undefined;
  readonly records: readonly DomainRecord[];
}

export type ClaimRefusal = "bad-domain" | "ours" | "there" | "too-many" | "not-now";
export type ProofOutcome = "verified" | "no-proof" | "held" | "waiting" | "no-answer";

export interface DomainsPort {
  /** What other servers are to expect of TLS here (RFC 8461 §3.2), for the house and every domain that it takes mail for. */
  readonly stsPolicy: string;
  /** Whether mail for this domain is taken here. */
  isOurs(domain: string): boolean;
  list(session: SignedIn): Promise<readonly DomainLine[]>;
  claim(session: SignedIn, domain: string): Promise<Result<string, ClaimRefusal>>;
  check(session: SignedIn, domain: string): Promise<Result<ProofOutcome, "no-such-domain">>;
  remove(session: SignedIn, domain: string): Promise<Result<true, "no-such-domain">>;
  zoneFile(session: SignedIn, domain: string): Promise<string | undefined>;
}

export interface DeletedLine {
  readonly id: string;
  /** Undefined where the message does not open. */
  readonly subject: string | undefined;
  readonly from: string | undefined;
  readonly size: number;
  readonly deleted: number;
  readonly folder: string;
  readonly folderIsThere: boolean;
}

export interface DeletedPort {
  /** For how long it can be had back. */
  readonly days: number;
  /** Newest first. */
  list(session: SignedIn): Promise<readonly DeletedLine[]>;
  /** How many came back. */
  restore(session: SignedIn, ids: readonly string[]): Promise<number>;
  /** For good, now; how many. */
  erase(session: SignedIn, ids: readonly string[]): Promise<number>;
}
