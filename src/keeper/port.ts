// What the rest of the house may ask of the keeper, and what it may answer. The keeper opens nothing because the server
// says so: a person's request is signed by a key that was enrolled, a client's by the account's own key.
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
  | "ledger-unavailable";

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

/** Functions that reject do so because the keeper is away or broken: the caller answers "try later", never opens anyway. */
export interface Keeper extends AsyncDisposable {
  hello(): Promise<Hello>;
  enrol(enrolment: Enrolment): Promise<Ruled<Enrolled, "exists" | "bad-bundle" | "malformed">>;
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
  /** Publishes what was appended: tiles, checkpoint, openings. Happens by itself every five minutes. */
  publish(): Promise<{ readonly size: number }>;
}
