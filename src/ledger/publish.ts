// Writes the published folder, which the web serves as it is. What a reader finds is always whole: tiles and entries first,
// then the checkpoint over them, and only then the openings of leaves that it covers. Nothing published is ever taken back;
// a partial tile goes once the full one is there, as tlog-tiles allows.
//
//   checkpoint, vkey, report.json | tile/… and openings/… as in tiles.ts
//
// The report comes last: it is over the openings that stand. Tiles never change. An openings file grows: its lines never change, new ones are sorted in.
import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { asBuffer, equalBytes, fromUtf8 } from "#base/bytes";
import { parseCanonical } from "#base/canonical";
import { Broken } from "#base/errors";
import { replaceFile, syncFolder } from "#base/files";
import {
  formatOpening,
  leafOfOpening,
  MAX_PART,
  type Opening,
  parseOpening,
  partNames,
} from "./entry.ts";
import { formatReport, openReportCounter, type ReportCounter } from "./report.ts";
import {
  encodeBundle,
  levelsOf,
  newTiles,
  openingsPath,
  partialsPath,
  TILE_HEIGHT,
  TILE_WIDTH,
  tilePath,
} from "./tiles.ts";
import type { HashSource } from "./tree.ts";

/** An opening that everybody may read: of the public part, or of another one whose time has come. */
export type PublishedOpening = Opening;

export interface PublicationPlan {
  /** Leaves that the folder already holds. */
  readonly before: number;
  readonly size: number;
  readonly note: Uint8Array;
  readonly verifierKey: string;
  readonly openings: readonly PublishedOpening[];
  readonly leaves: (start: number, count: number) => Uint8Array[];
  readonly source: HashSource;
  /** The count over the folder's openings as they were; undefined when it is not known, as after a start. */
  readonly counted: ReportCounter | undefined;
}

// Everybody may read what is published, whatever user the web runs as.
const MODE = 0o644;

/**
 * Everything is on the disk when it returns, with the count over the openings that now stand; after a throw, publishing again without
 * a count completes it. Throws a TypeError on an opening that is not one of its leaf.
 */
export async function writePublication(
  folder: string,
  plan: PublicationPlan,
): Promise<ReportCounter> {
  for (const opening of plan.openings) checkOpening(opening, plan);
  await writeTiles(folder, plan);
  await writeFile(folder, "vkey", fromUtf8(`${plan.verifierKey}\n`));
  await writeFile(folder, "checkpoint", plan.note);
  await removePartials(folder, plan);
  const added = await writeOpenings(folder, plan);
  const counter = plan.counted ?? (await countAll(folder, plan.size));
  if (plan.counted !== undefined) for (const opening of added) count(counter, opening);
  await writeFile(folder, "report.json", formatReport(counter.report(plan.size)));
  return counter;
}

async function countAll(folder: string, size: number): Promise<ReportCounter> {
  const counter = openReportCounter();
  for (let file = 0; file * TILE_WIDTH < size; file += 1)
    for (const opening of await readOpenings(join(folder, openingsPath(file))))
      count(counter, opening);
  return counter;
}

function count(counter: ReportCounter, { part, bytes }: Opening): void {
  const value = part === "public" ? parseCanonical(bytes, MAX_PART) : undefined;
  if (value !== undefined) counter.add(value);
}

async function writeTiles(
  folder: string,
  { before, size, leaves, source }: PublicationPlan,
): Promise<void> {
  for (const { index, width } of newTiles(before, size, 0)) {
    const bundle = encodeBundle(leaves(index * TILE_WIDTH, width));
    await writeFile(folder, tilePath("entries", index, width), bundle);
  }
  for (let level = 0; level < levelsOf(size); level += 1) {
    for (const { index, width } of newTiles(before, size, level)) {
      const hashes: Uint8Array[] = [];
      for (let at = 0; at < width; at += 1) {
        hashes.push(source(level * TILE_HEIGHT, index * TILE_WIDTH + at));
      }
      await writeFile(folder, tilePath(level, index, width), Buffer.concat(hashes));
    }
  }
}

/** Removes the partial forms of tiles that are now full, one tile further back too in case a crash kept the last publication from it. */
async function removePartials(folder: string, { before, size }: PublicationPlan): Promise<void> {
  for (let level = 0; level < levelsOf(size); level += 1) {
    const had = Math.floor(before / TILE_WIDTH ** (level + 1));
    const full = Math.floor(size / TILE_WIDTH ** (level + 1));
    for (let index = Math.max(0, had - 1); index < full; index += 1) {
      await rm(join(folder, partialsPath(level, index)), { recursive: true, force: true });
      if (level > 0) continue;
      await rm(join(folder, partialsPath("entries", index)), { recursive: true, force: true });
    }
  }
}

function checkOpening(opening: Opening, { size, leaves }: PublicationPlan): void {
  if (opening.index >= size) throw new RangeError(`leaf ${opening.index} is not published yet`);
  const [leaf] = leaves(opening.index, 1);
  const opened = leafOfOpening(opening);
  if (leaf === undefined || opened === undefined || !equalBytes(leaf, opened)) {
    throw new TypeError(`an opening of leaf ${opening.index} is not one of that leaf`);
  }
}

/** Those that were not there before. */
async function writeOpenings(
  folder: string,
  { openings }: PublicationPlan,
): Promise<readonly Opening[]> {
  const isNew: Opening[] = [];
  const byFile = Map.groupBy(openings, ({ index }) => Math.floor(index / TILE_WIDTH));
  for (const [file, added] of byFile) {
    const path = openingsPath(file);
    const lines = new Map<number, string>();
    for (const opening of await readOpenings(join(folder, path))) {
      lines.set(place(opening), formatOpening(opening));
    }
    const held = lines.size;
    for (const opening of added) {
      const line = formatOpening(opening);
      const had = lines.get(place(opening));
      if (had !== undefined && had !== line) {
        throw new Broken(`leaf ${opening.index} was opened before, with other bytes`);
      }
      if (had === undefined) isNew.push(opening);
      lines.set(place(opening), line);
    }
    if (lines.size === held) continue;
    const sorted = [...lines].sort(([a], [b]) => a - b).map(([, line]) => `${line}\n`);
    await writeFile(folder, path, fromUtf8(sorted.join("")));
  }
  return isNew;
}

async function readOpenings(path: string): Promise<Opening[]> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new Broken("published openings cannot be read", error);
  }
  return linesOf(bytes).map((line) => {
    const opening = parseOpening(line);
    if (opening === undefined) throw new Broken("published openings were changed by somebody else");
    return opening;
  });
}

/** The lines of a file without their newlines; a last line without one is a line as well. */
export function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  const buffer = asBuffer(bytes);
  for (let at = 0; at < buffer.byteLength;) {
    const end = buffer.indexOf("\n", at);
    lines.push(buffer.subarray(at, end < 0 ? undefined : end));
    at = end < 0 ? buffer.byteLength : end + 1;
  }
  return lines;
}

/** Where an opening stands in its file: by index, then by part. */
export function place({ index, part }: Opening): number {
  return index * partNames.length + partNames.indexOf(part);
}

async function writeFile(folder: string, path: string, bytes: Uint8Array): Promise<void> {
  const target = join(folder, path);
  const made = await mkdir(dirname(target), { recursive: true, mode: 0o755 });
  await replaceFile(target, bytes, MODE);
  if (made === undefined) return;
  // The names of new folders are as durable as the file in them only once their parents are synced.
  for (let at = dirname(target); at.length >= made.length; at = dirname(at)) {
    await syncFolder(dirname(at));
  }
}
