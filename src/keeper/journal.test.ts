import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Broken } from "#base/errors";
import { openJournal } from "./journal.ts";

test("a record too large to be read again is never written, and what was there is still read", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "bailee-journal-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [path, key] = [join(folder, "journal"), Buffer.alloc(32, 7)];
  {
    await using journal = await openJournal<string>(path, key, () => undefined);
    await journal.append(["first"]);
    await assert.rejects(journal.append(["second", "x".repeat(1024 * 1024)]), Broken);
    await journal.append(["third"]);
  }
  const read: string[] = [];
  await using _ = await openJournal<string>(path, key, (record) => read.push(record));
  assert.deepEqual(read, ["first", "third"]);
});
