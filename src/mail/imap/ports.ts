// What the IMAP server asks of its neighbours.
import type { Result } from "#base/errors";
import type { Mailbox } from "#store";

export type SignInRefusal = "wrong" | "suspended" | "too-many" | "not-this-way";

export interface SignedIn {
  readonly mailbox: Mailbox;
  readonly address: string;
}

/** Checks a login with its password and opens the account's mailbox; `peer` is the IP address, for limits only. */
export type SignIn = (
  login: string,
  password: string,
  peer: string,
) => Promise<Result<SignedIn, SignInRefusal>>;
