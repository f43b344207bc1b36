// The verifier: checks a published log from the outside, with nothing but its files and its key. It reads, and never writes;
// what it should remember until next time it hands back.
import { setTimeout as sleep } from "node:timers/promises";
import { equalBytes, fromBase64, fromUtf8, toBase64, toHex, toUtf8 } from "#base/bytes";
import { type Canonical, canonicalText, parseCanonical } from "#base/canonical";
import { DAY, SECOND, systemClock } from "#base/time";
import { checkOpenings, type OpenedPart } from "./check-openings.ts";
import { checkPolicies } from "./check-policies.ts";
import { checkTree } from "./check-tree.ts";
import {
  compareSightings,
  findWitnessed,
  readServed,
  type Served,
  type Sighting,
} from "./check-witnesses.ts";
import { type Checkpoint, openCheckpoint } from "./checkpoint.ts";
import { collectFindings, type Find, type Finding, type Read } from "./findings.ts";
import { parseVerifierKey, type VerifierKey } from "./note.ts";
import { partNames } from "./entry.ts";
import { formatReport, openReportCounter, type Report } from "./report.ts";
import { openingsPath, TILE_WIDTH } from "./tiles.ts";
import { HASH_SIZE } from "./tree.ts";
import type { TrustPolicy } from "./trust-policy.ts";

const REPORT = "report.json";
// Covers are opened after 400 days, and nothing else may stay closed for longer. Keys of days to come are named two days ahead.
const LONGEST_CLOSED = 403;

/** What one verification leaves to the next: without it a log could show another past to whoever looks for the first time. */
export interface Remembered {
  readonly size: number;
  readonly root: Uint8Array;
  /** What each openings file had opened, as the hex of bits: three for each leaf, by part. */
  readonly openings: readonly string[];
}

export interface Verdict {
  readonly ok: boolean;
  readonly size: number;
  readonly findings: readonly Finding[];
  /** size = opened + covers + closed; opened are the entries, without covers, whose public part is opened. */
  readonly opened: number;
  readonly covers: number;
  readonly closed: number;
  /** The same for everybody who verifies this log; `report.json` must be its bytes. */
  readonly report: Report;
  /** A key that comes from the log itself shows that the log agrees with itself, and not whose it is. */
  readonly key: "given" | "from-the-log" | "none";
  /** Who of the witnesses cosigned what is shown, with the second at which each did; empty when none were asked for. */
  readonly witnesses: ReadonlyMap<string, number>;
  /** What this verdict does not prove, in words for people. */
  readonly caveats: readonly string[];
  /** For next time: of this log when all was right, otherwise what was remembered before. */
  readonly remembered: Remembered | undefined;
}

export interface Verification {
  readonly read: Read;
  /** The log's vkey, got from elsewhere than from the log. */
  readonly verifierKey?: string | undefined;
  readonly remembered?: Remembered | undefined;
  /** The witnesses that the verifier knows, and the quorum that it asks for. */
  readonly trust?: TrustPolicy | undefined;
  /** What the witnesses themselves were found to serve of this log. */
  readonly served?: readonly Served[];
  /** Seconds since 1970: the verifier's own clock unless told. */
  readonly now?: number;
  /** How long a report that does not fit is given, in milliseconds, since it is written last; a second unless told. */
  readonly settleMs?: number;
}

/**
 * Checks the checkpoint's signature, every entry and hash, every opening, the report, that no leaf is unaccounted for, and that the log is a
 * continuation of the one remembered. Throws only what `read` throws.
 */
export async function verifyLog(verification: Verification): Promise<Verdict> {
  // A log that is published while it is read may show two states at once; then what is found is looked at anew, twice at most.
  for (let again = 2; ; again -= 1) {
    const before = await verification.read("checkpoint");
    const verdict = await verifyOnce(verification, before);
    if (verdict.ok || again === 0) return verdict;
    // The report is the last to be written: what is found there may only be too early.
    const isReport = verdict.findings.every(({ file }) => file === REPORT);
    if (isReport) await sleep(verification.settleMs ?? 1000);
    const after = await verification.read("checkpoint");
    if (before === undefined || after === undefined) return verdict;
    if (equalBytes(before, after) && !isReport) return verdict;
  }
}

async function verifyOnce(
  { read, verifierKey, remembered, trust, served = [], now }: Verification,
  note: Uint8Array | undefined,
): Promise<Verdict> {
  const { findings, find } = collectFindings();
  const { key, source } = await findKey(read, verifierKey, find);
  const checkpoint = key === undefined ? undefined : open(note, key, find);
  const parts: OpenedPart[] = [];
  const openings: string[] = [];
  let witnesses: ReadonlyMap<string, number> = new Map();
  if (note !== undefined && key !== undefined && checkpoint !== undefined) {
    const sightings: Sighting[] = [];
    if (trust !== undefined) {
      const at = now ?? Math.floor(systemClock.now() / SECOND);
      const witnessed = await findWitnessed(read, note, key, { trust, now: at }, find);
      if (witnessed !== undefined) sightings.push(witnessed);
      witnesses = witnessed?.times ?? witnesses;
      sightings.push(...readServed(served, key, trust, find));
    }
    const { whole, roots } = await checkTree(
      read,
      checkpoint,
      new Set([remembered?.size ?? 0, ...sightings.map((each) => each.checkpoint.size)]),
      find,
      async ({ index, hashes }) => {
        const file = openingsPath(index);
        const bytes = await read(file);
        const start = index * TILE_WIDTH;
        const checked =
          bytes === undefined
            ? { places: [], parts: [] }
            : checkOpenings(file, bytes, start, hashes, find);
        openings.push(bitsOf(checked.places));
        parts.push(...checked.parts);
      },
    );
    if (remembered !== undefined) {
      compare(remembered, checkpoint, whole, roots.get(remembered.size), openings, find);
    }
    if (whole) compareSightings(sightings, checkpoint.size, (size) => roots.get(size), find);
  }
  const size = checkpoint?.size ?? 0;
  const counter = openReportCounter();
  for (const { value } of parts) counter.add(value);
  const report = counter.report(size);
  findOverdue(parts, size, find);
  await checkPolicies(read, parts, find);
  // Where something else is wrong, what the report should be is not known.
  if (checkpoint !== undefined && findings.length === 0)
    compareReport(await read(REPORT), report, find);
  const { covers, entries, closed } = report;
  const ok = findings.length === 0;
  return {
    ok,
    size,
    findings,
    opened: entries,
    covers,
    closed,
    report,
    key: source,
    witnesses,
    caveats: caveatsOf(source, remembered, trust),
    remembered:
      ok && checkpoint !== undefined ? { size, root: checkpoint.root, openings } : remembered,
  };
}

function compareReport(bytes: Uint8Array | undefined, report: Report, find: Find): void {
  if (bytes === undefined) {
    find({ kind: "missing", file: REPORT, text: "there is no report" });
  } else if (!equalBytes(bytes, formatReport(report))) {
    const text = "this is not the report over what the log has opened";
    find({ kind: "wrong-report", file: REPORT, text });
  }
}

/** A leaf that stays closed longer than any may: entries stand in the order of their days, so what follows it tells how old it is at least. */
function findOverdue(parts: readonly OpenedPart[], size: number, find: Find): void {
  const opened = new Map(parts.map(({ index, value }) => [index, dayIn(value)]));
  const newest = parts.reduce((latest, { value }) => Math.max(latest, dayIn(value) ?? 0), 0);
  let following = newest;
  const overdue: number[] = [];
  for (let index = size - 1; index >= 0; index -= 1) {
    following = Math.min(following, opened.get(index) ?? following);
    if (!opened.has(index) && following + LONGEST_CLOSED < newest) overdue.push(index);
  }
  for (const index of overdue.toReversed())
    find({
      kind: "overdue",
      file: openingsPath(Math.floor(index / TILE_WIDTH)),
      index,
      text: `leaf ${index} has been closed for more than ${LONGEST_CLOSED} days`,
    });
}

/** The day of an entry, in days since 1970; undefined for covers and for what has none. */
function dayIn(value: Canonical): number | undefined {
  if (typeof value !== "object" || Array.isArray(value)) return undefined;
  const { day } = value as { readonly [name: string]: Canonical };
  const at = typeof day === "string" && /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(day) : NaN;
  return Number.isNaN(at) ? undefined : Math.floor(at / DAY);
}

/** Compares with what was remembered: the tree must have grown from that one, and no opening may be gone. */
function compare(
  remembered: Remembered,
  checkpoint: Checkpoint,
  whole: boolean,
  root: Uint8Array | undefined,
  openings: readonly string[],
  find: Find,
): void {
  if (checkpoint.size < remembered.size) {
    const text = `the log had ${remembered.size} leaves when it was verified before, and has ${checkpoint.size}`;
    find({ kind: "shrunk", file: "checkpoint", text });
    return;
  }
  if (whole && (root === undefined || !equalBytes(root, remembered.root))) {
    const text = `the first ${remembered.size} leaves are not those that were verified before`;
    find({ kind: "forked", file: "checkpoint", text });
  }
  if (!whole) return;
  for (const [row, bits] of remembered.openings.entries()) {
    const now = Buffer.from(openings[row] ?? "", "hex");
    const gone = placesIn(bits).filter((at) => !hasBit(now, at));
    const [first] = gone;
    if (first === undefined) continue;
    const index = row * TILE_WIDTH + Math.floor(first / partNames.length);
    const text = `${gone.length} openings were here when it was verified before and are not now; the first is of leaf ${index}`;
    find({ kind: "withdrawn", file: openingsPath(row), index, text });
  }
}

/** A bit for each place, up to the last that is set. */
function bitsOf(places: readonly number[]): string {
  const bytes = Buffer.alloc(Math.ceil((Math.max(-1, ...places) + 1) / 8));
  for (const at of places) {
    const byte = at >> 3;
    bytes[byte] = (bytes[byte] ?? 0) | (1 << (at & 7));
  }
  return toHex(bytes);
}

function placesIn(bits: string): readonly number[] {
  const bytes = Buffer.from(bits, "hex");
  return Array.from({ length: bytes.byteLength * 8 }, (_, at) => at).filter((at) =>
    hasBit(bytes, at),
  );
}

function hasBit(bytes: Uint8Array, at: number): boolean {
  return (((bytes[at >> 3] ?? 0) >> (at & 7)) & 1) === 1;
}

async function findKey(
  read: Read,
  given: string | undefined,
  find: Find,
): Promise<{ key: VerifierKey | undefined; source: Verdict["key"] }> {
  const bytes = await read("vkey");
  const text = bytes === undefined ? undefined : toUtf8(bytes);
  if (given !== undefined) {
    const key = parseVerifierKey(given);
    if (key === undefined) {
      find({ kind: "malformed", file: "vkey", text: "the key that was given is not a vkey" });
    } else if (bytes !== undefined && text !== `${given}\n`) {
      find({
        kind: "other-key",
        file: "vkey",
        text: "the log names another key than the one given",
      });
    }
    return { key, source: "given" };
  }
  const key = text?.endsWith("\n") ? parseVerifierKey(text.slice(0, -1)) : undefined;
  if (key !== undefined) return { key, source: "from-the-log" };
  find(
    bytes === undefined
      ? { kind: "missing", file: "vkey", text: "no key was given, and the log names none" }
      : { kind: "malformed", file: "vkey", text: "this is not a vkey" },
  );
  return { key: undefined, source: "none" };
}

function open(note: Uint8Array | undefined, key: VerifierKey, find: Find): Checkpoint | undefined {
  const file = "checkpoint";
  if (note === undefined) {
    find({ kind: "missing", file, text: "there is no checkpoint" });
    return undefined;
  }
  const opened = openCheckpoint(note, key);
  if (opened.ok) return opened.value;
  const texts = {
    malformed: "this is not a checkpoint",
    "unknown-key": `no signature on it is by the key ${key.name}+${key.id}`,
    "bad-signature": "its signature is wrong",
    "other-origin": "it is the checkpoint of another log",
  } as const;
  const kinds = {
    malformed: "malformed",
    "unknown-key": "other-key",
    "bad-signature": "bad-signature",
    "other-origin": "other-key",
  } as const;
  find({ kind: kinds[opened.refusal], file, text: texts[opened.refusal] });
  return undefined;
}

function caveatsOf(
  source: Verdict["key"],
  remembered: Remembered | undefined,
  trust: TrustPolicy | undefined,
): string[] {
  const caveats: string[] = [];
  if (source === "from-the-log") {
    caveats.push(
      "No key was given, so the log's own word for its key was taken: it agrees with itself, but whose log it is was not checked.",
    );
  }
  if (remembered === undefined && (trust === undefined || trust.quorum === "none")) {
    caveats.push(
      "No earlier verification is remembered: whether the log showed others, or you, another past cannot be told.",
    );
  }
  return caveats;
}

const isBits = /^(?:[0-9a-f]{2}){0,96}$/;

/** What is remembered, as the text of a file. */
export function formatRemembered({ size, root, openings }: Remembered): string {
  return `${canonicalText({ openings, root: toBase64(root), size })}\n`;
}

/** Reads it back; undefined when it is not what `formatRemembered` writes. */
export function parseRemembered(text: string): Remembered | undefined {
  // At most 195 bytes for 256 leaves: forty million leaves.
  const value = text.endsWith("\n")
    ? parseCanonical(fromUtf8(text.slice(0, -1)), 1 << 25)
    : undefined;
  if (typeof value !== "object" || Array.isArray(value)) return undefined;
  const { size, root, openings } = value as { readonly [name: string]: Canonical };
  const bytes = typeof root === "string" ? fromBase64(root) : undefined;
  if (typeof size !== "number" || size < 0 || bytes?.byteLength !== HASH_SIZE) return undefined;
  if (!Array.isArray(openings)) return undefined;
  const rows = openings.filter((bits) => typeof bits === "string" && isBits.test(bits)) as string[];
  return rows.length === openings.length ? { size, root: bytes, openings: rows } : undefined;
}
