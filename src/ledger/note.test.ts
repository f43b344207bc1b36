import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as always, integer, nat, property, string, uint8Array } from "fast-check";
import { asBuffer, fromUtf8 } from "#base/bytes";
import { formatCheckpoint, openCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { openSigner, parseNote, parseVerifierKey, type VerifierKey, verifyNote } from "./note.ts";

// The example of C2SP signed-note.
const exampleKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const exampleNote = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`;

// The example of C2SP tlog-checkpoint with the cosignature of C2SP tlog-cosignature.
const exampleCheckpoint = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`;

function keyOf(text: string): VerifierKey {
  const key = parseVerifierKey(text);
  assert.ok(key, text);
  return key;
}

test("the note in the standard is verified by the key in the standard", () => {
  const verified = verifyNote(fromUtf8(exampleNote), keyOf(exampleKey));
  assert.deepEqual(verified, { ok: true, value: "This is an example message.\n" });
});

test("the poem in the standard, with its empty line inside, comes apart at its last empty line", () => {
  const note = parseNote(
    fromUtf8(
      "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n",
    ),
  );
  assert.match(note?.text ?? "", /sole:\n\ned è subito sera\.\n$/);
  assert.deepEqual(note?.signatures[0]?.name, "quasimodo.example/salvatore");
  assert.equal(note?.signatures[0]?.id, "367ba04b");
  assert.equal(note?.signatures[0]?.signature.byteLength, 64);
});

test("the checkpoint in the standard parses, and its witness's cosignature is passed over", () => {
  const note = parseNote(fromUtf8(exampleCheckpoint));
  assert.ok(note);
  assert.deepEqual(
    note.signatures.map(({ name, signature }) => [name, signature.byteLength]),
    [
      ["example.com/behind-the-sofa", 64],
      ["witness.example.com/w1", 72],
    ],
  );
  const checkpoint = parseCheckpoint(note.text);
  assert.equal(checkpoint?.origin, "example.com/behind-the-sofa");
  assert.equal(checkpoint?.size, 20852163);
  assert.ok(checkpoint && formatCheckpoint(checkpoint) === note.text);
});

test("a signer's notes are verified by its own key, with others' signatures beside it, and by no other", () => {
  always(
    property(uint8Array({ minLength: 32, maxLength: 32 }), nat(), (seed, size) => {
      const signer = openSigner("log.example/ledger", seed);
      const text = formatCheckpoint({ origin: signer.name, size, root: Buffer.alloc(32, 3) });
      const note = signer.sign(text);
      const key = keyOf(signer.verifierKey);
      assert.deepEqual(verifyNote(note, key), { ok: true, value: text });
      const opened = openCheckpoint(note, key);
      assert.ok(opened.ok && opened.value.size === size);
      const witness = exampleCheckpoint.split("\n").at(-2) ?? "";
      assert.ok(verifyNote(Buffer.concat([note, fromUtf8(`${witness}\n`)]), key).ok);
      const other = keyOf(exampleKey);
      assert.deepEqual(verifyNote(note, other), { ok: false, refusal: "unknown-key" });
      const renamed = openSigner("log.example/other", seed);
      assert.deepEqual(verifyNote(note, keyOf(renamed.verifierKey)), {
        ok: false,
        refusal: "unknown-key",
      });
      assert.deepEqual(openCheckpoint(renamed.sign(text), keyOf(renamed.verifierKey)), {
        ok: false,
        refusal: "other-origin",
      });
    }),
    { numRuns: 20 },
  );
});

test("a note with a bad signature by the known key is refused even when another one is good", () => {
  const [text = "", good = ""] = exampleNote.split("\n\n");
  const bad = good.replace("Uw2QOkn8", "Uw2QOkn9");
  for (const lines of [`${bad}${good}`, `${good}${bad}`, bad]) {
    assert.deepEqual(verifyNote(fromUtf8(`${text}\n\n${lines}`), keyOf(exampleKey)), {
      ok: false,
      refusal: "bad-signature",
    });
  }
});

test("a flipped bit anywhere in a note spoils it", () => {
  const bytes = fromUtf8(exampleNote);
  always(
    property(nat(bytes.byteLength - 1), integer({ min: 0, max: 7 }), (at, bit) => {
      const bent = Buffer.from(bytes);
      bent[at] = (bent[at] ?? 0) ^ (1 << bit);
      assert.ok(!verifyNote(bent, keyOf(exampleKey)).ok);
    }),
    { numRuns: 500 },
  );
});

test("what breaks the note's format is malformed", () => {
  const signature = exampleNote.split("\n\n")[1] ?? "";
  const bent = [
    "",
    "\n",
    "text\n",
    `text\n${signature}`,
    `text\n\n`,
    `text\n\n${signature}\n`,
    `text\n\n${signature.trimEnd()}`,
    `te\txt\n\n${signature}`,
    `text\r\n\n${signature}`,
    `text\n\n${signature.replace("—", "-")}`,
    `text\n\n${signature.replace("— ", "—  ")}`,
    `text\n\n${signature.replace("foo", "f+oo")}`,
    `text\n\n${signature.replace("foo", "f\u00a0oo")}`,
    `text\n\n${signature.replace("=", "")}`,
    `text\n\n${signature.replace("aQM=", "aQN=")}`,
    `text\n\n— name AAAAAA==\n`,
    `text\n\n${signature.repeat(65)}`,
  ];
  for (const text of bent) assert.equal(parseNote(fromUtf8(text)), undefined, text);
  assert.equal(parseNote(Buffer.concat([Buffer.of(0xff), fromUtf8(exampleNote)])), undefined);
  assert.equal(parseNote(fromUtf8(`text\n\n${signature.repeat(16)}`))?.signatures.length, 16);
});

test("a vkey that is spelled otherwise, or whose id is not its own, is refused", () => {
  const bent = [
    exampleKey.toUpperCase(),
    `${exampleKey}\n`,
    ` ${exampleKey}`,
    exampleKey.replace("530d903a", "530D903A"),
    exampleKey.replace("530d903a", "530d903b"),
    exampleKey.replace("example.com", "example.org"),
    exampleKey.replace("+Aeky", "+BOky"),
    exampleKey.slice(0, -4),
    exampleKey.split("+").slice(0, 2).join("+"),
  ];
  for (const text of bent) assert.equal(parseVerifierKey(text), undefined, text);
});

test("a signer refuses names, seeds and texts that no note may have", () => {
  const seed = Buffer.alloc(32);
  for (const name of ["", "a b", "a+b", "a\nb", "a\u2003b"]) {
    assert.throws(() => openSigner(name, seed), TypeError);
  }
  assert.throws(() => openSigner("a", seed.subarray(1)), TypeError);
  for (const text of ["", "no end", "bell\u0007\n", "\ud800\n"]) {
    assert.throws(() => openSigner("a", seed).sign(text), TypeError);
  }
});

test("a checkpoint is three lines in their one spelling", () => {
  const root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
  assert.equal(parseCheckpoint(`o\n0\n${root}\n`)?.size, 0);
  const bent = [
    `o\n0\n${root}`,
    `o\n00\n${root}\n`,
    `o\n01\n${root}\n`,
    `o\n-1\n${root}\n`,
    `o\n1e3\n${root}\n`,
    `o\n+1\n${root}\n`,
    `o\n9007199254740992\n${root}\n`,
    `o\n1\n${root.slice(4)}\n`,
    `o\n1\n${root.replace("I=", "J=")}\n`,
    `o\n1\n${root}\nextension\n`,
    `\n1\n${root}\n`,
    `o\n\n1\n${root}\n`,
  ];
  for (const text of bent) assert.equal(parseCheckpoint(text), undefined, text);
});

test("the parsers are total over random text and bytes", () => {
  always(
    property(uint8Array({ maxLength: 300 }), string({ unit: "binary" }), (bytes, text) => {
      assert.ok(!verifyNote(bytes, keyOf(exampleKey)).ok);
      assert.equal(parseCheckpoint(text), undefined);
      assert.equal(parseVerifierKey(text), undefined);
      parseNote(Buffer.concat([fromUtf8(text), fromUtf8("\n\n— a "), asBuffer(bytes)]));
    }),
  );
});
