// The end of a key's file: overwritten, synced, removed. On a flash disk and in copies of the folder old blocks may live on;
// docs/keeper.md says so.
import { open, unlink } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder } from "#base/files";

/** They are gone from the disk when it returns. */
export async function destroyFiles(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) await overwriteAndUnlink(join(folder, name));
  if (names.length > 0) await syncFolder(folder);
}

async function overwriteAndUnlink(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    const { size } = await file.stat();
    await file.write(Buffer.alloc(size), 0, size, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await unlink(path);
}
