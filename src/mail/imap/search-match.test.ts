// What a search finds in the structure against what a slow look at the letter's own octets finds.
import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assert as always, constantFrom, property, record } from "fast-check";
import {
  decodeStructure,
  encodeStructure,
  foldText,
  headerText,
  parseMessage,
} from "#mail/message";
import { facetsOf, knownBy } from "./search-facts.ts";
import { matchesKey, openWanted } from "./search-match.ts";

const placement = {
  uid: 1,
  messageId: "m",
  size: 1,
  receivedAt: 0,
  savedAt: 0,
  flags: 0,
  keywords: [],
  modseq: 1,
};
const context = { now: 0, inSet: () => () => true, wanted: openWanted() };

test("a field is found by the structure where it is found in the letter, and the letter is opened only for others", () => {
  const name = constantFrom("From", "Sender", "Reply-To", "Cc", "Subject", "References", "X-Other");
  const value = constantFrom(
    "",
    "Ann <ann@x>",
    '"B, Bob" <bob@x>',
    "=?utf-8?q?=C3=84nn?= <ann@x>",
    "team: a@x, b@y;",
    "(note) c@x",
    "<1@x> <2@x>",
    "two\r\n lines",
  );
  const needle = constantFrom(
    "",
    "ann",
    "ÄNN",
    "bob <",
    '"B, Bob" <',
    "note",
    "team:",
    "1@x> <2",
    "two lines",
    "none",
  );
  always(
    property(
      array(record({ name, value }), { maxLength: 5 }),
      name,
      needle,
      (fields, field, text) => {
        const raw = Buffer.from(
          `${fields.map((each) => `${each.name}: ${each.value}\r\n`).join("")}\r\n`,
        );
        const message = decodeStructure(encodeStructure(parseMessage(raw)));
        const key = { key: "header", field: field.toLowerCase(), text } as const;
        const facets = facetsOf(key);
        const told = knownBy(
          facets,
          facets.map((facet) => facet.of(message)),
        );
        const candidate = { placement, number: 1, recent: false, known: told };
        const known = matchesKey(key, candidate, context);
        assert.equal(known === undefined, field === "X-Other");
        const slowly = [...headerText(raw, 0, message.root.bodyStart, field)].some((each) =>
          foldText(each).includes(foldText(text)),
        );
        const found = known ?? matchesKey(key, { ...candidate, bytes: raw }, context);
        // As one reads them, addresses stand without their quotes: that may be found besides.
        if (found !== slowly) assert.deepEqual([found, /^(?:From|Cc)$/.test(field)], [true, true]);
      },
    ),
    { numRuns: 2000 },
  );
});
