// The jobs that run by the clock: retention of logs, counters and deleted mail. Each says what it did; none holds a grant.
import { log, logBroken } from "#base/log";
import { type Clock, DAY, HOUR } from "#base/time";

interface Scheduled {
  readonly clock: Clock;
  readonly keeper: { expireKeys(): Promise<readonly string[]> };
  readonly clients: {
    expireLogs(keeper: {
      expireKeys(): Promise<readonly string[]>;
    }): Promise<{ readonly keys: number; readonly events: number }>;
  };
  readonly visitors: { expire(): Promise<number> };
  readonly store: { purgeUnplaced(before: number): Promise<number> };
}

// Deleted mail can be brought back for 30 days, as the policy of the store says.
const UNDELETE = 30 * DAY;

/** Runs all jobs once soon after the start and then every hour, until disposed. */
export function runSchedule({ clock, keeper, clients, visitors, store }: Scheduled): Disposable {
  const jobs: { readonly [name: string]: () => Promise<{ readonly [what: string]: number }> } = {
    "log-retention": async () => ({ ...(await clients.expireLogs(keeper)) }),
    "visit-retention": async () => ({ days: await visitors.expire() }),
    "deleted-mail": async () => ({ messages: await store.purgeUnplaced(clock.now() - UNDELETE) }),
  };
  const run = async (): Promise<void> => {
    for (const [name, job] of Object.entries(jobs)) {
      try {
        const did = await job();
        if (Object.values(did).some((count) => count > 0)) log(`job.${name}`, did);
      } catch (error) {
        logBroken(`job.${name}`, error);
      }
    }
  };
  const first = setTimeout(() => void run(), 10_000);
  const hourly = setInterval(() => void run(), HOUR);
  return {
    [Symbol.dispose]() {
      clearTimeout(first);
      clearInterval(hourly);
    },
  };
}
