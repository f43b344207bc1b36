// Files that are made once and read ever after.
import { link, readFile, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Broken } from "#base/errors";
import { replaceFile, syncFolder } from "#base/files";
import { newId } from "#base/ids";

export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Broken("a file of the keeper cannot be read", error);
  }
}

/** What is there, or else what `make` gives, durably. Of two keepers that start together one makes it and both read the same. */
export async function readOrCreate(
  path: string,
  make: () => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const there = await readIfThere(path);
  if (there !== undefined) return there;
  const beside = join(dirname(path), `.${newId()}.new`);
  await replaceFile(beside, await make());
  try {
    await link(beside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST")
      throw new Broken("a file of the keeper cannot be made", error);
  } finally {
    await unlink(beside);
  }
  await syncFolder(dirname(path));
  return readOrCreate(path, make);
}
