// The engine over SQLite: readers on the caller's thread, one writer on a thread of its own (`writer.ts`), migrations before both.
import { closeSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Kysely } from "kysely";
import { Broken } from "#base/errors";
import type { Blobs, Engine, EngineSettings, Invocation } from "./contract.ts";
import { migrate, sqliteTypes } from "./migrations.ts";
import { openNews } from "./news.ts";
import { sqliteKysely } from "./sqlite-dialect.ts";
import { openReadable, openWritable } from "./sqlite-file.ts";
import {
  errorOf,
  type FromWriter,
  movable,
  type ToWriter,
  type Write,
  type WriterStart,
} from "./writes.ts";

// A connection is held for the instant of a query or for the length of a read transaction; eight of those at once are plenty.
const MAX_READERS = 8;

/** Opens `bailee.sqlite` in the folder, migrated, with its writer running. */
export async function openSqlite(settings: EngineSettings, blobs: Blobs): Promise<Engine> {
  const path = join(settings.folder, "bailee.sqlite");
  await migrateFile(path, settings);
  const writer = await startWriter({
    path,
    modules: settings.rooms.map((room) => room.commands),
  });
  const reader = sqliteKysely<unknown>(() => openReadable(path), MAX_READERS);
  const news = openNews();
  return {
    dialect: "sqlite",
    reader: <Tables>() => reader as Kysely<Tables>,
    async write(command, args) {
      const values = await writer.write([{ name: command.name, args }]);
      return values[0] as never;
    },
    writeTogether: (invocations) => writer.write(invocations),
    blobs,
    announce: (channel, payload) => news.tell(channel, payload),
    subscribe: (channel, listener) => news.subscribe(channel, listener),
    async [Symbol.asyncDispose]() {
      await reader.destroy();
      await writer.close();
    },
  };
}

/** Applies pending migrations; before the first, on a database in use, a snapshot is laid beside the file until all went well. */
async function migrateFile(path: string, settings: EngineSettings): Promise<void> {
  const db = openWritable(path);
  const kysely = sqliteKysely<unknown>(() => db, 1);
  const snapshot = `${path}.before-migration`;
  try {
    await migrate(kysely, settings.rooms, {
      types: sqliteTypes,
      lock: async () => {},
      beforeChange: () => {
        rmSync(snapshot, { force: true });
        closeSync(openSync(snapshot, "wx", 0o600));
        db.prepare("vacuum into ?").run(snapshot);
      },
    });
    rmSync(snapshot, { force: true });
  } finally {
    await kysely.destroy();
    if (db.isOpen) db.close();
  }
}

interface Writer {
  write(invocations: readonly Invocation[]): Promise<readonly unknown[]>;
  close(): Promise<void>;
}

interface Waiter {
  readonly name: string;
  readonly resolve: (values: readonly unknown[]) => void;
  readonly reject: (error: Broken) => void;
}

/** Starts the worker; resolves once it has the database open. A writer that dies rejects what waits and all that comes later. */
async function startWriter(start: WriterStart): Promise<Writer> {
  const worker = new Worker(new URL("./writer.ts", import.meta.url), { workerData: start });
  const waiters = new Map<number, Waiter>();
  const started = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  let gone: Broken | undefined;
  let nextId = 0;
  let unsent: Write[] = [];
  let moved: ArrayBuffer[] = [];

  const end = (error: Broken): void => {
    gone ??= error;
    started.reject(gone);
    for (const waiter of waiters.values()) waiter.reject(gone);
    waiters.clear();
  };
  worker.on("error", (error) => end(new Broken("the writer died", error)));
  worker.on("exit", () => {
    end(new Broken("the writer has ended"));
    ended.resolve();
  });
  worker.on("message", (message: FromWriter) => {
    if (message.kind === "ready") {
      started.resolve();
      return;
    }
    for (const outcome of message.outcomes) {
      const waiter = waiters.get(outcome.id);
      waiters.delete(outcome.id);
      if (outcome.ok) waiter?.resolve(outcome.values);
      else waiter?.reject(new Broken(`${waiter.name} failed`, errorOf(outcome.error)));
    }
  });
  // Writes of one turn of the event loop travel together.
  const send = (): void => {
    if (unsent.length === 0) return;
    const message: ToWriter = { kind: "write", writes: unsent };
    worker.postMessage(message, moved);
    unsent = [];
    moved = [];
  };
  await started.promise;
  return {
    async write(invocations) {
      if (gone !== undefined) throw gone;
      const { promise, resolve, reject } = Promise.withResolvers<readonly unknown[]>();
      const copies = movable(invocations, moved) as Invocation[];
      nextId += 1;
      if (unsent.length === 0) queueMicrotask(send);
      unsent.push({ id: nextId, invocations: copies });
      waiters.set(nextId, {
        name: invocations.map(({ name }) => name).join(" + "),
        resolve,
        reject,
      });
      return promise;
    },
    async close() {
      send();
      const message: ToWriter = { kind: "close" };
      if (gone === undefined) worker.postMessage(message, []);
      await ended.promise;
    },
  };
}
