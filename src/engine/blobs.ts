// Blobs as files: one file per id in a folder per first two characters of its id. What is put is sealed already; nothing here looks at it.
import { mkdir, readFile, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Broken } from "#base/errors";
import { replaceFile, syncFolder } from "#base/files";
import type { Blobs } from "./contract.ts";

/** Opens (and makes) a folder of blobs. Shards are made when first needed and never removed. */
export async function openBlobs(folder: string): Promise<Blobs> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const made = new Set<string>();
  const pathOf = (id: string): string => {
    // The id becomes a path: nothing but lower-case letters and digits may.
    if (!/^[a-z0-9]{4,64}$/.test(id)) throw new Broken("a blob's id is 4 to 64 of a-z and 0-9");
    return join(folder, id.slice(0, 2), id);
  };
  return {
    async put(id, bytes) {
      const path = pathOf(id);
      const shard = dirname(path);
      if (!made.has(shard)) {
        await mkdir(shard, { recursive: true, mode: 0o700 });
        await syncFolder(folder);
        made.add(shard);
      }
      await replaceFile(path, bytes, 0o600, halfOf(path));
    },
    async get(id) {
      try {
        return await readFile(pathOf(id));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw new Broken("a blob cannot be read", error);
      }
    },
    async remove(id) {
      const path = pathOf(id);
      try {
        // What a crash left half-written goes the same way.
        await rm(halfOf(path), { force: true });
        await rm(path);
        await syncFolder(dirname(path));
      } catch (error) {
        if (!isMissing(error)) throw new Broken("a blob cannot be removed", error);
      }
    },
  };
}

/** Where a blob is written before it has its name; an id is put once only. */
function halfOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.new`);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
