// One writer per folder. The lock is an exclusive transaction that never ends on an empty SQLite file: SQLite takes the
// operating system's own file lock (fcntl, LockFileEx), which dies with the process however that dies, needs no guess about
// pids or clocks, has no window between two starters, and holds across containers that share the folder. A pid file has the
// guess and the window; an abstract socket exists on Linux only and is not seen from another network namespace.
import { chmodSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { Broken } from "#base/errors";

/** Takes the lock file; throws Broken at once when another writer holds it. Disposing lets it go. */
export function takeLock(path: string): Disposable {
  const database = new DatabaseSync(path, { timeout: 0 });
  // Not by opening it ourselves: closing any descriptor of a file drops this process's fcntl locks on it.
  chmodSync(path, 0o600);
  try {
    // Nothing is ever written, so the file stays empty and no journal is made.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    throw new Broken("another process writes to this ledger folder", cause);
  }
  return {
    [Symbol.dispose]: () => {
      if (database.isOpen) database.close();
    },
  };
}
