// The way of an accepted message into a mailbox: parsed once, prefixed, sealed, durable. Every door (LMTP, SMTP, import,
// APPEND by the queue) goes through here, so that "250 means durable" stands in one place.

export interface DeliveryEnvelope {
  /** "" for the null reverse-path. */
  readonly sender: string;
  readonly recipient: string;
  readonly receivedAt: number;
  /** The header fields this server adds, whole lines with CRLF; may be empty. */
  readonly prefix: Uint8Array;
  /** The peer's domain for the client's log, never its address. */
  readonly peerDomain: string;
}

export type DeliveryRefusal =
  | "no-such-user"
  | "suspended-for-now"
  | "refused-for-good"
  | "too-large"
  | "cannot-seal";

export type DeliveryOutcome =
  | { readonly ok: true; readonly messageId: string; readonly uid: number }
  | { readonly ok: false; readonly refusal: DeliveryRefusal };

/** Resolves only after the message is sealed, indexed and fsynced. Throws only what is broken (the peer hears 451). */
export type Deliver = (envelope: DeliveryEnvelope, raw: Uint8Array) => Promise<DeliveryOutcome>;
