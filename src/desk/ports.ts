// What the staff's room needs from its siblings, in its own words: the keeper's word on the desk's key, and limits on guessing.

/** The keeper's signed word that a public key is the desk's. */
interface DeskCertificate {
  readonly client: string;
  readonly account: string;
  readonly class: "case";
  readonly part: "desk";
  readonly publicKey: Uint8Array;
  readonly epoch: number;
  readonly signature: Uint8Array;
}

export interface KeeperPort {
  hello(): Promise<{ readonly certificateKey: Uint8Array }>;
  /** The first key is the desk's for good; another one is refused. */
  certifyDesk(publicKey: Uint8Array): Promise<
    | {
        readonly ok: true;
        readonly value: { readonly epoch: number; readonly signature: Uint8Array };
      }
    | { readonly ok: false; readonly refusal: string; readonly why: string }
  >;
}

/** Whether the keeper's certificate key (Ed25519, raw) signed this. */
export type VerifyCertificate = (
  certificateKey: Uint8Array,
  certificate: DeskCertificate,
) => boolean;

/** Lets costly work through a few at a time; undefined when too many wait. */
export interface Turnstile {
  pass<Value>(name: string, work: () => Promise<Value>): Promise<Value | undefined>;
}

/** Slows down guessing. */
export interface Throttle {
  mustWait(...keys: readonly string[]): boolean;
  failed(...keys: readonly string[]): void;
  succeeded(...keys: readonly string[]): void;
}
