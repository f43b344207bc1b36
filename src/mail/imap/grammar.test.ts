// The grammar: what each form means, what is no command, and that nothing makes it throw.
import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assert as always, constantFrom, property, uint8Array } from "fast-check";
import type { AppendedPart, Command } from "./command.ts";
import { parseCommand, verbOf } from "./grammar.ts";

function parsed(text: string): Command {
  const result = parseCommand(Buffer.from(text, "latin1"));
  assert.ok(result.ok, `${text}: ${result.ok ? "" : result.why}`);
  return result.command;
}

test("sections, partials and macros of FETCH", () => {
  const command = parsed(
    "a FETCH 1:3,*:5 (BODY.PEEK[1.2.HEADER.FIELDS (To {2}\r\nCc)]<3.4> RFC822)",
  );
  assert.ok(command.name === "FETCH");
  assert.deepEqual(command.set, [
    { first: 1, last: 3 },
    { first: Infinity, last: 5 },
  ]);
  const section = { path: [1, 2], text: "HEADER.FIELDS", fields: ["to", "cc"] };
  const label = "BODY[1.2.HEADER.FIELDS (TO CC)]";
  const partial = { offset: 3, count: 4 };
  assert.deepEqual(command.items[0], { kind: "section", label, section, peek: true, partial });
  const whole = { path: [], text: "", fields: [] };
  assert.deepEqual(command.items[1], {
    kind: "section",
    label: "RFC822",
    section: whole,
    peek: false,
    partial: undefined,
  });
  const fast = parsed("a UID FETCH $ FAST (CHANGEDSINCE 7 VANISHED)");
  assert.ok(fast.name === "FETCH");
  assert.deepEqual([fast.uid, fast.set, fast.changedSince, fast.vanished], [true, "$", 7, true]);
});

test("keys of SEARCH nest as they were written", () => {
  const command = parsed(
    'a SEARCH RETURN () CHARSET utf-8 OR (FROM "a b" SEEN) NOT UID 3 SENTBEFORE 1-feb-2026',
  );
  assert.ok(command.name === "SEARCH");
  assert.deepEqual([command.returns, command.charset], [["ALL"], "UTF-8"]);
  const seen = { key: "flag", bit: 1, set: true };
  assert.deepEqual(command.key, {
    key: "and",
    keys: [
      {
        key: "or",
        a: { key: "and", keys: [{ key: "header", field: "from", text: "a b" }, seen] },
        b: { key: "not", a: { key: "uids", set: [{ first: 3, last: 3 }] } },
      },
      { key: "day", date: "sent", when: "before", day: Date.UTC(2026, 1, 1) / 86_400_000 },
    ],
  });
});

test("APPEND takes flags, date and several messages", () => {
  const command = parsed(
    'a APPEND x (\\Seen k) " 1-Feb-2026 03:04:05 -0130" {2}\r\nhi ~{1+}\r\nx UTF8 (~{1}\r\ny)',
  );
  assert.ok(command.name === "APPEND");
  assert.deepEqual(
    command.messages.map(({ parts, form }) => [form, ...parts.map(textOf)]),
    [
      ["literal", "hi"],
      ["literal", "x"],
      ["utf8", "y"],
    ],
  );
  assert.equal(command.messages[0]?.date, Date.UTC(2026, 1, 1, 4, 34, 5));
  assert.equal(parseCommand(Buffer.from("a APPEND x {1}\r\n\0")).ok, false, "a NUL needs literal8");
});

test("APPEND and REPLACE take pieces to put together", () => {
  const pieces = 'CATENATE (URL "/a/;UID=1" TEXT {2}\r\nhi URL b)';
  const command = parsed(`a APPEND x (\\Seen) ${pieces} ${pieces} {1}\r\ny`);
  assert.ok(command.name === "APPEND");
  const put = ["catenate", "/a/;UID=1", "hi", "b"];
  assert.deepEqual(
    command.messages.map(({ parts, form }) => [form, ...parts.map(textOf)]),
    [put, put, ["literal", "y"]],
  );
  const replace = parsed(`a UID REPLACE 7 x ${pieces}`);
  assert.ok(replace.name === "REPLACE" && replace.uid);
  assert.deepEqual(replace.set, [{ first: 7, last: 7 }]);
  for (const wrong of [
    "1:2 x {1}\r\ny",
    "0 x {1}\r\ny",
    "1 x CATENATE ()",
    "1 x {1}\r\ny {1}\r\nz",
  ])
    assert.equal(parseCommand(Buffer.from(`a REPLACE ${wrong}`)).ok, false, wrong);
});

test("METADATA's options stand before or behind the folder, and entries have their form", () => {
  for (const text of ["(DEPTH 1 MAXSIZE 9) INBOX", "INBOX (MAXSIZE 9 DEPTH 1)"]) {
    const command = parsed(`a GETMETADATA ${text} (/Shared/Comment /private/x)`);
    assert.ok(command.name === "GETMETADATA");
    assert.deepEqual([command.depth, command.maxSize], [1, 9]);
    assert.deepEqual(command.entries, ["/shared/comment", "/private/x"]);
  }
  const set = parsed('a SETMETADATA "" (/private/a NIL /private/b ~{1}\r\n\0)');
  assert.ok(set.name === "SETMETADATA");
  assert.deepEqual(
    set.values.map(([entry, value]) => [entry, value?.toString()]),
    [
      ["/private/a", undefined],
      ["/private/b", "\0"],
    ],
  );
  for (const wrong of [
    "comment",
    "/other/x",
    "/private//x",
    "/private/",
    "/private/*",
    "/private/x/",
  ])
    assert.equal(parseCommand(Buffer.from(`a GETMETADATA "" "${wrong}"`)).ok, false, wrong);
});

function textOf(part: AppendedPart): string {
  return (part.kind === "text" ? part.bytes : part.url).toString();
}

test("LIST with selection and return options", () => {
  const command = parsed(
    'a LIST (SUBSCRIBED RECURSIVEMATCH) "" (% "x y*") RETURN (STATUS (UNSEEN) CHILDREN)',
  );
  assert.ok(command.name === "LIST");
  assert.deepEqual(command.patterns.map(String), ["%", "x y*"]);
  assert.deepEqual(
    [command.select, command.returns, command.status],
    [["SUBSCRIBED", "RECURSIVEMATCH"], ["CHILDREN"], ["UNSEEN"]],
  );
});

test("SELECT with QRESYNC's parameters", () => {
  const command = parsed("a SELECT INBOX (QRESYNC (67 12 41,43:44 (1,3 2,4)) CONDSTORE)");
  assert.ok(command.name === "SELECT");
  assert.deepEqual([command.qresync?.uidValidity, command.qresync?.modseq], [67, 12]);
  assert.equal(command.condstore, true);
});

test("what is no command is told with its tag", () => {
  for (const text of [
    "a",
    "a NOOP x",
    "a  NOOP",
    "a LOGIN x",
    'a LOGIN "x y',
    "a LOGIN x {9}\r\nshort",
    "a FETCH 0 FLAGS",
    "a FETCH 1 ()",
    "a FETCH 1 BODY[1.]",
    "a FETCH 1 BODY[MIME]",
    "a FETCH 1 BODY[1HEADER]",
    "a FETCH 1 FLAGSX",
    "a FETCH 99999999999 FLAGS",
    "a FETCH 1 FLAGS (VANISHED)",
    "a SEARCH ON 30-Feb-2026",
    "a SEARCH",
    `a SEARCH ${"NOT ".repeat(200)}SEEN`,
    "a STORE 1 FLAGS",
    "a STATUS x ()",
    'a LIST "" (a RETURN (X))',
    'a APPEND x "32-Feb-2026 00:00:00 +0000" {1}\r\nx',
    "a LOGIN {1}\r\n\0 x",
  ]) {
    const result = parseCommand(Buffer.from(text, "latin1"));
    assert.deepEqual([text, result.ok, result.tag], [text, false, "a"]);
  }
  assert.equal(parseCommand(Buffer.from("")).tag, "*");
});

test("a verb can be read before the command is whole", () => {
  assert.deepEqual(verbOf(Buffer.from("x1 append Foo {3}")), { tag: "x1", verb: "APPEND" });
  assert.deepEqual(verbOf(Buffer.from("{3}")), { tag: "*", verb: "" });
});

test("nothing makes the parser throw", () => {
  const piece = constantFrom(
    ...'a 1 * : , ( ) " \\ { } [ ] < > ~ $ NIL FETCH STORE SEARCH LIST APPEND UID BODY[ HEADER.FIELDS RETURN OR NOT {1}\r\n {3+}\r\nabc é \0 QRESYNC USE STATUS'.split(
      " ",
    ),
    " ",
  );
  always(
    property(array(piece, { maxLength: 30 }), (pieces) => {
      parseCommand(Buffer.from(`a ${pieces.join("")}`, "latin1"));
      parseCommand(Buffer.from(`a ${pieces.join(" ")}`, "latin1"));
    }),
    { numRuns: 1000 },
  );
  always(property(uint8Array({ maxLength: 100 }), (bytes) => void parseCommand(bytes)));
});
