// A mail program that holds the list and carries out what it is told ends with the server's list.
import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assert as always, integer, property, uniqueArray } from "fast-check";
import { added, removed, type Run } from "./sorted-list.ts";

const number = integer({ min: 0, max: 40 });
const byNumber = (a: number, b: number): number => a - b;

function carryOut(list: readonly number[], verb: "add" | "remove", runs: readonly Run<number>[]) {
  const held = [...list];
  for (const { place, these } of runs) {
    if (verb === "add") held.splice(place - 1, 0, ...these);
    else assert.deepEqual(held.splice(place - 1, these.length), these);
  }
  return held;
}

test("what goes and what comes is told by places that hold one after the other", () => {
  always(
    property(uniqueArray(number), array(number), (numbers, others) => {
      const list = numbers.toSorted(byNumber);
      const gone = removed(list, (each) => others.includes(each));
      assert.deepEqual(
        gone.list,
        list.filter((each) => !others.includes(each)),
      );
      assert.deepEqual(carryOut(list, "remove", gone.runs), gone.list);
      const come = [...new Set(others)].filter((each) => !list.includes(each));
      const more = added(list, come, byNumber);
      assert.deepEqual(more.list, [...list, ...come].sort(byNumber));
      assert.deepEqual(carryOut(list, "add", more.runs), more.list);
    }),
    { numRuns: 500 },
  );
});

test("the example of RFC 5267 §4.3.3 takes its shortest form", () => {
  assert.deepEqual(added([2734, 2735], [2733, 2731, 2732], byNumber).runs, [
    { place: 1, these: [2731, 2732, 2733] },
  ]);
});
