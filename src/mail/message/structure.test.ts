import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as check, integer, property } from "fast-check";
import { Broken } from "#base/errors";
import { randomLetter } from "../../../test/letters.ts";
import { parseMessage } from "./parse.ts";
import { decodeStructure, encodeStructure } from "./structure.ts";

test("a structure comes back as it was", () => {
  const odd = [
    "",
    "Sender: a@b\r\nReply-To: c@d\r\nFrom: G: a@b;\r\nSubject: \xff\r\n\r\nx",
    'Content-Type: message/rfc822; a="b"\r\nContent-Disposition: inline; x=y\r\nContent-Language: de, en\r\n\r\n\r\n',
  ].map((text) => Buffer.from(text, "latin1"));
  for (const bytes of odd) {
    const message = parseMessage(bytes);
    assert.deepEqual(decodeStructure(encodeStructure(message)), message);
  }
  check(
    property(integer(), (seed) => {
      const message = parseMessage(randomLetter(seed));
      assert.deepEqual(decodeStructure(encodeStructure(message)), message);
    }),
  );
});

test("bytes that are no structure are broken, and the error tells nothing of them", () => {
  for (const text of ["", "null", "[2,1]", '[1,2,"secret"]', '{"secret":', "[1,2,[],[],3]"]) {
    assert.throws(
      () => decodeStructure(Buffer.from(text)),
      (error: Error) => error instanceof Broken && !String(error.cause).includes("secret"),
    );
  }
});

test("a letter costs what 10,000 of them in a list allow", (t) => {
  const letters = Array.from({ length: 500 }, (_, seed) => randomLetter(seed));
  const began = process.hrtime.bigint();
  const messages = letters.map((letter) => parseMessage(letter));
  const parsed = process.hrtime.bigint();
  const encoded = messages.map((message) => encodeStructure(message));
  const packed = process.hrtime.bigint();
  for (const bytes of encoded) decodeStructure(bytes);
  const decoded = process.hrtime.bigint();
  const each = (from: bigint, to: bigint) =>
    `${(Number(to - from) / 1000 / letters.length).toFixed(1)} µs`;
  const octets = (all: readonly Uint8Array[]) =>
    Math.round(all.reduce((sum, bytes) => sum + bytes.byteLength, 0) / all.length);
  t.diagnostic(
    `letters of ${octets(letters)} octets: parse ${each(began, parsed)}, encode ${each(parsed, packed)} to ${octets(encoded)} octets, decode ${each(packed, decoded)}`,
  );
  assert.ok(octets(encoded) < 2048);
});
