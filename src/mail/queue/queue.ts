// Mail leaving: one sealed copy per message and a row per recipient, tried until delivered, refused or five days old. Holds
// plaintext only while it transmits; the copy is destroyed with its last recipient, the day's key with its last copy.
import { type Engine, type Invocation, invoke, type Room } from "#engine";
import { newId } from "#base/ids";
import { attempt } from "./attempt.ts";
import { EXPIRY } from "./backoff.ts";
import { enqueueItem, forgetItems, resumeAttempts } from "./commands.ts";
import type { Outgoing, Queue, QueueCounts, QueueOptions } from "./contract.ts";
import { openDueReader } from "./due.ts";
import { openKeyring } from "./keyring.ts";
import { openOutbound } from "./outbound.ts";
import { reportMessage, wantsReport } from "./report.ts";
import { openRoutes } from "./route.ts";
import { sealItem } from "./sealed.ts";
import { migrations, type Tables } from "./tables.ts";
import { openWorker } from "./worker.ts";

export type {
  DeliverLocal,
  Fate,
  LocalRefusal,
  NotifyOn,
  Outgoing,
  OutgoingRecipient,
  Queue,
  QueueCounts,
  QueueKey,
  QueueOptions,
} from "./contract.ts";

export const queueRoom: Room = {
  name: "queue",
  migrations,
  commands: new URL("commands.ts", import.meta.url).href,
};

// Items of one transaction; each has a body of some megabytes at worst.
const FORGOTTEN_AT_ONCE = 20;

/**
 * Opens the queue over an engine that was opened with `queueRoom`, and starts to work off what it holds: an attempt that
 * was begun before a crash is made again. Disposing lets transmissions under way finish for ten seconds.
 */
export async function openQueue(options: QueueOptions): Promise<Queue> {
  const { engine, clock } = options;
  const keyring = openKeyring(clock, options.keys, options.renewKeys);
  // On SQLite nobody else can be in the middle of an attempt; on PostgreSQL another process may, and its time runs out.
  if (engine.dialect === "sqlite") await engine.write(resumeAttempts, { now: clock.now() });
  const outbound = openOutbound(options.hostname);
  const ways = { clock, options, outbound, routeTo: openRoutes(options.dns) };
  const reader = openDueReader(engine, keyring);
  const worker = openWorker({
    options,
    keyring,
    reader,
    attempt: (job) => attempt(ways, keyring, job),
  });
  worker.wake();
  const enqueue = async (
    outgoing: Outgoing,
    alongside: readonly Invocation[] = [],
  ): Promise<void> => {
    if (outgoing.recipients.length === 0) return;
    const item = sealItem(await keyring.newest(), outgoing, clock.now());
    await engine.writeTogether([invoke(enqueueItem, item), ...alongside]);
    worker.wake();
  };
  return {
    enqueue,
    async reportDelivered(original) {
      const at = clock.now();
      const recipients = original.recipients.filter(({ notify }) =>
        wantsReport(notify, "delivered"),
      );
      if (original.sender === "" || recipients.length === 0) return;
      const reported = recipients.map(
        (recipient) => ({ recipient, action: "delivered", reason: undefined }) as const,
      );
      const { hostname } = options;
      const facts = {
        id: newId(),
        hostname,
        at,
        arrived: at,
        givesUp: at + EXPIRY,
        original,
        reported,
      };
      await enqueue(reportMessage(facts));
    },
    counts: () => counts(engine),
    async forget(client) {
      while ((await engine.write(forgetItems, { client, atMost: FORGOTTEN_AT_ONCE })) > 0);
    },
    wake: () => worker.wake(),
    async [Symbol.asyncDispose]() {
      await worker.close(() => outbound[Symbol.dispose]());
    },
  };
}

async function counts(engine: Engine): Promise<QueueCounts> {
  const reader = engine.reader<Tables>();
  const rows = await reader
    .selectFrom("queue_recipient")
    .select((expression) => ["state", expression.fn.countAll<number>().as("count")])
    .groupBy("state")
    .execute();
  const items = await reader
    .selectFrom("queue_item")
    .select((expression) => expression.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  const of = (aside: boolean): number =>
    rows
      .filter(({ state }) => (state === "aside") === aside)
      .reduce((sum, { count }) => sum + count, 0);
  return { waiting: of(false), aside: of(true), items: items.count };
}
