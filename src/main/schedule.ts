// The jobs that run by the clock: retention, ladders, notices. Each says what it did; none holds a grant.
import { log, logBroken } from "#base/log";
import { type Clock, HOUR } from "#base/time";

export interface Job {
  /** As the operator reads it: "log-retention". */
  readonly name: string;
  /** What it is for, in a line. */
  readonly words: string;
  /** Does what is due and says how much: counts by what they count. */
  run(): Promise<{ readonly [what: string]: number }>;
}

/** How a job's last run went. */
export interface JobReport {
  readonly name: string;
  readonly words: string;
  /** Milliseconds since 1970; undefined before the first run. */
  readonly at: number | undefined;
  readonly did: { readonly [what: string]: number };
  /** The id under which the log has what broke. */
  readonly broken: string | undefined;
}

export interface Schedule extends AsyncDisposable {
  /** Runs every job now, one after the other; a run that is under way is waited for first. */
  run(): Promise<readonly JobReport[]>;
  reports(): readonly JobReport[];
}

// Soon after a start, but behind the first clients who come back.
const FIRST_RUN = 10_000;

/** Runs all jobs once soon after the start and then every hour, until disposed. */
export function openSchedule(clock: Clock, jobs: readonly Job[]): Schedule {
  const reports = new Map<string, JobReport>(
    jobs.map(({ name, words }) => [
      name,
      { name, words, at: undefined, did: {}, broken: undefined },
    ]),
  );
  const runOne = async (job: Job): Promise<void> => {
    const { name, words } = job;
    const at = clock.now();
    try {
      const did = await job.run();
      if (Object.values(did).some((count) => count > 0)) log(`job.${name}`, did);
      reports.set(name, { name, words, at, did, broken: undefined });
    } catch (error) {
      const broken = logBroken(`job.${name}`, error);
      reports.set(name, { name, words, at, did: {}, broken });
    }
  };
  let turn: Promise<void> = Promise.resolve();
  let closed = false;
  const afterThe = async (last: Promise<void>): Promise<void> => {
    await last;
    for (const job of jobs) if (!closed) await runOne(job);
  };
  const runAll = (): Promise<void> => (turn = afterThe(turn));
  const first = setTimeout(() => void runAll(), FIRST_RUN);
  const hourly = setInterval(() => void runAll(), HOUR);
  return {
    async run() {
      await runAll();
      return [...reports.values()];
    },
    reports: () => [...reports.values()],
    async [Symbol.asyncDispose]() {
      closed = true;
      clearTimeout(first);
      clearInterval(hourly);
      await turn;
    },
  };
}
