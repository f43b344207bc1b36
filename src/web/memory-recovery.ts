// The port of recovery codes kept in memory, for tests of the pages alone. Never part of the program.
import { no, yes } from "#base/errors";
import type { RecoveryPort } from "./ports/recovery.ts";

export function memoryRecovery(): RecoveryPort {
  let made: number | undefined;
  return {
    made: async () => made,
    async make() {
      made = 0;
      return "abcd efgh ijkl mnop qrst uvwx yz23 4567";
    },
    recover: async ({ code }) =>
      code.startsWith("abcd") && made !== undefined ? yes(true) : no("wrong"),
  };
}
