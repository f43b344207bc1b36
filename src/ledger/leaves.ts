// The `leaves` file and the tree over it: 56 bytes a leaf, one after the other, nothing else. Appends only; what it cuts is a
// tail that no checkpoint covers. The hashes of complete blocks of 256 leaves are held in memory (a quarter of a byte per leaf);
// those below are computed from the file when a proof asks for them.
import { readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { Broken } from "#base/errors";
import { appendDurable } from "#base/files";
import { isLeaf, LEAF_SIZE } from "./entry.ts";
import { TILE_HEIGHT } from "./tiles.ts";
import { Frontier, type HashSource, leafHash, nodeHash } from "./tree.ts";

// 18,724 leaves, 1 MiB, are read at a time on start; more gains nothing.
const READ_LEAVES = Math.floor((1024 * 1024) / LEAF_SIZE);

export class Leaves implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #frontier = new Frontier();
  /** The hashes from level 8 up, by level and index. */
  readonly #nodes: Uint8Array[][] = [];

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /**
   * Opens the file, made if it is missing, and hashes every leaf. Beyond `signed` leaves the file may end in the rubbish of an
   * interrupted append: it is cut at the first leaf that is torn or has no leaf's form. `atSigned` is called with the root of the
   * first `signed` leaves. Throws Broken when the file is shorter than that.
   */
  static async open(
    path: string,
    signed: number,
    atSigned: (root: Uint8Array) => void,
  ): Promise<Leaves> {
    const file = await open(path, "a+", 0o600);
    try {
      const leaves = new Leaves(file);
      await leaves.#load(signed, atSigned);
      return leaves;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get size(): number {
    return this.#frontier.size;
  }

  root(): Uint8Array {
    return this.#frontier.root();
  }

  /** Appends leaves; they are on the disk when it returns. After a throw the file's end is unknown: open it anew. */
  async append(leaves: readonly Uint8Array[]): Promise<void> {
    await appendDurable(this.#file, Buffer.concat(leaves));
    for (const leaf of leaves) this.#push(leaf);
  }

  /** Throws a RangeError when there is no such leaf, Broken when the file does not give it. */
  read(start: number, count: number): Uint8Array[] {
    if (start < 0 || start + count > this.size)
      throw new RangeError(`no leaves ${start} to ${start + count}`);
    const bytes = Buffer.alloc(count * LEAF_SIZE);
    const got = readSync(this.#file.fd, bytes, 0, bytes.byteLength, start * LEAF_SIZE);
    if (got !== bytes.byteLength) throw new Broken("the ledger's leaves file became shorter");
    return cut(bytes);
  }

  /** Answers for every complete subtree of the tree. */
  readonly source: HashSource = (level, index) => {
    if (level >= TILE_HEIGHT) {
      const node = this.#nodes[level - TILE_HEIGHT]?.[index];
      if (node === undefined) throw new RangeError(`no node ${index} at level ${level}`);
      return node;
    }
    let row = this.read(index * 2 ** level, 2 ** level).map((leaf) => leafHash(leaf));
    while (row.length > 1) row = pairs(row);
    return row[0] ?? Buffer.alloc(0);
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }

  async #load(signed: number, atSigned: (root: Uint8Array) => void): Promise<void> {
    const { size: length } = await this.#file.stat();
    if (length < signed * LEAF_SIZE) {
      throw new Broken(
        `the ledger holds ${Math.floor(length / LEAF_SIZE)} leaves, but signed a checkpoint of ${signed}: leaves were lost, and signing on would fork it`,
      );
    }
    const whole = Math.floor(length / LEAF_SIZE);
    if (signed === 0) atSigned(this.root());
    let sound = true;
    for (let at = 0; at < whole && sound; at += READ_LEAVES) {
      const bytes = Buffer.alloc(Math.min(READ_LEAVES, whole - at) * LEAF_SIZE);
      const { bytesRead } = await this.#file.read(bytes, 0, bytes.byteLength, at * LEAF_SIZE);
      if (bytesRead !== bytes.byteLength)
        throw new Broken("the ledger's leaves file became shorter");
      for (const leaf of cut(bytes)) {
        sound = this.size < signed || isLeaf(leaf);
        if (!sound) break;
        this.#push(leaf);
        if (this.size === signed) atSigned(this.root());
      }
    }
    if (this.size * LEAF_SIZE !== length) {
      await this.#file.truncate(this.size * LEAF_SIZE);
      await this.#file.sync();
    }
  }

  #push(leaf: Uint8Array): void {
    this.#frontier.push(leafHash(leaf), (level, _index, hash) => {
      if (level >= TILE_HEIGHT) (this.#nodes[level - TILE_HEIGHT] ??= []).push(hash);
    });
  }
}

function cut(bytes: Uint8Array): Uint8Array[] {
  const leaves: Uint8Array[] = [];
  for (let at = 0; at < bytes.byteLength; at += LEAF_SIZE)
    leaves.push(bytes.subarray(at, at + LEAF_SIZE));
  return leaves;
}

function pairs(row: readonly Uint8Array[]): Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let at = 0; at + 1 < row.length; at += 2) {
    const [left, right] = [row[at], row[at + 1]];
    if (left !== undefined && right !== undefined) above.push(nodeHash(left, right));
  }
  return above;
}
