// A whole Bailee in the test's own process, for stories in which time passes: real ports, real database, the real keeper
// behind its real socket, and a clock that the test turns. Where time need not pass, test/house.ts starts the program itself.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { readConfig } from "#config";
import { connectKeeper, type Keeper, type KeeperPlace } from "#keeper";
import { type Given, type House as Rooms, serve } from "#main";
import type { Clock } from "#base/time";
import { openKeeper } from "../src/keeper/open.ts";
import { serveKeeper } from "../src/keeper/server.ts";
import type { JobReport } from "../src/main/schedule.ts";
import { type House, portNames, type PortName, type Ran, root, runProgram } from "./house.ts";
import { freePorts } from "./ports.ts";

export interface Town extends Pick<House, "data" | "ports" | "url" | "environment" | "run"> {
  readonly clock: Clock;
  /** The rooms themselves, for what has no page and no command. */
  readonly rooms: Rooms;
  /** Turns the clock forward by so many milliseconds; nothing runs by that alone. */
  pass(milliseconds: number): void;
  /** Runs every job of the house, as the hour would, and tells what each did. */
  runJobs(): Promise<readonly JobReport[]>;
  /** Has the keeper publish what was appended, as every five minutes. */
  publish(): Promise<void>;
  /** Ends it in order and opens it again on the same folder and ports. */
  restart(): Promise<void>;
}

export interface TownOptions {
  /** Milliseconds since 1970 at the start; the real time when absent. */
  readonly from?: number;
  readonly settings?: NodeJS.ProcessEnv;
}

/** Opens a town that is closed, and its folder removed, when the test ends. */
export async function openTown(t: TestContext, options: TownOptions = {}): Promise<Town> {
  const folder = await mkdtemp(join(tmpdir(), "bailee-town-"));
  const free = await freePorts(portNames.length);
  const ports = Object.fromEntries(portNames.map((name, at) => [name, free[at]])) as Record<
    PortName,
    number
  >;
  const data = join(folder, "data");
  const own = {
    BAILEE_DATA: data,
    ...Object.fromEntries(portNames.map((name) => [`BAILEE_${name}_PORT`, String(ports[name])])),
    ...options.settings,
  };
  const read = readConfig(own);
  if (!read.ok) throw new Error(read.mistakes.join("\n"));
  // What a verifier remembers is of this town alone: ports, and so addresses, come again.
  const environment = { ...process.env, XDG_STATE_HOME: join(folder, "state"), ...own };
  const time = { ahead: options.from === undefined ? 0 : options.from - Date.now() };
  // It goes on by itself, as time does, so that nothing waits for ever; the test turns it ahead.
  const clock: Clock = { now: () => Date.now() + time.ahead };
  const given: Given = { clock, openKeeper: (place) => keeperHere(place, clock) };
  let served = await serve(read.config, given);
  t.after(async () => {
    await served[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    data,
    ports,
    url: `http://localhost:${ports.WEB}`,
    environment,
    clock,
    get rooms() {
      return served.house;
    },
    pass: (milliseconds) => void (time.ahead += milliseconds),
    runJobs: () => served.schedule.run(),
    publish: async () => void (await served.house.keeper.publish()),
    async restart() {
      await served[Symbol.asyncDispose]();
      served = await serve(read.config, given);
    },
    run: (args, input): Promise<Ran> =>
      runProgram(process.execPath, [join(root, "src/cli/cli.ts"), ...args], {
        env: environment,
        input,
      }),
  };
}

/** The keeper as the server meets it, over its socket, but with the town's clock. */
async function keeperHere(place: KeeperPlace, clock: Clock): Promise<Keeper> {
  await using opening = new AsyncDisposableStack();
  const keeper = opening.use(await openKeeper({ ...place, clock }));
  opening.use(await serveKeeper(keeper, place.folder));
  const connected = opening.use(await connectKeeper(join(place.folder, "keeper.sock")));
  const stack = opening.move();
  return { ...connected, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
