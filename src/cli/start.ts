// `bailee start`: starts everything, says where it is, what it protects and what not, and what to try; ends on ctrl-C.
import { join } from "node:path";
import { isServed } from "#control";
import { welcome } from "./welcome.ts";
import { type CliCommand, exits } from "./command.ts";

export const start: CliCommand = {
  summary: "start the server",
  help: `
bailee start

Starts the keeper and the server with the settings that \`bailee doctor\` prints. On the first start it makes the data folder, keys and a
self-signed certificate. Ctrl-C (or SIGTERM) ends both.
`,
  options: {},
  positionals: [0, 0],
  async run(call) {
    if (await isServed(join(call.config.data, "control.sock"))) {
      process.stderr.write(
        `bailee: another Bailee serves ${call.config.data} already; stop it, or choose another folder with BAILEE_DATA\n`,
      );
      return exits.unavailable;
    }
    const { serve } = await import("#main");
    // The debugger is off (see the launcher); without this, the signal that opens it would end the server.
    process.on("SIGUSR1", () => undefined);
    const served = await serve(call.config);
    process.stdout.write(welcome(call.config, served.facts, performance.now() / 1000));
    const signal = await new Promise<string>((ended) => {
      for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
        process.once(name, () => ended(name));
    });
    process.stdout.write(`\n${signal}: closing…\n`);
    await served[Symbol.asyncDispose]();
    process.stdout.write("Closed.\n");
    return exits.ok;
  },
};
