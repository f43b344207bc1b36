import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assert as check, constantFrom, property, record } from "fast-check";
import { messageIds } from "./ids.ts";
import { fieldTexts } from "./kept.ts";
import { parseMessage } from "./parse.ts";
import { headerFields, unfold } from "./scan.ts";
import { decodeStructure, encodeStructure } from "./structure.ts";

const parsed = (header: string) => parseMessage(Buffer.from(`${header}\r\n\r\nbody`));

test("message ids are read in one spelling, and what is no id is passed over", () => {
  assert.deepEqual(
    messageIds('<"01KF8JCEOCBS0045PS"@xxx.yyy.com> x <01KF8JCEOCBS0045PS@xxx.yyy.com>'),
    ["01KF8JCEOCBS0045PS@xxx.yyy.com", "01KF8JCEOCBS0045PS@xxx.yyy.com"],
  );
  assert.deepEqual(messageIds("<a@b><c.d@[1.2.3.4]> <no> e@f <g@ <h@i>"), [
    "a@b",
    "c.d@[1.2.3.4]",
    "h@i",
  ]);
  assert.deepEqual(messageIds('<"a\\"b c"@d>'), ['a"b c@d']);
});

test("References are what a message refers to, and without any the first id of In-Reply-To is", () => {
  assert.deepEqual(parsed("References: <a@x>\r\n <b@x>\r\nIn-Reply-To: <c@x>").references, [
    "a@x",
    "b@x",
  ]);
  assert.deepEqual(parsed("References: none\r\nIn-Reply-To: Bob's of <c@x> <d@x>").references, [
    "c@x",
  ]);
  assert.deepEqual(parsed("Subject: x").references, []);
});

test("an ordinary header needs nothing beside its envelope", () => {
  const message = parsed(
    'From: Ada <ada@example.org>\r\nTo: "Bob, B." <bob@example.org>, c@example.org\r\nSubject: x\r\nDate: y\r\nMessage-ID: <1@x>\r\nIn-Reply-To: <0@x>\r\nReferences: <0@x>',
  );
  assert.deepEqual(message.fields, {});
  assert.deepEqual(fieldTexts(message, "to"), ['"Bob, B." <bob@example.org>, c@example.org']);
  assert.deepEqual(fieldTexts(message, "sender"), []);
  assert.deepEqual(fieldTexts(message, "x-other"), undefined);
});

test("every field that is kept is told as it stood, whatever stood there", () => {
  const name = constantFrom(
    "From",
    "Sender",
    "Reply-To",
    "To",
    "cc",
    "Subject",
    "Date",
    "References",
    "Message-ID",
    "In-Reply-To",
    "X",
  );
  const value = constantFrom(
    "",
    "a",
    "a@b",
    "<a@b>",
    "A <a@b>",
    '"A" <a@b>',
    "A (c) <a@b>, d",
    "g: a@b, c@d;",
    "=?utf-8?q?=C3=A4?= <a@b>",
    "<a@b> <c@d>",
    "a\r\n b",
    "MISSING_MAILBOX@x",
  );
  check(
    property(array(record({ name, value }), { maxLength: 6 }), (fields) => {
      const raw = Buffer.from(
        `${fields.map((field) => `${field.name}: ${field.value}\r\n`).join("")}\r\nbody`,
      );
      const message = decodeStructure(encodeStructure(parseMessage(raw)));
      for (const wanted of [
        "from",
        "sender",
        "reply-to",
        "to",
        "cc",
        "bcc",
        "subject",
        "date",
        "references",
        "message-id",
        "in-reply-to",
      ]) {
        const there = [...headerFields(raw, 0, message.root.bodyStart)]
          .filter((field) => field.name === wanted)
          .map((field) => unfold(raw, field.valueStart, field.end));
        assert.deepEqual(fieldTexts(message, wanted), there, wanted);
      }
    }),
    { numRuns: 1000 },
  );
});

test("a header that is too much to keep is looked into itself", () => {
  const message = parsed(`To: a@b\r\nCc: ${"x".repeat(70_000)}`);
  assert.equal(fieldTexts(message, "cc"), undefined);
  assert.deepEqual(fieldTexts(message, "to"), ["a@b"]);
});
