// `bailee import`: brings mail in.
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { ask, type CliCommand, report, UsageError } from "./command.ts";

export const importMbox: CliCommand = {
  summary: "bring an mbox into a client's inbox",
  help: `
bailee import ADDRESS MBOX [--json]

Reads each message of an mbox and seals it into the inbox of ADDRESS, byte for byte as it stands in the file: nothing is added,
nothing is mended. Goes on after a message that cannot be taken, and says how many could not.
`,
  options: {},
  positionals: [2, 2],
  async run(call) {
    const [address = "", path = ""] = call.positionals;
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
      throw new UsageError(`there is no file ${path}`);
    return report(call, await ask(call, "import", { address, path: resolve(path) }));
  },
};
