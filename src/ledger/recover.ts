// What every start of the log does before it may sign anything: hash all leaves, compare them with what was signed and seen, cut
// a torn tail, sign what follows. It refuses, and changes nothing, where signing on would fork the log.
import { readdir, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import { equalBytes } from "#base/bytes";
import { Broken } from "#base/errors";
import { replaceFile, syncFolder } from "#base/files";
import { type Checkpoint, formatCheckpoint, openCheckpoint } from "./checkpoint.ts";
import { Leaves } from "./leaves.ts";
import type { NoteSigner, VerifierKey } from "./note.ts";
import { rootAt } from "./tree.ts";

/** Opens the leaves, compares them with the signed checkpoint and signs what follows it. Throws Broken when they are not a continuation of it. */
export async function recover(
  folder: string,
  signer: NoteSigner,
  key: VerifierKey,
): Promise<{ leaves: Leaves; note: Uint8Array }> {
  const path = join(folder, "checkpoint");
  const note = await readIfThere(path);
  const signed = note === undefined ? undefined : openOwn(note, key, "the ledger's checkpoint");
  const leaves = await Leaves.open(join(folder, "leaves"), signed?.size ?? 0, (root) => {
    if (signed !== undefined && !equalBytes(root, signed.root)) {
      throw new Broken(
        `the first ${signed.size} leaves of the ledger are not those that were signed: leaves were changed, and signing on would fork it`,
      );
    }
  });
  try {
    if (signed === undefined && leaves.size > 0) {
      throw new Broken(
        "the ledger has leaves but no signed checkpoint: it is not known what was signed",
      );
    }
    await syncFolder(folder);
    if (note !== undefined && signed?.size === leaves.size) return { leaves, note };
    const next = signRoot(signer, leaves.size, leaves.root());
    await replaceFile(path, next);
    return { leaves, note: next };
  } catch (error) {
    await leaves[Symbol.asyncDispose]();
    throw error;
  }
}

export function signRoot(signer: NoteSigner, size: number, root: Uint8Array): Uint8Array {
  return signer.sign(formatCheckpoint({ origin: signer.name, size, root }));
}

/** Opens a checkpoint of this log's own. Throws Broken when it is not one; `what` says which. */
export function openOwn(note: Uint8Array, key: VerifierKey, what: string): Checkpoint {
  const opened = openCheckpoint(note, key);
  if (!opened.ok) throw new Broken(`${what} is not signed by this ledger's key: ${opened.refusal}`);
  return opened.value;
}

/** Throws Broken unless the checkpoint's tree is the beginning of these leaves. */
export function checkContinues(leaves: Leaves, checkpoint: Checkpoint): void {
  if (checkpoint.size > leaves.size) {
    throw new Broken(
      `the ledger holds ${leaves.size} leaves, but a checkpoint of ${checkpoint.size} was seen: it was set back, and signing on would fork it`,
    );
  }
  if (!equalBytes(rootAt(checkpoint.size, leaves.source), checkpoint.root)) {
    throw new Broken(
      `a checkpoint of ${checkpoint.size} leaves was seen that is not one of this ledger's tree: it would fork`,
    );
  }
}

export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Broken(`a file of the ledger cannot be read`, error);
  }
}

/** Files that a crash left beside the one that they were to replace. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (/^\.[a-z2-7]{8}\.new$/.test(name)) await unlink(join(folder, name));
  }
}
