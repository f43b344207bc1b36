// What the queue is to others, and what it needs from them, in its own words. Types only.
import type { Dns } from "#dns";
import type { Engine, Invocation } from "#engine";
import type { Clock } from "#base/time";
import type { ReportedPolicy, TlsFailure } from "./protection.ts";

export type NotifyOn = "never" | "success" | "failure" | "delay";

export interface OutgoingRecipient {
  readonly address: string;
  readonly notify: readonly NotifyOn[] | undefined;
  /** RFC 3461 §4.2: address type, ";", xtext. */
  readonly orcpt: string | undefined;
}

/** A message to be sent. `sender` is "" for the null reverse-path; `raw` is the whole message with CRLF line ends. */
export interface Outgoing {
  readonly client: string;
  readonly account: string;
  readonly sender: string;
  readonly recipients: readonly OutgoingRecipient[];
  readonly raw: Uint8Array;
  readonly ret: "full" | "headers" | undefined;
  readonly envid: string | undefined;
  /** RFC 8689: to be passed on under TLS only, to servers that promise the same. */
  readonly requireTls?: boolean | undefined;
  /** The client and account signed in to send it; absent where they are only whose mailbox it waits for. */
  readonly submitted?: boolean | undefined;
  /** Where mailboxes of ours keep it, decided when it came: a delivery that is tried again puts it there and nowhere else. */
  readonly place?: "inbox" | "junk" | undefined;
}

export interface QueueKey {
  /** "2026-11-23" */
  readonly day: string;
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

export type LocalRefusal =
  | "no-such-user"
  | "suspended-for-now"
  | "refused-for-good"
  | "too-large"
  | "over-quota"
  | "cannot-seal";

/** Puts a message into a mailbox of ours; resolves once it is durable. */
export type DeliverLocal = (
  envelope: {
    readonly sender: string;
    readonly recipient: string;
    readonly receivedAt: number;
    readonly prefix: Uint8Array;
    readonly peerDomain: string;
    readonly submitter?: { readonly client: string; readonly account: string };
    readonly place?: "inbox" | "junk";
  },
  raw: Uint8Array,
) => Promise<{ readonly ok: true } | { readonly ok: false; readonly refusal: LocalRefusal }>;

/** What happened to one recipient of a client's message, for the client's own log. */
export interface Fate {
  readonly client: string;
  readonly account: string;
  readonly at: number;
  readonly fate: "sent" | "delayed" | "failed";
  /** Of what the account submitted: for good, by the recipient's server; or not sent, since it said so more than once before. */
  readonly refused?: "by-peer" | "suppressed";
  /** The destination's domain. */
  readonly peer: string;
  readonly size: number;
}

/** How TLS went with one mail exchanger, for reports to its domain (RFC 8460). Names no person and no message. */
export interface TlsOutcome {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The recipients' domain, to whom a report would go. */
  readonly domain: string;
  readonly policy: ReportedPolicy;
  /** The mail exchanger's name and address. */
  readonly mx: string;
  readonly address: string;
  readonly result: "success" | TlsFailure;
}

/** For what is kept from one letter to the next and names somebody: found by a mark, sealed to a key of the keeper's. */
export interface Lasting {
  /** 64 hex digits under a key that the database does not hold. */
  mac(text: string): Promise<string>;
  seal(object: string, bytes: Uint8Array): Promise<Uint8Array>;
  open(object: string, sealed: Uint8Array): Promise<Uint8Array | undefined>;
}

export interface Smarthost {
  readonly host: string;
  /** 465 is TLS from the first byte (RFC 8314). */
  readonly port: number;
  /** Given only under TLS with a right certificate, or on loopback. */
  readonly login?: { readonly user: string; readonly password: string } | undefined;
}

/** Where a process can be in the work on a letter; crash tests stop it there. */
export type Step =
  | "accepted"
  | "sealed"
  | "blob-announced"
  | "blob-written"
  | "queued"
  | "claimed"
  | "opened"
  | "transmitted"
  | "concluded"
  | "settled"
  | "body-removed";

export interface QueueOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  /** Today's key and older ones that still have items; from the keeper. */
  readonly keys: readonly QueueKey[];
  /** Asked when the day has changed: the same list as of now. Without it the last key given stays in use. */
  readonly renewKeys?: () => Promise<readonly QueueKey[]>;
  /** Destroys the key of a day that is over and whose last item has left. */
  readonly destroyKey: (day: string) => Promise<void>;
  /** Our name in EHLO and in reports. */
  readonly hostname: string;
  readonly isOurDomain: (domain: string) => boolean;
  readonly deliverLocal: DeliverLocal;
  /** Puts signatures in front of a report that the queue makes itself; as it is when absent. */
  readonly signReport?: (raw: Uint8Array) => Promise<Uint8Array>;
  /** Told after an outcome is durable; what it throws is logged and changes nothing. */
  readonly onFate?: (fate: Fate) => Promise<void>;
  readonly dns: Dns;
  readonly smarthost?: Smarthost | undefined;
  /** Told of every TLS session that was tried with a mail exchanger; what it throws is logged and changes nothing. */
  readonly recordTls?: (outcome: TlsOutcome) => Promise<void>;
  /** Without it policies of other domains are kept in memory only, and there is no suppression list. */
  readonly lasting?: Lasting;
  /** PEM certificates of the authorities that count, in tests; the system's when undefined. */
  readonly authorities?: readonly string[];
  /** The port of MTA-STS policies: 443, but in tests. */
  readonly policyPort?: number;
  /** Milliseconds that a peer may be silent, in tests; RFC 5321's minutes when undefined. */
  readonly patience?: number;
  /** Called, and waited for, at each step: for crash tests. */
  readonly onStep?: (step: Step) => void;
  /** Seconds to wait after each of the first attempts, for trying things out. */
  readonly retrySeconds?: number | undefined;
  /** The port of mail exchangers: 25, but in tests. */
  readonly mxPort?: number;
}

export interface QueueCounts {
  /** Recipients to be tried or being tried. */
  readonly waiting: number;
  readonly aside: number;
  readonly items: number;
}

export interface Queue extends AsyncDisposable {
  /** Resolves once the sealed copy and every recipient's row are on the disk, together with `alongside`; then tries at once. */
  enqueue(outgoing: Outgoing, alongside?: readonly Invocation[]): Promise<void>;
  /** Queues a report of delivery to these recipients for the sender; resolves once that is on the disk. */
  reportDelivered(outgoing: Outgoing): Promise<void>;
  counts(): Promise<QueueCounts>;
  /** How many destinations said "not now" lately and are approached more slowly. */
  slowed(): number;
  /** Destroys what of a client still waits to leave. */
  forget(client: string): Promise<void>;
  /** Looks now for what is due; it also looks by itself. */
  wake(): void;
}
