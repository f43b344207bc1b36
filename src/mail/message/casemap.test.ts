import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as check, property, string } from "fast-check";
import { foldText, sortText } from "./casemap.ts";
import { containsText } from "./text.ts";

const contains = (text: string, needle: string): boolean => containsText(text, foldText(needle));

test("text is matched as a substring, case and composition aside", () => {
  assert.ok(contains("ÄRGER", "ärg"));
  assert.ok(contains("A\u0308rger", "är"));
  assert.ok(contains("ΟΔΟΣ", "οδοσ"));
  assert.ok(contains("οδος", "ΟΔΟΣ"));
  assert.ok(contains("straße", "STRAß"));
  assert.ok(contains("ｆｕｌｌ", "FULL"));
  assert.ok(contains("ᾳ", "ᾼ"));
  assert.ok(contains("\u1112\u1161\u11ab글", "한글"));
  assert.ok(contains("anything", ""));
  assert.ok(!contains("arger", "är"));
  assert.ok(!contains("strasse", "straße"));
  assert.ok(!contains("각", "가"));
});

test("the worked example of RFC 5051 §2 comes out: a digraph is put in title case, then taken apart", () => {
  assert.deepEqual(Array.from(foldText("\u01c4")), ["D", "z", "\u030c"]);
  assert.deepEqual(foldText("\u01c6"), foldText("\u01c4"));
});

test("no character becomes several by its case, and folding twice changes nothing but decomposed small letters", () => {
  for (let code = 0; code < 0x30000; code += 1) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const char = String.fromCodePoint(code);
    const folded = foldText(char);
    // A simple mapping gives one character; only the decomposition may give more.
    const upper = Array.from(char.toUpperCase());
    if (upper.length > 1 && char.normalize("NFKD") === char) assert.equal(folded, char, char);
  }
  assert.equal(foldText("აბ"), "აბ");
});

test("an order by folded text is the order of its UTF-8 octets", () => {
  check(
    property(string({ unit: "binary" }), string({ unit: "binary" }), (a, b) => {
      const order = Buffer.compare(Buffer.from(foldText(a)), Buffer.from(foldText(b)));
      const [x, y] = [sortText(a), sortText(b)];
      assert.equal(x < y ? -1 : x > y ? 1 : 0, order);
    }),
  );
});
