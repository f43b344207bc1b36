// Threads of every shape: nobody is lost, nobody stands twice, and no chain or loop is too much.
import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assert as always, constantFrom, integer, property, record } from "fast-check";
import { baseSubject } from "#mail/message";
import type { Threadable } from "./thread-node.ts";
import { byOrderedSubject, byReferences, formatThreads } from "./thread-tree.ts";

/** A message by its number; dates rise with it unless said. */
function letter(
  number: number,
  id: string | undefined,
  references: readonly string[] = [],
  subject = "",
  sentAt = number,
): Threadable {
  return { told: number, number, sentAt, subject: baseSubject(subject), id, references };
}
const threads = (...messages: Threadable[]): string => formatThreads(byReferences(messages));

test("replies stand below what they answer, in whatever order they came", () => {
  assert.equal(
    threads(letter(1, "c", ["a", "b"]), letter(2, "b", ["a"]), letter(3, "a")),
    "(3 2 1)",
  );
  assert.equal(threads(letter(1, "a"), letter(2, "b", ["a"]), letter(3, "c", ["a"])), "(1 (2)(3))");
  assert.equal(
    threads(
      letter(1, "a"),
      letter(2, "b", ["a"]),
      letter(3, "c", ["a"]),
      letter(4, "d", ["a", "b"]),
    ),
    "(1 (2 4)(3))",
  );
});

test("an id that nobody has holds several together, and hides above one", () => {
  assert.equal(threads(letter(1, "a", ["x"])), "(1)");
  assert.equal(threads(letter(1, "a", ["x"]), letter(2, "b", ["x"])), "((1)(2))");
  assert.equal(threads(letter(1, "a", ["y", "x"]), letter(2, "b", ["y", "x"])), "((1)(2))");
  assert.equal(
    threads(letter(1, "r"), letter(2, "a", ["r", "x"]), letter(3, "b", ["r", "x"])),
    "(1 (2)(3))",
  );
});

test("a second message with an id stands for itself, and one without an id refers all the same", () => {
  assert.equal(threads(letter(1, "a"), letter(2, "a"), letter(3, "b", ["a"])), "(1 3)(2)");
  assert.equal(threads(letter(1, "a"), letter(2, undefined, ["a"])), "(1 2)");
});

test("references that go round in a ring make no ring", () => {
  assert.equal(threads(letter(1, "a", ["b"]), letter(2, "b", ["a"])), "(2 1)");
  assert.equal(threads(letter(1, "a", ["a"])), "(1)");
  assert.equal(
    threads(letter(1, "c", ["a", "b", "a"]), letter(2, "a"), letter(3, "b")),
    "(2 1)(3)",
  );
});

test("threads of one subject become one: a reply below what is none, two of a kind side by side", () => {
  assert.equal(threads(letter(1, "a", [], "tea"), letter(2, "b", [], "Re: Tea")), "(1 2)");
  assert.equal(threads(letter(1, "a", [], "Re: tea"), letter(2, "b", [], "tea")), "(2 1)");
  assert.equal(threads(letter(1, "a", [], "tea"), letter(2, "b", [], "tea")), "((1)(2))");
  assert.equal(
    threads(letter(1, "a", ["x"], "tea"), letter(2, "b", ["x"], "tea"), letter(3, "c", [], "tea")),
    "((1)(2)(3))",
  );
  assert.equal(
    threads(
      letter(1, "a", ["x"], "tea"),
      letter(2, "b", ["x"], "tea"),
      letter(3, "c", ["y"], "tea"),
      letter(4, "d", ["y"], "tea"),
    ),
    "((1)(2)(3)(4))",
  );
  assert.equal(threads(letter(1, "a", [], ""), letter(2, "b", [], "")), "(1)(2)");
});

test("siblings stand by date and then by number, and a dummy by its first child", () => {
  assert.equal(threads(letter(1, "a", [], "", 9), letter(2, "b", [], "", 1)), "(2)(1)");
  assert.equal(
    threads(letter(1, "a", ["x"], "", 8), letter(2, "b", ["x"], "", 3), letter(3, "c", [], "", 5)),
    "((2)(1))(3)",
  );
});

test("by subject alone the first by date leads and the others are its children", () => {
  const given = [
    letter(1, "a", [], "Re: b", 5),
    letter(2, "b", [], "B", 2),
    letter(3, "c", [], "a", 9),
  ];
  assert.equal(formatThreads(byOrderedSubject(given)), "(2 1)(3)");
});

test("a chain of twenty thousand is one row, and so many brackets are no recursion", () => {
  const chain = Array.from({ length: 20_000 }, (_, at) =>
    letter(at + 1, `m${at}`, at > 0 ? [`m${at - 1}`] : []),
  );
  assert.equal(threads(...chain), `(${chain.map(({ told }) => told).join(" ")})`);
  const comb = chain.flatMap((message, at) => [
    { ...message, told: 2 * at + 1, number: 2 * at + 1 },
    letter(2 * at + 2, undefined, [`m${at}`]),
  ]);
  assert.equal(threads(...comb).match(/\d+/g)?.length, 40_000);
});

test("whatever refers to whatever, every message is told once and brackets close", () => {
  const ids = constantFrom("a", "b", "c", "d", "e", "f");
  const any = record({
    id: ids,
    references: array(ids, { maxLength: 5 }),
    subject: constantFrom("", "x", "Re: x", "y", "Fwd: y"),
    sentAt: integer({ min: 0, max: 3 }),
  });
  always(
    property(array(any, { maxLength: 12 }), (given) => {
      const messages = given.map((each, at) =>
        letter(at + 1, each.id, each.references, each.subject, each.sentAt),
      );
      for (const made of [byReferences(messages), byOrderedSubject(messages)]) {
        const text = formatThreads(made);
        const told = (text.match(/\d+/g) ?? []).map(Number).sort((a, b) => a - b);
        assert.deepEqual(
          told,
          messages.map(({ told: each }) => each),
        );
        assert.equal(text.replaceAll(/[^(]/g, "").length, text.replaceAll(/[^)]/g, "").length);
        assert.doesNotMatch(text, /\(\)|\( |\d\(| \)/);
      }
    }),
    { numRuns: 500 },
  );
});

test("a hundred thousand hostile references cost bounded time", { timeout: 20_000 }, () => {
  const many = 100_000;
  const half = many / 2;
  const chain = (number: number): string => `c${number}`;
  const shapes: Readonly<Record<string, readonly Threadable[]>> = {
    "a ring asked about again and again": Array.from({ length: many }, (_, at) =>
      letter(
        at + 1,
        chain(at),
        at < half ? (at === 0 ? [] : [chain(at - 1)]) : [chain(half - 1), chain(0)],
      ),
    ),
    "dummies one below the other, and many below the last": Array.from({ length: many }, (_, at) =>
      letter(at + 1, undefined, at < half ? [`d${at}`, `d${at + 1}`] : [`d${half}`]),
    ),
    "all below one": Array.from({ length: many }, (_, at) => letter(at + 1, undefined, ["x"])),
  };
  for (const [name, messages] of Object.entries(shapes)) {
    const began = performance.now();
    const told = formatThreads(byReferences(messages));
    assert.equal(told.match(/\d+/g)?.length, many, name);
    const took = performance.now() - began;
    assert.ok(took < 4000, `${name}: ${Math.round(took)} ms`);
  }
});
