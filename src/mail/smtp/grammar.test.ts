import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assert as always, constantFrom, oneof, property, string } from "fast-check";
import { parsePath } from "./address.ts";
import { parseCommand } from "./grammar.ts";

const words = array(
  oneof(
    constantFrom(
      "MAIL ",
      "RCPT ",
      "FROM:",
      "TO:",
      "<",
      ">",
      "@",
      '"',
      "\\",
      " ",
      "=",
      "SIZE",
      "BDAT ",
    ),
    constantFrom(
      "a",
      "example.org",
      "NOTIFY=",
      "SUCCESS",
      ",",
      "ORCPT=rfc822;",
      "+2B",
      "[1.2.3.4]",
      "[IPv6:2001:db8::1]",
      "[x-tag:y]",
      " REQUIRETLS",
      " SMTPUTF8",
      " BODY=8BITMIME",
      "ENVID=",
      "RET=HDRS",
      " LAST",
      "AUTH PLAIN ",
      "ü",
    ),
    string({ unit: "binary", maxLength: 8 }),
  ),
  { maxLength: 20 },
).map((parts) => parts.join(""));

test("every line is a command, unknown or malformed, and never throws", () => {
  always(
    property(words, (line) => {
      const command = parseCommand(line);
      if (command.kind === "mail")
        assert.ok(!/[\r\n<>]/.test(command.sender.replaceAll(/"[^"]*"/g, "")));
    }),
    { numRuns: 3000 },
  );
});

test("an address that is taken is put back between brackets and taken again, unchanged", () => {
  always(
    property(words, (text) => {
      const path = parsePath(`<${text}>`);
      if (path === undefined || path.rest !== "") return;
      assert.deepEqual(parsePath(`<${path.address}>`), path);
    }),
    { numRuns: 2000 },
  );
});

test("addresses as people really have them are taken", () => {
  for (const address of [
    "a@b",
    "first.last+tag@sub.example.org",
    "o'brien=x@example.org",
    '"odd \\" one"@example.org',
    "a@[192.0.2.1]",
    "a@[IPv6:2001:db8::1]",
    "jürgen@bücher.example",
    "under_score@under_score.example.",
    `${"v".repeat(120)}@bounces.example`,
  ])
    assert.equal(parsePath(`<${address}>`)?.address, address);
  assert.equal(parsePath("<@relay.example,@other.example:a@b>")?.address, "a@b");
});

test("a local part is quoted only where it must be", () => {
  for (const [said, meant] of [
    ['"ada"@b', "ada@b"],
    ['"a\\d\\a"@b', "ada@b"],
    ['"a.b"@b', "a.b@b"],
    ['"a..b"@b', '"a..b"@b'],
    ['"\\a b"@b', '"a b"@b'],
    ['"a@c"@b', '"a@c"@b'],
    ['""@b', '""@b'],
    ['"\\""@b', '"\\""@b'],
  ] as const)
    assert.equal(parsePath(`<${said}>`)?.address, meant, said);
});

test("what is no address is not taken", () => {
  for (const text of [
    "a@b",
    "<a@b",
    "<a b@c>",
    "<a@b@c>",
    "<a..b@c>",
    "<@b>",
    "<a@>",
    "<a@-b>",
    "<a@b c>",
    "<a@b>x",
    "<a\r\n@b>",
    `<${"v".repeat(600)}@b>`,
  ])
    assert.equal(parsePath(text), undefined, text);
});

test("a long line of brackets, quotes and backslashes is refused in linear time", () => {
  const started = performance.now();
  for (const unit of ["<", '"', "\\", "a.", "@a,", '"a"@'])
    parseCommand(`MAIL FROM:<${unit.repeat(4000)}`);
  assert.ok(performance.now() - started < 2000);
});
