// The published ledger, read-only: the files that the keeper exported, by the few names that the formats allow. What is not
// on that list does not exist, so no path can lead out of the folder.
import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fromUtf8, toUtf8 } from "#base/bytes";
import type { PublishedReport } from "./ports/report.ts";
import { type Canonical, parseCanonical } from "#base/canonical";

export interface PublishedCheckpoint {
  readonly origin: string;
  readonly size: number;
  /** Base64. */
  readonly root: string;
  /** The signed note as it was published. */
  readonly note: string;
}

export interface PublishedOpening {
  readonly index: number;
  readonly part: string;
  readonly entry: Canonical;
}

// C2SP tlog-tiles §"Merkle Tree", and the openings beside them: numbers in groups of three digits, nothing else.
const number = String.raw`(?:x\d{3}\/){0,5}\d{3}`;
const names = new RegExp(
  String.raw`^(?:checkpoint|vkey|report\.json|tile\/(?:entries|\d{1,2})\/${number}(?:\.p\/\d{1,3})?|openings\/${number}\.jsonl|policies\/[0-9a-f]{64}\.json)$`,
);

export interface PublishedFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  /** True for what never changes once it stands: full and partial tiles. */
  readonly forever: boolean;
}

export async function publishedFile(
  folder: string,
  name: string,
): Promise<PublishedFile | undefined> {
  if (!names.test(name)) return undefined;
  const bytes = await read(join(folder, name));
  if (bytes === undefined) return undefined;
  const forever = name.startsWith("tile/");
  return { bytes, forever, type: typeOf(name) };
}

function typeOf(name: string): string {
  if (name.startsWith("tile/")) return "application/octet-stream";
  if (name.endsWith(".json")) return "application/json; charset=utf-8";
  return name.endsWith(".jsonl") ? "application/jsonl; charset=utf-8" : "text/plain; charset=utf-8";
}

export async function publishedCheckpoint(
  folder: string,
): Promise<PublishedCheckpoint | undefined> {
  const note = await text(folder, "checkpoint");
  const [, origin = "", size = "", root = ""] =
    /^([^\n]+)\n(\d{1,15})\n([^\n]+)\n/.exec(note ?? "") ?? [];
  if (note === undefined || origin === "") return undefined;
  return { origin, size: Number(size), root, note };
}

/** The report that the keeper counted and published; undefined before the first publication, or for what is no report. */
export async function publishedReport(folder: string): Promise<PublishedReport | undefined> {
  const value = parseJson((await text(folder, "report.json")) ?? "");
  if (typeof value !== "object" || value === null) return undefined;
  // What the keeper wrote has every field of its version; of another version no page can be made.
  return "version" in value && value.version === 1
    ? (value as unknown as PublishedReport)
    : undefined;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

export function publishedKey(folder: string): Promise<string | undefined> {
  return text(folder, "vkey");
}

/** The newest openings that are not covers, newest first. Reads no more than the two newest files of 256 leaves. */
export async function latestOpenings(
  folder: string,
  size: number,
  most: number,
): Promise<readonly PublishedOpening[]> {
  const found: PublishedOpening[] = [];
  const newest = Math.floor(Math.max(0, size - 1) / 256);
  for (let file = newest; file >= Math.max(0, newest - 1) && found.length < most; file -= 1) {
    const lines = ((await text(folder, `openings/${numberPath(file)}.jsonl`)) ?? "").split("\n");
    for (const line of lines.reverse()) {
      const opening = parseOpening(line);
      if (opening !== undefined && found.length < most) found.push(opening);
    }
  }
  return found;
}

function parseOpening(line: string): PublishedOpening | undefined {
  // An opening holds an entry of at most 24 KiB and its commitments.
  const value = line === "" ? undefined : parseCanonical(fromUtf8(line), 32 * 1024);
  if (typeof value !== "object" || Array.isArray(value)) return undefined;
  const { index, part, entry } = value as { readonly [name: string]: Canonical };
  if (typeof index !== "number" || typeof part !== "string" || typeof entry !== "object")
    return undefined;
  const { type } = entry as { readonly [name: string]: Canonical };
  return type === "cover" ? undefined : { index, part, entry };
}

function numberPath(index: number): string {
  const groups = String(index).padStart(3, "0");
  const padded = groups.padStart(Math.ceil(groups.length / 3) * 3, "0").match(/\d{3}/g) ?? [];
  return padded.map((group, at) => (at < padded.length - 1 ? `x${group}` : group)).join("/");
}

async function text(folder: string, name: string): Promise<string | undefined> {
  const bytes = await read(join(folder, name));
  return bytes === undefined ? undefined : toUtf8(bytes);
}

/** A plain file's bytes; undefined for what is not there, and for links and folders. */
async function read(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    if (!(await lstat(path)).isFile()) return undefined;
    return new Uint8Array(await readFile(path));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
