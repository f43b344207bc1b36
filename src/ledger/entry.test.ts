import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as always, integer, nat, property, uint8Array } from "fast-check";
import { asBuffer, fromUtf8 } from "#base/bytes";
import type { Canonical } from "#base/canonical";
import {
  formatOpening,
  formatTlogProof,
  leafOf,
  newCover,
  newEntry,
  openPart,
  parseOpening,
  parseTlogProof,
  partNames,
  verifyOpening,
} from "#ledger";
import { isLeaf } from "./entry.ts";

const parts = {
  public: { type: "look", ground: "E1", "__proto__ ": "odd" },
  client: { at: 1_800_000_000, reason: "été" },
  case: {},
} as const;

test("a leaf is 56 bytes in two lines", () => {
  const leaf = leafOf(newEntry(parts));
  assert.equal(leaf.byteLength, 56);
  assert.match(asBuffer(leaf).toString(), /^bailee\/1\.0\n[A-Za-z0-9+/]{43}=\n$/);
  assert.ok(isLeaf(leaf));
  assert.ok(!isLeaf(leaf.subarray(1)));
});

test("the commitment is the one that the file's head describes", async () => {
  // With all nonces zero, computed apart by hand from the definition.
  const { createHash } = await import("node:crypto");
  const sha = (...pieces: (string | Uint8Array)[]) => {
    const hash = createHash("sha256");
    for (const piece of pieces) hash.update(piece);
    return hash.digest();
  };
  const nonce = Buffer.alloc(32);
  const part = { nonce, bytes: fromUtf8("{}") };
  const commitments = ["public", "client", "case"].map((name) =>
    sha(`bailee entry ${name} v1\0`, nonce, "{}"),
  );
  const leaf = leafOf({ public: part, client: part, case: part });
  const digest = sha("bailee entry v1\0", ...commitments).toString("base64");
  assert.equal(asBuffer(leaf).toString(), `bailee/1.0\n${digest}\n`);
});

test("two entries that say the same have different leaves", () => {
  assert.notDeepEqual(leafOf(newEntry(parts)), leafOf(newEntry(parts)));
  assert.notDeepEqual(leafOf(newCover()), leafOf(newCover()));
});

test("each part opens alone, and its opening shows nothing of the others", () => {
  const entry = newEntry(parts);
  for (const name of partNames) {
    const opening = openPart(entry, name, 5);
    const line = formatOpening(opening);
    const parsed = parseOpening(fromUtf8(line));
    assert.ok(parsed);
    assert.equal(formatOpening(parsed), line);
    assert.deepEqual(verifyOpening(parsed, leafOf(entry)), { ok: true, value: parts[name] });
    for (const other of partNames) {
      if (other === name) continue;
      assert.ok(!line.includes(Buffer.from(entry[other].nonce).toString("base64")));
      assert.equal(name in opening.others, false);
    }
    assert.equal(line.includes("été"), name === "client");
  }
});

test("an opening of another entry, or of another part, does not open the leaf", () => {
  const entry = newEntry({ ...parts, case: parts.public });
  const leaf = leafOf(entry);
  const opening = openPart(entry, "public", 0);
  const refused = { ok: false, refusal: "not-this-leaf" };
  assert.deepEqual(verifyOpening(opening, leafOf(newEntry(parts))), refused);
  const { case: other = leaf, client = leaf } = opening.others;
  // The same text in two parts: the labels keep one from passing for the other.
  assert.deepEqual(
    verifyOpening({ ...opening, part: "case", others: { public: other, client } }, leaf),
    refused,
  );
  assert.deepEqual(verifyOpening({ ...opening, others: { client } }, leaf), refused);
});

test("a flipped bit anywhere in an opening is noticed", () => {
  const entry = newEntry(parts);
  const leaf = leafOf(entry);
  const line = fromUtf8(formatOpening(openPart(entry, "client", 0)));
  const indexAt = asBuffer(line).indexOf('"index":0') + 8;
  always(
    property(nat(line.byteLength - 1), integer({ min: 0, max: 7 }), (at, bit) => {
      const bent = Buffer.from(line);
      bent[at] = (bent[at] ?? 0) ^ (1 << bit);
      const opening = parseOpening(bent);
      if (opening === undefined) return;
      // The index is not in the commitment: whoever knows the leaves compares it with its place.
      if (at === indexAt) assert.notEqual(opening.index, 0);
      else assert.ok(!verifyOpening(opening, leaf).ok);
    }),
    { numRuns: 500 },
  );
});

test("a part that could not be opened later is not made", () => {
  const deep: Canonical = { a: { b: { c: { d: { e: { f: { g: {} } } } } } } };
  for (const value of [deep, "x".repeat(25_000), 1.5, "e\u0301", "\ud800"] as Canonical[]) {
    assert.throws(() => newEntry({ public: {}, client: value, case: {} }), TypeError);
  }
  const large = newEntry({ public: { text: "x".repeat(24_000) }, client: {}, case: {} });
  const opening = parseOpening(fromUtf8(formatOpening(openPart(large, "public", 0))));
  assert.ok(opening && verifyOpening(opening, leafOf(large)).ok);
});

test("the parsers of openings and proofs are total over random bytes", () => {
  always(
    property(uint8Array({ maxLength: 300 }), (bytes) => {
      assert.equal(parseOpening(bytes), undefined);
      assert.equal(parseTlogProof(bytes), undefined);
    }),
  );
});

// The hashes and the form are those of the example in C2SP tlog-proof, whose signatures are shortened there.
const exampleProof = `c2sp.org/tlog-proof@v1
extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6
index 73894
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=
EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=
RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=
AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=

example.com/fancylog
109482
sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=

— example.com/fancylog hI2DJw==
`;

test("the proof in the standard comes apart and back together", () => {
  const proof = parseTlogProof(fromUtf8(exampleProof));
  assert.ok(proof);
  assert.equal(proof.index, 73894);
  assert.equal(proof.path.length, 5);
  assert.equal(
    asBuffer(proof.extra ?? Buffer.alloc(0)).toString(),
    "age-v1.2.1-darwin-arm64.tar.gz",
  );
  assert.equal(formatTlogProof(proof), exampleProof);
  const { extra, ...without } = proof;
  assert.ok(extra);
  const text = formatTlogProof(without);
  assert.ok(!text.includes("extra"));
  assert.equal(parseTlogProof(fromUtf8(text))?.index, 73894);
});

test("a proof in another spelling is malformed", () => {
  const bent = [
    exampleProof.replace("@v1", "@v2"),
    exampleProof.replace("index 73894", "index 073894"),
    exampleProof.replace("index 73894\n", ""),
    exampleProof.replace("extra YWdl", "extra  YWdl"),
    exampleProof.replace("PlQ=", "PlR="),
    exampleProof.replace("PlQ=", "PlQ"),
    exampleProof.replace("\nindex", "\r\nindex"),
  ];
  for (const text of bent) assert.equal(parseTlogProof(fromUtf8(text)), undefined, text);
});
