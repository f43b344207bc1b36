import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assert as always, constantFrom, integer, property, uint8Array } from "fast-check";
import { findFlaw } from "./inspect.ts";
import { openWire, type Piece } from "./wire.ts";

// Octets from which every line end, dot and their halves can be built.
const tricky = array(constantFrom("\r", "\n", ".", "a", "\r\n", "\r\n.", "\r\n.\r\n"), {
  maxLength: 60,
}).map((parts) => Buffer.from(parts.join(""), "latin1"));

function messageFrom(octets: Buffer, size: number, limit = 1 << 20) {
  const wire = openWire(limit, 100);
  wire.readMessage();
  for (let at = 0; at < octets.byteLength; at += size) {
    wire.push(octets.subarray(at, at + size));
    if (wire.next()?.kind === "message-end") {
      const rest = octets.byteLength - Math.min(octets.byteLength, at + size) + wire.buffered();
      return { ...wire.takeMessage(), rest };
    }
  }
  return undefined;
}

// The standard said slowly, octet by octet: only a line that is a dot, between two CRLFs, ends the message.
function bySpecification(octets: Buffer): { bytes: string; rest: number } | undefined {
  const text = `\r\n${octets.toString("latin1")}`;
  const end = text.indexOf("\r\n.\r\n");
  if (end === -1) return undefined;
  return {
    bytes: text
      .slice(0, end + 2)
      .replaceAll("\r\n.", "\r\n")
      .slice(2),
    rest: text.length - end - 5,
  };
}

test("a message ends where the standard says and nowhere else, however its octets arrive", () => {
  always(
    property(tricky, integer({ min: 1, max: 9 }), (octets, size) => {
      const expected = bySpecification(octets);
      const got = messageFrom(octets, size);
      assert.equal(got?.bytes.toString("latin1"), expected?.bytes);
      assert.equal(got?.rest, expected?.rest);
    }),
    { numRuns: 2000 },
  );
});

test("a message beyond the limit is read to its end and not kept", () => {
  const octets = Buffer.from(`${"x".repeat(5000)}\r\n.\r\nNOOP\r\n`);
  const got = messageFrom(octets, 100, 1000);
  assert.deepEqual(
    { tooLarge: got?.tooLarge, kept: got?.bytes.byteLength, rest: got?.rest },
    { tooLarge: true, kept: 0, rest: 6 },
  );
});

test("lines are the same however their octets arrive, and no line is longer than the limit", () => {
  always(
    property(tricky, integer({ min: 1, max: 9 }), (octets, size) => {
      const whole = linesOf(octets, octets.byteLength || 1);
      assert.deepEqual(linesOf(octets, size), whole);
      for (const piece of whole)
        if (piece.kind === "line") assert.ok(!/[\r\n]/.test(piece.line) && piece.line.length <= 8);
    }),
  );
});

test("a line without end costs no memory beyond the limit", () => {
  const wire = openWire(1000, 100);
  for (let at = 0; at < 1000; at += 1) {
    wire.push(Buffer.alloc(1000, 97));
    assert.equal(wire.next(), undefined);
    assert.ok(wire.buffered() <= 101);
  }
  wire.push(Buffer.from("\r\nNOOP\r\n"));
  assert.deepEqual(wire.next(), { kind: "bad-line", flaw: "too-long" });
  assert.deepEqual(wire.next(), { kind: "line", line: "NOOP" });
});

test("the flaw is found exactly where a CR or LF stands alone", () => {
  always(
    property(uint8Array({ maxLength: 40 }), tricky, (noise, pieces) => {
      const octets = Buffer.concat([noise, pieces]);
      const text = octets.toString("latin1");
      const bare = /\r(?!\n)|(?<!\r)\n/.test(text);
      const expected = bare ? "bare-line-end" : text.includes("\0") ? "nul" : undefined;
      assert.equal(findFlaw(octets), expected);
    }),
  );
});

test("a hundred and one Received fields are a circle, in the header only", () => {
  const hops = (count: number) => "Received: by here\r\n".repeat(count);
  assert.equal(findFlaw(Buffer.from(`${hops(100)}\r\n${hops(50)}`)), undefined);
  assert.equal(findFlaw(Buffer.from(`${hops(101)}\r\nbody\r\n`)), "loop");
});

function linesOf(octets: Buffer, size: number): Piece[] {
  const wire = openWire(1000, 8);
  const pieces: Piece[] = [];
  for (let at = 0; at < octets.byteLength; at += size) {
    wire.push(octets.subarray(at, at + size));
    for (let piece = wire.next(); piece !== undefined; piece = wire.next()) pieces.push(piece);
  }
  return pieces;
}
