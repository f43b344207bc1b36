import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as check, array, constantFrom, property } from "fast-check";
import { headerFields, headerValue, selectHeader, unfold } from "./scan.ts";

const header = "From: a@b\r\nSubject: one\r\n\ttwo\r\nX-Odd\r\nSUBJECT : three\r\n\r\n";
const bytes = Buffer.from(`${header}body: x\r\n`);
const select = (
  names: readonly string[],
  except = false,
  block: Buffer = bytes,
  end = header.length,
) => Buffer.from(selectHeader(block, 0, end, names, except)).toString("latin1");

test("fields are found with their folds, up to the blank line", () => {
  assert.deepEqual(
    [...headerFields(bytes, 0, bytes.byteLength)].map(({ name, start, end }) => [
      name,
      bytes.toString("latin1", start, end),
    ]),
    [
      ["from", "From: a@b\r\n"],
      ["subject", "Subject: one\r\n\ttwo\r\n"],
      ["x-odd", "X-Odd\r\n"],
      ["subject", "SUBJECT : three\r\n"],
    ],
  );
});

test("selected fields come as they stand, in any case of the name, with the blank line", () => {
  assert.equal(select(["SUBJECT"]), "Subject: one\r\n\ttwo\r\nSUBJECT : three\r\n\r\n");
  assert.equal(select(["none"]), "\r\n");
  assert.equal(select(["subject", "x-odd"], true), "From: a@b\r\n\r\n");
  assert.equal(select([], true), header);
});

test("a header without a blank line is selected from without one", () => {
  const bare = Buffer.from("A: 1\r\nB: 2");
  assert.equal(select(["b"], false, bare, bare.byteLength), "B: 2");
  assert.equal(select(["a"], false, bare, bare.byteLength), "A: 1\r\n");
});

test("a block inside a message is kept to its bounds", () => {
  const inner = Buffer.from("xxA: 1\r\n fold\r\n\r\nB: 2\r\n");
  assert.equal(
    Buffer.from(selectHeader(inner, 2, 17, ["a", "b"])).toString(),
    "A: 1\r\n fold\r\n\r\n",
  );
});

test("a value is unfolded to one line, the octets of its characters untouched", () => {
  const value = (text: string) => {
    const raw = Buffer.from(text, "latin1");
    return unfold(raw, 0, raw.byteLength);
  };
  assert.equal(value("  a \r\n\t b\r\n c\t \r\n"), "a b c");
  assert.equal(value("a  b"), "a  b");
  assert.equal(value("a\0b"), "a\x80b");
  assert.equal(value(" \xa0x\xa0 "), "\xa0x\xa0");
  assert.equal(headerValue(bytes, 0, bytes.byteLength, "subject"), "one two");
  assert.equal(headerValue(bytes, 0, bytes.byteLength, "cc"), undefined);
});

test("what is selected and what is not make up the whole header, for any header", () => {
  const piece = constantFrom(
    "A: 1",
    "B",
    ":",
    " x",
    "\t",
    "C:\xff",
    "\r\n",
    "\n",
    "\r\n\r\n",
    "\r",
  );
  check(
    property(array(piece, { maxLength: 30 }), (pieces) => {
      const block = Buffer.from(pieces.join(""), "latin1");
      const fields = [...headerFields(block, 0, block.byteLength)];
      let at = 0;
      for (const field of fields) {
        assert.equal(field.start, at);
        assert.ok(field.end > field.start && field.valueStart <= field.end);
        at = field.end;
      }
      const blank = select([], false, block, block.byteLength);
      assert.ok(["", "\n", "\r\n"].includes(blank));
      assert.equal(
        fields.map(({ start, end }) => block.toString("latin1", start, end)).join("") + blank,
        select([], true, block, block.byteLength),
      );
    }),
    { numRuns: 1000 },
  );
});
