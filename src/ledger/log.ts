// The log: the only writer of its folder. It appends, signs and publishes; it never signs a tree that is not a continuation of
// the last one it signed. The private folder:
//
//   leaves       56 bytes a leaf, appended and fsynced
//   checkpoint   the signed note over the latest tree, replaced whole after the leaves that it covers are on the disk
//   published    the last checkpoint that was published, kept for the proofs that clients get; missing before the first
//   witnessed    the last one that a quorum of witnesses cosigned; missing where there are none
//   lock         empty; held while the log is open
//
// Recovery is what every start does: hash all leaves, compare with the signed checkpoint, cut a torn tail, sign what follows.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Broken } from "#base/errors";
import { replaceFile } from "#base/files";
import { isLeaf } from "./entry.ts";
import type { Leaves } from "./leaves.ts";
import { takeLock } from "./lock.ts";
import { type NoteSigner, openSigner, parseVerifierKey, type VerifierKey } from "./note.ts";
import { formatTlogProof } from "./proof.ts";
import { type PublishedOpening, writePublication } from "./publish.ts";
import type { ReportCounter } from "./report.ts";
import {
  checkContinues,
  openOwn,
  readIfThere,
  recover,
  removeLeftovers,
  signRoot,
} from "./recover.ts";
import { PUBLICATION_STEP } from "./tiles.ts";
import { consistencyPath, inclusionPath, rootAt } from "./tree.ts";

export interface LogSettings {
  /** The log's name: the checkpoint's first line and the key's name, like "mail.example/ledger". */
  readonly origin: string;
  /** Ed25519 seed, 32 bytes. */
  readonly signingSecret: Uint8Array;
  /** Signed checkpoints that others hold (what is published, what a witness saw). A log that is behind one of them does not open. */
  readonly seen?: readonly Uint8Array[];
}

export interface Publication {
  /** Leaves published; a multiple of 16. */
  readonly size: number;
  /** Where the covers of this publication stand; `covers` is 0 when none were needed. */
  readonly firstCover: number;
  readonly covers: number;
}

export interface Log extends AsyncDisposable {
  /** Leaves that are durable and signed for. */
  readonly size: number;
  /** The key that verifies its checkpoints, as "name+id+base64". */
  readonly verifierKey: string;
  /**
   * Appends leaves in one piece. When it returns they and a signed checkpoint over them are on the disk. Calls at the same time share
   * the fsyncs, in the order in which they came. Throws a TypeError on what is no leaf, Broken when the disk fails; after that
   * it appends nothing more until it is opened anew, which finds out how much was written.
   */
  append(leaves: readonly Uint8Array[]): Promise<{ readonly firstIndex: number }>;
  /** The latest signed checkpoint. */
  checkpoint(): Uint8Array;
  /** The last published checkpoint and its size; undefined before the first publication. */
  published(): { readonly note: Uint8Array; readonly size: number } | undefined;
  /** The last published checkpoint that witnesses cosigned, with what they signed. */
  witnessed(): Uint8Array | undefined;
  /**
   * Puts the signatures of others under the last published checkpoint, in the folder too. `sign` gets it and gives the whole note with them,
   * and whether they suffice; nothing happens when it gives undefined. The text must stay what it is.
   */
  cosign(
    folder: string,
    sign: (
      published: Uint8Array,
    ) => { readonly note: Uint8Array; readonly isWitnessed: boolean } | undefined,
  ): Promise<void>;
  /** Throws a RangeError when there is no such leaf. */
  leaf(index: number): Uint8Array;
  inclusionProof(index: number, size?: number): Uint8Array[];
  consistencyProof(from: number, to: number): Uint8Array[];
  /** A C2SP tlog-proof of one leaf under the last published checkpoint; undefined until that covers it. */
  tlogProof(index: number): string | undefined;
  /**
   * Pads with covers, at least `spare` of them, to the next multiple of 16 and publishes all leaves that were there at the call. The
   * caller makes the covers, and keeps them durably before it hands them over, since it must open them one day. What is published is on the disk when
   * it returns. Throws Broken when the folder holds a tree that this log did not sign, or one that is ahead of it.
   */
  publish(
    folder: string,
    openings: readonly PublishedOpening[],
    coverLeaves: (count: number) => readonly Uint8Array[] | Promise<readonly Uint8Array[]>,
    spare?: number,
  ): Promise<Publication>;
  close(): Promise<void>;
}

/**
 * Opens the log in a folder, made with an empty signed tree if there is none. Throws Broken when another process has it open, and
 * when the leaves are not a continuation of what was signed: it never forks.
 */
export async function openLog(folder: string, settings: LogSettings): Promise<Log> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const lock = takeLock(join(folder, "lock"));
  try {
    const signer = openSigner(settings.origin, settings.signingSecret);
    const key = parseVerifierKey(signer.verifierKey);
    if (key === undefined) throw new Broken("the ledger's own key does not parse");
    await removeLeftovers(folder);
    const { leaves, note } = await recover(folder, signer, key);
    try {
      for (const seen of settings.seen ?? []) {
        checkContinues(leaves, openOwn(seen, key, "a checkpoint that others hold"));
      }
      const published = await readIfThere(join(folder, "published"));
      if (published !== undefined) {
        checkContinues(leaves, openOwn(published, key, "the last published checkpoint"));
      }
      const witnessed = await readIfThere(join(folder, "witnessed"));
      if (witnessed !== undefined) {
        checkContinues(leaves, openOwn(witnessed, key, "the last witnessed checkpoint"));
      }
      return new OpenLog({ folder, signer, key, leaves, lock, note, published, witnessed });
    } catch (error) {
      await leaves[Symbol.asyncDispose]();
      throw error;
    }
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

interface Waiting {
  readonly leaves: readonly Uint8Array[];
  readonly resolve: (done: { readonly firstIndex: number }) => void;
  readonly reject: (error: unknown) => void;
}

class OpenLog implements Log {
  readonly #folder: string;
  readonly #signer: NoteSigner;
  readonly #key: VerifierKey;
  readonly #leaves: Leaves;
  readonly #lock: Disposable;
  #note: Uint8Array;
  #size: number;
  #counted: { readonly folder: string; readonly counter: ReportCounter } | undefined;
  #published: { readonly note: Uint8Array; readonly size: number } | undefined;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #witnessed: Uint8Array | undefined;
  #publishing: Promise<unknown> = Promise.resolve();
  #ended: Error | undefined;

  constructor(parts: {
    readonly folder: string;
    readonly signer: NoteSigner;
    readonly key: VerifierKey;
    readonly leaves: Leaves;
    readonly lock: Disposable;
    readonly note: Uint8Array;
    readonly published: Uint8Array | undefined;
    readonly witnessed: Uint8Array | undefined;
  }) {
    this.#folder = parts.folder;
    this.#signer = parts.signer;
    this.#key = parts.key;
    this.#leaves = parts.leaves;
    this.#lock = parts.lock;
    this.#note = parts.note;
    this.#size = parts.leaves.size;
    this.#witnessed = parts.witnessed;
    if (parts.published !== undefined) this.#setPublished(parts.published);
  }

  get size(): number {
    return this.#size;
  }

  get verifierKey(): string {
    return this.#signer.verifierKey;
  }

  async append(leaves: readonly Uint8Array[]): Promise<{ readonly firstIndex: number }> {
    if (!leaves.every((leaf) => isLeaf(leaf))) throw new TypeError("not a leaf");
    if (this.#ended !== undefined) throw new Broken("the ledger takes no more leaves", this.#ended);
    const copies = leaves.map((leaf) => Buffer.from(leaf));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ leaves: copies, resolve, reject });
      this.#writing ??= this.#drain();
    });
  }

  checkpoint(): Uint8Array {
    return this.#note;
  }

  published(): { readonly note: Uint8Array; readonly size: number } | undefined {
    return this.#published;
  }

  witnessed(): Uint8Array | undefined {
    return this.#witnessed;
  }

  cosign(folder: string, sign: Parameters<Log["cosign"]>[1]): Promise<void> {
    // Between two publications: otherwise the signatures could come under another tree than the one that was signed.
    const done = this.#publishing.then(() => this.#cosign(folder, sign));
    this.#publishing = done.catch(() => undefined);
    return done;
  }

  leaf(index: number): Uint8Array {
    const [leaf] = this.#leaves.read(index, 1);
    if (leaf === undefined || index >= this.#size) throw new RangeError(`no leaf ${index}`);
    return leaf;
  }

  inclusionProof(index: number, size: number = this.#size): Uint8Array[] {
    if (size > this.#size) throw new RangeError(`no tree of ${size} leaves`);
    return inclusionPath(index, size, this.#leaves.source);
  }

  consistencyProof(from: number, to: number): Uint8Array[] {
    if (to > this.#size) throw new RangeError(`no tree of ${to} leaves`);
    return consistencyPath(from, to, this.#leaves.source);
  }

  tlogProof(index: number): string | undefined {
    const published = this.#published;
    if (published === undefined || index >= published.size) return undefined;
    const path = this.inclusionProof(index, published.size);
    return formatTlogProof({ index, path, checkpoint: published.note });
  }

  publish(
    folder: string,
    openings: readonly PublishedOpening[],
    coverLeaves: (count: number) => readonly Uint8Array[] | Promise<readonly Uint8Array[]>,
    spare = 0,
  ): Promise<Publication> {
    // One publication at a time, whatever became of the one before.
    const done = this.#publishing.then(() => this.#publish(folder, openings, coverLeaves, spare));
    this.#publishing = done.catch(() => undefined);
    return done;
  }

  async close(): Promise<void> {
    this.#ended ??= new Broken("it was closed");
    await this.#publishing;
    await this.#writing;
    await this.#leaves[Symbol.asyncDispose]();
    this.#lock[Symbol.dispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #drain(): Promise<void> {
    // Lets everybody who calls in this turn into the first batch.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        await this.#commit(batch);
      } catch (cause) {
        // Whether these leaves are on the disk is not known, so nothing may follow them.
        const error = new Broken("the ledger could not be written", cause);
        this.#ended = error;
        for (const { reject } of [...batch, ...this.#waiting.splice(0)]) reject(error);
      }
    }
    // In the same turn as the last look at the queue: whoever comes later starts anew.
    this.#writing = undefined;
  }

  async #cosign(folder: string, sign: Parameters<Log["cosign"]>[1]): Promise<void> {
    const published = this.#published;
    const signed = published === undefined ? undefined : sign(published.note);
    if (signed === undefined || published === undefined) return;
    const { note, isWitnessed } = signed;
    const { size } = openOwn(note, this.#key, "the cosigned checkpoint");
    if (size !== published.size) throw new Broken("another checkpoint came back cosigned");
    await replaceFile(join(this.#folder, "published"), note);
    this.#setPublished(note);
    if (isWitnessed) {
      await replaceFile(join(this.#folder, "witnessed"), note);
      this.#witnessed = note;
    }
    await replaceFile(join(folder, "checkpoint"), note, 0o644);
    if (isWitnessed) await replaceFile(join(folder, "witnessed"), note, 0o644);
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    let next = this.#size;
    const leaves = batch.flatMap((waiting) => waiting.leaves);
    if (leaves.length > 0) {
      await this.#leaves.append(leaves);
      const note = signRoot(this.#signer, this.#leaves.size, this.#leaves.root());
      await replaceFile(join(this.#folder, "checkpoint"), note);
      this.#note = note;
      this.#size = this.#leaves.size;
    }
    for (const waiting of batch) {
      waiting.resolve({ firstIndex: next });
      next += waiting.leaves.length;
    }
  }

  async #publish(
    folder: string,
    openings: readonly PublishedOpening[],
    coverLeaves: (count: number) => readonly Uint8Array[] | Promise<readonly Uint8Array[]>,
    spare = 0,
  ): Promise<Publication> {
    const before = await this.#checkPublished(folder);
    const padded = Math.ceil((this.#size + spare) / PUBLICATION_STEP) * PUBLICATION_STEP;
    const count = padded - this.#size;
    let firstCover = this.#size;
    if (count > 0) {
      const covers = await coverLeaves(count);
      if (covers.length !== count)
        throw new TypeError(`${count} covers were asked for, ${covers.length} came`);
      ({ firstIndex: firstCover } = await this.append(covers));
    }
    // Others may have appended meanwhile: then the tree ends a little after the covers, and what is beyond waits its turn.
    const size = Math.floor(this.#size / PUBLICATION_STEP) * PUBLICATION_STEP;
    // The same tree again: what witnesses put under it stays.
    const note =
      this.#published?.size === size
        ? this.#published.note
        : signRoot(this.#signer, size, rootAt(size, this.#leaves.source));
    // The count is of one folder, and only as long as every publication came to its end.
    const counted = this.#counted?.folder === folder ? this.#counted.counter : undefined;
    this.#counted = undefined;
    const counter = await writePublication(folder, {
      counted,
      before,
      size,
      note,
      verifierKey: this.#signer.verifierKey,
      openings,
      leaves: (start, width) => this.#leaves.read(start, width),
      source: this.#leaves.source,
    });
    this.#counted = { folder, counter };
    await replaceFile(join(this.#folder, "published"), note);
    this.#setPublished(note);
    return { size, firstCover, covers: count };
  }

  /** The size of the tree that the folder holds, once it is known to be one of ours. */
  async #checkPublished(folder: string): Promise<number> {
    const note = await readIfThere(join(folder, "checkpoint"));
    if (note === undefined) return 0;
    const checkpoint = openOwn(note, this.#key, "the published checkpoint");
    checkContinues(this.#leaves, checkpoint);
    return checkpoint.size;
  }

  #setPublished(note: Uint8Array): void {
    const { size } = openOwn(note, this.#key, "the last published checkpoint");
    this.#published = { note, size };
  }
}
