// What the rest of the house may ask of the keeper, and what it may answer. The keeper opens nothing because the server
// says so: a person's request is signed by a key that was enrolled, a client's by the account's own key.
import type { ResetRequest } from "./resetbook.ts";
import type { Result } from "#base/errors";
import type { Context } from "#vault";
import type { DataClass, Ground, LogKind } from "#policy";

export interface Hello {
  /** The ledger's origin line. */
  readonly origin: string;
  /** The ledger's key as a C2SP verifier key: "name+hash+base64". */
  readonly logVerifierKey: string;
  /** Ed25519, raw: signs certificates of public keys. */
  readonly certificateKey: Uint8Array;
  /** X25519, raw: account bundles for the keeper are sealed to it (class credential). */
  readonly enrolKey: Uint8Array;
  readonly policy: string;
}

/** How a lost password is answered, per plan: by proof of contact, the same with two approvals, or not at all. */
export type RecoveryMode = "provider" | "quorum" | "client-only";

/** The keeper's word that a public key belongs to a client: canonical JSON of the fields and the signature over it. */
export interface KeyCertificate {
  readonly client: string;
  readonly account: string;
  readonly class: DataClass;
  /** "" but for clientlog: "kind/day". */
  readonly part: string;
  readonly publicKey: Uint8Array;
  readonly epoch: number;
  readonly signature: Uint8Array;
}

export interface Enrolment {
  readonly client: string;
  readonly account: string;
  readonly mode: RecoveryMode;
  readonly contentKey: Uint8Array;
  readonly signingKey: Uint8Array;
  /**
   * The account's bundle sealed to `enrolKey`, context {class: "credential", client, account, object: account, part:
   * "bundle"}. In client-only mode it holds the pseudonym key alone (32 bytes); otherwise the whole bundle.
   */
  readonly bundle: Uint8Array;
}

/** Whose an address is, by the keeper's word. */
export interface AddressBinding {
  /** As the server keeps it: lower case, its domain in ASCII; "*@domain" for all other names there. */
  readonly address: string;
  readonly client: string;
  readonly account: string;
  /** By the certificate key. */
  readonly signature: Uint8Array;
}

export interface Enrolled {
  /** content (account), contact, payment and standing (client, account ""). */
  readonly certificates: readonly KeyCertificate[];
  /** Index of the ledger entry. */
  readonly index: number;
}

export interface SealedObject {
  readonly context: Context;
  readonly sealed: Uint8Array;
}

/** A request by the client's own session: signed by the account's signing key over `ownRequestBytes`. */
export interface OwnRequest {
  readonly client: string;
  readonly account: string;
  /** Seconds since 1970; the keeper takes no more than five minutes of difference. */
  readonly at: number;
  readonly nonce: string;
  readonly signature: Uint8Array;
}

export type OwnRefusal =
  | "unknown-client"
  | "bad-signature"
  | "stale"
  | "replayed"
  | "not-yours"
  | "does-not-open"
  | "key-destroyed";

/** One look by a person, as the client sees it. */
export interface Look {
  readonly index: number;
  readonly at: number;
  readonly ground: Ground;
  readonly class: DataClass;
  readonly purpose: string;
  readonly role: string;
  readonly items: number;
  readonly reason: string;
  /** Ids of what was opened. */
  readonly ids: readonly string[];
  readonly outcome: "intent" | "released" | "failed";
  /** Where the entry stands in the public log, as a C2SP tlog-proof; undefined until it is published. */
  readonly proof: string | undefined;
  /** The entry's public part and the client's own part, as the ledger's opening lines: with the proof they can be checked. */
  readonly openings?: readonly string[];
}

export type FileRefusal =
  | "not-canonical"
  | "unknown-ground"
  | "wrong-purpose"
  | "class-not-covered"
  | "missing-demand"
  | "unknown-actor"
  | "bad-signature"
  | "old-policy"
  | "empty-scope"
  | "bad-scope"
  | "bad-times"
  | "unknown-client"
  | "self-determined"
  | "bad-earlier-entry"
  | "not-an-authority"
  | "too-many-reviews"
  | "client-only"
  | "duplicate"
  | "bad-notice";

export type ApproveRefusal =
  | "unknown-grant"
  | "unknown-approver"
  | "bad-signature"
  | "same-person"
  | "is-actor"
  | "too-new"
  | "expired"
  | "already";

export type ReleaseRefusal =
  | "unknown-grant"
  | "old-policy"
  | "too-few-approvals"
  | "expired"
  | "not-yet"
  | "used-up"
  | "out-of-scope"
  | "does-not-open"
  | "outcome-pending"
  | "unknown-client"
  | "bad-signature"
  | "ledger-unavailable"
  /** The entry is written; the key turns once witnesses have seen it, and whoever asks again gets it then. */
  | "awaiting-witnesses"
  /** Witnesses have been away for so long that nothing is begun. */
  | "witnesses-away";

export type ResetRefusal =
  | "malformed"
  | "unknown-client"
  | "client-only"
  | "already"
  | "too-many"
  | "unknown-reset"
  | "over"
  | "not-yet"
  | "too-few-approvals"
  | "unknown-approver"
  | "bad-signature"
  | "too-new"
  | "ledger-unavailable"
  | "awaiting-witnesses";

export interface ShownReset {
  readonly hash: string;
  /** Canonical JSON of the request. */
  readonly request: Uint8Array;
  /** Seconds since 1970, by the keeper's clock, these three. */
  readonly askedAt: number;
  readonly readyAt: number;
  readonly expires: number;
  readonly approvals: readonly { readonly approver: string; readonly at: number }[];
  readonly approvalsNeeded: number;
  readonly state: "waiting" | "ready" | "handed-over" | "over";
}

/** A refusal says which clause or demand it fell on. */
export type Ruled<Value, Refusal extends string> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: Refusal; readonly why: string };

export interface Shown {
  /** Canonical JSON of the grant, exactly what is hashed and signed. */
  readonly grant: Uint8Array;
  readonly hash: string;
  readonly approvals: readonly { readonly approver: string; readonly at: number }[];
  readonly approvalsNeeded: number;
  readonly uses: number;
  readonly usesAllowed: number;
  readonly state: "waiting" | "approved" | "released" | "expired";
}

export interface Released {
  /** Plaintexts with their manifest, sealed to the grant's recipient key (class case). */
  readonly package: Uint8Array;
  readonly items: number;
  readonly intentIndex: number;
  readonly outcomeIndex: number;
}

/** Somebody whose signature the keeper knows. The key id is hex of the first 8 bytes of SHA-256 of the public key. */
export interface Person {
  /** Who it is, as attested at enrolment: two keys of one person are one. */
  readonly person: string;
  /** What the public ledger and the client are told: "operator", "counsel", … */
  readonly role: string;
  readonly keyId: string;
  readonly key: Uint8Array;
  readonly roles: readonly StaffRole[];
  /** Seconds since 1970; 0 for those whom the genesis names, who have no waiting day. */
  readonly since: number;
}

export type StaffRole = "actor" | "approver";

export type PersonRefusal =
  | "not-canonical"
  | "bad-request"
  | "bad-signature"
  | "too-few-approvals"
  | "old-policy"
  | "duplicate";

/** A standing purpose is opened for the server itself, without a person: only what `standingPurposes` of the policy lists. */
export type StandingRefusal =
  | "not-listed"
  | "over-the-share"
  | "unknown-client"
  | "not-theirs"
  | "does-not-open"
  | "ledger-unavailable";

/** The client's own order that everything the keeper holds of them be destroyed, signed over `eraseBytes` by the account's key. */
export interface EraseOrder {
  readonly client: string;
  readonly account: string;
  /** Seconds since 1970 before which it must not be carried out: the window in which a client may come back. */
  readonly notBefore: number;
  readonly signature: Uint8Array;
}

export interface Erased {
  readonly index: number;
  /** Seconds since 1970. */
  readonly at: number;
  /** The day after which no copy can be read any more, backups of the keystore included. */
  readonly unreadableFrom: string;
  /** The ledger's opening lines of the entry's public part and the client's own: the receipt's proof, with a tlog-proof once published. */
  readonly openings: readonly string[];
}

export type EraseRefusal =
  | "unknown-client"
  | "bad-signature"
  | "not-yet"
  | "in-use"
  | "ledger-unavailable";

/** A step of a case that outsiders count, as canonical JSON signed by an enrolled actor over `recordBytes`; see record.ts for the forms. */
export type RecordRefusal =
  | "not-canonical"
  | "bad-record"
  | "unknown-actor"
  | "bad-signature"
  | "old-policy"
  | "same-person"
  | "unknown-entry"
  | "duplicate"
  | "unknown-client";

export type MatchRefusal = "unknown-client" | "client-only" | "too-many" | "out-of-scope";

/** A second recipient of one account's future mail, until its end: sealing takes a second key with this signature only. */
export interface Interception {
  /** Hash of the grant. */
  readonly grant: string;
  readonly client: string;
  readonly account: string;
  /** X25519, the grant's recipient. */
  readonly publicKey: Uint8Array;
  /** Seconds since 1970: from the first included to the second excluded. */
  readonly from: number;
  readonly until: number;
  /** The keeper's, by the certificate key over `interceptionBytes`. */
  readonly signature: Uint8Array;
}

/** A look of which the client is now to be told by letter: its notice is due and was not given yet. */
export interface DueNotice {
  /** A release is told once its outcome stands, an interception once it is begun. */
  readonly what: "release" | "interception";
  readonly client: string;
  readonly account: string;
  readonly index: number;
  readonly ground: Ground;
  readonly class: DataClass;
  /** Of an interception that goes on: 0. */
  readonly items: number;
  /** Seconds since 1970: when the look was. */
  readonly at: number;
  /** True when an authority's document had kept it silent until now. */
  readonly wasDelayed: boolean;
}

/** Functions that reject do so because the keeper is away or broken: the caller answers "try later", never opens anyway. */
export interface Keeper extends AsyncDisposable {
  hello(): Promise<Hello>;
  enrol(enrolment: Enrolment): Promise<Ruled<Enrolled, "exists" | "bad-bundle" | "malformed">>;
  /**
   * Signs that an address is an enrolled account's, so that who can write to the database only cannot lead mail elsewhere. It does not
   * know which addresses are free: that is for the server, which sees the mail on its way all the same.
   */
  certifyAddress(
    binding: Omit<AddressBinding, "signature">,
  ): Promise<Ruled<AddressBinding, "unknown-client" | "malformed">>;
  /** The certified clientlog keys of one UTC day (today or the next two), made when first asked for. */
  dayKeys(day: string): Promise<readonly (KeyCertificate & { readonly kind: LogKind })[]>;
  /** Today's key pair for queued copies; one ledger entry per start. Older pairs that still have items come along. */
  queueKeys(): Promise<
    readonly {
      readonly day: string;
      readonly publicKey: Uint8Array;
      readonly secretKey: Uint8Array;
    }[]
  >;
  /** Destroys the queue key of a day whose last item has left. */
  destroyQueueKey(day: string): Promise<void>;
  /** Destroys clientlog keys whose retention is over; returns what went. */
  expireKeys(): Promise<readonly string[]>;
  own(
    request: OwnRequest,
    objects: readonly SealedObject[],
  ): Promise<Result<readonly Uint8Array[], OwnRefusal>>;
  looks(request: OwnRequest): Promise<Result<readonly Look[], OwnRefusal>>;
  fileGrant(
    grant: Uint8Array,
    signature: Uint8Array,
  ): Promise<Ruled<{ readonly hash: string }, FileRefusal>>;
  showGrant(hash: string): Promise<Shown | undefined>;
  listGrants(): Promise<readonly Shown[]>;
  approveGrant(
    hash: string,
    approver: string,
    signature: Uint8Array,
  ): Promise<Ruled<Shown, ApproveRefusal>>;
  /** Checks, writes the intent leaf, fsyncs, opens exactly the scope, writes the outcome leaf, fsyncs, answers. */
  release(hash: string, objects: readonly SealedObject[]): Promise<Ruled<Released, ReleaseRefusal>>;
  /** The people whose keys count here. */
  people(): Promise<readonly Person[]>;
  /** Enrols a person's key: `request` as `personBytes` in statements.ts says, signed by a quorum of approvers. One leaf. */
  enrolPerson(
    request: Uint8Array,
    approvals: readonly { readonly approver: string; readonly signature: Uint8Array }[],
  ): Promise<Ruled<Person, PersonRefusal>>;
  /**
   * Announces an amended policy: the request of amend.ts, the document of which it holds the digest, and signatures of a quorum of
   * approvers over `amendmentBytes(request)`. One ledger entry. It comes into force when a program that carries it starts, from its day on.
   */
  amendPolicy(
    request: Uint8Array,
    document: Uint8Array,
    approvals: readonly { readonly approver: string; readonly signature: Uint8Array }[],
  ): Promise<
    Ruled<
      { readonly index: number; readonly policy: string; readonly from: number },
      "bad-request" | "duplicate" | "bad-date" | "bad-signature" | "too-few-approvals"
    >
  >;
  /** Opens what is listed for a standing purpose; counted, capped as a share of all clients an hour, summed into the ledger. All or nothing. */
  standing(
    purpose: string,
    objects: readonly SealedObject[],
  ): Promise<Ruled<readonly Uint8Array[], StandingRefusal>>;
  /** Destroys the client's keys after an entry: from then on nothing of theirs opens, and their pseudonym cannot be computed. */
  erase(order: EraseOrder): Promise<Ruled<Erased, EraseRefusal>>;
  /**
   * Certifies the desk's public key (class case, client and account "", part "desk"), to which tickets, reports and requests are
   * sealed. The first key is the one; the same key gives its certificate again, any other is refused.
   */
  certifyDesk(publicKey: Uint8Array): Promise<Ruled<KeyCertificate, "exists" | "malformed">>;
  /** Wraps all the keeper's secrets under a new root key and destroys the old one; shares of the old one are void. One ledger entry. */
  rotateRoot(): Promise<{ readonly generation: number }>;
  /** The pair for class rule, which the server may open: blocks, lists, forwards. One ledger entry per start. */
  ruleKey(): Promise<{
    readonly publicKey: Uint8Array;
    readonly secretKey: Uint8Array;
    readonly certificate: KeyCertificate;
  }>;
  /** Writes a record's entry. The very same record again gets the same index, so that whoever lost the answer can carry it out. */
  recordCase(
    record: Uint8Array,
    signature: Uint8Array,
  ): Promise<Ruled<{ readonly index: number }, RecordRefusal>>;
  /**
   * Which of a client's messages are the one that a reporter handed in: opens the sealed fingerprints (class content, part
   * "fingerprint") and answers with the ids of those that equal it, and nothing else. One ledger entry; impossible in client-only mode.
   */
  matchReport(
    about: {
      readonly client: string;
      readonly account: string;
      readonly fingerprint: Uint8Array;
    },
    fingerprints: readonly SealedObject[],
  ): Promise<Ruled<readonly string[], MatchRefusal>>;
  /** Uses an approved interception grant: intent leaf first, then the signed second key. */
  intercept(hash: string): Promise<Ruled<Interception, ReleaseRefusal>>;
  /** Those that have begun or will, and have not ended. */
  interceptions(): Promise<readonly Interception[]>;
  /** The outcome: how many messages were sealed to the second key. After the end only; the keeper writes a missing one itself, as unknown. */
  endInterception(
    hash: string,
    items: number,
  ): Promise<Ruled<{ readonly index: number }, "unknown-grant" | "not-yet" | "already">>;
  dueNotices(): Promise<readonly DueNotice[]>;
  /** The client was told (a letter and a line of the log are durable). */
  noticed(indexes: readonly number[]): Promise<void>;
  /** Publishes what was appended: tiles, checkpoint, openings. Happens by itself every five minutes. */
  publish(): Promise<{ readonly size: number }>;
  /** Asks for a reset of an account whose mode has one. One entry; a day's wait begins. */
  askReset(request: ResetRequest): Promise<Ruled<ShownReset, ResetRefusal>>;
  /** An approver's signature over `resetBytes(hash)`. */
  approveReset(
    hash: string,
    approver: string,
    signature: Uint8Array,
  ): Promise<Ruled<ShownReset, ResetRefusal>>;
  /** The account's signature over `resetCancelBytes(hash)`: whoever can make it needs no reset. One entry. */
  cancelReset(
    hash: string,
    signature: Uint8Array,
  ): Promise<Ruled<{ readonly index: number }, ResetRefusal>>;
  /** After wait and approvals: one entry, then the account's keys, sealed to the key that was asked for. */
  handOver(
    hash: string,
  ): Promise<Ruled<{ readonly sealed: Uint8Array; readonly index: number }, ResetRefusal>>;
  /** All that were asked for. */
  resets(): Promise<readonly ShownReset[]>;
  /** The published tree's size, and the witnesses that have not cosigned it within the hour: for the server to carry it to. */
  witnessing(): Promise<{
    readonly size: number;
    readonly due: readonly { readonly witness: string; readonly url: string }[];
  }>;
  /** Signature lines of witnesses (C2SP tlog-cosignature) over the published checkpoint. Says up to which size a quorum has seen the ledger. */
  cosigned(lines: Uint8Array): Promise<Ruled<{ readonly witnessed: number }, "malformed">>;
}
