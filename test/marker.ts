// Looks for a word in everything that a folder holds, in every dress in which it could lie there: raw, another case, base64,
// quoted-printable, UTF-16, hex, and the same inside any gzip or zstd frame. Says where and in which dress.
import { globSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";

export interface Find {
  readonly place: string;
  readonly dress: string;
}

interface Dress {
  readonly name: string;
  readonly bytes: Buffer;
  /** Which view of the content it is looked for in. */
  readonly view: "raw" | "folded" | "unbroken";
}

/** The dresses of a word of ASCII letters and digits. */
function dresses(word: string): readonly Dress[] {
  const found: Dress[] = [
    { name: "raw", bytes: Buffer.from(word.toLowerCase()), view: "folded" },
    { name: "UTF-16", bytes: Buffer.from(word.toLowerCase(), "utf16le"), view: "folded" },
    {
      name: "UTF-16 big-endian",
      bytes: Buffer.from(word.toLowerCase(), "utf16le").swap16(),
      view: "folded",
    },
    { name: "hex", bytes: Buffer.from(Buffer.from(word).toString("hex")), view: "folded" },
    { name: "quoted-printable", bytes: Buffer.from(word.toLowerCase()), view: "unbroken" },
    {
      name: "quoted-printable, every octet",
      bytes: Buffer.from([...Buffer.from(word)].map((octet) => `=${octet.toString(16)}`).join("")),
      view: "unbroken",
    },
  ];
  for (let shift = 0; shift < 3; shift += 1) {
    // What stands before the word shifts the letters; the first and the last belong half to the neighbours.
    const letters = Buffer.concat([Buffer.alloc(shift), Buffer.from(word)])
      .toString("base64")
      .replace(/=+$/, "");
    const middle = letters.slice(Math.ceil((shift * 8) / 6), -1);
    found.push({ name: `base64, shifted ${shift}`, bytes: Buffer.from(middle), view: "raw" });
    found.push({
      name: `base64 over lines, shifted ${shift}`,
      bytes: Buffer.from(middle),
      view: "unbroken",
    });
  }
  return found;
}

/** Looks through bytes, and through every compressed frame in them, three frames deep. */
export async function findMarker(
  word: string,
  bytes: Buffer,
  place: string,
  depth = 0,
): Promise<Find[]> {
  const folded = foldCase(bytes);
  // Soft and hard line ends away: what base64 and quoted-printable break over lines is whole again, in either case.
  const unbroken = Buffer.from(bytes.toString("latin1").replaceAll(/=?\r?\n/g, ""), "latin1");
  const views = { raw: [bytes], folded: [folded], unbroken: [unbroken, foldCase(unbroken)] };
  const finds: Find[] = [];
  for (const dress of dresses(word)) {
    if (views[dress.view].some((view) => view.includes(dress.bytes)))
      finds.push({ place, dress: dress.name });
  }
  if (depth < 3) {
    for (const { at, content } of await frames(bytes)) {
      finds.push(...(await findMarker(word, content, `${place}, frame at ${at}`, depth + 1)));
    }
  }
  return finds;
}

/** Looks through every file below the folders, and through files that processes hold open though their names are gone. */
export async function searchFolders(
  word: string,
  folders: readonly string[],
  processes: readonly number[] = [],
): Promise<Find[]> {
  const finds: Find[] = [];
  for (const folder of folders) {
    for (const name of globSync("**/*", { cwd: folder })) {
      const path = join(folder, name);
      const bytes = readIfFile(path);
      finds.push(...(await findMarker(word, Buffer.from(name), `${path} (its name)`)));
      if (bytes !== undefined) finds.push(...(await findMarker(word, bytes, path)));
    }
  }
  for (const pid of processes) {
    for (const descriptor of readdirOf(`/proc/${pid}/fd`)) {
      const link = `/proc/${pid}/fd/${descriptor}`;
      if (!targetOf(link).endsWith(" (deleted)")) continue;
      const bytes = readIfFile(link);
      if (bytes !== undefined)
        finds.push(...(await findMarker(word, bytes, `${link}, deleted but open`)));
    }
  }
  return finds;
}

async function frames(bytes: Buffer): Promise<{ at: number; content: Buffer }[]> {
  const kinds = [
    { magic: Buffer.of(0x1f, 0x8b, 0x08), open: createGunzip },
    { magic: Buffer.of(0x28, 0xb5, 0x2f, 0xfd), open: createZstdDecompress },
  ];
  const found: { at: number; content: Buffer }[] = [];
  for (const { magic, open } of kinds) {
    for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1)) {
      const content = await inflated(open(), bytes.subarray(at));
      if (content.byteLength > 0) found.push({ at, content });
    }
  }
  return found;
}

/** What comes out before the frame ends, breaks off or turns out to be none: what lies behind it is no reason to give up. */
function inflated(stream: Transform, bytes: Buffer): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const pieces: Buffer[] = [];
  stream.on("data", (piece: Buffer) => pieces.push(piece));
  stream.on("error", () => resolve(Buffer.concat(pieces)));
  stream.on("end", () => resolve(Buffer.concat(pieces)));
  stream.end(bytes);
  return promise;
}

function foldCase(bytes: Buffer): Buffer {
  const folded = Buffer.from(bytes);
  for (let at = 0; at < folded.length; at += 1) {
    const octet = folded[at] ?? 0;
    if (octet >= 0x41 && octet <= 0x5a) folded[at] = octet | 0x20;
  }
  return folded;
}

function readIfFile(path: string): Buffer | undefined {
  try {
    return statSync(path).isFile() ? readFileSync(path) : undefined;
  } catch {
    return undefined; // gone between the listing and the look
  }
}

function readdirOf(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return "";
  }
}
