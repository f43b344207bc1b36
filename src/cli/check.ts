// `bailee check`: everything that can be verified without opening anybody's mail.
import { ask, type CliCommand, report } from "./command.ts";

export const check: CliCommand = {
  summary: "check the data folder",
  help: `
bailee check [--json]

Checks the database, that every message has its sealed body, and that every public key is the one that the keeper certified. Opens nothing.
Exit code 1 when something is found.
`,
  options: {},
  positionals: [0, 0],
  run: async (call) => report(call, await ask(call, "check", {})),
};
