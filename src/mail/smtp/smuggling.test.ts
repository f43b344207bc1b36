// Two messages in one: every known way to make one server see an end that another does not, by DATA and by BDAT, cut at every octet.
import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import { systemClock } from "#base/time";
import { hosts, openSmtpHouse, rememberingPorts, sayAll } from "../../../test/smtp.ts";
import { converse } from "./connection.ts";
import { TIMEOUTS } from "./limits.ts";

/** `refused` as a whole, or `one` letter that holds all of it. */
type Fate = "refused" | "one";

const ends: readonly (readonly [name: string, octets: string, fate: Fate])[] = [
  ["LF . LF", "\n.\n", "refused"],
  ["LF . CRLF", "\n.\r\n", "refused"],
  ["LF .. CRLF", "\n..\r\n", "refused"],
  ["CRLF . LF", "\r\n.\n", "refused"],
  ["CRLF .. LF", "\r\n..\n", "refused"],
  ["CR . CR", "\r.\r", "refused"],
  ["CR . CRLF", "\r.\r\n", "refused"],
  ["CRLF . CR", "\r\n.\r", "refused"],
  ["CRLF . CR x", "\r\n.\rX", "refused"],
  ["CRLF . CR CRLF", "\r\n.\r\r\n", "refused"],
  ["CRLF . CR LF CR", "\r\n..\r\n\r", "refused"],
  ["LF CR . LF CR", "\n\r.\n\r", "refused"],
  ["LF LF . LF LF", "\n\n.\n\n", "refused"],
  ["CR CR . CR CR", "\r\r.\r\r", "refused"],
  ["CR CR LF . CR CR LF", "\r\r\n.\r\r\n", "refused"],
  ["CRLF NUL . CRLF", "\r\n\0.\r\n", "refused"],
  ["CRLF . NUL CRLF", "\r\n.\0\r\n", "refused"],
  ["CR NUL LF . CRLF", "\r\0\n.\r\n", "refused"],
  ["CRLF . CR NUL LF", "\r\n.\r\0\n", "refused"],
  ["NEL . NEL", "\x85.\x85", "one"],
  ["LS . LS", "\u2028.\u2028", "one"],
  ["VT . FF", "\v.\f", "one"],
  ["CRLF . blank CRLF", "\r\n. \r\n", "one"],
  ["CRLF blank . CRLF", "\r\n .\r\n", "one"],
  ["CRLF .. CRLF", "\r\n..\r\n", "one"],
  ["CRLF ... CRLF", "\r\n...\r\n", "one"],
  ["CRLF .. CR LF without its end", "\r\n.x\r\n", "one"],
];

const smuggled =
  "MAIL FROM:<evil@far.example>\r\nRCPT TO:<bob@bailee.example>\r\nDATA\r\nFrom: evil\r\n";
const opening = "EHLO far.example\r\nMAIL FROM:<a@far.example>\r\nRCPT TO:<ada@bailee.example>\r\n";
const head = "Subject: x\r\n\r\nbody";

for (const way of ["DATA", "BDAT"] as const) {
  test(`no odd line end makes two messages of one by ${way}, wherever it is cut`, async () => {
    for (const [name, end, fate] of ends) {
      const octets = Buffer.from(`${head}${end}${smuggled}`);
      const message =
        way === "DATA"
          ? Buffer.concat([Buffer.from("DATA\r\n"), octets, Buffer.from("\r\n.\r\n")])
          : Buffer.concat([Buffer.from(`BDAT ${octets.byteLength} LAST\r\n`), octets]);
      const all = Buffer.concat([Buffer.from(opening), message, Buffer.from("QUIT\r\n")]);
      const from = opening.length + message.indexOf(head) + head.length - 1;
      for (let cut = from; cut <= from + end.length + 2; cut += 1) {
        const { stored, replies } = await converseInTwo(all, cut);
        const where = `${name} by ${way}, cut at ${cut - from}`;
        assert.equal(stored.length, fate === "one" ? 1 : 0, where);
        const expected = fate === "one" ? /^250 2\.0\.0 accepted/ : /^554 5\.6\.0/;
        assert.match(replies.at(-2) ?? "", expected, where);
        assert.match(replies.at(-1) ?? "", /^221 /, where);
        const kept = stored[0]?.raw.toString("latin1") ?? smuggled;
        assert.ok(kept.includes("MAIL FROM:<evil@far.example>"), `${where}: it is all in there`);
      }
    }
  });
}

test("CRLF . CRLF inside a chunk is content, and what stands behind it no command", async () => {
  const octets = `${head}\r\n.\r\n${smuggled}\r\n.\r\n`;
  const all = Buffer.from(`${opening}BDAT ${octets.length} LAST\r\n${octets}QUIT\r\n`);
  for (let cut = opening.length; cut < all.byteLength; cut += 1) {
    const { stored, replies } = await converseInTwo(all, cut);
    assert.deepEqual(
      stored.map(({ raw }) => raw.toString()),
      [octets],
    );
    assert.match(replies.at(-1) ?? "", /^221 /);
  }
});

test("the same letter twice in a pipeline, once by DATA and once by BDAT, is two wherever it is cut", async () => {
  const octets = `${head}\r\n`;
  const again = opening.slice(opening.indexOf("MAIL"));
  const all = Buffer.from(
    `${opening}DATA\r\n${octets}.\r\n${again}BDAT 5\r\n${octets.slice(0, 5)}BDAT ${octets.length - 5} LAST\r\n${octets.slice(5)}${again}DATA\r\n.\r\nQUIT\r\n`,
  );
  for (let cut = 1; cut < all.byteLength; cut += 1) {
    const { stored } = await converseInTwo(all, cut);
    assert.deepEqual(
      stored.map(({ raw }) => raw.toString()),
      [octets, octets, ""],
      `cut at ${cut}`,
    );
  }
});

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

test("sizes are kept to the octet: what was announced at MAIL, what came by DATA and by chunks", async (t) => {
  const house = await openSmtpHouse(t, "mx", { maxSize: 2000 });
  const to = "MAIL FROM:<a@far.example>\r\nRCPT TO:<ada@bailee.example>\r\n";
  const lines = (size: number) => `${"x".repeat(size - 4)}\r\n\r\n`; // the dot on its line is none of the size
  const dotted = (size: number) => `..\r\n${lines(size - 3)}`; // nor is a stuffed dot
  const said = [
    "MAIL FROM:<a@far.example> SIZE=2001\r\nMAIL FROM:<a@far.example> SIZE=2000\r\nRSET\r\n",
    `${to}DATA\r\n${lines(2000)}.\r\n`,
    `${to}DATA\r\n${dotted(2000)}.\r\n`,
    `${to}DATA\r\n${lines(2001)}.\r\n`,
    `${to}DATA\r\n${lines(500_000)}.\r\n`,
    `${to}BDAT 1500\r\n${"z".repeat(1500)}BDAT 500 LAST\r\n${"z".repeat(500)}`,
    `${to}BDAT 1500\r\n${"z".repeat(1500)}BDAT 501\r\n${"z".repeat(501)}BDAT 3 LAST\r\nabc`,
  ];
  const heard = await sayAll(house, `EHLO far.example\r\n${said.join("")}QUIT\r\n`);
  const replies = heard.split("\r\n").filter((line) => /^[2345]\d\d /.test(line));
  assert.deepEqual(
    replies
      .slice(2)
      .filter((line) => !/^(?:250 2\.1|354)/.test(line))
      .map((line) => line.slice(0, 9)),
    [
      ["552 5.3.4", "250 2.0.0"],
      ["250 2.0.0"],
      ["250 2.0.0"],
      ["552 5.3.4"],
      ["552 5.3.4"],
      ["250 2.0.0", "250 2.0.0"],
      ["250 2.0.0", "552 5.3.4", "503 5.5.1"],
      ["221 2.0.0"],
    ].flat(),
  );
  assert.deepEqual(
    house.stored.map(({ raw }) => raw.byteLength),
    [2000, 2000, 2000],
  );
});

/** Says all in two pieces, the second after the server has gone over the first. */
async function converseInTwo(octets: Buffer, cut: number) {
  const { ports, stored } = rememberingPorts();
  const [near, far] = duplexPair();
  const { done } = converse(far, {
    rules: { role: "mx", ...hosts, offersTls: false, allowPlaintextAuth: false },
    ports,
    clock: systemClock,
    peer: "192.0.2.1",
    implicitTls: false,
    timeouts: TIMEOUTS,
    startTls: undefined,
  });
  const heard: Buffer[] = [];
  near.on("data", (bytes: Buffer) => heard.push(bytes));
  near.write(octets.subarray(0, cut));
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  near.end(octets.subarray(cut));
  await done;
  far.destroy();
  const replies = Buffer.concat(heard)
    .toString("latin1")
    .split("\r\n")
    .filter((line) => /^\d{3} /.test(line));
  return { stored, replies };
}
