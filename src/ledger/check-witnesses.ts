// What the witnesses say of a published log: whether a quorum of those that the verifier knows cosigned what is shown, and whether
// what they saw is the same tree. A log can show one past to each of its readers only where no witness stands by.
import { equalBytes } from "#base/bytes";
import { DAY, SECOND } from "#base/time";
import { type Checkpoint, openCheckpoint } from "./checkpoint.ts";
import { cosignedAt } from "./cosignature.ts";
import type { Find, Read } from "./findings.ts";
import { parseNote, type VerifierKey } from "./note.ts";
import { cosignedBy, type TrustPolicy } from "./trust-policy.ts";

/** A checkpoint that counts for something, and the file or the witness that it came from. */
export interface Sighting {
  readonly from: string;
  readonly checkpoint: Checkpoint;
}

export interface Witnessed extends Sighting {
  /** Seconds since 1970, by the policy's names. */
  readonly times: ReadonlyMap<string, number>;
}

/** A checkpoint that a witness serves (C2SP tlog-witness, monitor retrieval), as it came. */
export interface Served {
  /** The policy's name of the witness. */
  readonly witness: string;
  readonly note: Uint8Array;
}

// Logs of ours have their checkpoint cosigned anew every hour, so that after a day it is plain that the witnesses are kept from it.
const LONGEST_UNWITNESSED = DAY / SECOND;

/** The newest of what is published that a quorum cosigned: the checkpoint itself, or an earlier one while the witnesses are asked. */
export async function findWitnessed(
  read: Read,
  note: Uint8Array,
  key: VerifierKey,
  { trust, now }: { readonly trust: TrustPolicy; readonly now: number },
  find: Find,
): Promise<Witnessed | undefined> {
  const later = await read("witnessed");
  const files = [{ file: "checkpoint", bytes: note }];
  if (later !== undefined) files.push({ file: "witnessed", bytes: later });
  for (const { file, bytes } of files) {
    const opened = openCheckpoint(bytes, key);
    const parsed = parseNote(bytes);
    if (!opened.ok || parsed === undefined) {
      find({ kind: "malformed", file, text: "this is no checkpoint of this log" });
      continue;
    }
    const { times, bad } = cosignedBy(trust, parsed);
    for (const name of bad)
      find({ kind: "bad-signature", file, text: `the cosignature of ${name} is wrong` });
    const time = trust.quorumTime(times);
    if (time === undefined) continue;
    if (trust.quorum !== "none" && time + LONGEST_UNWITNESSED < now) {
      const at = new Date(time * SECOND).toISOString();
      const text = `the witnesses cosigned last at ${at}, more than a day ago`;
      find({ kind: "unwitnessed", file, text });
    }
    return { from: file, checkpoint: opened.value, times };
  }
  const text = "too few of the witnesses cosigned it";
  find({ kind: "unwitnessed", file: "checkpoint", text });
  return undefined;
}

/** What the witnesses themselves serve, where it is signed by the log and by them; anything else is found, and named by the witness. */
export function readServed(
  served: readonly Served[],
  key: VerifierKey,
  trust: TrustPolicy,
  find: Find,
): readonly Sighting[] {
  return served.flatMap(({ witness, note }): Sighting[] => {
    const from = `witness ${witness}`;
    const parsed = parseNote(note);
    const opened = openCheckpoint(note, key);
    const theirs = trust.witnesses.find(({ name }) => name === witness);
    const time = parsed && theirs ? cosignedAt(parsed, theirs.key) : "none";
    if (opened.ok && typeof time === "number") return [{ from, checkpoint: opened.value }];
    const text = "what it serves is no checkpoint of this log with its cosignature";
    find({ kind: "bad-signature", file: from, text });
    return [];
  });
}

/** Compares what was seen with the tree that is shown now. `rootAt` knows the roots at the sizes that were asked for. */
export function compareSightings(
  sightings: readonly Sighting[],
  size: number,
  rootAt: (size: number) => Uint8Array | undefined,
  find: Find,
): void {
  for (const { from, checkpoint } of sightings) {
    if (checkpoint.size > size) {
      const text = `witnesses saw ${checkpoint.size} leaves, and the log shows ${size}`;
      find({ kind: "shrunk", file: from, text });
      continue;
    }
    const root = rootAt(checkpoint.size);
    if (root !== undefined && equalBytes(root, checkpoint.root)) continue;
    const text = `the first ${checkpoint.size} leaves are not those that were cosigned: the log has two pasts`;
    find({ kind: "forked", file: from, text });
  }
}
