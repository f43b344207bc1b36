// Two messages in one: every known way to make one server see an end that another does not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openSmtpHouse, sayAll } from "../../../test/smtp.ts";

const ends: readonly (readonly [name: string, octets: string])[] = [
  ["LF . LF", "\n.\n"],
  ["LF . CRLF", "\n.\r\n"],
  ["CRLF . LF", "\r\n.\n"],
  ["CR . CR", "\r.\r"],
  ["CR . CRLF", "\r.\r\n"],
  ["CRLF . CR", "\r\n.\r"],
  ["CR LF . CR", "\r\n.\rX"],
  ["LF CR . LF CR", "\n\r.\n\r"],
  ["CR CR LF . CR CR LF", "\r\r\n.\r\r\n"],
  ["CRLF NUL . CRLF", "\r\n\0.\r\n"],
  ["CRLF . NUL CRLF", "\r\n.\0\r\n"],
  ["CRLF . blank CRLF", "\r\n. \r\n"],
  ["CRLF .. CRLF", "\r\n..\r\n"],
];

const smuggled =
  "MAIL FROM:<evil@far.example>\r\nRCPT TO:<bob@bailee.example>\r\nDATA\r\nFrom: evil\r\n";

for (const [name, octets] of ends) {
  test(`${name} ends no message, so what follows it is never a second one`, async (t) => {
    const house = await openSmtpHouse(t, "mx");
    const heard = await sayAll(
      house,
      `EHLO far.example\r\nMAIL FROM:<a@far.example>\r\nRCPT TO:<ada@bailee.example>\r\nDATA\r\nSubject: x\r\n\r\nbody${octets}${smuggled}\r\n.\r\nQUIT\r\n`,
    );
    const replies = heard.split("\r\n").filter((line) => /^\d{3} /.test(line));
    assert.ok(!house.stored.some(({ envelope }) => envelope.sender === "evil@far.example"));
    const whole = /blank|\.\./.test(name); // no bare line end and no NUL: one letter that holds all of it
    assert.equal(house.stored.length, whole ? 1 : 0);
    assert.match(replies.at(-2) ?? "", whole ? /^250 2\.0\.0/ : /^554 5\.6\.0/);
    assert.match(replies.at(-1) ?? "", /^221 /);
  });
}

test("a message that is refused for a bare LF is read to its real end, and the next one is taken", async (t) => {
  const house = await openSmtpHouse(t, "mx");
  const letter = (body: string) =>
    `MAIL FROM:<a@far.example>\r\nRCPT TO:<ada@bailee.example>\r\nDATA\r\n${body}\r\n.\r\n`;
  const heard = await sayAll(
    house,
    `HELO far.example\r\n${letter("one\ntwo")}${letter("Subject: fine\r\n")}QUIT\r\n`,
  );
  assert.match(heard, /554 5\.6\.0[^]*250 2\.0\.0 accepted/);
  assert.deepEqual(
    house.stored.map(({ raw }) => raw.toString()),
    ["Subject: fine\r\n\r\n"],
  );
});

test("a command behind a bare LF is never obeyed", async (t) => {
  const house = await openSmtpHouse(t, "mx");
  const heard = await sayAll(
    house,
    "HELO far.example\r\nNOOP\nMAIL FROM:<a@b>\r\nRCPT TO:<ada@bailee.example>\r\n",
  );
  assert.match(heard, /500 5\.5\.2[^]*503 5\.5\.1/);
});

test("an announced size is refused at MAIL and a real one after its end", async (t) => {
  const house = await openSmtpHouse(t, "mx", { maxSize: 2000 });
  const heard = await sayAll(
    house,
    `EHLO far.example\r\nMAIL FROM:<a@far.example> SIZE=2001\r\nMAIL FROM:<a@far.example>\r\nRCPT TO:<ada@bailee.example>\r\nDATA\r\n${"y".repeat(60)}\r\n${"x\r\n".repeat(1000)}.\r\nMAIL FROM:<a@far.example>\r\nRCPT TO:<ada@bailee.example>\r\nBDAT 1500\r\n${"z".repeat(1500)}BDAT 1500\r\n${"z".repeat(1500)}BDAT 3 LAST\r\nabcQUIT\r\n`,
  );
  const replies = heard
    .split("\r\n")
    .filter((line) => /^[2345]\d\d /.test(line))
    .slice(2);
  assert.deepEqual(
    replies.map((line) => line.slice(0, 9)),
    [
      "552 5.3.4",
      "250 2.1.0",
      "250 2.1.5",
      "354 end w",
      "552 5.3.4",
      "250 2.1.0",
      "250 2.1.5",
      "250 2.0.0",
      "552 5.3.4",
      "503 5.5.1",
      "221 2.0.0",
    ],
  );
  assert.equal(house.stored.length, 0);
});
