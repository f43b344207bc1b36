// Migrations go forward only, each in a transaction of its own; what is applied is remembered by room and name.
import { type Kysely, sql } from "kysely";
import { Broken } from "#base/errors";
import { systemClock } from "#base/time";
import type { ColumnTypes, Room } from "./contract.ts";

interface Tables {
  migration: { name: string; applied_at: number };
}

interface Pending {
  readonly name: string;
  readonly up: Room["migrations"][number]["up"];
}

export interface MigrationSettings {
  readonly types: ColumnTypes;
  /** Called once, before the first pending migration, when the database has been in use. */
  readonly beforeChange: () => void;
  /** Taken at the start of each transaction, so that processes starting together do not migrate together. */
  readonly lock: (tx: Kysely<Tables>) => Promise<void>;
}

/** Applies what is pending, in the order of the rooms and of each room's list. Throws Broken naming the one that failed. */
export async function migrate(
  anyDb: Kysely<unknown>,
  rooms: readonly Room[],
  settings: MigrationSettings,
): Promise<void> {
  const db = anyDb as Kysely<Tables>;
  await db.transaction().execute(async (tx) => {
    await settings.lock(tx);
    await tx.schema
      .createTable("migration")
      .ifNotExists()
      .addColumn("name", settings.types.text, (column) => column.primaryKey())
      .addColumn("applied_at", settings.types.integer, (column) => column.notNull())
      .execute();
  });
  const applied = await appliedNames(db);
  const pending = rooms
    .flatMap((room) =>
      room.migrations.map(({ name, up }): Pending => ({ name: `${room.name}/${name}`, up })),
    )
    .filter(({ name }) => !applied.has(name));
  if (pending.length > 0 && applied.size > 0) settings.beforeChange();
  for (const migration of pending) await apply(db, migration, settings);
}

async function apply(
  db: Kysely<Tables>,
  { name, up }: Pending,
  { types, lock }: MigrationSettings,
): Promise<void> {
  try {
    await db.transaction().execute(async (tx) => {
      await lock(tx);
      if ((await appliedNames(tx)).has(name)) return;
      await up(tx as unknown as Kysely<unknown>, types);
      await tx.insertInto("migration").values({ name, applied_at: systemClock.now() }).execute();
    });
  } catch (error) {
    throw new Broken(`migration ${name} failed; nothing of it is applied`, error);
  }
}

async function appliedNames(db: Kysely<Tables>): Promise<ReadonlySet<string>> {
  const rows = await db.selectFrom("migration").select("name").execute();
  return new Set(rows.map((row) => row.name));
}

export const sqliteTypes: ColumnTypes = { bytes: "blob", integer: "integer", text: "text" };
export const postgresTypes: ColumnTypes = { bytes: "bytea", integer: "bigint", text: "text" };

/** One number for all of Bailee's migrations in a PostgreSQL database ("BAIL" in ASCII). */
export async function postgresLock(tx: Kysely<Tables>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(0x4241494c)})`.execute(tx);
}
