// `bailee dkim …`: the keys that letters are signed with, and what the DNS must hold for them.
import { ask, type CliCommand, report } from "./command.ts";

export const dkimShow: CliCommand = {
  summary: "signing keys and their DNS records",
  help: `
bailee dkim show [--json]

Shows the pairs of keys that letters are signed with, their state, the TXT records to publish, and whether the DNS shows them. A new pair
is used as soon as it does; until the first one is, letters leave unsigned.
`,
  options: {},
  positionals: [0, 0],
  run: async (call) => report(call, await ask(call, "dkim.show", {})),
};

export const dkimRotate: CliCommand = {
  summary: "begin to change the signing keys now",
  help: `
bailee dkim rotate [--json]

Makes a new pair of keys before its time (BAILEE_DKIM_DAYS) and prints its records. The old pair goes on until the DNS shows the new one;
its records must stay for six days more, and say then that the keys are withdrawn.
`,
  options: {},
  positionals: [0, 0],
  run: async (call) => report(call, await ask(call, "dkim.rotate", {})),
};
