// What the page about app passwords needs, in the pages' own words. Times are milliseconds since 1970.
import type { Result } from "#base/errors";
import type { SignedIn } from "../ports.ts";

export interface AppPassword {
  readonly id: string;
  readonly name: string;
  readonly created: number;
  /** The day of its last use; undefined before its first. */
  readonly used: string | undefined;
}

export interface AppsPort {
  list(session: SignedIn): Promise<readonly AppPassword[]>;
  /** `text` is shown once. */
  add(
    session: SignedIn,
    name: string,
  ): Promise<Result<{ readonly text: string }, "too-many" | "bad-name">>;
  revoke(session: SignedIn, id: string): Promise<Result<true, "no-such-password">>;
}
