// Mail leaving: one sealed copy per message and a row per recipient, tried until delivered, refused or five days old. Holds
// plaintext only while it transmits; the copy is destroyed with its last recipient, the day's key with its last copy.
import { type Engine, type Invocation, invoke, type Room } from "#engine";
import { newId } from "#base/ids";
import { attempt } from "./attempt.ts";
import { EXPIRY } from "./backoff.ts";
import { openBodies } from "./bodies.ts";
import { enqueueItem, forgetItems, resumeAttempts } from "./commands.ts";
import type { Outgoing, Queue, QueueCounts, QueueOptions } from "./contract.ts";
import { openDueReader } from "./due.ts";
import { openKeyring } from "./keyring.ts";
import { QUEUE_NEWS } from "./operate.ts";
import { openOutbound } from "./outbound.ts";
import { openPace } from "./pace.ts";
import { openPolicies } from "./policies.ts";
import { signedReport, wantsReport } from "./report.ts";
import { openRoutes } from "./route.ts";
import { sealItem } from "./sealed.ts";
import { openSuppression } from "./suppression.ts";
import { migrations, type Tables } from "./tables.ts";
import { openTidy } from "./tidy.ts";
import { openWorker } from "./worker.ts";

export type {
  DeliverLocal,
  Fate,
  Lasting,
  LocalRefusal,
  NotifyOn,
  Outgoing,
  OutgoingRecipient,
  Queue,
  QueueCounts,
  QueueKey,
  QueueOptions,
  Step,
  TlsOutcome,
} from "./contract.ts";
export { openQueueBrake, type QueueBrake } from "./brake.ts";
export { openQueueOperator } from "./operate.ts";
export { openSuppression } from "./suppression.ts";

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
  const { engine, clock, dns, lasting } = options;
  const keyring = openKeyring(clock, options.keys, options.renewKeys);
  // On SQLite nobody else can be in the middle of an attempt; on PostgreSQL another process may, and its time runs out.
  if (engine.dialect === "sqlite") await engine.write(resumeAttempts, { now: clock.now() });
  const outbound = openOutbound(options.hostname, options);
  const https = { port: options.policyPort, ca: options.authorities };
  const policyOf = openPolicies({ engine, clock, dns, lasting, https });
  const ways = { clock, options, outbound, policyOf, routeTo: openRoutes(dns) };
  const reader = openDueReader(engine, keyring);
  const bodies = openBodies(engine, options.onStep);
  const pace = openPace(clock);
  const suppression = lasting === undefined ? undefined : openSuppression(engine, lasting);
  let closing = false;
  const isClosing = (): boolean => closing;
  const parts = { ways, keyring, bodies, pace, suppression, isClosing };
  const worker = openWorker({
    options,
    reader,
    pace,
    attempt: (job) => attempt(parts, job),
    tidy: openTidy(ways, keyring, bodies),
  });
  const news = engine.subscribe(QUEUE_NEWS, () => worker.wake());
  worker.wake();
  const enqueue = async (
    outgoing: Outgoing,
    alongside: readonly Invocation[] = [],
  ): Promise<void> => {
    if (outgoing.recipients.length === 0) return;
    const now = clock.now();
    options.onStep?.("accepted");
    const sealed = sealItem(await keyring.newest(), outgoing, now);
    options.onStep?.("sealed");
    const item = await bodies.put(sealed, now);
    await engine.writeTogether([invoke(enqueueItem, item), ...alongside]);
    options.onStep?.("queued");
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
      await enqueue(await signedReport(options, facts));
    },
    counts: () => counts(engine),
    slowed: () => pace.slowed(),
    async forget(client) {
      for (;;) {
        const gone = await engine.write(forgetItems, { client, atMost: FORGOTTEN_AT_ONCE });
        for (const item of gone.blobs) await bodies.remove(item);
        if (gone.count === 0) return;
      }
    },
    wake: () => worker.wake(),
    async [Symbol.asyncDispose]() {
      closing = true;
      news[Symbol.dispose]();
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
  const of = (...states: readonly string[]): number =>
    rows.filter(({ state }) => states.includes(state)).reduce((sum, { count }) => sum + count, 0);
  return {
    waiting: of("waiting", "trying", "held", "braked"),
    aside: of("aside"),
    items: items.count,
  };
}
