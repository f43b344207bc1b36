// How the database file is opened: the pragmas that make a commit durable and a deleted row gone, in one place.
import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** "BAIL" in ASCII: `file` and forensic tools can tell whose database this is. */
const APPLICATION_ID = 0x4241494c;

/** Opens the file for writing; makes it with mode 0600, which its WAL inherits. One writer at a time may hold it. */
export function openWritable(path: string): DatabaseSync {
  closeSync(openSync(path, "a", 0o600));
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: 5000 });
  db.exec(`
    pragma journal_mode = wal;
    pragma synchronous = full;
    pragma secure_delete = on;
    pragma temp_store = memory;
    pragma application_id = ${APPLICATION_ID};
    pragma wal_autocheckpoint = 16000;
    pragma journal_size_limit = 67108864;
    pragma cache_size = -32768;
  `);
  // 16,000 pages (64 MiB): copying the log back holds up the writer and costs two more fsyncs. At 4,000 pages a storm of
  // deliveries was a tenth slower; a longer log only makes the start after a crash longer.
  return db;
}

/** Opens the file for reading only. */
export function openReadable(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  // Mapped, a page is read without a copy: a full download of a mailbox took a third less time in here. One GiB is address space,
  // not memory.
  db.exec(`
    pragma temp_store = memory;
    pragma cache_size = -16384;
    pragma mmap_size = 1073741824;
    pragma query_only = on;
  `);
  return db;
}
