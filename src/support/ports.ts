// What the support room needs from its siblings, in its own words: sealing to the desk and to a client, the way into an inbox and
// out of the house, the client's log. No port here opens anything: what opens comes with somebody's session.
import type { Invocation } from "#engine";

export interface Owner {
  readonly client: string;
  readonly account: string;
}

export interface KnownClient extends Owner {
  readonly address: string;
  readonly status: string;
}

/** A client's session, as far as tickets go: whose it is, and opening what was sealed to them here. */
export interface ClientReader extends Owner {
  open(ticket: string, part: string, sealed: Uint8Array): Uint8Array | undefined;
}

/** A desk session, as far as tickets go. */
export interface DeskReader {
  open(ticket: string, part: string, sealed: Uint8Array): Uint8Array | undefined;
}

/** What arrives by mail: the delivery's own words. */
export interface Arrived {
  readonly sender: string;
  readonly recipient: string;
  readonly receivedAt: number;
  readonly prefix: Uint8Array;
  readonly submitter?: Owner | undefined;
}

export type LetterRefusal =
  | "no-such-user"
  | "suspended-for-now"
  | "refused-for-good"
  | "too-large"
  | "over-quota"
  | "cannot-seal";

/** A line of the client's own log. */
interface ChangeLine {
  readonly kind: "change";
  readonly at: number;
  readonly fields: { readonly [name: string]: string | number };
}

export interface SupportPorts {
  readonly domain: string;
  /** Seals a part of a ticket to the desk (class case). */
  sealForDesk(ticket: string, part: string, bytes: Uint8Array): Promise<Uint8Array>;
  /** Seals it to the client's content key. Throws Broken when that key is not the certified one. */
  sealForClient(owner: Owner, ticket: string, part: string, bytes: Uint8Array): Promise<Uint8Array>;
  /** A letter from the provider into a client's inbox, durable together with `alongside`. */
  putInInbox(
    address: string,
    letter: Uint8Array,
    alongside: readonly Invocation[],
  ): Promise<{ readonly ok: true } | { readonly ok: false; readonly refusal: LetterRefusal }>;
  /** A letter to somebody elsewhere, into the queue together with `alongside`. */
  sendOut(
    sender: string,
    recipient: string,
    letter: Uint8Array,
    alongside: readonly Invocation[],
  ): Promise<void>;
  logged(owner: Owner, line: ChangeLine): Promise<Invocation>;
  clients(): Promise<readonly KnownClient[]>;
}
