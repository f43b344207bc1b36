// What filters in transit are to others, and what they need from them, in their own words. Types only.
import type { Engine, Invocation } from "#engine";
import type { Clock } from "#base/time";

/** What a client turned on. All of it is off until they say otherwise. */
export interface Choices {
  /** A stranger's first letter is asked to come again in some minutes. */
  readonly greylisting: boolean;
  /** Mail from addresses on the operator's lists of bad ones is refused. */
  readonly lists: boolean;
  /** The operator's filter reads each letter on its way and says whether it is junk. */
  readonly content: boolean;
}

/** What the operator offers. Greylisting needs nothing, and is always there. */
export interface Offered {
  /** Zones of lists, as BAILEE_DNSBL names them. */
  readonly lists: readonly string[];
  readonly content: boolean;
}

/** A recipient asked about at RCPT. */
export interface Screening {
  /** IP address and confirmed name of the server that brings it. */
  readonly peer: { readonly address: string; readonly name: string | undefined };
  readonly sender: string;
  readonly recipient: string;
  readonly client: string;
}

/** As the SMTP server's port has it: words are ASCII, led by an enhanced status code. */
export type Screened = "take" | { readonly later: string } | { readonly refuse: string };

/** A whole letter, as its recipients' filters see it. */
export interface Letter {
  readonly peer: { readonly address: string; readonly name: string | undefined };
  readonly helo: string;
  readonly sender: string;
  readonly recipients: readonly { readonly address: string; readonly client: string }[];
  readonly raw: Uint8Array;
}

export type Filtered =
  | { readonly place: readonly ("inbox" | "junk")[] }
  | { readonly later: string }
  | { readonly refuse: string };

/** What a content filter says of a letter. */
export type Opinion = "clean" | "junk" | "later" | "refuse";

/** Asks a content filter; undefined when it does not answer (in time), or not in words that are known. */
export type AskContent = (
  letter: Letter,
  addresses: readonly string[],
) => Promise<Opinion | undefined>;

/** The addresses (A) that a name has; "trouble" when that cannot be known now. */
export type LookUp = (name: string) => Promise<readonly string[] | "trouble">;

export interface TransitPorts {
  readonly engine: Engine;
  readonly clock: Clock;
  /** Class rule, which the server may open. */
  readonly rules: {
    seal(client: string, bytes: Uint8Array): Promise<Uint8Array>;
    open(client: string, sealed: Uint8Array): Promise<Uint8Array | undefined>;
    /** 64 hex digits under a key that the database does not hold. */
    mac(text: string): Promise<string>;
  };
  readonly lookUp: LookUp;
  readonly lists: readonly string[];
  readonly askContent: AskContent | undefined;
  /** A line of the client's log. */
  logged(
    owner: { readonly client: string; readonly account: string },
    fields: { readonly [name: string]: string },
  ): Promise<Invocation>;
}

export interface Transit {
  readonly offered: Offered;
  choices(client: string): Promise<Choices>;
  /** Resolves once the choice and its line in the client's log are on the disk. */
  choose(
    owner: { readonly client: string; readonly account: string },
    choices: Choices,
  ): Promise<void>;
  screen(at: Screening): Promise<Screened>;
  /** One client's filter never changes what happens to another's mail. */
  filter(letter: Letter): Promise<Filtered>;
  /** The job: removes marks whose time is over. */
  tidy(): Promise<{ readonly ended: number }>;
  forget(client: string): Promise<void>;
}
