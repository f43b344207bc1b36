// The loop: looks for what is due when woken and when the next recipient's time comes, and keeps so many jobs going, each
// destination at its own pace. Nothing that one job does stops it.
import { invoke } from "#engine";
import { log, logBroken } from "#base/log";
import { MINUTE, SECOND } from "#base/time";
import type { Finished } from "./attempt.ts";
import { putOff, setAside } from "./commands.ts";
import type { QueueOptions } from "./contract.ts";
import type { Cursor, Job, Page, Reader } from "./due.ts";
import type { Pace } from "./pace.ts";
import { openWindow } from "./window.ts";

export interface Worker {
  wake(): void;
  /** Takes nothing new; waits ten seconds for what is under way, then calls `breakOff` and waits for the end. */
  close(breakOff: () => void): Promise<void>;
}

// What one machine keeps open at once.
const MAX_JOBS = 40;
// More is read when fewer jobs than this are in hand.
const LOW_WATER = 200;
// Pages read in one look: a whole queue of one slow destination is not walked through at once.
const PAGES_AT_ONCE = 5;
const CLOSE_GRACE = 10 * SECOND;
/** The longest sleep: a clock that was set, or another process's item, is noticed after this. */
const LONGEST_SLEEP = MINUTE;
const AFTER_TROUBLE = 15 * SECOND;
/** What a destination cannot take now is looked at again after about this. */
const PUT_OFF = 30 * SECOND;
/** A destination that is slowed is looked at this often. */
const SLOW_LOOK = 200;

export function openWorker(parts: {
  readonly options: QueueOptions;
  readonly reader: Reader;
  readonly pace: Pace;
  readonly attempt: (job: Job) => Promise<Finished>;
  /** Housekeeping, when there is nothing to send; true when it made something due. */
  readonly tidy: (now: number) => Promise<boolean>;
}): Worker {
  const { options, reader, pace } = parts;
  const { clock, engine } = options;
  const running = new Map<Promise<void>, string>();
  const runningTo = new Map<string, number>();
  const inHand = new Set<string>(); // recipients of jobs in the window and of running ones
  const window = openWindow();
  const life: { closing: boolean; cursor: Cursor | undefined; fresh: boolean } = {
    closing: false,
    cursor: undefined,
    fresh: true,
  };
  let looking: Promise<void> | undefined;
  let again = false;
  let timer: NodeJS.Timeout | undefined;

  const sleep = (wait: number): void => {
    clearTimeout(timer);
    if (life.closing) return;
    timer = setTimeout(wake, Math.min(Math.max(wait, 10), LONGEST_SLEEP));
    timer.unref();
  };

  const count = (domain: string, by: number): void => {
    const now = (runningTo.get(domain) ?? 0) + by;
    if (now > 0) runningTo.set(domain, now);
    else runningTo.delete(domain);
  };

  const start = (job: Job): void => {
    pace.started(job.domain);
    count(job.domain, 1);
    const done = parts
      .attempt(job)
      .then((finished) => reader.forget(finished.gone))
      .catch((error: unknown) => {
        logBroken("queue.engine", error);
        return new Promise<void>((resolve) => setTimeout(resolve, AFTER_TROUBLE).unref());
      })
      .finally(() => {
        running.delete(done);
        count(job.domain, -1);
        for (const { id } of job.recipients) inHand.delete(id);
        pump();
      });
    running.set(done, job.domain);
  };

  const startAll = (): void => {
    const may = (domain: string): boolean => pace.mayStart(domain, runningTo.get(domain) ?? 0);
    while (running.size < MAX_JOBS && !life.closing) {
      const job = window.take(may);
      if (job === undefined) return;
      start(job);
    }
  };

  /** Reads on until there is enough in hand, or nothing more. What goes beyond a destination's share is put off. */
  const fill = async (now: number): Promise<void> => {
    for (let pages = 0; pages < PAGES_AT_ONCE && window.size() < LOW_WATER; pages += 1) {
      const from = life.cursor;
      const page = await reader.read(now, from, inHand);
      await clearAway(page, now);
      life.cursor = page.last;
      const over = page.jobs.filter((job) => !keep(job));
      await postpone(over, now + PUT_OFF);
      if (page.last !== undefined) continue;
      // The end. What came in behind the cursor is found from the beginning.
      if (from === undefined || window.size() > 0) return;
    }
  };

  const keep = (job: Job): boolean => {
    if (pace.pausedUntil(job.domain) !== undefined || !window.add(job)) return false;
    for (const { id } of job.recipients) inHand.add(id);
    return true;
  };

  /** A paused destination's letters make room for others'. */
  const makeRoom = async (): Promise<void> => {
    for (const domain of window.domains()) {
      const until = pace.pausedUntil(domain);
      if (until === undefined) continue;
      const jobs = window.clear(domain);
      await postpone(jobs, until);
      for (const { recipients } of jobs) for (const { id } of recipients) inHand.delete(id);
    }
  };

  const postpone = async (jobs: readonly Job[], until: number): Promise<void> => {
    if (jobs.length === 0) return;
    const later = jobs.map(({ name: { client, item }, domain, recipients }) => {
      const spread = Math.round(Math.random() * PUT_OFF);
      const due = Math.max(until, pace.pausedUntil(domain) ?? 0) + spread;
      return invoke(putOff, { client, item, recipients: recipients.map(({ id }) => id), due });
    });
    await engine.writeTogether(later);
  };

  const look = async (): Promise<void> => {
    const now = clock.now();
    await makeRoom();
    if (life.fresh || window.size() === 0) {
      life.fresh = false;
      await fill(now);
    }
    startAll();
    if (window.size() > 0) {
      // Those without room begin when a job ends; those that are slowed when their time has come.
      sleep(SLOW_LOOK);
      return;
    }
    const next = await reader.nextDue(now);
    sleep(next === undefined ? LONGEST_SLEEP : next - clock.now());
    if (running.size === 0 && (await parts.tidy(now))) wake();
  };

  function pump(): void {
    again = true;
    if (looking !== undefined || life.closing) return;
    looking = (async () => {
      while (again && !life.closing) {
        again = false;
        await look();
      }
    })()
      .catch((error: unknown) => {
        logBroken("queue.look", error);
        sleep(AFTER_TROUBLE);
      })
      .finally(() => {
        looking = undefined;
        if (again) setImmediate(pump);
      });
  }

  function wake(): void {
    life.fresh = true;
    pump();
  }

  return {
    wake,
    async close(breakOff) {
      life.closing = true;
      clearTimeout(timer);
      await looking;
      const grace = setTimeout(breakOff, CLOSE_GRACE);
      await Promise.allSettled(running.keys());
      clearTimeout(grace);
      breakOff();
    },
  };

  /** What cannot be worked on is set aside or put off, so that it is not met again at every look. */
  async function clearAway(page: Page, now: number): Promise<void> {
    for (const { name, recipient } of page.poisoned) {
      const { client, item } = name;
      await engine.write(setAside, { client, item, recipients: [recipient] });
      log("queue.aside", { client, item, recipients: 1, why: "does not open" });
    }
    for (const { name, recipient } of page.keyless) {
      const { client, item } = name;
      log("queue.keyless", { client, item });
      await engine.write(putOff, { client, item, recipients: [recipient], due: now + 5 * MINUTE });
    }
  }
}
