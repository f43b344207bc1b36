// What a delivery is told, what it answers, and what it needs from its siblings. Types only.
import type { Invocation } from "#engine";
import type { Store } from "#store";
import type { Sealer } from "#vault";

export interface DeliveryEnvelope {
  /** "" for the null reverse-path. */
  readonly sender: string;
  readonly recipient: string;
  readonly receivedAt: number;
  /** The header fields this server adds, whole lines with CRLF; may be empty. */
  readonly prefix: Uint8Array;
  /** The peer's domain for the client's log, never its address. */
  readonly peerDomain: string;
  /** The client who signed in to send it; absent for everybody else, whatever they write into From. */
  readonly submitter?: { readonly client: string; readonly account: string } | undefined;
  /** Where it goes; the inbox when absent, and where the account has no folder for junk. */
  readonly place?: "inbox" | "junk";
  /** A letter of the provider's own (a notice, an answer): taken for a client whose other mail waits or is turned away. */
  readonly byProvider?: boolean;
}

export type DeliveryRefusal =
  | "no-such-user"
  | "suspended-for-now"
  | "refused-for-good"
  | "too-large"
  /** The room that the client's plan gives is used up. */
  | "over-quota"
  | "cannot-seal";

export type DeliveryOutcome =
  | { readonly ok: true; readonly messageId: string; readonly uid: number }
  | { readonly ok: false; readonly refusal: DeliveryRefusal };

/**
 * Resolves only after the message is sealed, indexed and fsynced, in one transaction with `alongside`. Throws only what is broken
 * (the peer hears 451).
 */
export type Deliver = (
  envelope: DeliveryEnvelope,
  raw: Uint8Array,
  alongside?: readonly Invocation[],
) => Promise<DeliveryOutcome>;

/** Whom an address belongs to, as far as a delivery cares. */
export interface Mailbox {
  readonly client: string;
  readonly account: string;
  /** What the client's standing means for mail that comes in. */
  readonly inbound: "taken" | "deferred" | "refused" | "unknown";
}

/** A line of the client's own log, which the client reads verbatim. */
export interface TrafficEvent {
  readonly kind: "traffic";
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly fields: {
    readonly direction: "in";
    /** Octets as stored: prefix and message. */
    readonly size: number;
    readonly fate: "delivered";
    /** The peer's domain, never its address. */
    readonly peer: string;
  };
}

export interface DeliveryPorts {
  /** Undefined for an address that is not ours. */
  readonly resolve: (address: string) => Promise<Mailbox | undefined>;
  /** Undefined when the account's key certificate does not verify. */
  readonly sealerFor: (client: string, account: string) => Promise<Sealer | undefined>;
  /** A sealed log event, to be committed with what it tells of. */
  readonly logged: (client: string, account: string, event: TrafficEvent) => Promise<Invocation>;
  readonly store: Pick<Store, "deliver">;
  /** Whether the mailbox has room for so many octets more; it has where this is absent. */
  readonly hasRoom?: (mailbox: Mailbox, octets: number) => Promise<boolean>;
  /**
   * The second copies that an interception order demands of this letter, to be committed with it; undefined where there is no order,
   * which is nearly always. When one cannot be made the letter is not taken: it throws.
   */
  readonly intercepted?: (letter: Intercepted) => Promise<readonly Invocation[]> | undefined;
}

interface Intercepted {
  /** Whose mailbox it comes into. */
  readonly owner: { readonly client: string; readonly account: string };
  readonly submitter: { readonly client: string; readonly account: string } | undefined;
  /** As it is stored, and as it was sent. */
  readonly whole: Uint8Array;
  readonly raw: Uint8Array;
}
