// The format of RFC 5965, from its own example to letters that only look like it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as check, constantFrom, array, property, uint8Array } from "fast-check";
import { parseMessage } from "#mail/message";
import { attachedLetter, parseArf } from "./arf.ts";

// RFC 5965, Appendix B.1, shortened.
const example = [
  "From: <abusedesk@example.com>",
  "Date: Thu, 8 Mar 2005 17:40:36 EDT",
  "Subject: FW: Earn money",
  "To: <abuse@example.net>",
  "MIME-Version: 1.0",
  "Content-Type: multipart/report; report-type=feedback-report;",
  '     boundary="part1_13d.2e68ed54_boundary"',
  "",
  "--part1_13d.2e68ed54_boundary",
  'Content-Type: text/plain; charset="US-ASCII"',
  "Content-Transfer-Encoding: 7bit",
  "",
  "This is an email abuse report for an email message received from IP",
  "192.0.2.1 on Thu, 8 Mar 2005 14:00:00 EDT.",
  "",
  "--part1_13d.2e68ed54_boundary",
  "Content-Type: message/feedback-report",
  "",
  "Feedback-Type: abuse",
  "User-Agent: SomeGenerator/1.0",
  "Version: 1",
  "Reported-Domain: Example.net",
  "Reported-Domain: example.net",
  "",
  "--part1_13d.2e68ed54_boundary",
  "Content-Type: message/rfc822",
  "Content-Disposition: inline",
  "",
  "Received: from mailserver.example.net",
  "From: <somespammer@example.net>",
  "To: <Undisclosed Recipients>",
  "Subject: Earn money",
  "Message-ID: 8787KJKJ3K4J3K4J3K4J3.mail@example.net",
  "Date: Thu, 02 Sep 2004 12:31:03 -0500",
  "",
  "Spam Spam Spam",
  "",
  "--part1_13d.2e68ed54_boundary--",
  "",
].join("\r\n");

const refusalOf = (text: string): string => {
  const read = parseArf(Buffer.from(text, "latin1"));
  return read.ok ? "taken" : read.refusal;
};

test("the example of the RFC is read, its copy octet for octet", () => {
  const read = parseArf(Buffer.from(example));
  assert.ok(read.ok);
  const { feedbackType, userAgent, domains, isWhole, words, copy } = read.value;
  assert.deepEqual(
    { feedbackType, userAgent, domains, isWhole },
    {
      feedbackType: "abuse",
      userAgent: "SomeGenerator/1.0",
      domains: ["example.net"],
      isWhole: true,
    },
  );
  assert.match(words, /^This is an email abuse report/);
  const original = Buffer.from(copy).toString("latin1");
  assert.ok(original.startsWith("Received: from mailserver.example.net\r\n"));
  assert.ok(original.includes("\r\n\r\nSpam Spam Spam"));
});

test("a report of a header alone is told apart from one of a whole letter", () => {
  const read = parseArf(
    Buffer.from(
      example.replace("message/rfc822", "text/rfc822-headers").replace("Spam Spam Spam", ""),
    ),
  );
  assert.equal(read.ok && read.value.isWhole, false);
});

test("what only looks like a report is refused, and says whether it claims to be one", () => {
  const changes: readonly [string, string, string][] = [
    ["report-type=feedback-report", "report-type=delivery-status", "not-a-report"],
    ["multipart/report", "multipart/mixed", "not-a-report"],
    ["message/feedback-report", "text/plain", "bad-report"],
    ["message/rfc822", "image/png", "bad-report"],
    ["Feedback-Type: abuse\r\n", "", "bad-report"],
    ["User-Agent: SomeGenerator/1.0\r\n", "", "bad-report"],
    ["Version: 1\r\n", "", "bad-report"],
    ["Version: 1\r\n", "Version: one\r\n", "bad-report"],
    ["Version: 1\r\n", "Version: 1\r\nVersion: 1\r\n", "bad-report"],
    ["Feedback-Type: abuse", "Feedback-Type: abuse and more", "bad-report"],
  ];
  assert.equal(refusalOf(example), "taken");
  for (const [from, to, refusal] of changes)
    assert.equal(refusalOf(example.replace(from, to)), refusal, `${from} -> ${to}`);
});

test("a letter that is attached to an ordinary one is found", () => {
  const mixed = example.replace("report; report-type=feedback-report", "mixed");
  const bytes = Buffer.from(mixed);
  const attached = attachedLetter(bytes, parseMessage(bytes));
  assert.match(Buffer.from(attached ?? []).toString("latin1"), /^Received: from mailserver/);
  const plain = Buffer.from("Subject: x\r\n\r\nno attachment\r\n");
  assert.equal(attachedLetter(plain, parseMessage(plain)), undefined);
});

test("any octets, and any shuffle of a report's lines, give an answer", () => {
  const lines = example.split("\r\n");
  check(property(uint8Array({ maxLength: 400 }), (bytes) => void parseArf(bytes)));
  check(
    property(array(constantFrom(...lines), { maxLength: 60 }), (chosen) => {
      const read = parseArf(Buffer.from(chosen.join("\r\n"), "latin1"));
      if (read.ok) assert.ok(read.value.copy.byteLength > 0);
    }),
  );
});
