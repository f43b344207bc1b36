// A witness (C2SP tlog-witness): it remembers for each log the latest checkpoint that it cosigned, and cosigns another only when that
// one is shown to continue it. What it says is on the disk before it says it. It knows logs and nothing of what is in them.
//
//   key          name and two seeds, readable by this user alone | logs  vkeys of the logs that it follows, one a line
//   seen/<hash>  the latest checkpoint of a log, with the log's signature and ours; the hash is SHA-256 of its origin
//   lock         held while the witness runs
import { hash, randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fromBase64, fromHex, fromUtf8, toHex, toUtf8 } from "#base/bytes";
import { Broken } from "#base/errors";
import { replaceFile } from "#base/files";
import { type Clock, SECOND, systemClock } from "#base/time";
import {
  type Checkpoint,
  type Cosigner,
  cosignedAt,
  emptyRoot,
  openCosigner,
  parseCosignerKey,
  parseForeignCheckpoint,
  parseNote,
  parseVerifierKey,
  takeLock,
  type VerifierKey,
  verifyConsistency,
  verifyNote,
} from "#ledger";

export interface Witness extends Disposable {
  /** Of both forms: ML-DSA-44 first, which the standard recommends, then Ed25519. */
  readonly verifierKeys: readonly string[];
  readonly origins: readonly string[];
  /** Answers the body of an add-checkpoint request. Throws Broken when what it would say cannot be written down. */
  addCheckpoint(body: Uint8Array): Promise<WitnessAnswer>;
  /** The latest checkpoint that it cosigned of the log whose origin has this SHA-256 (hex, lower case). */
  checkpoint(originHash: string): Uint8Array | undefined;
}

/** An HTTP status and what goes with it: signature lines, the size that it knows, or a sentence. */
type WitnessAnswer =
  | { readonly status: 200; readonly lines: string }
  | { readonly status: 409; readonly size: number }
  | { readonly status: 400 | 403 | 404 | 422; readonly why: string };

interface Seen {
  readonly checkpoint: Checkpoint;
  readonly note: Uint8Array;
  /** Seconds. */
  readonly time: number;
}

// C2SP tlog-witness: a consistency proof has at most 63 hashes.
const MAX_PROOF = 63;

/** Makes a witness of that name in a new folder. Throws Broken when there is one already. */
export async function makeWitness(folder: string, name: string): Promise<void> {
  openCosigner(name, "ed25519", Buffer.alloc(32)); // a name that no key may have is refused before anything is written
  await mkdir(join(folder, "seen"), { recursive: true, mode: 0o700 });
  const seeds = [randomBytes(32), randomBytes(32)].map((seed) => toHex(seed));
  try {
    await writeFile(join(folder, "key"), `${[name, ...seeds].join("\n")}\n`, {
      mode: 0o600,
      flag: "wx",
      flush: true,
    });
  } catch (error) {
    throw new Broken(`there is a witness in ${folder} already, or it cannot be written`, error);
  }
  await replaceFile(join(folder, "logs"), "");
}

/** From its next start the witness follows this log too. Its vkey must be an Ed25519 one, named after the origin; false when it is none. */
export async function followLog(folder: string, verifierKey: string): Promise<boolean> {
  if (parseVerifierKey(verifierKey) === undefined) return false;
  const lines = await linesIn(join(folder, "logs"));
  if (!lines.includes(verifierKey))
    await replaceFile(join(folder, "logs"), [...lines, verifierKey, ""].join("\n"));
  return true;
}

/** Opens the witness of a folder. Throws Broken when another process has it, and when a file in it is not what was written there. */
export async function openWitness(
  folder: string,
  { clock = systemClock }: { readonly clock?: Clock } = {},
): Promise<Witness> {
  const cosigners = await readCosigners(folder);
  const logs = await readLogs(folder);
  const lock = takeLock(join(folder, "lock"));
  try {
    const seen = new Map<string, Seen>();
    for (const origin of logs.keys()) {
      const last = await readSeen(folder, origin, cosigners);
      if (last !== undefined) seen.set(hashOf(origin), last);
    }
    let turn: Promise<unknown> = Promise.resolve();
    const inTurn = <Value>(work: () => Promise<Value>): Promise<Value> => {
      const mine = turn.then(work);
      turn = mine.catch(() => undefined);
      return mine;
    };
    return {
      verifierKeys: cosigners.map(({ verifierKey }) => verifierKey),
      origins: [...logs.keys()],
      async addCheckpoint(body) {
        const request = parseRequest(body);
        if (request === undefined)
          return { status: 400, why: "the request is no old size, proof and checkpoint" };
        const keys = logs.get(request.checkpoint.origin);
        if (keys === undefined)
          return { status: 404, why: "this witness does not follow that log" };
        if (!isSignedBy(request.note, keys))
          return { status: 403, why: "the checkpoint is not signed by a key known for that log" };
        // Comparing and writing down are one: otherwise a smaller tree could be written over a larger one.
        return inTurn(async () => {
          const hash = hashOf(request.checkpoint.origin);
          const last = seen.get(hash);
          const refusal = judge(request, last);
          if (refusal !== undefined) return refusal;
          const time = Math.max(Math.floor(clock.now() / SECOND), last?.time ?? 1);
          const lines = cosigners.map((each) => each.cosign(request.text, time)).join("");
          const note = fromUtf8(`${request.text}\n${signaturesOf(request.note, keys)}${lines}`);
          await replaceFile(join(folder, "seen", hash), note);
          seen.set(hash, { checkpoint: request.checkpoint, note, time });
          return { status: 200, lines };
        });
      },
      checkpoint: (hash) => seen.get(hash)?.note,
      [Symbol.dispose]: () => lock[Symbol.dispose](),
    };
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

interface CheckpointRequest {
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
  readonly checkpoint: Checkpoint;
  /** The checkpoint's text, extension lines and all, and the whole signed note. */
  readonly text: string;
  readonly note: Uint8Array;
}

/** Reads the body of an add-checkpoint request; undefined when it is not one. */
function parseRequest(body: Uint8Array): CheckpointRequest | undefined {
  const text = toUtf8(body);
  const end = text?.indexOf("\n\n") ?? -1;
  if (text === undefined || end < 0) return undefined;
  const [first = "", ...hashes] = text.slice(0, end).split("\n");
  const [, digits] = /^old (0|[1-9]\d{0,15})$/.exec(first) ?? [];
  const oldSize = Number(digits);
  if (digits === undefined || !Number.isSafeInteger(oldSize) || hashes.length > MAX_PROOF)
    return undefined;
  const proof = hashes.map((hash) => fromBase64(hash)).filter((hash) => hash?.byteLength === 32);
  const bytes = fromUtf8(text.slice(end + 2));
  const note = parseNote(bytes);
  const checkpoint = note === undefined ? undefined : parseForeignCheckpoint(note.text);
  if (note === undefined || checkpoint === undefined || proof.length !== hashes.length)
    return undefined;
  return { oldSize, proof: proof as Uint8Array[], checkpoint, text: note.text, note: bytes };
}

/** Why the checkpoint is not cosigned, in the order that the standard gives; undefined when it is a continuation of the last one. */
function judge(
  { oldSize, proof, checkpoint: { size, root } }: CheckpointRequest,
  last: Seen | undefined,
): WitnessAnswer | undefined {
  if (oldSize > size) return { status: 400, why: "the old size is larger than the checkpoint's" };
  const known = last?.checkpoint.size ?? 0;
  if (oldSize !== known) return { status: 409, size: known };
  const why = "the checkpoint is not shown to continue the last one that was cosigned";
  if (size === 0 && !Buffer.from(root).equals(emptyRoot)) return { status: 422, why };
  const from = last?.checkpoint.root ?? emptyRoot;
  return verifyConsistency(oldSize, size, proof, from, root) ? undefined : { status: 422, why };
}

/** At least one key signed it, and no key has a wrong signature on it. */
function isSignedBy(note: Uint8Array, keys: readonly VerifierKey[]): boolean {
  const results = keys.map((key) => verifyNote(note, key));
  return (
    results.some(({ ok }) => ok) &&
    results.every((result) => result.ok || result.refusal === "unknown-key")
  );
}

/** The lines that the log's own keys signed, of which nothing else is kept. */
function signaturesOf(note: Uint8Array, keys: readonly VerifierKey[]): string {
  const ids = new Set(keys.map(({ name, id }) => `${name} ${id}`));
  const lines = (toUtf8(note) ?? "").split("\n").filter((line) => {
    const [, name = "", encoded = ""] = /^— ([^ ]+) (\S+)$/.exec(line) ?? [];
    const signed = fromBase64(encoded) ?? new Uint8Array();
    return ids.has(`${name} ${toHex(signed.subarray(0, 4))}`);
  });
  return lines.map((line) => `${line}\n`).join("");
}

async function readCosigners(folder: string): Promise<readonly Cosigner[]> {
  const [name = "", ...seeds] = await linesIn(join(folder, "key"));
  const [ed25519, mlDsa] = seeds.map((seed) => fromHex(seed));
  if (ed25519?.byteLength !== 32 || mlDsa?.byteLength !== 32 || seeds.length !== 2)
    throw new Broken("the witness's key file is not what was written there");
  return [openCosigner(name, "ml-dsa-44", mlDsa), openCosigner(name, "ed25519", ed25519)];
}

async function readLogs(folder: string): Promise<ReadonlyMap<string, readonly VerifierKey[]>> {
  const keys = (await linesIn(join(folder, "logs"))).map((line) => {
    const key = parseVerifierKey(line);
    if (key === undefined) throw new Broken(`a line of the witness's logs is no vkey: ${line}`);
    return key;
  });
  return Map.groupBy(keys, ({ name }) => name);
}

async function readSeen(
  folder: string,
  origin: string,
  cosigners: readonly Cosigner[],
): Promise<Seen | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(join(folder, "seen", hashOf(origin)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Broken("the witness cannot read what it cosigned", error);
  }
  const note = parseNote(bytes);
  const checkpoint = note === undefined ? undefined : parseForeignCheckpoint(note.text);
  const times = cosigners.map(({ verifierKey }) => {
    const key = parseCosignerKey(verifierKey);
    return note === undefined || key === undefined ? "none" : cosignedAt(note, key);
  });
  const time = times.find((each) => typeof each === "number");
  if (checkpoint?.origin !== origin || time === undefined || times.length !== cosigners.length)
    throw new Broken(`what the witness cosigned of ${origin} is not what it wrote`);
  return { checkpoint, note: bytes, time };
}

async function linesIn(path: string): Promise<readonly string[]> {
  try {
    return (await readFile(path, "utf8")).split("\n").filter((line) => line !== "");
  } catch (error) {
    throw new Broken(`there is no witness there: ${path} cannot be read`, error);
  }
}

function hashOf(origin: string): string {
  return hash("sha256", origin);
}
