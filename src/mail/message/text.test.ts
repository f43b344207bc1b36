import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as check, constantFrom, property, string, uint8Array } from "fast-check";
import { makeLetter } from "../../../test/letters.ts";
import { parseMessage } from "./parse.ts";
import { stripHtml } from "./preview.ts";
import { foldText } from "./casemap.ts";
import { containsText, decodeText, headerText, searchText, textPieces } from "./text.ts";
import { decodeTransfer } from "./transfer.ts";
import { decodeWords } from "./words.ts";

const words: readonly (readonly [title: string, raw: string, decoded: string])[] = [
  ["base64", "=?utf-8?B?R3LDvMOfZQ==?=", "Grüße"],
  ["quoted-printable with underscores", "=?iso-8859-1?Q?Gr=FC=DFe_an_alle?= x", "Grüße an alle x"],
  ["white space between encoded words goes", "a =?utf-8?q?b?= \t =?utf-8?q?c?= d", "a bc d"],
  [
    "a character cut by two words is put together",
    "=?utf-8?b?w7w=?= =?utf-8?q?=C3?= =?utf-8?q?=BC?=",
    "üü",
  ],
  ["words of two charsets", "=?koi8-r?B?8NLJ18XU?= =?utf-8?q?=E2=82=AC?=", "Привет€"],
  ["a language after the charset (RFC 2231)", "=?us-ascii*en?q?hi?=", "hi"],
  ["a charset of Japan", "=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"],
  ["one that only iconv knows", "=?cp850?q?gr=81n?=", "grün"],
  ["an unknown charset is read as UTF-8", "=?x-none?q?gr=C3=BCn?=", "grün"],
  ["raw UTF-8", "gr\xc3\xbcn", "grün"],
  ["raw octets that are not UTF-8 are windows-1252", "gr\xfcn \x80", "grün €"],
  ["what is no encoded word stays", "=?a?x?b?= =?utf-8?q?", "=?a?x?b?= =?utf-8?q?"],
];

for (const [title, raw, decoded] of words) {
  test(`header text is decoded: ${title}`, () => assert.equal(decodeWords(raw), decoded));
}

const transfer = (text: string, encoding: string) =>
  Buffer.from(decodeTransfer(Buffer.from(text, "latin1"), encoding) ?? "unknown").toString(
    "latin1",
  );

test("quoted-printable is undone, soft line breaks and mistakes among it", () => {
  assert.equal(transfer("a=20b=\r\nc=  \r\nd=3de=\nf", "quoted-printable"), "a bcd=ef");
  assert.equal(transfer("a=zz=4=", "quoted-printable"), "a=zz=4");
});

test("base64 is undone, line ends, strange octets and padding in the middle among it", () => {
  assert.equal(transfer("YWJj\r\nZA==\r\n", "base64"), "abcd");
  assert.equal(transfer("YQ==YmM=", "base64"), "abc");
  assert.equal(transfer("Y*W J-j", "base64").slice(0, 1), "a");
});

test("an encoding that nobody knows is said to be unknown", () => {
  assert.equal(decodeTransfer(Buffer.from("x"), "x-uuencode"), undefined);
  assert.equal(decodeText(Buffer.from("x"), "x-uuencode", undefined), "x");
});

test("text without a charset is UTF-8 where that is valid, else windows-1252", () => {
  assert.equal(decodeText(Buffer.from("grün"), "8bit", undefined), "grün");
  assert.equal(decodeText(Buffer.from("gr\xfcn", "latin1"), "8bit", "us-ascii"), "grün");
  assert.equal(decodeText(Buffer.from("gr\x81n", "latin1"), "8bit", "ibm850"), "grün");
});

const letter = makeLetter({
  from: "Ada <ada@example.org>",
  to: "bo@example.org",
  subject: "Über das Wetter",
  text: "Der Schnee fällt.\n日本語も。\n",
  html: "<p>Der Schnee f&auml;llt</p>",
  attachments: [
    {
      name: "notes.txt",
      type: "text/plain; charset=utf-16le",
      bytes: Buffer.from("geheim Ω", "utf16le"),
    },
    { name: "x.bin", type: "application/octet-stream", bytes: Buffer.from("unsearched") },
  ],
  headers: ["X-Folded: one\r\n two"],
});

test("a search sees through encodings and charsets, and not into attachments that are no text", () => {
  const message = parseMessage(letter);
  const has = (where: "text" | "body", needle: string) =>
    searchText(letter, textPieces(message, where)).some((piece) =>
      containsText(piece, foldText(needle)),
    );
  assert.ok(has("body", "schnee FÄLLT"));
  assert.ok(has("body", "本語"));
  assert.ok(has("body", "GEHEIM ω"));
  assert.ok(!has("body", "notes.txt"));
  assert.ok(has("text", "notes.txt"));
  assert.ok(!has("body", "unsearched"));
  assert.ok(!has("body", "über das"));
  assert.ok(has("text", "über das"));
  assert.ok(has("text", "x-folded: one two"));
  assert.ok(!has("text", "schneefällt"));
});

test("the decoded values of one field are found by its name in any case", () => {
  const { root } = parseMessage(letter);
  assert.deepEqual([...headerText(letter, 0, root.bodyStart, "SUBJECT")], ["Über das Wetter"]);
});

test("the preview is the beginning of the first text on one line", () => {
  assert.equal(parseMessage(letter).preview, "Der Schnee fällt. 日本語も。");
  const preview = (text: string) => parseMessage(Buffer.from(text)).preview;
  assert.equal(preview("\r\n> quoted\r\nown\r\n\r\nwords\r\n"), "own words");
  assert.equal(preview("\r\n> only quoted\r\n"), "> only quoted");
  assert.equal(preview("Content-Type: image/png\r\n\r\nx"), "");
  assert.equal(
    preview("Content-Type: text/html\r\n\r\n<style>p{}</style><!-- c --><p>a&amp;b&#228;<br>c</p>"),
    "a&bä c",
  );
  assert.equal(Array.from(preview(`\r\n${"😀".repeat(500)}`)).length, 200);
});

test("HTML is stripped whatever stands in it", () => {
  assert.equal(stripHtml("a<b").trim(), "a");
  assert.equal(stripHtml("<script>x").trim(), "");
  assert.equal(stripHtml("&#x110000;&#0;&none;"), "  &none;");
});

test("any octets are decoded to something, by any encoding and charset", () => {
  const encodings = constantFrom("7bit", "base64", "quoted-printable", "x");
  const charsets = constantFrom(
    undefined,
    "utf-8",
    "utf-16",
    "iso-2022-jp",
    "gb18030",
    "cp437",
    "utf-7",
    "",
    "\0",
    "hex",
  );
  check(
    property(uint8Array({ maxLength: 200 }), encodings, charsets, (bytes, encoding, charset) => {
      assert.equal(typeof decodeText(bytes, encoding, charset), "string");
    }),
  );
  check(property(string({ unit: "binary" }), (text) => void decodeWords(text)));
});
