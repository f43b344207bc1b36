// What mailing lists need from their siblings, in their own words: rules, the names that clients share, the way into mailboxes and
// into the queue, invitations, and the clients' logs.
import type { Invocation } from "#engine";

export interface Owner {
  readonly client: string;
  readonly account: string;
}

export interface Account extends Owner {
  readonly address: string;
}

export interface RuleName extends Owner {
  readonly object: string;
  readonly part: string;
}

export interface Posted {
  readonly sender: string;
  readonly recipient: string;
  readonly receivedAt: number;
  readonly prefix: Uint8Array;
  readonly peerDomain: string;
  readonly submitter?: Owner | undefined;
  readonly place?: "inbox" | "junk";
}

type Refusal =
  | "no-such-user"
  | "suspended-for-now"
  | "refused-for-good"
  | "too-large"
  | "over-quota"
  | "cannot-seal";

export type Outcome =
  | { readonly ok: true; readonly messageId: string; readonly uid: number }
  | { readonly ok: false; readonly refusal: Refusal };

export interface ListsPorts {
  readonly domain: string;
  sealRule(name: RuleName, bytes: Uint8Array): Promise<Uint8Array>;
  openRule(name: RuleName, sealed: Uint8Array): Promise<Uint8Array | undefined>;
  /** 64 hex digits under a key that only a running server has. */
  mac(text: string): Promise<string>;
  /** An account by an address of ours, any case; undefined for every other address. */
  resolve(address: string): Promise<Account | undefined>;
  /** Whether mail for it is taken here. */
  readonly isOurDomain: (domain: string) => boolean;
  /** Whether it is the client's own, just now. */
  holdsDomain(client: string, domain: string): Promise<boolean>;
  /** Keeps addresses from being somebody's: all or none; on a domain of the client's own where one is named. */
  holdAddresses(
    addresses: readonly string[],
    holder: string,
    client?: string,
  ): Promise<"held" | "taken" | "bad-address">;
  freeAddresses(addresses: readonly string[], holder: string): Promise<void>;
  /** Into a client's mailbox; resolves once it is durable. */
  deliver(envelope: Posted, raw: Uint8Array): Promise<Outcome>;
  /** Into the queue: to a member elsewhere, or one whose mailbox could not take it now. `came` is of the letter as it came to the list. */
  enqueue(
    owner: Owner,
    sender: string,
    recipient: string,
    raw: Uint8Array,
    came: Pick<Posted, "prefix" | "place">,
  ): Promise<void>;
  /** The letter that asks whether somebody wants to be on the list; durable when it resolves. */
  invite(
    client: string,
    fields: {
      readonly list: string;
      readonly title: string;
      readonly by: string;
      readonly link: string;
    },
    key: string,
  ): Promise<boolean>;
  /** The same to somebody elsewhere, sent as `sender`; in the queue when it resolves. */
  inviteStranger(
    owner: Owner,
    sender: string,
    to: string,
    fields: {
      readonly list: string;
      readonly title: string;
      readonly by: string;
      readonly link: string;
    },
  ): Promise<void>;
  /** Where our pages are, without a slash at its end. */
  site(): string;
  logged(
    owner: Owner,
    line: {
      readonly kind: "change" | "traffic";
      readonly at: number;
      readonly fields: { readonly [name: string]: string | number };
    },
  ): Promise<Invocation>;
}
