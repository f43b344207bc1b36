// Reading a published ledger: from a web site or from a folder, and nothing larger than a log's files are.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Read } from "#ledger";
import { UsageError } from "./command.ts";

// A tile is 8 KiB and a bundle of openings far below this; more is an attack on the auditor's memory.
const MAX_FILE = 16 * 1024 * 1024;

export function readerOf(place: string): Read {
  if (!/^https?:\/\//.test(place)) {
    if (!existsSync(place)) throw new UsageError(`there is no folder ${place}`);
    return (path) => readFile(join(place, path)).catch(missing);
  }
  const base = place.replace(/\/+$/, "");
  return async (path) => {
    const answer = await fetch(`${base}/${path}`, {
      redirect: "error",
      signal: AbortSignal.timeout(30_000),
    });
    if (answer.status === 404) return undefined;
    if (!answer.ok) throw new Error(`${path}: HTTP ${answer.status}`);
    if (Number(answer.headers.get("content-length")) > MAX_FILE)
      throw new Error(`${path} is larger than any file of a log`);
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of answer.body ?? []) {
      size += piece.byteLength;
      if (size > MAX_FILE) throw new Error(`${path} is larger than any file of a log`);
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  };
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
  throw error;
}
