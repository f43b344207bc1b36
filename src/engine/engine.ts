// Durable storage: transactions, migrations, blobs, group commit. Knows no domain: rooms bring their tables and commands.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openBlobs } from "./blobs.ts";
import type { Engine, EngineSettings } from "./contract.ts";
import { openSqlite } from "./sqlite.ts";

export type {
  Blobs,
  ColumnTypes,
  Command,
  Engine,
  EngineSettings,
  Invocation,
  Migration,
  Room,
} from "./contract.ts";
export { command, invoke } from "./contract.ts";
export { prepared } from "./prepared.ts";

/**
 * Opens the database, brings it up to date and returns when it can be read and written. Throws Broken when it cannot: a
 * folder that cannot be made, a database that does not answer, a migration that failed (nothing of it is applied).
 */
export async function openEngine(settings: EngineSettings): Promise<Engine> {
  await mkdir(settings.folder, { recursive: true, mode: 0o700 });
  const blobs = await openBlobs(settings.blobsFolder ?? join(settings.folder, "blobs"));
  if (settings.databaseUrl === undefined) return openSqlite(settings, blobs);
  // Loaded only where it is wanted: the driver costs start time and memory that one machine need not pay.
  const { openPostgres } = await import("./postgres.ts");
  return openPostgres(settings, settings.databaseUrl, blobs);
}
