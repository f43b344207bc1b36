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
}

export type SubmitRefusal = "wrong" | "suspended" | "too-many" | "not-this-way";

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
  /** True when a signed-in client may send as this address. */
  mayUse(submitter: Submitter, sender: string): Promise<boolean>;
  /** True for a sender whose mail a decision keeps out for now; nobody is where this is absent. */
  isBlocked?(sender: string): boolean;
  deliver: Deliver;
  /** Resolves once the queue's copy is on the disk, for every recipient or none. */
  enqueue(outgoing: Outgoing): Promise<void>;
  /** A report of delivery to these recipients is owed to the sender (NOTIFY=SUCCESS); resolves once it is on the disk. */
  reportDelivered(outgoing: Outgoing): Promise<void>;
}
