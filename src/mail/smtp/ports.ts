// What the SMTP server needs from its siblings, in its own words. `main` fits the rooms to it.
import type { Result } from "#base/errors";
import type { Deliver } from "#mail/delivery";
import type { NotifyOn } from "./parameters.ts";

/** Whose mailbox an address of ours is. */
export interface Mailbox {
  readonly client: string;
  readonly account: string;
  /** What its owner's standing means for letters just now; taken when absent. */
  readonly inbound?: "taken" | "deferred" | "refused" | "unknown";
}

/** A client who has signed in to send. */
export interface Submitter {
  readonly client: string;
  readonly account: string;
  readonly address: string;
  /** The IP address that they sign in from; in memory only. */
  readonly peer?: string;
}

export type SubmitRefusal = "wrong" | "suspended" | "too-many" | "not-this-way";

/** Who is at the other end of a connection. */
export interface Peer {
  /** IP address. */
  readonly address: string;
  /** The name that the DNS gives the address and that leads back to it (RFC 8601 §2.7.3); undefined without such a name. */
  readonly name: string | undefined;
}

/** A recipient of ours, asked about at RCPT. */
export interface Screening {
  readonly peer: Peer;
  /** What the peer called itself, unchecked. */
  readonly helo: string;
  /** "" for the null reverse-path. */
  readonly sender: string;
  readonly recipient: string;
  readonly mailbox: Mailbox;
  /** TLS is on. */
  readonly secure: boolean;
}

/**
 * `take`, `later` (the peer hears 451 and tries again) or a refusal for good (550). Words are for the peer and its postmaster: ASCII,
 * without a line end, and led by an enhanced status code where 4.7.1 or 5.7.1 says too little ("5.7.26 DMARC says no", RFC 7372).
 */
export type Screened = "take" | "later" | { readonly later: string } | { readonly refuse: string };

/** A whole letter from another server, asked about after its final dot and before anything of it is kept. */
export interface Letter {
  readonly peer: Peer;
  readonly helo: string;
  /** "" for the null reverse-path. */
  readonly sender: string;
  readonly recipients: readonly { readonly address: string; readonly mailbox: Mailbox }[];
  readonly secure: boolean;
  /** As it arrived, without any field of ours. */
  readonly raw: Uint8Array;
}

export type Examined =
  | {
      /** Header lines, each ended by CRLF, that go in front of the letter below our Received; may be "". */
      readonly fields: string;
      /** Where each recipient finds it, in the order of `recipients`; the inbox for who is missing. */
      readonly place: readonly ("inbox" | "junk")[];
      /** What is kept in the place of what came, where a field in it had to be disarmed (RFC 8601 §5); as it came when absent. */
      readonly raw?: Uint8Array;
    }
  | { readonly later: string }
  | { readonly refuse: string };

/** A message for the queue. Addresses as the envelope had them; "" is the null reverse-path. */
export interface Outgoing {
  readonly client: string;
  readonly account: string;
  readonly sender: string;
  readonly recipients: readonly OutgoingRecipient[];
  readonly raw: Uint8Array;
  /** RFC 3461: how much of the message a report carries, and the sender's mark (xtext). */
  readonly ret: "full" | "headers" | undefined;
  readonly envid: string | undefined;
  /** RFC 8689: to be passed on under verified TLS only, to servers that promise the same. */
  readonly requireTls?: boolean;
  /** True when `client` and `account` signed in to send it; else it waits for a mailbox of theirs. */
  readonly submitted?: boolean;
  /** Where the mailbox that it waits for keeps it. */
  readonly place?: "inbox" | "junk";
}

export interface OutgoingRecipient {
  readonly address: string;
  readonly notify: readonly NotifyOn[] | undefined;
  readonly orcpt: string | undefined;
}

export interface SmtpPorts {
  /** The mailbox of an address (any case, "+tag" allowed); undefined when we have no such address. */
  resolve(address: string): Promise<Mailbox | undefined>;
  isOurDomain(domain: string): boolean;
  signIn(attempt: {
    readonly login: string;
    readonly password: string;
    readonly protocol: "submission";
    readonly peer: string;
  }): Promise<Result<Submitter, SubmitRefusal>>;
  /** True while a client who signed in may send at all: a connection outlives a suspension. Asked at MAIL and for each whole letter. */
  maySend(submitter: Submitter): Promise<boolean>;
  /** True when this address is the signed-in client's own. */
  mayUse(submitter: Submitter, sender: string): Promise<boolean>;
  /** True for a sender whose mail a decision keeps out for now; nobody is where this is absent. */
  isBlocked?(sender: string): boolean;
  /** Whether a mailbox has room for so many octets more. Asked at RCPT by who brings mail in; absent: it has. */
  hasRoom?(mailbox: Mailbox, octets: number): Promise<boolean>;
  /** The peer's name by the DNS, looked up both ways (RFC 8601 §2.7.3). Asked once for each connection to the MX; absent: no names. */
  reverseName?(address: string): Promise<string | undefined>;
  /** Whether a recipient of ours takes mail from this peer (greylisting, lists of bad addresses). MX only; absent: takes all. */
  screen?(at: Screening): Promise<Screened>;
  /**
   * What a letter from another server is worth. MX only; absent: goes to the inbox as it is. It may take as long as it needs: the peer
   * waits for its answer (RFC 5321 §4.5.3.2.6 gives it ten minutes). What it throws is answered with 451.
   */
  examine?(letter: Letter): Promise<Examined>;
  /**
   * Whether a client may send this letter now (limits, the brake). Asked once for each letter, when it is whole and before anything is
   * kept: who counts, counts here. `giveBack` is called where it is certain that nothing of the letter was taken after all. Words as in
   * `Screened`. Absent: no limits.
   */
  mayTake?(
    submitter: Submitter,
    letter: {
      readonly sender: string;
      readonly recipients: readonly string[];
      /** Octets, as they were sent. */
      readonly size: number;
    },
  ): Promise<
    | "take"
    | { readonly giveBack: () => Promise<void> }
    | { readonly later: string }
    | { readonly refuse: string }
  >;
  deliver: Deliver;
  /** Resolves once the queue's copy is on the disk, for every recipient or none. */
  enqueue(outgoing: Outgoing): Promise<void>;
  /** A report of delivery to these recipients is owed to the sender (NOTIFY=SUCCESS); resolves once it is on the disk. */
  reportDelivered(outgoing: Outgoing): Promise<void>;
}
