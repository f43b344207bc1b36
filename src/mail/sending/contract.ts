// What the counts and the brake of sending are to others, and what they need from them, in their own words. Types only.
import type { Engine, Invocation } from "#engine";
import type { Clock } from "#base/time";
import type { Cause } from "./brake.ts";
import type { Limits } from "./limits.ts";

export interface Owner {
  readonly client: string;
  readonly account: string;
}

/** A recipient as the counts see it. */
export interface To {
  readonly address: string;
  /** It is not ours. */
  readonly isOutside: boolean;
  /** How many a letter to it reaches: a mailing list's members; 1 for everybody else. */
  readonly reach: number;
}

/** An account whose sending is held. */
export interface Brake extends Owner {
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly cause: Cause;
  /** The client has the notice, and what waited is held. */
  readonly told: boolean;
  /** When its password was changed since, if it was. */
  readonly newPassword: number | undefined;
  /** Whether the owner's word alone lifts it now. */
  readonly mayConfirm: boolean;
}

export interface SendingPorts {
  readonly engine: Engine;
  readonly clock: Clock;
  /** 64 hex digits under a key that the database does not hold. */
  mac(text: string): Promise<string>;
  /** What the client's plan says; undefined for who is not there any more. */
  recipientsPerDay(client: string): Promise<number | undefined>;
  /** Keeps what of the account came into the queue since (milliseconds since 1970) from leaving; bears being asked again. */
  hold(owner: Owner, since: number): Promise<void>;
  /** Lets what is held go, or destroys it, as a command. */
  held(owner: Owner, what: "send" | "destroy"): Invocation;
  /** After `held` was carried out. */
  released(): void;
  /** The notice in the inbox and a line of the log, once for each brake; rejects where it cannot be had now. */
  tell(brake: Brake): Promise<void>;
  /** A line of the client's log. */
  logged(owner: Owner, fields: { readonly [name: string]: string | number }): Promise<Invocation>;
}

/** As `mayTake` answers, in words for the sender's mail program. `giveBack` is for a letter that is not accepted after all. */
export type Answer =
  | { readonly giveBack: () => Promise<void> }
  | { readonly later: string }
  | { readonly refuse: string };

export interface Used {
  readonly limits: Limits;
  /** Of the account, and of all accounts of the client. */
  readonly accountHour: number;
  readonly clientHour: number;
  readonly clientDay: number;
  readonly distinctWeek: number;
}

/** By whom a brake is lifted: by their word, after a new password, by the operator. */
export type LiftedBy = "confirmed" | "new-password" | "operator";

export type LiftRefusal = "not-held" | "no-new-password" | "confirmed-lately";

export interface Sending {
  /** Counts a letter if it may be taken, in one transaction. `peer`: the address it comes from, of which a mark of the network stays. */
  mayTake(
    owner: Owner & { readonly peer?: string | undefined },
    to: readonly To[],
  ): Promise<Answer>;
  /** A recipient of the account's was refused for good, by its server or because it was so often before. */
  refused(owner: Owner, isSuppressed: boolean): Promise<void>;
  used(owner: Owner): Promise<Used | undefined>;
  /** Undefined in ordinary life. */
  brake(owner: Owner): Promise<Brake | undefined>;
  /** Every account that is held, the longest first. */
  brakes(): Promise<readonly Brake[]>;
  /** `letters`: what becomes of those that wait; destroyed they leave no report. */
  lift(owner: Owner, by: LiftedBy, letters: "send" | "destroy"): Promise<"lifted" | LiftRefusal>;
  newPassword(owner: Owner): Promise<void>;
  /** The job: finishes what a crash left half done, and removes what is over. */
  tidy(): Promise<{ readonly told: number; readonly ended: number; readonly held: number }>;
  forget(client: string): Promise<void>;
}
