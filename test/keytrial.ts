// Plays the thief of the disk: takes every string of the size of a key out of files and database, and tries each on every
// sealed object and every wrap. Knows all that the source code tells: layouts, contexts, derivations.
import { createDecipheriv } from "node:crypto";
import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { type Context, openOpener, publicHalf, sealedHeader, unwrapSecret } from "#vault";

export interface SealedTarget {
  readonly name: string;
  readonly context: Context;
  readonly sealed: Uint8Array;
  /** A purpose for which the policy lets its class be opened: the thief says it, and it must not help. */
  readonly purpose: "own" | "transmit-and-deliver" | "establish-service";
}

export interface WrapTarget {
  readonly name: string;
  readonly about: readonly string[];
  readonly wrapped: Uint8Array;
}

export interface Trial {
  readonly candidates: number;
  readonly opened: readonly string[];
}

/** All distinct 32-byte strings: each window of a short value, and what hex and base64 in it decode to. */
export class Candidates {
  readonly #found = new Map<string, Buffer>();

  get all(): Iterable<Buffer> {
    return this.#found.values();
  }

  get count(): number {
    return this.#found.size;
  }

  /** A value, or a file. Of a long value (a sealed body) the windows of its header and its ends: the rest is ciphertext by layout. */
  add(value: Uint8Array): void {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    const ends =
      bytes.byteLength <= 1024 ? [bytes] : [bytes.subarray(0, 512), bytes.subarray(-128)];
    for (const end of ends) this.#windows(end);
    const text = bytes.toString("latin1");
    for (const [hex] of text.matchAll(/[0-9a-fA-F]{64,}/g)) this.#windows(Buffer.from(hex, "hex"));
    for (const [letters] of text.matchAll(/[A-Za-z0-9+/_-]{42,}/g))
      this.#windows(Buffer.from(letters, "base64"));
  }

  addFile(path: string): void {
    this.add(readFileSync(path));
  }

  /** Every value of every row of every table. */
  addDatabase(path: string): void {
    const db = new DatabaseSync(path, { readOnly: true });
    const tables = db.prepare("select name from sqlite_master where type = 'table'").all() as {
      name: string;
    }[];
    for (const { name } of tables) {
      for (const row of db.prepare(`select * from "${name}"`).all()) {
        for (const value of Object.values(row)) {
          if (value instanceof Uint8Array) this.add(value);
          else if (typeof value === "string") this.add(Buffer.from(value));
        }
      }
    }
    db.close();
  }

  #windows(bytes: Buffer): void {
    for (let at = 0; at + 32 <= bytes.byteLength; at += 1) {
      const window = bytes.subarray(at, at + 32);
      this.#found.set(window.toString("latin1"), window);
    }
  }
}

/** Tries each candidate as X25519 secret, as AES key and as wrap key. `publicKeys` are those the database names. */
export function tryKeys(
  candidates: Candidates,
  publicKeys: readonly Uint8Array[],
  sealed: readonly SealedTarget[],
  wraps: readonly WrapTarget[],
): Trial {
  const known = new Set(publicKeys.map((key) => Buffer.from(key).toString("hex")));
  const opened: string[] = [];
  for (const candidate of candidates.all) {
    for (const { name, about, wrapped } of wraps) {
      if (unwrapSecret(candidate, about, wrapped) !== undefined)
        opened.push(`${name} by a wrap key`);
    }
    if (known.has(Buffer.from(publicHalf("x25519", candidate)).toString("hex"))) {
      opened.push("a public key's secret half lies in the files");
    }
    const opener = openOpener(candidate);
    for (const target of sealed) {
      if (sealedHeader(target.sealed) === undefined)
        throw new Error(`${target.name} is no sealed object`);
      if (
        opener.open(target.context as Context<"content">, target.purpose as "own", target.sealed).ok
      ) {
        opened.push(`${target.name} by a box secret`);
      }
      if (decrypts(candidate, target.sealed)) opened.push(`${target.name} by a raw key`);
    }
  }
  return { candidates: candidates.count, opened };
}

function decrypts(key: Uint8Array, sealed: Uint8Array): boolean {
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.alloc(12));
  decipher.setAuthTag(sealed.subarray(sealed.byteLength - 16));
  try {
    decipher.update(sealed.subarray(122, sealed.byteLength - 16));
    decipher.final();
    return true;
  } catch {
    return false;
  }
}
