// The end of a key's file: overwritten, synced, removed. On a flash disk and in copies of the folder old blocks may live on;
// docs/keeper.md says so.
import { type FileHandle, open, unlink } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile, syncFolder } from "#base/files";

/** They are gone from the disk when it returns. */
export async function destroyFiles(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) await overwriteAndUnlink(join(folder, name));
  if (names.length > 0) await syncFolder(folder);
}

/** Replaces a file that holds a secret, or makes it, and overwrites what was there. */
export async function replaceSecretFile(path: string, bytes: Uint8Array): Promise<void> {
  // The old file's blocks are still ours by this handle when its name stands for the new one.
  const old = await open(path, "r+").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    return undefined;
  });
  try {
    await replaceFile(path, bytes);
    if (old !== undefined) await overwrite(old);
  } finally {
    await old?.close();
  }
}

async function overwriteAndUnlink(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await overwrite(file);
  } finally {
    await file.close();
  }
  await unlink(path);
}

async function overwrite(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  await file.write(Buffer.alloc(size), 0, size, 0);
  await file.sync();
}
