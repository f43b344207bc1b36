// The wire: whatever pieces the bytes come in, the same commands come out, and no limit is passed.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  array,
  assert as always,
  constantFrom,
  integer,
  property,
  string,
  uint8Array,
} from "fast-check";
import { MAX_LINES, openReader } from "./wire.ts";

/** Feeds pieces, accepting literals up to `most`; the commands and refusals that came out. */
function commandsOf(pieces: readonly Uint8Array[], most = Infinity): string[] {
  const reader = openReader();
  const heard: string[] = [];
  for (const piece of pieces) {
    reader.push(piece);
    for (let event = reader.next(); event !== undefined; event = reader.next()) {
      if (event.kind === "command") heard.push(event.bytes.toString("latin1"));
      else if (event.kind === "too-long") return [...heard, "<too long>"];
      else if (event.size <= most) reader.accept();
      else {
        reader.refuse();
        heard.push(`<refused ${event.size} of ${event.head.toString("latin1")}>`);
      }
    }
  }
  return heard;
}

const cut = (bytes: Uint8Array, size: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.byteLength / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );

test("a command holds its literals as they came, and pipelined commands come one by one", () => {
  const sent = "a LOGIN {3}\r\nada {2+}\r\n\r\n\r\nb APPEND x ~{4}\r\n{9}\n\r\nc NOOP\r\n";
  for (const size of [1, 2, 3, 7, 1000]) {
    assert.deepEqual(commandsOf(cut(Buffer.from(sent), size)), [
      "a LOGIN {3}\r\nada {2+}\r\n\r\n",
      "b APPEND x ~{4}\r\n{9}\n",
      "c NOOP",
    ]);
  }
});

test("a refused literal that waits is forgotten; one that does not wait is skipped with all that follows it", () => {
  const sent = "a X {9}\r\nb NOOP\r\nc X {9+}\r\n123456789 {9+}\r\n123456789 end\r\nd NOOP\r\n";
  for (const size of [1, 5, 1000]) {
    assert.deepEqual(commandsOf(cut(Buffer.from(sent), size), 5), [
      "<refused 9 of a X {9}>",
      "b NOOP",
      "<refused 9 of c X {9+}>",
      "d NOOP",
    ]);
  }
});

test("lines over the limit are told once, however they come, and nothing after them", () => {
  const long = Buffer.alloc(MAX_LINES + 10, "x");
  assert.deepEqual(commandsOf([long]), ["<too long>"]);
  assert.deepEqual(commandsOf(cut(long, 5000)), ["<too long>"]);
  const reader = openReader();
  reader.push(long);
  assert.equal(reader.next()?.kind, "too-long");
  reader.push(Buffer.from("\r\na NOOP\r\n"));
  assert.equal(reader.next(), undefined);
});

test("any bytes in any pieces give what they give in one piece", () => {
  const piece = constantFrom(
    "a",
    " ",
    "\r\n",
    "\n",
    "{3}",
    "{3+}",
    "~{2}",
    "{99999999999}",
    "\0",
    "é",
  );
  always(
    property(array(piece, { maxLength: 40 }), integer({ min: 1, max: 9 }), (pieces, size) => {
      const bytes = Buffer.from(pieces.join(""), "utf8");
      assert.deepEqual(commandsOf(cut(bytes, size), 50), commandsOf([bytes], 50));
    }),
  );
  always(property(uint8Array({ maxLength: 300 }), (bytes) => void commandsOf(cut(bytes, 3), 50)));
  always(property(string(), (text) => void commandsOf([Buffer.from(text)])));
});
