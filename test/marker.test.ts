// The search must find what is there, or finding nothing would mean nothing.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { findMarker, searchFolders } from "./marker.ts";

const word = "Quibblesnipe7xKw";
const around = (text: string | Buffer): Buffer =>
  Buffer.concat([Buffer.alloc(50, 1), Buffer.from(text), Buffer.alloc(50, 2)]);

const dressed: [string, Buffer][] = [
  ["raw", around(word)],
  ["in another case", around(word.toUpperCase())],
  ["UTF-16", around(Buffer.from(`x${word}y`, "utf16le"))],
  ["hex", around(Buffer.from(word).toString("hex"))],
  ["hex in capitals", around(Buffer.from(word).toString("hex").toUpperCase())],
  ["broken by quoted-printable", around(`${word.slice(0, 6)}=\r\n${word.slice(6)}`)],
  [
    "quoted-printable to the last octet",
    around([...Buffer.from(word)].map((o) => `=${o.toString(16).toUpperCase()}`).join("")),
  ],
  ["gzip", around(gzipSync(around(word)))],
  ["zstd in gzip", around(gzipSync(zstdCompressSync(around(word))))],
];
for (const before of ["", "a", "ab"]) {
  const letters = Buffer.from(`${before}${word} and more`).toString("base64");
  dressed.push([`base64 behind ${before.length} octets`, around(letters)]);
  dressed.push([
    `base64 over two lines behind ${before.length} octets`,
    around(`${letters.slice(0, 10)}\r\n${letters.slice(10)}`),
  ]);
}

for (const [name, bytes] of dressed) {
  test(`the marker is found ${name}`, () =>
    assert.notDeepEqual(findMarker(word, bytes, "here"), []));
}

test("where it is not, it is not found", async () => {
  assert.deepEqual(
    await findMarker(word, around(gzipSync(Buffer.from(word.slice(0, -1)))), "here"),
    [],
  );
});

test("files and their names are looked through", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "bailee-marker-"));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "plain"), "nothing here");
  assert.deepEqual(await searchFolders(word, [folder]), []);
  await writeFile(join(folder, `${word}.txt`), "");
  await writeFile(join(folder, "other"), gzipSync(word));
  assert.equal(
    new Set((await searchFolders(word, [folder])).map((find) => find.place.split(",")[0])).size,
    2,
  );
});
