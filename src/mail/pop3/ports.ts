// What the POP3 server asks of its neighbours.
import type { Result } from "#base/errors";
import type { Mailbox } from "#store";

/** `key-differs`: the password is right, and the key behind it is not the one that was certified for the account. */
export type SignInRefusal = "wrong" | "suspended" | "too-many" | "not-this-way" | "key-differs";

/** What a client may do with their mail just now. */
export type Access = "whole" | "read-only" | "off";

export interface SignedIn {
  readonly mailbox: Mailbox;
  /** Asked again while the session lives; whole when absent. */
  readonly access?: () => Promise<Access>;
}

/** Checks a login with its password and opens the account's mailbox; `peer` is the IP address, for limits only. */
export type SignIn = (
  login: string,
  password: string,
  peer: string,
) => Promise<Result<SignedIn, SignInRefusal>>;
