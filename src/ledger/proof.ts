// C2SP tlog-proof: one leaf's place in the log as a text that is checked without asking anybody. Pure.
//
//   c2sp.org/tlog-proof@v1
//   index <n>
//   one base64 hash a line, from the sibling up | empty line | the signed checkpoint
import { asBuffer, fromBase64, fromUtf8, toBase64, toUtf8 } from "#base/bytes";
import { no, type Result, yes } from "#base/errors";
import { type Checkpoint, type CheckpointRefusal, openCheckpoint } from "./checkpoint.ts";
import type { VerifierKey } from "./note.ts";
import { HASH_SIZE, leafHash, verifyInclusion } from "./tree.ts";

export interface TlogProof {
  readonly index: number;
  readonly path: readonly Uint8Array[];
  /** The signed note. */
  readonly checkpoint: Uint8Array;
  /** Opaque; whoever reads it must not believe it. */
  readonly extra?: Uint8Array;
}

const header = "c2sp.org/tlog-proof@v1";
// A path of 63 hashes proves a leaf among 2^63; more is no tree.
const MAX_PATH = 63;

export function formatTlogProof({ index, path, checkpoint, extra }: TlogProof): string {
  const lines = [header];
  if (extra !== undefined) lines.push(`extra ${toBase64(extra)}`);
  lines.push(`index ${index}`, ...path.map((hash) => toBase64(hash)), "");
  return `${lines.join("\n")}\n${asBuffer(checkpoint).toString()}`;
}

/** Reads a proof without believing it; undefined when it is not one. */
export function parseTlogProof(bytes: Uint8Array): TlogProof | undefined {
  const text = toUtf8(bytes);
  const end = text?.indexOf("\n\n") ?? -1;
  if (text === undefined || end < 0) return undefined;
  const [first, ...lines] = text.slice(0, end).split("\n");
  if (first !== header) return undefined;
  const extra = lines[0]?.startsWith("extra ") ? fromBase64(lines.shift()?.slice(6) ?? "") : null;
  const [, digits] = /^index (0|[1-9][0-9]{0,15})$/.exec(lines.shift() ?? "") ?? [];
  if (extra === undefined || digits === undefined || !Number.isSafeInteger(Number(digits))) {
    return undefined;
  }
  if (lines.length > MAX_PATH) return undefined;
  const path: Uint8Array[] = [];
  for (const line of lines) {
    const hash = fromBase64(line);
    if (hash?.byteLength !== HASH_SIZE) return undefined;
    path.push(hash);
  }
  const proof = { index: Number(digits), path, checkpoint: fromUtf8(text.slice(end + 2)) };
  return extra === null ? proof : { ...proof, extra };
}

/** The checkpoint under which the proof shows this leaf at this index. */
export function verifyTlogProof(
  proof: TlogProof,
  leaf: Uint8Array,
  key: VerifierKey,
): Result<Checkpoint, CheckpointRefusal | "not-in-the-tree"> {
  const opened = openCheckpoint(proof.checkpoint, key);
  if (!opened.ok) return opened;
  const { size, root } = opened.value;
  return verifyInclusion(leafHash(leaf), proof.index, size, proof.path, root)
    ? yes(opened.value)
    : no("not-in-the-tree");
}
