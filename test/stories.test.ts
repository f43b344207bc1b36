// docs/stories.md cannot rot: it names a story for each clause of the policy, and no story that is not there.
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { test } from "node:test";
import { clauses } from "#policy";
import { root } from "./house.ts";

const rows = readFileSync(resolve(root, "docs/stories.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.split("|").map((cell) => cell.trim()));

test("every clause of the policy has a story", () => {
  assert.deepEqual(
    rows.map(([, clause]) => clause?.replaceAll("`", "")),
    clauses.map(({ id }) => id),
  );
  for (const [, clause, , stories = ""] of rows) {
    for (const name of stories.split(", "))
      assert.ok(
        existsSync(resolve(root, `test/stories/${name}.test.ts`)),
        `${clause} names the story ${name}`,
      );
  }
});

test("every story stands behind a clause", () => {
  const named = new Set(rows.flatMap(([, , , stories = ""]) => stories.split(", ")));
  // How it is set up and how its pages look belongs to no clause.
  for (const name of ["clone", "pages"]) named.add(name);
  const there = globSync("test/stories/*.test.ts", { cwd: root });
  assert.deepEqual(there.map((file) => basename(file, ".test.ts")).sort(), [...named].sort());
});
