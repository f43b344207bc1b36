// Letters made to hurt: what they may cost is counted in parts, levels and octets; the times are printed, not judged.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { parseAddresses } from "./addresses.ts";
import { parseMessage } from "./parse.ts";
import type { ParsedMessage, Part } from "./shape.ts";
import { encodeStructure } from "./structure.ts";
import { searchText, textPieces } from "./text.ts";
import { decodeTransfer } from "./transfer.ts";
import { MAX_DEPTH, MAX_PARTS } from "./tree.ts";
import { decodeWords } from "./words.ts";

const MB = 1_000_000;

function inside(part: Part): readonly Part[] {
  return part.message === null ? part.parts : [part.message.root];
}

function measure(part: Part, level = 0): { parts: number; depth: number } {
  let [parts, depth] = [1, level];
  for (const child of inside(part)) {
    const found = measure(child, level + 1);
    parts += found.parts;
    depth = Math.max(depth, found.depth);
  }
  return { parts, depth };
}

/** Parses, packs and searches; prints what that took. */
function endure(
  t: TestContext,
  text: string,
): ParsedMessage & { parts: number; depth: number; packed: number } {
  const bytes = Buffer.from(text, "latin1");
  const began = performance.now();
  const message = parseMessage(bytes);
  const parsed = performance.now();
  const packed = encodeStructure(message).byteLength;
  let searched = 0;
  for (const piece of searchText(bytes, textPieces(message, "text"))) searched += piece.length;
  const counts = measure(message.root);
  t.diagnostic(
    `${(bytes.byteLength / MB).toFixed(1)} MB: parse ${Math.round(parsed - began)} ms, pack and search ${Math.round(performance.now() - parsed)} ms, ${counts.parts} parts, depth ${counts.depth}, structure ${packed} octets, ${searched} characters searched`,
  );
  return { ...message, ...counts, packed };
}

test("a thousand multiparts one in the other end in an opaque leaf", (t) => {
  const text = Array.from({ length: 1000 }, (_, level) => {
    const boundary = `b${1000 + level}`;
    return `Content-Type: multipart/mixed; boundary=${boundary}\r\n\r\n--${boundary}\r\n`;
  }).join("");
  const { parts, depth, root } = endure(t, text);
  assert.equal(depth, MAX_DEPTH);
  assert.ok(parts <= MAX_DEPTH + 2);
  let leaf = root;
  for (let next = inside(leaf)[0]; next !== undefined; next = inside(leaf)[0]) leaf = next;
  assert.equal(`${leaf.type}/${leaf.subtype}`, "application/octet-stream");
  assert.equal(leaf.bodyEnd, text.length);
});

test("ten thousand messages one in the other as well", (t) => {
  const { depth } = endure(t, "Content-Type: message/rfc822\r\n\r\n".repeat(10_000));
  assert.equal(depth, MAX_DEPTH);
});

test("of a million parts some ten thousand are told apart, and the last one takes the rest", (t) => {
  const text = `Content-Type: multipart/mixed; boundary=b\r\n\r\n${"--b\r\n\r\n".repeat(MB)}`;
  const { parts, root } = endure(t, text);
  assert.ok(parts <= MAX_PARTS + 1);
  assert.equal(root.parts.at(-1)?.bodyEnd, text.length);
});

test("a hundred open boundaries that begin alike are matched in one walk over a line", (t) => {
  const common = "x".repeat(190);
  const open = Array.from(
    { length: 99 },
    (_, n) => `Content-Type: multipart/mixed; boundary="${common}${n}"\r\n\r\n--${common}${n}\r\n`,
  );
  const line = `--${common}y\r\n`;
  const { depth } = endure(t, `${open.join("")}\r\n${line.repeat((10 * MB) / line.length)}`);
  assert.equal(depth, 99);
});

test("a boundary of a megabyte is compared by its beginning", (t) => {
  const boundary = "x".repeat(MB / 5);
  const { parts } = endure(
    t,
    `Content-Type: multipart/mixed; boundary="${boundary}"\r\n\r\n--${boundary}\r\n\r\none`,
  );
  assert.equal(parts, 2);
});

test("a header of ten megabytes leaves a structure that is bounded", (t) => {
  const one = `Subject: ${"=?utf-8?q?x?= ".repeat((10 * MB) / 14)}\r\n\r\nx`;
  assert.ok(endure(t, one).packed < MB);
  assert.ok(endure(t, `To: ${"a@b,".repeat((10 * MB) / 4)}\r\n\r\nx`).packed < 4 * MB);
  assert.ok(endure(t, `${"To: a@b\r\n".repeat(MB)}\r\nx`).packed < MB);
  assert.ok(endure(t, `${"a\r\n".repeat(3 * MB)}\r\nx`).packed < MB);
  assert.ok(endure(t, `Content-Type: a/b${";a*0=b".repeat(2 * MB)}\r\n\r\nx`).packed < MB);
  assert.ok(endure(t, `Subject: x${"\r\n ".repeat(3 * MB)}y\r\n\r\nx`).packed < MB);
});

test("address lists that open everything and close nothing are read once", (t) => {
  for (const piece of ["<@", '"', "(", "a@", "G:", "[", "<a@b:", "\\", ";", "a ", "a<"]) {
    const began = performance.now();
    const found = parseAddresses(piece.repeat(262_144 / piece.length));
    t.diagnostic(
      `${JSON.stringify(piece)}: ${found.length} addresses, ${Math.round(performance.now() - began)} ms`,
    );
    assert.ok(found.length <= 262_144 / piece.length + 2);
  }
});

test("encodings that never end are read once", (t) => {
  const trials: readonly (readonly [string, () => unknown])[] = [
    ["=", () => decodeTransfer(Buffer.alloc(10 * MB, "="), "quoted-printable")],
    ["= ", () => decodeTransfer(Buffer.alloc(10 * MB, "=    "), "quoted-printable")],
    ["=a", () => decodeTransfer(Buffer.alloc(10 * MB, "=a"), "base64")],
    ["=?", () => decodeWords("=?".repeat(131_072))],
    ["=?a?q?", () => decodeWords("=?a?q?".repeat(43_000))],
    [
      "<style",
      () => parseMessage(Buffer.from(`Content-Type: text/html\r\n\r\n${"<style".repeat(100_000)}`)),
    ],
    [
      "<!--",
      () => parseMessage(Buffer.from(`Content-Type: text/html\r\n\r\n${"<!--".repeat(100_000)}`)),
    ],
  ];
  for (const [name, trial] of trials) {
    const began = performance.now();
    assert.notEqual(trial(), undefined);
    t.diagnostic(`${name}: ${Math.round(performance.now() - began)} ms`);
  }
});
