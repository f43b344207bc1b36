// The loop: looks for what is due when woken and when the next recipient's time comes, and keeps so many jobs going, so many
// per destination. Nothing that one job does stops it.
import { log, logBroken } from "#base/log";
import { HOUR, MINUTE, SECOND } from "#base/time";
import type { Finished } from "./attempt.ts";
import { EXPIRY } from "./backoff.ts";
import { dropExpiredAside, putOff, setAside } from "./commands.ts";
import type { QueueOptions } from "./contract.ts";
import type { Due, Job, Reader } from "./due.ts";
import type { Keyring } from "./keyring.ts";
import type { Tables } from "./tables.ts";

export interface Worker {
  wake(): void;
  /** Takes nothing new; waits ten seconds for what is under way, then calls `breakOff` and waits for the end. */
  close(breakOff: () => void): Promise<void>;
}

// What one machine keeps open at once, and what one destination bears with good grace (Postfix says 20).
const MAX_JOBS = 40;
const MAX_JOBS_PER_DESTINATION = 10;
const CLOSE_GRACE = 10 * SECOND;
/** The longest sleep: a clock that was set, or another process's item, is noticed after this. */
const LONGEST_SLEEP = MINUTE;
const AFTER_TROUBLE = 15 * SECOND;

export function openWorker(parts: {
  readonly options: QueueOptions;
  readonly keyring: Keyring;
  readonly reader: Reader;
  readonly attempt: (job: Job) => Promise<Finished>;
}): Worker {
  const { options, keyring, reader } = parts;
  const { clock, engine } = options;
  const running = new Map<Promise<void>, string>();
  const busy = new Set<string>(); // recipients of running jobs, whose claim may not be committed yet
  const life = { closing: false, tidied: clock.now() };
  let looking: Promise<void> | undefined;
  let again = false;
  let timer: NodeJS.Timeout | undefined;

  const sleep = (until: number | undefined, trouble = false): void => {
    clearTimeout(timer);
    if (life.closing) return;
    const wait = until === undefined ? LONGEST_SLEEP : until - clock.now();
    const most = trouble ? AFTER_TROUBLE : LONGEST_SLEEP;
    timer = setTimeout(wake, Math.min(Math.max(wait, 10), most));
    timer.unref();
  };

  const start = (job: Job): void => {
    for (const { id } of job.recipients) busy.add(id);
    const done = parts
      .attempt(job)
      .then((finished) => reader.forget(finished.gone))
      .catch((error: unknown) => {
        logBroken("queue.engine", error);
        sleep(undefined, true);
      })
      .finally(() => {
        running.delete(done);
        for (const { id } of job.recipients) busy.delete(id);
        wake();
      });
    running.set(done, job.domain);
  };

  const hasRoom = (domain: string): boolean => {
    let toDomain = 0;
    for (const other of running.values()) if (other === domain) toDomain += 1;
    return running.size < MAX_JOBS && toDomain < MAX_JOBS_PER_DESTINATION;
  };

  const look = async (): Promise<void> => {
    const now = clock.now();
    const due = await reader.read(now);
    await clearAway(options, due, now);
    for (const job of due.jobs) {
      if (life.closing) return;
      if (job.recipients.some(({ id }) => busy.has(id))) continue;
      if (hasRoom(job.domain)) start(job);
    }
    // A job without room is looked at again when one ends, which wakes the loop.
    sleep(due.next);
    if (due.jobs.length === 0) await tidy(options, now);
  };

  function wake(): void {
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
        sleep(undefined, true);
      })
      .finally(() => {
        looking = undefined;
        if (again) setImmediate(wake);
      });
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
  async function clearAway({ engine }: QueueOptions, due: Due, now: number): Promise<void> {
    for (const { name, recipient } of due.poisoned) {
      const { client, item } = name;
      await engine.write(setAside, { client, item, recipients: [recipient] });
      log("queue.aside", { client, item, recipients: 1, why: "does not open" });
    }
    for (const { name, recipient } of due.keyless) {
      const { client, item } = name;
      log("queue.keyless", { client, item });
      await engine.write(putOff, { client, item, recipients: [recipient], due: now + 5 * MINUTE });
    }
  }

  /** Once an hour, and when a day has ended: drops what was set aside long ago, and destroys keys that hold nothing any more. */
  async function tidy({ destroyKey }: QueueOptions, now: number): Promise<void> {
    await keyring.renew();
    const finished = keyring.finishedDays();
    if (finished.length === 0 && now - life.tidied < HOUR) return;
    life.tidied = now;
    const dropped = await engine.write(dropExpiredAside, { createdBefore: now - EXPIRY });
    if (dropped > 0) log("queue.aside-expired", { items: dropped });
    const rows = await engine
      .reader<Tables>()
      .selectFrom("queue_item")
      .select("day")
      .distinct()
      .execute();
    const used = new Set(rows.map(({ day }) => day));
    for (const day of finished) {
      if (used.has(day)) continue;
      await destroyKey(day);
      keyring.forget(day);
      log("queue.key-destroyed", { day });
    }
  }
}
