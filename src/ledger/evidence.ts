// The evidence about one entry from what is published: its place in the tree as a tlog-proof, made from the tiles, and what the
// log has opened of it so far. Needs nothing from whoever runs the log, and checks its own proof before it gives it away.
import { asBuffer, toUtf8 } from "#base/bytes";
import { parseCheckpoint } from "./checkpoint.ts";
import { parseOpening } from "./entry.ts";
import type { Read } from "./findings.ts";
import { formatTlogProof } from "./proof.ts";
import { linesOf } from "./publish.ts";
import { hashesAt, openingsPath, TILE_HEIGHT, TILE_WIDTH, tilePath } from "./tiles.ts";
import {
  consistencyPath,
  HASH_SIZE,
  type HashSource,
  inclusionPath,
  nodeHash,
  verifyInclusion,
} from "./tree.ts";

export interface Evidence {
  /** C2SP tlog-proof. */
  readonly proof: string;
  /** The opening lines of the entry, of whichever parts were opened. */
  readonly openings: readonly string[];
}

/** A tile that the path needs and that was not read yet. */
class NotRead extends Error {
  readonly level: number;
  readonly tile: number;

  constructor(level: number, tile: number) {
    super("a tile was not read yet");
    this.level = level;
    this.tile = tile;
  }
}

/** Undefined where the log is not that long yet, or what is published of it does not fit together. */
export async function evidenceFor(read: Read, index: number): Promise<Evidence | undefined> {
  const note = await read("checkpoint");
  const body = (note && toUtf8(note)?.split("\n\n")[0]) ?? "";
  const checkpoint = parseCheckpoint(`${body}\n`);
  if (note === undefined || checkpoint === undefined || index >= checkpoint.size) return undefined;
  const { size, root } = checkpoint;
  const proof = await fromTiles(read, size, (source) => {
    const path = inclusionPath(index, size, source);
    const isThere = verifyInclusion(source(0, index), index, size, path, root);
    return isThere ? formatTlogProof({ index, path, checkpoint: note }) : undefined;
  });
  return proof === undefined ? undefined : { proof, openings: await openingsOf(read, index) };
}

/** The proof out of what is published that a tree of `to` leaves continues one of `from`; undefined where tiles are missing. Nothing is verified. */
export function consistencyFrom(
  read: Read,
  from: number,
  to: number,
): Promise<readonly Uint8Array[] | undefined> {
  return fromTiles(read, to, (source) => consistencyPath(from, to, source));
}

/** Computes on hashes of a published tree, getting the tiles that are missed; undefined where one cannot be had. */
async function fromTiles<Value>(
  read: Read,
  size: number,
  compute: (source: HashSource) => Value,
): Promise<Value | undefined> {
  const tiles = new Map<string, Uint8Array>();
  const source = hashesOf(tiles);
  for (;;) {
    try {
      return compute(source);
    } catch (missing) {
      if (!(missing instanceof NotRead)) throw missing;
      const { level, tile } = missing;
      const width = Math.min(TILE_WIDTH, hashesAt(size, level) - tile * TILE_WIDTH);
      const bytes =
        width < 1
          ? undefined
          : ((await read(tilePath(level, tile, width))) ?? (await read(tilePath(level, tile))));
      if (bytes === undefined || bytes.byteLength < width * HASH_SIZE) return undefined;
      tiles.set(`${level}/${tile}`, bytes);
    }
  }
}

/** Hashes out of tiles; throws NotRead for one that is not there. */
function hashesOf(tiles: ReadonlyMap<string, Uint8Array>): HashSource {
  const stored = (level: number, index: number): Uint8Array => {
    const tile = Math.floor(index / TILE_WIDTH);
    const bytes = tiles.get(`${level}/${tile}`);
    if (bytes === undefined) throw new NotRead(level, tile);
    const at = (index % TILE_WIDTH) * HASH_SIZE;
    return bytes.subarray(at, at + HASH_SIZE);
  };
  const source: HashSource = (level, index) =>
    level % TILE_HEIGHT === 0
      ? stored(level / TILE_HEIGHT, index)
      : nodeHash(source(level - 1, index * 2), source(level - 1, index * 2 + 1));
  return source;
}

async function openingsOf(read: Read, index: number): Promise<readonly string[]> {
  const bytes = await read(openingsPath(Math.floor(index / TILE_WIDTH)));
  if (bytes === undefined) return [];
  return linesOf(bytes)
    .filter((line) => parseOpening(line)?.index === index)
    .map((line) => asBuffer(line).toString());
}
