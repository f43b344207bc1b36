// A Bailee that runs already, as the insider's kit sees it: where its folder and its ports are by its own settings. Makes what the tests call
// a house out of it, without starting or stopping anything.
import { join } from "node:path";
import { type Config, readConfig } from "#config";
import { type House, root, runProgram } from "../house.ts";

export interface Running extends Pick<House, "data" | "ports" | "url" | "run" | "environment"> {
  readonly config: Config;
}

/** Reads the settings that the instance was started with (environment and settings file). Throws with all that is wrong in them. */
export function runningHouse(environment: NodeJS.ProcessEnv = process.env): Running {
  const read = readConfig(environment);
  if (!read.ok) throw new Error(read.mistakes.join("\n"));
  const { config } = read;
  return {
    config,
    data: config.data,
    url: `http://localhost:${config.webPort}`,
    environment,
    ports: {
      WEB: config.webPort,
      SMTP: config.smtpPort,
      SUBMISSION: config.submissionPort,
      SUBMISSIONS: config.submissionsPort,
      LMTP: config.lmtpPort,
      IMAP: config.imapPort,
      IMAPS: config.imapsPort,
      POP3S: config.pop3sPort,
    },
    run: (args, input) =>
      runProgram(process.execPath, [join(root, "src/cli/cli.ts"), ...args], {
        env: environment,
        input,
      }),
  };
}
