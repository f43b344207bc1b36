// The order of SORT against the slowest way to the same: each pair by each criterion in turn.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  array,
  assert as always,
  boolean,
  constantFrom,
  integer,
  property,
  record,
} from "fast-check";
import { parseMessage } from "#mail/message";
import type { SortKey } from "./command.ts";
import { inOrder as keyedInOrder, type Sortable } from "./sort-order.ts";

const inOrder = <Each extends Sortable>(...given: Parameters<typeof keyedInOrder<Each>>): Each[] =>
  keyedInOrder<Each>(...given).map(({ message }) => message);

const fields = record({
  subject: constantFrom("", "b", "Re: a", "A", "[x] c", "é"),
  from: constantFrom("", "z@x", "Anna <m@x>", "anna <a@x>", "=?utf-8?q?=C3=84?= <q@x>"),
  day: integer({ min: 1, max: 3 }),
  dated: boolean(),
  size: integer({ min: 1, max: 3 }),
});

function sortable(
  each: { subject: string; from: string; day: number; dated: boolean; size: number },
  at: number,
): Sortable {
  const header = `Subject: ${each.subject}\r\nFrom: ${each.from}\r\n${each.dated ? `Date: ${each.day} Jun 2026 10:00:00 +0000\r\n` : ""}\r\n`;
  const { envelope } = parseMessage(Buffer.from(header));
  return { number: at + 1, receivedAt: Date.UTC(2026, 5, 4 - each.day), size: each.size, envelope };
}

const keys: readonly SortKey[] = [
  "ARRIVAL",
  "DATE",
  "SIZE",
  "SUBJECT",
  "FROM",
  "DISPLAYFROM",
  "TO",
];

test("several criteria are one after the other, each turned by itself, and ties keep the folder's order", () => {
  always(
    property(
      array(fields, { maxLength: 10 }),
      array(record({ by: constantFrom(...keys), reverse: boolean() }), {
        minLength: 1,
        maxLength: 3,
      }),
      (given, criteria) => {
        const messages = given.map((each, at) => sortable(each, at));
        // Sorting by the last criterion first, stably, is sorting by all: and a turned one turns the order of its classes only.
        let slow: readonly Sortable[] = messages;
        for (const { by, reverse } of criteria.toReversed()) {
          const alone = inOrder(messages, [{ by, reverse: false }]);
          const first = (...pair: readonly Sortable[]): number | undefined =>
            inOrder(pair, [{ by, reverse: false }])[0]?.number;
          const same = (a: Sortable, b: Sortable): boolean =>
            first(a, { ...b, number: 0 }) === 0 && first({ ...a, number: 0 }, b) === 0;
          const rank = (message: Sortable): number =>
            alone.findIndex((each) => same(each, message));
          slow = slow.toSorted((a, b) => (reverse ? rank(b) - rank(a) : rank(a) - rank(b)));
        }
        assert.deepEqual(
          inOrder(messages, criteria).map(({ number }) => number),
          slow.map(({ number }) => number),
        );
      },
    ),
    { numRuns: 200 },
  );
});
