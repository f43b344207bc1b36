// Asks witnesses of others for cosignatures (C2SP tlog-witness, the log's side): takes what a log publishes, shows that it continues what
// the witness saw, and brings back what the witness says. Nothing of what comes back is believed here; keys are not known here.
import { hash } from "node:crypto";
import { toBase64, toUtf8 } from "#base/bytes";
import { consistencyFrom, parseCheckpoint, parseNote, type Read } from "#ledger";

/** What a witness could not do, in words for the operator's log. */
export class WitnessError extends Error {
  override readonly name = "WitnessError";
}

// Long for an answer of two lines; the next try comes within a minute.
const ANSWER_MS = 20_000;
// Signature lines of 32 witnesses with ML-DSA keys; what is longer is an attack on our memory.
const MAX_ANSWER = 160 * 1024;
// A witness's size may move between its answer and the next question, not often.
const MAX_ROUNDS = 3;

/**
 * Has a witness cosign the published checkpoint, and gives its signature lines. `knownSize` is what it saw last, as far as is known.
 * Throws a WitnessError that says what went wrong.
 */
export async function askForCosignature(
  url: string,
  read: Read,
  knownSize = 0,
): Promise<{ readonly lines: Uint8Array; readonly size: number }> {
  const note = await read("checkpoint");
  const parsed = note === undefined ? undefined : parseNote(note);
  const checkpoint = parsed === undefined ? undefined : parseCheckpoint(parsed.text);
  if (note === undefined || checkpoint === undefined)
    throw new WitnessError("there is no published checkpoint to cosign");
  const { size } = checkpoint;
  let oldSize = Math.min(knownSize, size);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const proof =
      oldSize === 0 || oldSize === size ? [] : await consistencyFrom(read, oldSize, size);
    if (proof === undefined) throw new WitnessError("a published tile is missing");
    const head = [`old ${oldSize}`, ...proof.map((hash) => toBase64(hash)), "", ""].join("\n");
    const body = Buffer.concat([Buffer.from(head), note]);
    const answer = await fetchBounded(`${url}/add-checkpoint`, { method: "POST", body });
    if (answer.status === 200) return { lines: answer.bytes, size };
    const said = (toUtf8(answer.bytes) ?? "").trim();
    if (answer.status !== 409 || !/^(?:0|[1-9]\d{0,15})$/.test(said))
      throw new WitnessError(`it answers ${answer.status} ${JSON.stringify(said.slice(0, 200))}`);
    oldSize = Number(said);
    if (oldSize > size) {
      const why = `it saw ${oldSize} leaves, and only ${size} are published: was this ledger set back?`;
      throw new WitnessError(why);
    }
  }
  throw new WitnessError("its size changes with every question");
}

/** The latest checkpoint that a witness serves of a log; undefined when it has none. Throws a WitnessError. */
export async function fetchSeen(url: string, origin: string): Promise<Uint8Array | undefined> {
  const answer = await fetchBounded(`${url}/${hash("sha256", origin)}/checkpoint`);
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw new WitnessError(`it answers ${answer.status}`);
  return answer.bytes;
}

async function fetchBounded(
  url: string,
  init: RequestInit = {},
): Promise<{ readonly status: number; readonly bytes: Uint8Array }> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const answer = await fetch(url, { ...init, redirect: "error", signal });
    for await (const piece of answer.body ?? []) {
      size += piece.byteLength;
      if (size > MAX_ANSWER) throw new WitnessError("it answers more than any witness has to say");
      pieces.push(piece);
    }
    return { status: answer.status, bytes: Buffer.concat(pieces) };
  } catch (error) {
    if (error instanceof WitnessError) throw error;
    const { message, cause } = error as Error;
    const { code } = (cause ?? {}) as { readonly code?: unknown };
    throw new WitnessError(`it does not answer: ${typeof code === "string" ? code : message}`);
  }
}
