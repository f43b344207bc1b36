// `bailee sending …`: accounts whose sending is held because they suddenly sent unlike themselves, and letting one send again.
import { ask, type CliCommand, report } from "./command.ts";

export const sendingList: CliCommand = {
  summary: "list accounts whose sending is held",
  help: `
bailee sending list [--json]

Lists the accounts that suddenly sent unlike themselves, the longest held first: since when, how many letters wait, and what was counted.
Each client was told in their inbox and can lift it in the portal. Neither recipients nor words of letters: nobody looks at them.
`,
  options: {},
  positionals: [0, 0],
  run: async (call) => report(call, await ask(call, "sending.list", {})),
};

export const sendingRelease: CliCommand = {
  summary: "let a held account send again",
  help: `
bailee sending release ADDRESS [--destroy] [--json]

Lifts the brake on the account; the client's log says so. The letters that wait go at once and the account is trusted for a day; with
--destroy they are destroyed without a report, for a thief wrote them. Make sure first that the password is a new one.
`,
  options: { destroy: { type: "boolean" } },
  positionals: [1, 1],
  run: async (call) =>
    report(
      call,
      await ask(call, "sending.release", {
        address: call.positionals[0] ?? "",
        destroy: call.flag("destroy"),
      }),
    ),
};
