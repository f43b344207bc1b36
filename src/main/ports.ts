// Default ports that another program holds already. A newcomer who set nothing gets another one, and is told; who chose a port
// gets that port or an error.
import { createServer } from "node:net";
import { type Config, isTryingOut, type SettingName } from "#config";

const listeners = [
  ["webPort", "BAILEE_WEB_PORT"],
  ["smtpPort", "BAILEE_SMTP_PORT"],
  ["submissionPort", "BAILEE_SUBMISSION_PORT"],
  ["submissionsPort", "BAILEE_SUBMISSIONS_PORT"],
  ["lmtpPort", "BAILEE_LMTP_PORT"],
  ["imapPort", "BAILEE_IMAP_PORT"],
  ["imapsPort", "BAILEE_IMAPS_PORT"],
  ["pop3sPort", "BAILEE_POP3S_PORT"],
] as const satisfies readonly (readonly [keyof Config, SettingName])[];

/** The settings with 0 (any free port) for each default port that is taken, while trying out; and the words about it. */
export async function giveWay(
  config: Config,
): Promise<{ readonly config: Config; readonly taken: readonly string[] }> {
  if (!isTryingOut(config)) return { config, taken: [] };
  const taken: string[] = [];
  const changes: { [name in (typeof listeners)[number][0]]?: number } = {};
  for (const [field, setting] of listeners) {
    if (
      config.set.has(setting) ||
      config[field] === 0 ||
      (await isFree(config.bind, config[field]))
    )
      continue;
    taken.push(
      `Port ${config[field]} belongs to another program here; ${setting} chooses one for good.`,
    );
    changes[field] = 0;
  }
  return { config: { ...config, ...changes }, taken };
}

function isFree(bind: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const probe = createServer();
  probe.once("error", () => resolve(false));
  probe.listen(port, bind, () => probe.close(() => resolve(true)));
  return promise;
}
