// Checkpoints as C2SP tlog-checkpoint defines them: a signed note of origin, size and root. Ours carry no extension lines,
// since nobody could audit those, and one that has any is malformed here.
import { fromBase64, toBase64 } from "#base/bytes";
import { no, type Result, yes } from "#base/errors";
import { type NoteRefusal, verifyNote, type VerifierKey } from "./note.ts";
import { HASH_SIZE } from "./tree.ts";

export interface Checkpoint {
  readonly origin: string;
  /** Number of leaves. */
  readonly size: number;
  readonly root: Uint8Array;
}

export type CheckpointRefusal = NoteRefusal | "other-origin";

export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** Reads a checkpoint's text; undefined when it is not one, or has extension lines. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const [, origin = "", digits = "", encoded = ""] =
    /^([^\n]+)\n(0|[1-9][0-9]{0,15})\n([^\n]+)\n$/.exec(text) ?? [];
  const size = Number(digits);
  const root = fromBase64(encoded);
  if (origin === "" || !Number.isSafeInteger(size) || root?.byteLength !== HASH_SIZE) {
    return undefined;
  }
  return { origin, size, root };
}

/** The same of any log's checkpoint, which may have extension lines after its three: they are not looked at. */
export function parseForeignCheckpoint(text: string): Checkpoint | undefined {
  const [, first = ""] = /^((?:[^\n]+\n){3})(?:[^\n]+\n)*$/.exec(text) ?? [];
  return parseCheckpoint(first);
}

/** Opens a signed checkpoint: signed by the key, and for the origin that the key is named after. */
export function openCheckpoint(
  note: Uint8Array,
  key: VerifierKey,
): Result<Checkpoint, CheckpointRefusal> {
  const text = verifyNote(note, key);
  if (!text.ok) return text;
  const checkpoint = parseCheckpoint(text.value);
  if (checkpoint === undefined) return no("malformed");
  return checkpoint.origin === key.name ? yes(checkpoint) : no("other-origin");
}
