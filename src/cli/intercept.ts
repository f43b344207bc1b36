// `bailee grant intercept …`: begins an approved interception order, and hands its copies to the recipient, still sealed to their key.
import { resolve } from "node:path";
import { ask, type CliCommand, report } from "./command.ts";
import { needed } from "./grant.ts";

export const grantIntercept: CliCommand = {
  summary: "begin an interception order",
  help: `
bailee grant intercept HASH [--json]

Begins an order on mail that is still to come (bailee grant draft --from … --until …), once it is approved. From then on each letter
of that account is sealed to the order's recipient too, in and out, until the order's end. Nothing that is stored is opened by it.
`,
  options: {},
  positionals: [1, 1],
  run: async (call) =>
    report(call, await ask(call, "grant.intercept", { hash: call.positionals[0] ?? "" })),
};

export const grantIntercepted: CliCommand = {
  summary: "hand out what an interception order has sealed",
  help: `
bailee grant intercepted HASH --out FILE [--json]

Writes the copies of an order so far into FILE, each still sealed to the recipient's key, and destroys them here. The recipient opens
FILE with bailee grant open. It can be done again for what comes after; what nobody fetched in 30 days after the end is destroyed.
`,
  options: { out: { type: "string" } },
  positionals: [1, 1],
  run: async (call) =>
    report(
      call,
      await ask(call, "grant.intercepted", {
        hash: call.positionals[0] ?? "",
        out: resolve(needed(call, "out")),
      }),
    ),
};
