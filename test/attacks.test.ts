// The list of attacks in docs/security.md cannot rot: each names a test file, and words that stand in the test that tries it.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { root } from "./house.ts";

const page = readFileSync(resolve(root, "docs/security.md"), "utf8");
const rows = page
  .slice(page.indexOf("## Attacks by name"))
  .split("\n")
  .filter((line) => /^\| (?!attack|---)/.test(line))
  .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "")));

test("every attack in the list is tried by a test, in its words", () => {
  assert.ok(rows.length >= 70, `${rows.length} attacks`);
  for (const [attack = "", named = "", words = ""] of rows) {
    const file = resolve(root, named.replaceAll("`", ""));
    assert.ok(existsSync(file), `${attack}: ${named} is not there`);
    assert.ok(
      words.length > 8 && readFileSync(file, "utf8").includes(words),
      `${attack}: ${words}`,
    );
  }
  const attacks = rows.map(([attack]) => attack);
  assert.equal(new Set(attacks).size, attacks.length, "no attack is listed twice");
});
