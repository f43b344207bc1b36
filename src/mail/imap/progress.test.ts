import assert from "node:assert/strict";
import { test } from "node:test";
import { openProgress } from "./progress.ts";

test("a long command tells every ten seconds how far it has come, and never that it is done", () => {
  let now = 0;
  const progress = openProgress("A001", 1000, () => now);
  assert.equal(progress(10), undefined);
  now = 10_000;
  assert.match(progress(454) ?? "", /^OK \[INPROGRESS \("A001" 454 1000\)\] .*45%/);
  now = 19_000;
  assert.equal(progress(600), undefined);
  now = 21_000;
  assert.equal(progress(1000), undefined);
  assert.match(progress(999) ?? "", /\("A001" 999 1000\)/);
});

test("a tag that would end the response code is not named", () => {
  let now = 0;
  const progress = openProgress("a]b", 2, () => now);
  now = 10_000;
  assert.match(progress(1) ?? "", /\[INPROGRESS \(NIL 1 2\)\]/);
});
