// The one writer of a SQLite database, a worker thread. Takes whatever has queued up, runs it in one transaction with a savepoint
// for each write, commits (one fsync for all) and only then answers. Never answers yes before the commit returned.
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { Kysely } from "kysely";
import { Broken } from "#base/errors";
import { bodyOf, loadCommands, type Registry } from "./registry.ts";
import { sqliteKysely } from "./sqlite-dialect.ts";
import { openWritable } from "./sqlite-file.ts";
import {
  errorOf,
  failureOf,
  type FromWriter,
  type Outcome,
  type ToWriter,
  type Write,
  type WriterStart,
} from "./writes.ts";

// A batch is one transaction: more would make the first in it wait too long, and 512 already share one fsync.
const MAX_BATCH = 512;

async function main(): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Broken("the writer is a worker thread");
  const { path, modules } = workerData as WriterStart;
  const say = (message: FromWriter): void => port.postMessage(message);
  const registry = await loadCommands(modules);
  const db = openWritable(path);
  const tx = sqliteKysely<never>(() => db, 1);
  const begin = db.prepare("begin immediate");
  const commit = db.prepare("commit");
  const save = db.prepare("savepoint one");
  const release = db.prepare("release one");
  const waiting: Write[] = [];
  let running = false;
  let closing = false;

  const take = (message: ToWriter): void => {
    if (message.kind === "close") closing = true;
    else waiting.push(...message.writes);
  };
  const work = async (): Promise<void> => {
    if (running) return;
    running = true;
    for (;;) {
      // What was posted while the last commit waited for the disk is read here, without a turn of the event loop.
      for (let more = receiveMessageOnPort(port); more; more = receiveMessageOnPort(port))
        take(more.message as ToWriter);
      if (waiting.length === 0) break;
      say({ kind: "outcomes", outcomes: await runBatch(waiting.splice(0, MAX_BATCH)) });
    }
    running = false;
    if (!closing) return;
    db.exec("pragma wal_checkpoint(truncate)");
    await tx.destroy();
    port.close();
  };

  /** Every write of the batch gets one outcome, known only after the commit. */
  const runBatch = async (batch: readonly Write[]): Promise<readonly Outcome[]> => {
    let outcomes: Outcome[] = [];
    try {
      begin.run();
      for (const write of batch) {
        const outcome = await runWrite(write);
        outcomes.push(outcome);
        // A full or failing disk makes SQLite roll back everything; what came before in this batch is gone too.
        if (!db.isTransaction)
          throw outcome.ok ? new Broken("no transaction") : errorOf(outcome.error);
      }
      commit.run();
    } catch (error) {
      if (db.isTransaction) db.exec("rollback");
      outcomes = batch.map(({ id }) => ({ id, ok: false, error: failureOf(error) }));
    }
    return outcomes;
  };

  const runWrite = async ({ id, invocations }: Write): Promise<Outcome> => {
    save.run();
    try {
      const values = await runAll(registry, tx, invocations);
      release.run();
      return { id, ok: true, values };
    } catch (error) {
      if (db.isTransaction) db.exec("rollback to one; release one");
      return { id, ok: false, error: failureOf(error) };
    }
  };

  port.on("message", (message: ToWriter) => {
    take(message);
    void work();
  });
  say({ kind: "ready" });
}

async function runAll(
  registry: Registry,
  tx: Kysely<never>,
  invocations: Write["invocations"],
): Promise<readonly unknown[]> {
  const values: unknown[] = [];
  for (const { name, args } of invocations) values.push(await bodyOf(registry, name)(tx, args));
  return values;
}

await main();
