// The storm's tracker must be able to fail: it is fed answers that are right, and each wrong one that it is there to find.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openResponses, readSet, readValues } from "./imap-response.ts";
import { compareResynced, compareViews, openRegistry, openTracker } from "./imap-tracker.ts";

const beginning = [
  "FLAGS (\\Seen)",
  "3 EXISTS",
  "1 RECENT",
  "OK [UIDVALIDITY 7] UIDs hold",
  "OK [HIGHESTMODSEQ 20] Newest",
  "1 FETCH (UID 4 FLAGS (\\Seen) MODSEQ (12) RFC822.SIZE 100)",
  "2 FETCH (UID 6 FLAGS () MODSEQ (13) RFC822.SIZE 200)",
  "3 FETCH (UID 9 FLAGS (\\Recent) MODSEQ (20) RFC822.SIZE 300)",
];

function told(
  answers: readonly string[],
  { byNumber = false, registry = openRegistry() } = {},
): ReturnType<typeof openTracker> {
  const tracker = openTracker("somebody", registry);
  tracker.select("ada INBOX", false);
  for (const answer of beginning) tracker.hear(Buffer.from(answer));
  tracker.running(byNumber ? ["by-number"] : ["other"]);
  for (const answer of answers) tracker.hear(Buffer.from(answer));
  return tracker;
}

test("a server that tells the truth is believed", () => {
  const tracker = told([
    "2 EXPUNGE",
    "2 FETCH (UID 9 FLAGS (\\Seen) MODSEQ (21))",
    "3 EXISTS",
    "3 FETCH (UID 10 FLAGS () MODSEQ (22))",
    "VANISHED 4,10",
    "OK [HIGHESTMODSEQ 23] Newest",
  ]);
  assert.deepEqual(tracker.errors, []);
  assert.deepEqual(tracker.view?.rows, [{ uid: 9, flags: new Set(["\\seen"]), modseq: 21 }]);
  assert.equal(tracker.view?.highestModseq, 23);
});

test("where numbers were given up, a UID that is new takes its place among the others", () => {
  const tracker = told(["5 EXISTS", "12 UIDFETCH (FLAGS ())", "11 UIDFETCH (FLAGS (\\Seen))"]);
  assert.deepEqual(tracker.errors, []);
  assert.deepEqual(
    tracker.view?.rows.map(({ uid }) => uid),
    [4, 6, 9, 11, 12],
  );
});

for (const [what, answers, expected, byNumber = false] of [
  ["a number beyond the last", ["4 FETCH (FLAGS ())"], /FETCH of 4 of 3/],
  ["an expunge beyond the last", ["4 EXPUNGE"], /EXPUNGE 4 of 3/],
  ["fewer messages without an expunge", ["2 EXISTS"], /2 EXISTS after 3/],
  ["another UID under a number", ["2 FETCH (UID 7 FLAGS ())"], /is UID 7 and was UID 6/],
  ["UIDs out of order", ["4 EXISTS", "4 FETCH (UID 8 FLAGS ())"], /between 9 and/],
  ["a MODSEQ that goes back", ["3 FETCH (UID 9 FLAGS () MODSEQ (19))"], /from 20 to 19/],
  ["a UID that comes back", ["3 EXPUNGE", "3 EXISTS", "3 FETCH (UID 9)"], /here again/],
  ["a size that changes", ["1 FETCH (UID 4 RFC822.SIZE 101)"], /RFC822.SIZE of UID 4 is another/],
  ["what vanished and was not there", ["VANISHED 5"], /VANISHED 5, which was not there/],
  ["a message vanished earlier that is there", ["VANISHED (EARLIER) 6"], /EARLIER\) 6, which is/],
  ["an expunge while numbers must hold", ["1 EXPUNGE"], /in answer to a command by number/, true],
  ["a vanishing while numbers must hold", ["VANISHED 4"], /in answer to a command by/, true],
  ["more recent messages than there are", ["4 RECENT"], /4 RECENT of 3/],
  [
    "flags of a UID that nobody was told of",
    ["7 UIDFETCH (FLAGS ())"],
    /UIDFETCH of 7, which is not/,
  ],
  [
    "flags of a UID that is gone",
    ["3 EXPUNGE", "3 EXISTS", "9 UIDFETCH (FLAGS ())"],
    /of 9, which/,
  ],
  ["an answer that nobody knows", ["3 FOUND"], /nothing that is known/],
] as const)
  test(`${what} is an error`, () => {
    const { errors } = told(answers, { byNumber });
    assert.equal(errors.length, 1, errors.join("\n"));
    assert.match(errors[0] ?? "", expected);
  });

test("what two connections are told of one message must agree, and only one is told that it is recent", () => {
  const registry = openRegistry();
  assert.deepEqual(told(['1 FETCH (ENVELOPE (NIL "a"))'], { registry }).errors, []);
  const { errors } = told(['1 FETCH (ENVELOPE (NIL "b"))'], { registry });
  assert.equal(errors.length, 2);
  assert.match(errors.join("\n"), /UID 9 is \\Recent in selections 1 and 2[^]*ENVELOPE of UID 4/);
});

test("views that differ are found when all is quiet", () => {
  const fresh = told([]).view;
  assert.ok(fresh);
  const differing: readonly (readonly [string, RegExp | undefined])[] = [
    ["NOOP", undefined],
    ["3 EXPUNGE", /2 messages where there are 3/],
    ["2 FETCH (UID 6 FLAGS (\\Flagged) MODSEQ (13))", /UID 6 has \(\), not \(\\flagged\)/],
    ["2 FETCH (UID 6 FLAGS () MODSEQ (14))", /UID 6 has MODSEQ 13, not 14/],
  ];
  for (const [answer, expected] of differing) {
    const { view } = told(answer === "NOOP" ? [] : [answer]);
    assert.ok(view);
    const errors = compareViews(view, fresh);
    if (expected === undefined) assert.deepEqual(errors, []);
    else assert.match(errors.join("\n"), expected);
  }
});

test("what QRESYNC left untold is found", () => {
  const rows = told([]).view?.rows ?? [];
  const known = new Map(rows.map((row) => [row.uid ?? 0, { ...row }]));
  assert.deepEqual(compareResynced(known, rows, 20), []);
  assert.match(compareResynced(known, rows.slice(1), 20).join(), /UID 4 was not told to have van/);
  const without = new Map([...known].slice(0, 2));
  assert.match(compareResynced(without, rows, 20).join(), /UID 9 was not told to be new/);
  assert.deepEqual(compareResynced(without, rows, 19), [], "it came after the SELECT");
  const changed = new Map(known).set(6, { uid: 6, flags: new Set(["x"]), modseq: 13 });
  assert.match(compareResynced(changed, rows, 20).join(), /flags of UID 6 were not told/);
});

test("responses are whole however they are cut, and literals are text like others", () => {
  const octets = Buffer.from(
    '* 1 FETCH (BODY[HEADER.FIELDS (A B)] {5}\r\n)\r\n"( X ("a\\"b" NIL))\r\nt1 OK\r\n',
  );
  for (let size = 1; size < 9; size += 1) {
    const responses = openResponses();
    const found: Buffer[] = [];
    for (let at = 0; at < octets.byteLength; at += size)
      found.push(...responses.push(octets.subarray(at, at + size)));
    assert.equal(found.length, 2);
    assert.deepEqual(readValues(found[0] ?? Buffer.alloc(0), 2), [
      "1",
      "FETCH",
      ["BODY[HEADER.FIELDS (A B)]", ')\r\n"(', "X", ['a"b', null]],
    ]);
  }
  assert.deepEqual(readSet("1:3,7,9:8"), [1, 2, 3, 7, 8, 9]);
});
