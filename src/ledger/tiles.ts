// Where a published tree lies and in which bytes, as C2SP tlog-tiles defines it. Pure: paths and encodings, no reading or writing.
//
//   tile/<level>/<N>[.p/<width>]     up to 256 hashes of 32 bytes; a hash at level l stands for 256^l leaves
//   tile/entries/<N>[.p/<width>]     up to 256 entries, each behind its length (u16, big-endian)
//   openings/<N>.jsonl               openings of the same 256 leaves, one a line, by index and part (see entry.ts)
//
// <N> is written in groups of three digits, all but the last behind an "x": 1234067 is x001/x234/067.

export const TILE_WIDTH = 256;
/** Levels of the binary tree that one tile spans. */
export const TILE_HEIGHT = 8;

/** Published trees end at multiples of this, so that their sizes tell little about how much happened. */
export const PUBLICATION_STEP = 16;

export type TileLevel = number | "entries";

/** A tile's path, relative to the log's prefix. A width below 256 gives the partial tile's. */
export function tilePath(level: TileLevel, index: number, width: number = TILE_WIDTH): string {
  return `tile/${level}/${numberPath(index)}${width === TILE_WIDTH ? "" : `.p/${width}`}`;
}

/** The folder that holds the partial forms of a tile. */
export function partialsPath(level: TileLevel, index: number): string {
  return `${tilePath(level, index)}.p`;
}

export function openingsPath(index: number): string {
  return `openings/${numberPath(index)}.jsonl`;
}

/** How many hashes a tree of `size` leaves has at a tile level: complete subtrees of 256^level leaves. */
export function hashesAt(size: number, level: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}

/** How many tile levels a tree of `size` leaves has. */
export function levelsOf(size: number): number {
  let levels = 0;
  while (hashesAt(size, levels) > 0) levels += 1;
  return levels;
}

export interface TileRange {
  readonly index: number;
  readonly width: number;
}

/** The tiles at one level that a tree of `size` leaves has and one of `before` leaves had not, or had narrower. */
export function newTiles(before: number, size: number, level: number): TileRange[] {
  const count = hashesAt(size, level);
  const had = hashesAt(before, level);
  const tiles: TileRange[] = [];
  for (let index = Math.floor(had / TILE_WIDTH); index * TILE_WIDTH < count; index += 1) {
    const start = index * TILE_WIDTH;
    if (start + TILE_WIDTH <= had) continue;
    const width = Math.min(TILE_WIDTH, count - start);
    if (start + width > had) tiles.push({ index, width });
  }
  return tiles;
}

/** Entries as a bundle. Throws a RangeError on an entry of 64 KiB or more, which the format cannot hold. */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(entry.byteLength);
    parts.push(length, entry);
  }
  return Buffer.concat(parts);
}

function numberPath(index: number): string {
  let path = String(index % 1000).padStart(3, "0");
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, "0")}/${path}`;
  }
  return path;
}
