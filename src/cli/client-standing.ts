// `bailee client show|status|hold`: one client's standing, seen, moved and held. Every change has a reason, which the client reads.
import { ask, type CliCommand, report } from "./command.ts";

export const clientShow: CliCommand = {
  summary: "show a client's standing",
  help: `
bailee client show ADDRESS [--json]

Shows what is clear on disk: status and since when, the level that it comes to and when the next begins, what mail programs,
senders and pages meet, holds, plan, and whether the account is closed. No contact data: that is asked for by a grant.
`,
  options: {},
  positionals: [1, 1],
  run: async (call) =>
    report(call, await ask(call, "client.show", { address: call.positionals[0] ?? "" })),
};

export const clientStatus: CliCommand = {
  summary: "move a client's status, with a reason",
  help: `
bailee client status ADDRESS active|past-due|suspended|pending --reason TEXT [--abuse] [--json]

Moves the status by the one machine that there is. TEXT stands in the client's log, word for word. With --abuse the move is the
abuse desk's, else the operator's. A suspended client goes down by days: reading only, sending off, pages only, incoming
mail deferred, then refused; nothing of the mailbox is touched, and moving back to active gives everything back as it was.
Closing an account is the client's own act, in the portal.
`,
  options: { reason: { type: "string" }, abuse: { type: "boolean" } },
  positionals: [2, 2],
  run: async (call) =>
    report(
      call,
      await ask(call, "client.status", {
        address: call.positionals[0] ?? "",
        to: call.positionals[1] ?? "",
        reason: call.option("reason") ?? "",
        by: call.flag("abuse") ? "abuse" : "operator",
      }),
    ),
};

export const clientHold: CliCommand = {
  summary: "set or lift a hold on a client",
  help: `
bailee client hold ADDRESS legal-hold|abuse-block|do-not-suspend --reason TEXT [--until DAY] [--lift] [--json]

legal-hold: nothing of the client's is destroyed, whatever they ordered. abuse-block: nothing is sent, until DAY. do-not-suspend: a
promise, until DAY. A hold stands beside the status and does not change it. TEXT stands in the client's log, word for word.
DAY is 2027-01-31, in UTC; --lift ends a hold now.
`,
  options: {
    reason: { type: "string" },
    until: { type: "string" },
    lift: { type: "boolean" },
  },
  positionals: [2, 2],
  run: async (call) =>
    report(
      call,
      await ask(call, "client.hold", {
        address: call.positionals[0] ?? "",
        kind: call.positionals[1] ?? "",
        reason: call.option("reason") ?? "",
        until: call.option("until") ?? "",
        lift: call.flag("lift"),
      }),
    ),
};
