// What the pages about the recovery code need, in the pages' own words. Times are milliseconds since 1970.
import type { Result } from "#base/errors";
import type { SignedIn } from "../ports.ts";

export type RecoverRefusal = "wrong" | "too-many" | "password-too-short" | "password-too-long";

export interface RecoveryPort {
  /** Undefined when there is no code. */
  made(session: SignedIn): Promise<number | undefined>;
  /** The text, shown once. */
  make(session: SignedIn): Promise<string>;
  recover(asked: {
    readonly login: string;
    readonly code: string;
    readonly password: string;
    readonly peer: string;
  }): Promise<Result<unknown, RecoverRefusal>>;
}
