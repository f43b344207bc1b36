// The port of sending kept in memory, for tests of the pages alone: one account that is held. Never part of the program.
import type { LiftRefusal, SendingPort } from "./ports/sending.ts";

export function memorySending(): SendingPort {
  const limits = { accountHour: 250, clientHour: 375, clientDay: 500, distinctWeek: 1500 };
  const used = { accountHour: 100, clientHour: 100, clientDay: 120, distinctWeek: 130 };
  const seen =
    "letters to 101 recipients within an hour; the busiest hour of the last sixty days had 4";
  const held = { since: 0, seen, waiting: 3, hasNewPassword: false, mayConfirm: true };
  let isHeld = true;
  return {
    view: async () => ({ limits, ...used, held: isHeld ? held : undefined }),
    async lift(_, by): Promise<"lifted" | LiftRefusal> {
      if (!isHeld) return "not-held";
      if (by === "new-password") return "no-new-password";
      isHeld = false;
      return "lifted";
    },
  };
}
