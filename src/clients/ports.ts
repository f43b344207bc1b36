// What the clients' room needs from its siblings, in its own words: the keeper, which certifies and opens, and the store.
import type { Invocation } from "#engine";
import type { Result } from "#base/errors";
import type { DataClass, LogKind } from "#policy";
import type { Context, Sealer } from "#vault";

/** The keeper's signed word that a public key is a client's. */
export interface CertifiedKey {
  readonly client: string;
  /** "" for what belongs to the client as a whole, or (clientlog) to nobody in particular. */
  readonly account: string;
  readonly class: DataClass;
  readonly part: string;
  readonly publicKey: Uint8Array;
  readonly epoch: number;
  readonly signature: Uint8Array;
}

/** The keeper's signed word that an address is an account's. */
export interface AddressBinding {
  /** Lower case, its domain in ASCII; "*@domain" for a catch-all. */
  readonly address: string;
  readonly client: string;
  readonly account: string;
  readonly signature: Uint8Array;
}

/** Asked by a client's own session, signed with the account's signing key. */
interface SignedRequest {
  readonly client: string;
  readonly account: string;
  /** Seconds since 1970. */
  readonly at: number;
  readonly nonce: string;
  readonly signature: Uint8Array;
}

export interface Sealed {
  readonly context: Context;
  readonly sealed: Uint8Array;
}

/** "provider", "quorum" (two approvals) or "client-only": how a lost password is answered. */
export type Mode = "provider" | "quorum" | "client-only";

/** Calls that reject do so because the keeper is away or broken. */
export interface KeeperPort {
  hello(): Promise<{ readonly certificateKey: Uint8Array; readonly enrolKey: Uint8Array }>;
  enrol(enrolment: {
    readonly client: string;
    readonly account: string;
    readonly mode: Mode;
    readonly contentKey: Uint8Array;
    readonly signingKey: Uint8Array;
    readonly bundle: Uint8Array;
  }): Promise<
    | { readonly ok: true; readonly value: { readonly certificates: readonly CertifiedKey[] } }
    | { readonly ok: false; readonly refusal: string; readonly why: string }
  >;
  /** Signs that an address is an enrolled account's. */
  certifyAddress(
    binding: Omit<AddressBinding, "signature">,
  ): Promise<
    | { readonly ok: true; readonly value: AddressBinding }
    | { readonly ok: false; readonly refusal: string; readonly why: string }
  >;
  /** The log's certified keys of one UTC day (today or the next two), one per kind. */
  dayKeys(day: string): Promise<readonly (CertifiedKey & { readonly kind: LogKind })[]>;
  /** Opens what is the asking client's own; all or nothing. */
  own(
    request: SignedRequest,
    objects: readonly Sealed[],
  ): Promise<Result<readonly Uint8Array[], string>>;
}

/** The client's order that the keeper destroy everything of theirs, signed with the account's own key over `EraseOrderBytes`. */
interface EraseOrder {
  readonly client: string;
  readonly account: string;
  /** Seconds since 1970. */
  readonly notBefore: number;
  readonly signature: Uint8Array;
}

export type EraseOrderBytes = (order: Omit<EraseOrder, "signature">) => Uint8Array;

/** A sibling that holds something of a client's and can be told to destroy it. */
export interface Forgetter {
  /** As the receipt names it: "mail", "outgoing mail", … */
  readonly what: string;
  /** What of it stays all the same, and why; undefined where nothing does. In words, for the receipt. */
  readonly stays?: string;
  /** Destroys all of it, in transactions of bounded size; again after a crash. */
  forget(owner: { readonly client: string; readonly account: string }): Promise<void>;
}

export interface ErasingParts {
  readonly keeper: {
    hello(): Promise<{ readonly origin: string; readonly logVerifierKey: string }>;
    /** The same order again gives the same answer. */
    erase(order: EraseOrder): Promise<
      | {
          readonly ok: true;
          readonly value: {
            readonly index: number;
            readonly at: number;
            readonly unreadableFrom: string;
            readonly openings: readonly string[];
          };
        }
      | { readonly ok: false; readonly refusal: string; readonly why: string }
    >;
  };
  readonly forgetters: readonly Forgetter[];
}

/** Whether the keeper's certificate key (Ed25519, raw) signed this. */
export type VerifyCertificate = (certificateKey: Uint8Array, certificate: CertifiedKey) => boolean;

/** Whether the keeper's certificate key signed that this address is this account's. */
export type VerifyAddress = (certificateKey: Uint8Array, binding: AddressBinding) => boolean;

/** The bytes that a client's request signs: the request without its signature, and the objects it asks to open. */
export type OwnRequestBytes = (
  request: Omit<SignedRequest, "signature">,
  objects: readonly Sealed[],
) => Uint8Array;

export interface StorePort {
  /** The account's first folders, as commands to be carried out with the sign-up's own. */
  newAccount(
    owner: { readonly client: string; readonly account: string },
    sealer: Sealer,
    nameKey: Uint8Array,
  ): readonly Invocation[];
}
