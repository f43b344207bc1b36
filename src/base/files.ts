// Plain files that survive a crash: every function returns only after the bytes and the name are on the disk.
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { newId } from "./ids.ts";

/** Replaces a file whole: write beside it, fsync, rename, fsync the folder. A crash leaves the old or the new bytes, and maybe the file beside. */
export async function replaceFile(
  path: string,
  bytes: Uint8Array | string,
  mode = 0o600,
  beside = join(dirname(path), `.${newId().slice(0, 8)}.new`),
): Promise<void> {
  const file = await open(beside, "wx", mode);
  try {
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    // A full disk is not made fuller by what did not fit.
    await rm(beside, { force: true }).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes names created or removed in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Appends bytes to an open file and returns once they are on the disk. */
export async function appendDurable(file: FileHandle, bytes: Uint8Array): Promise<void> {
  await file.appendFile(bytes);
  await file.datasync();
}
