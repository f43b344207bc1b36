// Names, sets, patterns and strings: the small spellings that go both ways.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assert as always,
  constantFrom,
  array,
  property,
  string,
  uniqueArray,
  integer,
} from "fast-check";
import { formatDateTime, formatString } from "./format.ts";
import { listFolders, matchesPattern } from "./list.ts";
import { decodeName, encodeName, fromModifiedUtf7, toModifiedUtf7 } from "./names.ts";
import { formatSet, inRanges, resolveRanges, sequenceSet } from "./sets.ts";
import { openCursor, string as stringOf } from "./cursor.ts";

test("modified UTF-7 as RFC 3501 shows it, and back", () => {
  const name = "~peter/mail/台北/日本語";
  assert.equal(toModifiedUtf7(name), "~peter/mail/&U,BTFw-/&ZeVnLIqe-");
  assert.equal(fromModifiedUtf7("~peter/mail/&U,BTFw-/&ZeVnLIqe-"), name);
  for (const wrong of ["&", "&U", "&Jjo!", "&U,BTFw-&ZeVnLIqe-", "&AEE-"])
    assert.equal(fromModifiedUtf7(wrong), undefined, wrong);
  always(
    property(string({ unit: "binary" }), (text) => {
      assert.equal(fromModifiedUtf7(toModifiedUtf7(text)), text);
    }),
  );
});

test("a name comes back from the wire in NFC, with INBOX in any case", () => {
  assert.equal(decodeName(Buffer.from("inbox/Sub"), false), "INBOX/Sub");
  assert.equal(decodeName(Buffer.from("Inboxes"), false), "Inboxes");
  assert.equal(decodeName(Buffer.from("e\u0301"), true), "é");
  assert.equal(decodeName(Buffer.from([0xff]), true), undefined);
  always(
    property(string({ unit: "grapheme" }), (text) => {
      const name = `x${text.normalize("NFC")}`;
      for (const utf8 of [false, true])
        assert.equal(
          decodeName(Buffer.from(encodeName(name, utf8), "latin1"), utf8),
          name.normalize("NFC"),
        );
    }),
  );
});

test("sets are written as short as they can be and read back the same", () => {
  assert.equal(formatSet([1, 2, 3, 7, 9, 10]), "1:3,7,9:10");
  assert.equal(formatSet([3, 2, 5]), "3,2,5");
  always(
    property(uniqueArray(integer({ min: 1, max: 60 })), (numbers) => {
      const sorted = numbers.sort((a, b) => a - b);
      if (sorted.length === 0) return;
      const set = sequenceSet(openCursor(Buffer.from(formatSet(sorted))));
      assert.ok(set !== "$");
      const ranges = resolveRanges(set, 60);
      for (let each = 1; each <= 61; each += 1)
        assert.equal(inRanges(ranges, each), sorted.includes(each));
    }),
  );
});

test("the star is the highest, from either side", () => {
  const set = sequenceSet(openCursor(Buffer.from("*:4,9:*")));
  assert.ok(set !== "$");
  assert.deepEqual(resolveRanges(set, 3), [{ first: 3, last: 9 }]);
});

test("patterns match as the two wildcards say, in linear time", () => {
  for (const [pattern, name, expected] of [
    ["*", "a/b", true],
    ["%", "a/b", false],
    ["%/%", "a/b", true],
    ["a*b", "a/x/b", true],
    ["a%b", "a/b", false],
    ["%b", "ab", true],
    ["", "", true],
    ["a", "ab", false],
    ["*%", "a/b", true],
  ] as const)
    assert.equal(matchesPattern(pattern, name), expected, pattern);
  const started = performance.now();
  matchesPattern("*a%".repeat(300), "a".repeat(1000));
  assert.ok(performance.now() - started < 1000);
});

test("patterns agree with the regular expression that they are", () => {
  const letters = array(constantFrom("a", "b", "/"), { maxLength: 8 });
  const wild = array(constantFrom("a", "b", "/", "*", "%"), { maxLength: 6 });
  always(
    property(wild, letters, (pattern, name) => {
      const expression = new RegExp(
        `^${pattern.join("").replaceAll("*", ".*").replaceAll("%", "[^/]*")}$`,
      );
      assert.equal(matchesPattern(pattern.join(""), name.join("")), expression.test(name.join("")));
    }),
  );
});

test("a level without a folder of its own is listed as one that does not exist", () => {
  const folder = {
    id: "i",
    name: "a/b",
    role: undefined,
    subscribed: true,
    uidValidity: 1,
    uidNext: 1,
    highestModseq: 1,
  };
  const plain = { name: "LIST", select: [], returns: [], extended: false } as const;
  const names = listFolders([folder], plain, ["%"], false).map(({ name, attributes }) => [
    name,
    ...attributes,
  ]);
  assert.deepEqual(names, [["a", "\\NonExistent", "\\Noselect", "\\HasChildren"]]);
});

test("any octets but NUL go out as a string that reads back the same", () => {
  const octet = integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code));
  always(
    property(array(octet, { maxLength: 30 }), (octets) => {
      for (const utf8 of [false, true]) {
        const text = octets.join("");
        const written = formatString(text, { utf8 });
        assert.equal(stringOf(openCursor(Buffer.from(written, "latin1"))).toString("latin1"), text);
        if (!utf8 && /[^\x20-\x7e]/.test(text) && /[\x80-\xff]/.test(text))
          assert.ok(written.startsWith("{"));
      }
    }),
  );
  assert.equal(formatDateTime(Date.UTC(2026, 1, 3, 9, 5)), '" 3-Feb-2026 09:05:00 +0000"');
});
