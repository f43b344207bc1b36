// Checks the published tree: every entry and every hash tile against the signed root. Where an entry and its hash disagree, the
// tile above, or for the last tile the root, tells which of the two is wrong, so that the finding names the right file.
import { equalBytes } from "#base/bytes";
import { isLeaf, LEAF_SIZE } from "./entry.ts";
import type { Find, Read } from "./findings.ts";
import {
  hashesAt,
  levelsOf,
  PUBLICATION_STEP,
  TILE_HEIGHT,
  TILE_WIDTH,
  type TileLevel,
  tilePath,
} from "./tiles.ts";
import { emptyRoot, Frontier, HASH_SIZE, leafHash } from "./tree.ts";

/** A row of leaves under one tile, with the hashes that the checks settled on. */
export interface Row {
  readonly index: number;
  readonly hashes: readonly Uint8Array[];
}

export interface CheckedTree {
  /** False when a part of the tree could not be had at all, so that nothing can be said of its root. */
  readonly whole: boolean;
  /** The roots at those of the sizes asked for that the tree has. */
  readonly roots: ReadonlyMap<number, Uint8Array>;
}

interface Fetched {
  readonly file: string;
  /** Undefined when it is missing or has another length than the tree demands; that has been found then. */
  readonly bytes: Uint8Array | undefined;
}

// A leaf behind its length.
const STRIDE = LEAF_SIZE + 2;
const nothing = new Uint8Array(0);
// Eight rows are asked for ahead: over a network the time goes into waiting.
const AHEAD = 8;

/** Hands each row to `onRow` as soon as its leaves are settled, in order. */
export async function checkTree(
  read: Read,
  tree: { readonly size: number; readonly root: Uint8Array },
  sizes: ReadonlySet<number>,
  find: Find,
  onRow: (row: Row) => Promise<void>,
): Promise<CheckedTree> {
  const { size, root } = tree;
  const fetch = (level: TileLevel, index: number) => fetchTile(read, size, level, index, find);
  const frontier = new Frontier();
  const above: Uint8Array[][] = [];
  const roots = new Map([[0, emptyRoot]]);
  const rows = Math.ceil(size / TILE_WIDTH);
  const loaded = readAhead(rows, async (index) =>
    Promise.all([fetch("entries", index), fetch(0, index)]),
  );
  for await (const [index, [bundle, tile]] of loaded) {
    const hashes = await settleRow(index, bundle, tile, find, async (candidate) => {
      const tried = frontier.clone();
      for (const hash of candidate) tried.push(hash);
      if (candidate.length < TILE_WIDTH) return equalBytes(tried.root(), root);
      // What is wrong with that tile itself is found when its level is checked.
      const parent = await fetchTile(
        read,
        size,
        1,
        Math.floor(index / TILE_WIDTH),
        () => undefined,
      );
      return equalBytes(rootOf(candidate), hashIn(parent.bytes, index % TILE_WIDTH));
    });
    if (hashes === undefined) return { whole: false, roots };
    for (const hash of hashes) {
      frontier.push(hash, (level, _index, node) => {
        if (level > 0 && level % TILE_HEIGHT === 0) (above[level / TILE_HEIGHT] ??= []).push(node);
      });
      if (sizes.has(frontier.size)) roots.set(frontier.size, frontier.root());
    }
    if (hashes.length < TILE_WIDTH) {
      await checkOlder(read, 0, index, hashes, find);
      await checkOlder(read, "entries", index, hashes, find);
    }
    await onRow({ index, hashes });
  }
  for (let level = 1; level < levelsOf(size); level += 1) {
    await checkLevel(read, size, level, above[level] ?? [], find);
  }
  if (!equalBytes(frontier.root(), root)) {
    const text = "the entries do not lead to the root that the checkpoint signs";
    find({ kind: "wrong-root", file: "checkpoint", text });
  }
  return { whole: true, roots };
}

/** The leaf hashes of one row: those of the entries or of the tile, whichever `fits` where they differ. Undefined when both are missing. */
async function settleRow(
  row: number,
  bundle: Fetched,
  tile: Fetched,
  find: Find,
  fits: (candidate: readonly Uint8Array[]) => Promise<boolean>,
): Promise<readonly Uint8Array[] | undefined> {
  const start = row * TILE_WIDTH;
  const entries = bundle.bytes === undefined ? undefined : cut(bundle.bytes, STRIDE);
  const ofEntries = entries?.map((entry) => leafHash(entry.subarray(2)));
  const ofTile = tile.bytes === undefined ? undefined : cut(tile.bytes, HASH_SIZE);
  checkForms(
    bundle.file,
    start,
    entries ?? [],
    (at) => equalBytes(ofEntries?.[at] ?? nothing, ofTile?.[at] ?? nothing),
    find,
  );
  if (ofEntries === undefined || ofTile === undefined) return ofEntries ?? ofTile;
  const differ = ofEntries.flatMap((hash, at) =>
    equalBytes(hash, ofTile[at] ?? nothing) ? [] : [start + at],
  );
  if (differ.length === 0) return ofEntries;
  const entriesFit = await fits(ofEntries);
  const tileFits = !entriesFit && (await fits(ofTile));
  for (const index of differ) {
    if (!entriesFit) {
      const text = `entry ${index} is not the one that the tree holds`;
      find({ kind: "wrong-entry", file: bundle.file, index, text });
    }
    if (!tileFits) {
      const text = `the hash of leaf ${index} is not the one that the tree holds`;
      find({ kind: "wrong-hash", file: tile.file, index, text });
    }
  }
  return tileFits ? ofTile : ofEntries;
}

/** An entry that is the right one must still be a leaf behind its length; of a wrong one there is worse to say. */
function checkForms(
  file: string,
  start: number,
  entries: readonly Uint8Array[],
  isTheOne: (at: number) => boolean,
  find: Find,
): void {
  for (const [at, entry] of entries.entries()) {
    if (isFramed(entry) || !isTheOne(at)) continue;
    const index = start + at;
    find({
      kind: "malformed",
      file,
      index,
      text: `entry ${index} does not have the form of a leaf`,
    });
  }
}

/** Compares the tiles of one level above the leaves with the hashes that follow from below. */
async function checkLevel(
  read: Read,
  size: number,
  level: number,
  hashes: readonly Uint8Array[],
  find: Find,
): Promise<void> {
  for (let index = 0; index * TILE_WIDTH < hashes.length; index += 1) {
    const { file, bytes } = await fetchTile(read, size, level, index, find);
    const right = hashes.slice(index * TILE_WIDTH, (index + 1) * TILE_WIDTH);
    for (const [at, hash] of right.entries()) {
      if (bytes === undefined || equalBytes(hash, hashIn(bytes, at))) continue;
      const place = index * TILE_WIDTH + at;
      const text = `hash ${place} of level ${level} does not follow from the tiles below`;
      find({ kind: "wrong-hash", file, index: place, text });
    }
    if (right.length < TILE_WIDTH) await checkOlder(read, level, index, right, find);
  }
}

/** Narrower forms of the last tile, from earlier checkpoints, must be its beginnings where they are still served. */
async function checkOlder(
  read: Read,
  level: TileLevel,
  index: number,
  hashes: readonly Uint8Array[],
  find: Find,
): Promise<void> {
  const stride = level === "entries" ? STRIDE : HASH_SIZE;
  const step = typeof level === "number" && level > 0 ? 1 : PUBLICATION_STEP;
  const widths: number[] = [];
  for (let width = step; width < hashes.length; width += step) widths.push(width);
  const loaded = readAhead(widths.length, async (at) => {
    const file = tilePath(level, index, widths[at]);
    return { file, bytes: await read(file) };
  });
  for await (const [at, { file, bytes }] of loaded) {
    if (bytes === undefined) continue;
    const length = (widths[at] ?? 0) * stride;
    if (bytes.byteLength !== length) {
      const text = `${bytes.byteLength} bytes, where ${length} belong`;
      find({ kind: "malformed", file, text });
      continue;
    }
    for (const [at, piece] of cut(bytes, stride).entries()) {
      if (isRight(level, piece, hashes[at] ?? nothing)) continue;
      const kind = level === "entries" ? "wrong-entry" : "wrong-hash";
      const text = "an older form of this tile is not the beginning of the present one";
      find({ kind, file, index: index * TILE_WIDTH + at, text });
    }
  }
}

function isRight(level: TileLevel, piece: Uint8Array, hash: Uint8Array): boolean {
  if (level !== "entries") return equalBytes(piece, hash);
  return isFramed(piece) && equalBytes(leafHash(piece.subarray(2)), hash);
}

/** A leaf behind its length. */
function isFramed(entry: Uint8Array): boolean {
  return entry[0] === 0 && entry[1] === LEAF_SIZE && isLeaf(entry.subarray(2));
}

/** Gets a tile in the width that the tree's size demands; a full one does as well when the log has grown meanwhile. */
async function fetchTile(
  read: Read,
  size: number,
  level: TileLevel,
  index: number,
  find: Find,
): Promise<Fetched> {
  const count = hashesAt(size, level === "entries" ? 0 : level);
  const width = Math.min(TILE_WIDTH, count - index * TILE_WIDTH);
  const length = width * (level === "entries" ? STRIDE : HASH_SIZE);
  const file = tilePath(level, index, width);
  let bytes = await read(file);
  if (bytes === undefined && width < TILE_WIDTH) {
    bytes = (await read(tilePath(level, index)))?.subarray(0, length);
  }
  if (bytes?.byteLength === length) return { file, bytes };
  find(
    bytes === undefined
      ? { kind: "missing", file, text: "this file is not there" }
      : { kind: "malformed", file, text: `${bytes.byteLength} bytes, where ${length} belong` },
  );
  return { file, bytes: undefined };
}

/** Yields results in order, with a few loads under way at a time. */
async function* readAhead<Value>(
  count: number,
  load: (index: number) => Promise<Value>,
): AsyncGenerator<[number, Value]> {
  const underWay: Promise<Value>[] = [];
  let next = 0;
  for (let index = 0; index < count; index += 1) {
    for (; next < Math.min(count, index + AHEAD); next += 1) {
      const loading = load(next);
      // Whoever stops early leaves the rest; their failures are nobody's news then.
      loading.catch(() => undefined);
      underWay.push(loading);
    }
    const first = underWay.shift();
    if (first !== undefined) yield [index, await first];
  }
}

function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  const frontier = new Frontier();
  for (const hash of hashes) frontier.push(hash);
  return frontier.root();
}

function hashIn(tile: Uint8Array | undefined, at: number): Uint8Array {
  return tile?.subarray(at * HASH_SIZE, (at + 1) * HASH_SIZE) ?? nothing;
}

function cut(bytes: Uint8Array, stride: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.byteLength; at += stride)
    pieces.push(bytes.subarray(at, at + stride));
  return pieces;
}
