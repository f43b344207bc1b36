// Fifty connections on ten accounts do everything at random against the started program, for ten minutes (--minutes=). A tracker keeps
// each connection's view from the answers alone and finds what contradicts it; every half minute all pause, and every view is compared
// with a fresh SELECT and FETCH. --seed= takes up a seed again; the dice of each connection hang on it, the interleaving does not.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { houseIn } from "../house.ts";
import { writeFigure } from "./figures.ts";
import { openStormClient } from "./imap-client.ts";
import {
  append,
  fetching,
  openWorker,
  password,
  reconnect,
  step,
  type Storm,
  type Worker,
} from "./imap-steps.ts";
import { compareViews, openRegistry } from "./imap-tracker.ts";

const option = (name: string): string | undefined =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);
const minutes = Number(option("minutes") ?? 10);
const seed = option("seed") ?? String(Date.now());
const ACCOUNTS = 10;
const CONNECTIONS = 50;
const PAUSE_EVERY = Math.min(30_000, minutes * 20_000);

process.stdout.write(`seed ${seed}, ${minutes} minutes\n`);
const folder = await mkdtemp(join(tmpdir(), "bailee-storm-"));
const house = await houseIn(folder);
const storm: Storm = {
  port: house.ports.IMAP,
  seed,
  registry: openRegistry(),
  errors: [],
  counts: new Map(),
  commands: 0,
  resynced: 0,
  pausing: false,
};
const { errors } = storm;
let compared = 0;
try {
  await house.start();
  for (let index = 0; index < ACCOUNTS; index += 1) {
    const added = await house.run(
      ["client", "add", accountOf(index), "--password-file", "-"],
      `${password}\n`,
    );
    if (added.code !== 0) throw new Error(added.stderr);
  }
  const workers = await openWorkers();
  const began = performance.now();
  const passed = (): number => performance.now() - began;
  while (passed() < minutes * 60_000 && errors.length === 0) {
    storm.pausing = false;
    const timer = setTimeout(
      () => {
        storm.pausing = true;
      },
      Math.min(PAUSE_EVERY, minutes * 60_000 - passed() + 50),
    );
    await Promise.all(workers.map((worker) => work(worker)));
    clearTimeout(timer);
    for (const worker of workers) await compare(worker);
    process.stdout.write(
      `${Math.round(passed() / 1000)} s, ${storm.commands} commands, ${errors.length} errors\n`,
    );
  }
  const seconds = passed() / 1000;
  for (const { client } of workers) client.close();
  for (const error of errors.slice(0, 40)) process.stdout.write(`${error}\n`);
  const kinds = [...storm.counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
  writeFigure(
    "imap",
    `seed ${seed}, ${CONNECTIONS} connections on ${ACCOUNTS} accounts for ${(seconds / 60).toFixed(1)} minutes: ${storm.commands} commands ` +
      `(${Math.round(storm.commands / seconds)}/s), ${storm.registry.fixed.size} items of messages that never change, ${compared} views compared with ` +
      `a fresh one, ${storm.resynced} resynchronisations by QRESYNC, ${errors.length} errors`,
    [kinds.map(([name, count]) => `${name} ${count}`).join(", ")],
  );
  process.exitCode = errors.length === 0 ? 0 : 1;
} finally {
  await house.stop();
  await rm(folder, { recursive: true, force: true });
}

function accountOf(index: number): string {
  return `u${index % ACCOUNTS}@bailee.localhost`;
}

async function openWorkers(): Promise<Worker[]> {
  const workers: Worker[] = [];
  for (let index = 0; index < CONNECTIONS; index += 1) {
    const worker = await openWorker(storm, index, accountOf(index));
    workers.push(worker);
    if (index >= ACCOUNTS) continue;
    await worker.client.say("CREATE Work/Old");
    for (let each = 0; each < 10; each += 1)
      await worker.client.say(append(worker.roll, seed, "INBOX"));
  }
  return workers;
}

async function work(worker: Worker): Promise<void> {
  while (!storm.pausing && errors.length === 0) {
    try {
      await step(worker);
      if (worker.client.over) await reconnect(worker);
    } catch (error) {
      errors.push(`${worker.who}: ${(error as Error).stack}`);
    }
    errors.push(...worker.client.tracker.errors.splice(0));
  }
}

/** Nobody does anything: a view must be what a fresh SELECT and FETCH give. */
async function compare(worker: Worker): Promise<void> {
  const { client, account, who } = worker;
  const { view } = client.tracker;
  if (view === undefined) return;
  await client.say("NOOP");
  const unknown = view.rows.findIndex(({ uid, flags }) => uid === undefined || flags === undefined);
  if (unknown >= 0) {
    const from = worker.flavour === "uidonly" ? 1 : unknown + 1;
    await client.say(`${fetching(worker)} ${from}:* (UID FLAGS)`);
  }
  const fresh = await openStormClient(storm.port, "fresh", storm.registry);
  await fresh.say(`LOGIN "${account}" "${password}"`);
  fresh.tracker.select(view.name, true);
  await fresh.say(`EXAMINE "${view.name.slice(view.name.indexOf(" ") + 1)}"`);
  if (view.rows.length > 0) await fresh.say("FETCH 1:* (UID FLAGS MODSEQ)");
  const now = fresh.tracker.view;
  if (now === undefined) errors.push(`${who} ${view.name} cannot be opened`);
  else for (const error of compareViews(view, now)) errors.push(`${who} ${error}`);
  compared += 1;
  errors.push(...fresh.tracker.errors, ...client.tracker.errors.splice(0));
  fresh.close();
}
