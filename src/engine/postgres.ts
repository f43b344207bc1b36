// The engine over PostgreSQL: every write a serializable transaction of its own, tried again when it lost to another. Holds nothing
// that another process must know: any number of processes may share one database.
import { setTimeout as wait } from "node:timers/promises";
import { Kysely, PostgresDialect } from "kysely";
import { Pool, types } from "pg";
import { Broken } from "#base/errors";
import { log } from "#base/log";
import type { Blobs, Engine, EngineSettings, Invocation } from "./contract.ts";
import { migrate, postgresLock, postgresTypes } from "./migrations.ts";
import { openNews } from "./news.ts";
import { openPostgresNews } from "./postgres-news.ts";
import { bodyOf, loadCommands, type Registry } from "./registry.ts";

// Twenty at once per process keep two processes under the 100 sessions that PostgreSQL grants by default, readers included.
const MAX_SESSIONS = 20;
// Losers wait a little longer each time; with twenty sessions on one account the unluckiest needs about as many turns.
const MAX_TRIES = 60;
const LONGEST_WAIT_MS = 100;

/** Connects, migrates, loads the commands. Throws Broken when the database does not answer. */
export async function openPostgres(
  settings: EngineSettings,
  url: string,
  blobs: Blobs,
): Promise<Engine> {
  const registry = await loadCommands(settings.rooms.map((room) => room.commands));
  const writer = kyselyOver(url, "-c synchronous_commit=on");
  const reader = kyselyOver(url, "-c default_transaction_read_only=on");
  const local = openNews();
  try {
    await migrate(writer, settings.rooms, {
      types: postgresTypes,
      lock: postgresLock,
      beforeChange: () => {}, // the operator's backup: a server has its own, and we may not even be on its machine
    });
  } catch (error) {
    await Promise.all([writer.destroy(), reader.destroy()]);
    throw error instanceof Broken ? error : new Broken("PostgreSQL does not answer", error);
  }
  const news = await openPostgresNews(url, local);
  const run = (invocations: readonly Invocation[]) => runTogether(writer, registry, invocations);
  return {
    dialect: "postgres",
    reader: <Tables>() => reader as unknown as Kysely<Tables>,
    async write(command, args) {
      const values = await run([{ name: command.name, args }]);
      return values[0] as never;
    },
    writeTogether: run,
    blobs,
    announce: (channel, payload) => news.announce(channel, payload),
    subscribe: (channel, listener) => local.subscribe(channel, listener),
    async [Symbol.asyncDispose]() {
      await news[Symbol.asyncDispose]();
      await Promise.all([reader.destroy(), writer.destroy()]);
    },
  };
}

async function runTogether(
  db: Kysely<unknown>,
  registry: Registry,
  invocations: readonly Invocation[],
): Promise<readonly unknown[]> {
  const bodies = invocations.map(({ name, args }) => ({ body: bodyOf(registry, name), args }));
  for (let tries = 1; ; tries += 1) {
    try {
      return await db
        .transaction()
        .setIsolationLevel("serializable")
        .execute(async (tx) => {
          const values: unknown[] = [];
          for (const { body, args } of bodies)
            values.push(await body(tx as unknown as Kysely<never>, args));
          return values;
        });
    } catch (error) {
      if (!lostToAnother(error) || tries >= MAX_TRIES)
        throw new Broken(`${invocations.map(({ name }) => name).join(" + ")} failed`, error);
      await wait(Math.random() * Math.min(LONGEST_WAIT_MS, 2 * tries));
    }
  }
}

/** 40001 serialization failure, 40P01 deadlock: nothing was applied and the same again may well succeed. */
function lostToAnother(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    if ("code" in at && (at.code === "40001" || at.code === "40P01")) return true;
  return false;
}

function kyselyOver(url: string, options: string): Kysely<unknown> {
  const pool = new Pool({
    connectionString: url,
    options,
    max: MAX_SESSIONS,
    types: { getTypeParser },
    // Without it a server that does not answer would hold the start for ever.
    connectionTimeoutMillis: 10_000,
    allowExitOnIdle: true,
  });
  // A session that is lost while idle is replaced when next wanted; without a listener it would end the process.
  pool.on("error", (error) => log("postgres-session-lost", { error: error.name }));
  return new Kysely({ dialect: new PostgresDialect({ pool }) });
}

/** int8 (20) and the numeric (1700) of sums come as numbers; we store none above 2^53. */
const getTypeParser: typeof types.getTypeParser = (oid: number, format?: "text" | "binary") =>
  oid === 20 || oid === 1700 ? safeInteger : types.getTypeParser(oid, format);

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Broken("PostgreSQL gave a number above 2^53");
  return value;
}
