// Two copies of one letter have one fingerprint, however they travelled; two letters have two. The body's form is compared with a
// plain reading of RFC 6376 §3.4.4.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { array, assert as check, constantFrom, property, uint8Array } from "fast-check";
import { makeLetter } from "../../../test/letters.ts";
import { FINGERPRINT_BYTES, fingerprintOf } from "./fingerprint.ts";

const letter = makeLetter({
  from: "Ada <ada@example.org>",
  to: "bob@example.net",
  subject: "threat",
  text: "one  line\n\nand \tanother",
}).toString("latin1");

const hex = (text: string): string =>
  Buffer.from(fingerprintOf(Buffer.from(text, "latin1"))).toString("hex");

test("trace fields, folding, line ends and white space at the end do not matter", () => {
  const whole = hex(letter);
  const copies = [
    `Return-Path: <x@example.org>\r\nReceived: by mail.example;\r\n\tMon, 23 Nov 2026\r\n${letter}`,
    letter.replace("From: Ada <ada", "FROM:\r\n  Ada\t<ada"),
    letter.replaceAll("\r\n", "\n"),
    `${letter}\r\n \r\n\r\n`,
    letter.trimEnd(),
    letter.replace("one  line", "one \t line "),
    letter.replace("Subject: threat", "Subject: fwd"),
  ];
  for (const copy of copies) assert.equal(hex(copy), whole, copy);
});

test("another sender, date, id or word is another letter", () => {
  const changes = [
    letter.replace("ada@", "eve@"),
    letter.replace("23 Nov", "24 Nov"),
    letter.replace("Message-ID: <", "Message-ID: <x"),
    letter.replace("another", "an other"),
    letter.replace("another", "Another"),
    letter.replace("one  line", "one  line\r\n"),
  ];
  const seen = new Set([hex(letter), ...changes.map(hex)]);
  assert.equal(seen.size, changes.length + 1);
});

test("the bytes are those that the file's head says", () => {
  const said =
    "bailee fingerprint 1\nmessage-id:<a@b>\r\nfrom:a@b\r\ndate:now\r\n\r\n x y\r\n\r\nz\r\n";
  assert.equal(
    hex(
      "Message-ID:\r\n <a@b>\r\nX: y\r\nFrom:  a@b \r\nDate: now\r\n\r\n\t x  y \r\n\r\nz\r\n\r\n",
    ),
    createHash("sha256").update(said, "latin1").digest("hex"),
  );
  assert.equal(fingerprintOf(new Uint8Array()).byteLength, FINGERPRINT_BYTES);
});

/** RFC 6376 §3.4.4 by regular expressions, slowly. */
function plainly(body: string): string {
  const relaxed = body
    .replaceAll(/\r?\n/g, "\n")
    .replaceAll(/[ \t]+/g, " ")
    .replaceAll(/ (?=\n)| $/g, "")
    .replace(/\n+$/, "")
    .replaceAll("\n", "\r\n");
  return relaxed === "" ? "" : `${relaxed}\r\n`;
}

test("any body has the relaxed form of DKIM", () => {
  const pieces = constantFrom(
    " ",
    "\t",
    "\r",
    "\n",
    "\r\n",
    "a",
    "bc",
    "\0",
    "\xe9",
    "x".repeat(5000),
  );
  check(
    property(array(pieces, { maxLength: 40 }), (parts) => {
      const body = parts.join("");
      const said = `bailee fingerprint 1\n\r\n${plainly(body)}`;
      assert.equal(hex(`\r\n${body}`), createHash("sha256").update(said, "latin1").digest("hex"));
    }),
  );
});

test("any octets have a fingerprint", () => {
  check(
    property(uint8Array({ maxLength: 300 }), (bytes) => {
      assert.equal(fingerprintOf(bytes).byteLength, FINGERPRINT_BYTES);
    }),
  );
});
