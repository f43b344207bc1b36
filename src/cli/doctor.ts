// `bailee doctor`: the effective settings and what they come to on this machine. Changes nothing.
import { statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { existsSync } from "node:fs";
import { isTryingOut, readConfig, settings, type SettingName } from "#config";
import { isServed } from "#control";
import { ask, type Call, type CliCommand, exits } from "./command.ts";

// Below this a day of mail could fill the disk before anybody looks.
const LOW_DISK = 2 * 1024 ** 3;

export const doctor: CliCommand = {
  summary: "settings and machine",
  help: `
bailee doctor [--json]

Prints every setting with its value and meaning, the Node in use, free disk space, and whether a server runs. Exit code 1 when something
needs attention.
`,
  options: {},
  positionals: [0, 0],
  async run(call) {
    const read = readConfig();
    const given = read.ok ? read.given : new Map<SettingName, string>();
    const running = await isServed(join(call.config.data, "control.sock"));
    const disk = statfsSync(nearest(call.config.data));
    const free = disk.bavail * disk.bsize;
    const attention: string[] = [];
    if (free < LOW_DISK)
      attention.push(`only ${Math.round(free / 1024 ** 2)} MiB are free below ${call.config.data}`);
    if (running) attention.push(...(await queueTroubles(call)), ...(await heldSenders(call)));
    // Trying out has no domain in the world's DNS; where a resolver is named there is something to ask.
    if (running && (!isTryingOut(call.config) || call.config.dns !== undefined))
      attention.push(...(await zoneTroubles(call)));
    if (process.getuid?.() === 0 && !isTryingOut(call.config))
      attention.push("running as root; give Bailee a user of its own");
    if (process.versions.node === "26.10.0") {
      attention.push(
        "Node 26.10.0 from the registry lacks the fixes of 26.12.1; serve the public with an upstream Node",
      );
    }
    const value = {
      settings: Object.fromEntries(given),
      node: process.versions.node,
      running,
      freeBytes: free,
      attention,
    };
    if (call.json) process.stdout.write(`${JSON.stringify(value)}\n`);
    else process.stdout.write(`${words(given, running, free, attention)}\n`);
    return attention.length === 0 ? exits.ok : exits.refused;
  },
};

/** What stands in the queue and will not move by itself. */
async function queueTroubles(call: Call): Promise<readonly string[]> {
  const { value } = await ask(call, "queue.stuck", {});
  const { aside, held, overdue } = value as { aside: number; held: number; overdue: number };
  const see = "see: bailee queue list";
  return [
    ...(aside > 0
      ? [`${aside} recipients of letters are set aside: they do not open; ${see}`]
      : []),
    ...(held > 0 ? [`${held} recipients of letters are held; ${see}`] : []),
    ...(overdue > 0
      ? [`${overdue} recipients of letters are due for more than an hour: the queue stands; ${see}`]
      : []),
  ];
}

/** Accounts that suddenly sent unlike themselves: somebody may have a password that is not theirs. */
async function heldSenders(call: Call): Promise<readonly string[]> {
  const { value } = await ask(call, "sending.list", {});
  const count = Array.isArray(value) ? value.length : 0;
  return count === 0 ? [] : [`sending of ${count} accounts is held; see: bailee sending list`];
}

/** Records without which others refuse our mail, or letters in our name by anybody are believed (RFC 7208, RFC 6376, RFC 9989). */
async function zoneTroubles(call: Call): Promise<readonly string[]> {
  const { value } = await ask(call, "dns", {});
  const { domain, records } = value as {
    domain: string;
    records: { purpose: string; state: string; needed: boolean }[];
  };
  const is = { missing: "missing", other: "different", unknown: "not told just now" } as const;
  const wrong = Object.entries(is).flatMap(([state, said]) => {
    const which = records.filter((record) => record.needed && record.state === state);
    const purposes = [...new Set(which.map(({ purpose }) => purpose))];
    return purposes.length === 0 ? [] : [`${purposes.join(", ")} ${said}`];
  });
  return wrong.length === 0
    ? []
    : [`the DNS records of ${domain}: ${wrong.join("; ")}; see: bailee dns`];
}

function words(
  given: ReadonlyMap<SettingName, string>,
  running: boolean,
  free: number,
  attention: string[],
): string {
  const lines = Object.entries(settings).map(
    ([name, { meaning }]) =>
      `  ${`${name}=${given.get(name as SettingName) ?? ""}`.padEnd(40)} ${meaning}`,
  );
  return [
    "Settings",
    ...lines,
    "Machine",
    `  Node ${process.versions.node}, ${process.platform} ${process.arch}; ${Math.round(free / 1024 ** 3)} GiB free`,
    `  ${running ? "a server runs on this data folder" : "no server runs on this data folder"}`,
    attention.length === 0 ? "Nothing needs attention." : "Needs attention",
    ...attention.map((line) => `  ${line}`),
  ].join("\n");
}

function nearest(path: string): string {
  return existsSync(path) ? path : nearest(dirname(path));
}
