// `bailee client …`: makes and lists clients.
import { ask, type CliCommand, report, UsageError, readGiven } from "./command.ts";

export const clientAdd: CliCommand = {
  summary: "make a client",
  help: `
bailee client add ADDRESS [--password-file FILE] [--plan PLAN] [--json]

Makes one client with one account and one address. The password is the first line of FILE ("-" reads standard input);
without it one is made and printed once. It never appears among the arguments, where other users of the machine could read it.
`,
  options: { "password-file": { type: "string" }, plan: { type: "string" } },
  positionals: [1, 1],
  async run(call) {
    const file = call.option("password-file");
    const given = file === undefined ? undefined : firstLine(file);
    const args = { address: call.positionals[0] ?? "", password: given, plan: call.option("plan") };
    return report(call, await ask(call, "client.add", args));
  },
};

export const clientList: CliCommand = {
  summary: "list clients",
  help: `
bailee client list [--json]

Lists clients with what is clear on disk: ids, addresses, status, plan, recovery mode.
`,
  options: {},
  positionals: [0, 0],
  run: async (call) => report(call, await ask(call, "client.list", {})),
};

function firstLine(file: string): string {
  const line = readGiven(file).toString().split(/\r?\n/)[0] ?? "";
  if (line === "") throw new UsageError(`${file} has no password on its first line`);
  return line;
}
