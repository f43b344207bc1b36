// Fresh databases of both kinds for contract suites: a temporary folder for SQLite, one throwaway PostgreSQL per test file.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext } from "node:test";
import type { EngineSettings, Room } from "#engine";
import { type Postgres, requirePostgres, startPostgres } from "../postgres.ts";

export interface Databases {
  freshFolder(): string;
  sqlite(): Promise<EngineSettings>;
  /** Undefined after skipping the test because PostgreSQL is not installed. */
  postgres(t: TestContext): Promise<EngineSettings | undefined>;
}

/** Everything made here is stopped and deleted after the file's tests. */
export function databasesFor(rooms: readonly Room[]): Databases {
  const folders: string[] = [];
  let server: Promise<Postgres> | undefined;
  after(async () => {
    if (server !== undefined) await (await server)[Symbol.asyncDispose]();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  const freshFolder = (): string => {
    const folder = mkdtempSync(join(tmpdir(), "bailee-contract-"));
    folders.push(folder);
    return folder;
  };
  return {
    freshFolder,
    // eslint-disable-next-line typescript/require-await
    sqlite: async () => ({ folder: freshFolder(), rooms }),
    async postgres(t) {
      if (!requirePostgres(t)) return undefined;
      server ??= startPostgres();
      return { folder: freshFolder(), databaseUrl: (await server).freshDatabase(), rooms };
    },
  };
}
