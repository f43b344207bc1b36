// Keeps a keeper running for the server: when its process ends it is started again, and calls go to the new one. While there is
// none, calls are rejected: mail and clients' own sessions go on without, and nobody is shown anything.
import { setTimeout as sleep } from "node:timers/promises";
import { log, logBroken } from "#base/log";
import { SECOND } from "#base/time";
import { methods } from "./calls.ts";
import { type KeeperPlace, type SpawnedKeeper, spawnKeeper } from "./client.ts";
import type { Keeper } from "./port.ts";

// A keeper that cannot start (a full disk, a damaged file) is tried again, ever more slowly, and said in the log each time.
const FIRST_WAIT = SECOND;
const LONGEST_WAIT = 60 * SECOND;

/** Starts the keeper and sees to it that there is one until disposed of. Throws when it does not start the first time. */
export async function superviseKeeper(place: KeeperPlace): Promise<Keeper> {
  const stopping = new AbortController();
  let current = await spawnKeeper(place);
  const watching = watch();
  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      const why = await current.ended;
      if (stopping.signal.aborted) return;
      log("keeper.ended", { why });
      current = await startAgain(place, stopping.signal, current);
    }
  }
  const port = Object.fromEntries(
    methods.map((method) => [
      method,
      (...args: readonly never[]) => callOf(current, method)(...args),
    ]),
  );
  return {
    ...(port as unknown as Keeper),
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await current[Symbol.asyncDispose]();
      await watching;
    },
  };
}

function callOf(
  keeper: Keeper,
  method: (typeof methods)[number],
): (...args: readonly never[]) => unknown {
  return keeper[method];
}

/** A running keeper; the one that ended when there is to be none any more. */
async function startAgain(
  place: KeeperPlace,
  stop: AbortSignal,
  ended: SpawnedKeeper,
): Promise<SpawnedKeeper> {
  for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    try {
      await sleep(wait, undefined, { signal: stop });
      const keeper = await spawnKeeper(place);
      if (stop.aborted) {
        await keeper[Symbol.asyncDispose]();
        return ended;
      }
      log("keeper.started-again");
      return keeper;
    } catch (error) {
      if (stop.aborted) return ended;
      logBroken("keeper.does-not-start", error);
    }
  }
}
