// A throwaway PostgreSQL for the tests: Debian's programs, a cluster of its own in a temporary folder, fsync on, a Unix socket
// only. Started once per test file; stopped and deleted when disposed of.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { requireOrSkip } from "./require.ts";

export interface Postgres extends AsyncDisposable {
  /** A connection string to a fresh, empty database. */
  freshDatabase(): string;
  /** Everything that the cluster keeps on disk, its log of writes among it. */
  readonly folder: string;
}

/** The newest PostgreSQL that Debian's packages put in place. */
function programs(): string | undefined {
  return globSync("/usr/lib/postgresql/*/bin").sort().at(-1);
}

/** True when PostgreSQL is installed; otherwise the test is skipped with the reason. */
export function requirePostgres(t: TestContext): boolean {
  return requireOrSkip(t, programs() !== undefined, "not installed: postgresql");
}

/** Starts a cluster. Throws when PostgreSQL is not installed or does not start. */
export async function startPostgres(): Promise<Postgres> {
  const bin = programs();
  if (bin === undefined) throw new Error("PostgreSQL is not installed");
  const folder = mkdtempSync(join(tmpdir(), "bailee-pg-"));
  const user = unprivileged();
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, "data");
  run(join(bin, "initdb"), [
    "-D",
    data,
    "-U",
    "bailee",
    "-A",
    "trust",
    "--no-locale",
    "-E",
    "UTF8",
  ]);
  const server = spawn(
    join(bin, "postgres"),
    [
      "-D",
      data,
      "-k",
      folder,
      "-c",
      "listen_addresses=",
      "-c",
      "fsync=on",
      "-c",
      "shared_buffers=32MB",
    ],
    { ...user, cwd: folder, stdio: "ignore" },
  );
  const exited = once(server, "exit");
  const stop = async (): Promise<void> => {
    server.kill("SIGINT");
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  const ready = () =>
    spawnSync(join(bin, "pg_isready"), ["-h", folder, "-U", "bailee", "-d", "postgres"]).status ===
    0;
  for (let tries = 0; !ready(); tries += 1) {
    if (tries > 200 || server.exitCode !== null) {
      await stop();
      throw new Error("PostgreSQL did not start");
    }
    await wait(50);
  }
  let databases = 0;
  return {
    folder,
    freshDatabase() {
      databases += 1;
      const name = `test${databases}`;
      run(join(bin, "createdb"), ["-h", folder, "-U", "bailee", name]);
      return `postgres://bailee@localhost/${name}?host=${encodeURIComponent(folder)}`;
    },
    [Symbol.asyncDispose]: stop,
  };

  function run(program: string, args: string[]): void {
    const { status, stderr } = spawnSync(program, args, { ...user, cwd: folder, encoding: "utf8" });
    if (status !== 0) throw new Error(`${program} failed: ${stderr}`);
  }
}

/** PostgreSQL refuses to run as root; Debian's package made the user postgres for that. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) =>
    Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout);
  return { uid: id("-u"), gid: id("-g") };
}
