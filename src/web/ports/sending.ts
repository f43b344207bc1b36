// What the page about sending needs, in the pages' own words. Counts only. Times are milliseconds since 1970.
import type { SignedIn } from "../ports.ts";

export interface SendingView {
  readonly limits: {
    readonly accountHour: number;
    readonly clientHour: number;
    readonly clientDay: number;
    readonly distinctWeek: number;
  };
  readonly accountHour: number;
  readonly clientHour: number;
  readonly clientDay: number;
  readonly distinctWeek: number;
  /** Undefined while the account sends. */
  readonly held:
    | {
        readonly since: number;
        /** What was counted, as a sentence. */
        readonly seen: string;
        /** Letters. */
        readonly waiting: number;
        readonly hasNewPassword: boolean;
        /** The client's word lifts it. */
        readonly mayConfirm: boolean;
      }
    | undefined;
}

export type LiftRefusal = "not-held" | "no-new-password" | "confirmed-lately";

export interface SendingPort {
  /** Undefined where no plan is known. */
  view(session: SignedIn): Promise<SendingView | undefined>;
  lift(
    session: SignedIn,
    by: "confirmed" | "new-password",
    letters: "send" | "destroy",
  ): Promise<"lifted" | LiftRefusal>;
}
