import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import { openSmtpHouse, sayAll, selfSigned } from "../../../test/smtp.ts";

const letter = (sender: string, recipients: readonly string[], parameters = "") =>
  `MAIL FROM:<${sender}>${parameters}\r\n${recipients.map((to) => `RCPT TO:<${to}>\r\n`).join("")}DATA\r\n${sender.startsWith("ada@") ? "From: ada@bailee.example\r\n" : ""}Subject: x\r\n\r\nbody\r\n.\r\n`;
const finals = (heard: string) => heard.split("\r\n").filter((line) => /^\d{3} /.test(line));

test("a letter for several of ours goes to each of them, once, with its own prefix", async (t) => {
  const house = await openSmtpHouse(t, "mx");
  const to = ["ada@bailee.example", "bob@bailee.example", "ADA@bailee.example"];
  await sayAll(house, `EHLO far.example\r\n${letter("a@far.example", to)}QUIT\r\n`);
  assert.deepEqual(house.stored.map(({ envelope }) => envelope.recipient).sort(), [
    "ADA@bailee.example",
    "bob@bailee.example",
  ]);
  for (const { envelope, raw } of house.stored) {
    const prefix = Buffer.from(envelope.prefix).toString();
    assert.match(
      prefix,
      /^Return-Path: <a@far\.example>\r\nReceived: from far\.example \(\[127\.0\.0\.1\]\)\r\n\tby mx\.example \(Bailee\) with ESMTP id [a-z2-7]{16}\r\n\tfor <\w+@bailee\.example>;\r\n\t\w{3}, \d\d \w{3} \d{4} [\d:]{8} \+0000\r\n$/,
    );
    assert.equal(raw.toString(), "Subject: x\r\n\r\nbody\r\n");
    assert.equal(envelope.peerDomain, "far.example");
  }
});

test("where one of two mailboxes fails, the letter is accepted and the queue takes over the other", async (t) => {
  const house = await openSmtpHouse(t, "mx");
  const to = ["ada@bailee.example", "flaky@bailee.example", "full@bailee.example"];
  const heard = await sayAll(house, `EHLO far\r\n${letter("a@far.example", to)}QUIT\r\n`);
  assert.match(finals(heard).at(-2) ?? "", /^250 2\.0\.0 accepted/);
  assert.equal(house.stored.length, 1);
  assert.deepEqual(
    house.queued.map(({ client, recipients }) => [client, recipients.map((one) => one.address)]),
    [
      ["flaky", ["flaky@bailee.example"]],
      ["full", ["full@bailee.example"]],
    ],
  );
});

test("where every mailbox fails nothing is stored or queued, and a chance of success is a 4yz", async (t) => {
  const house = await openSmtpHouse(t, "mx");
  const both = letter("a@far.example", ["full@bailee.example", "flaky@bailee.example"]);
  const one = letter("a@far.example", ["full@bailee.example"]);
  const broken = letter("a@far.example", ["broken@bailee.example"]);
  const heard = await sayAll(house, `EHLO far\r\n${both}${one}${broken}QUIT\r\n`);
  const ends = finals(heard).filter((line) => /^(?:451|552|250 2\.0)/.test(line));
  assert.match(ends[0] ?? "", /^451 4\.3\.0/);
  assert.match(ends[1] ?? "", /^552 5\.2\.3/);
  assert.match(ends[2] ?? "", /^451 4\.3\.0 cannot do that now \([a-z2-7]{10}\)$/);
  assert.ok(!heard.includes("disk"), "the cause stays inside");
  assert.equal(house.stored.length + house.queued.length, 0);
});

test("a client's letter gets the Date and Message-ID it lacks, and no trace of where the client was", async (t) => {
  const house = await openSmtpHouse(t, "submission");
  const to = ["bob@bailee.example", "friend@far.example"];
  const auth = `AUTH PLAIN ${Buffer.from("\0ada@bailee.example\0right").toString("base64")}\r\n`;
  const parameters = " RET=HDRS ENVID=abc";
  await sayAll(
    house,
    `EHLO laptop.lan\r\n${auth}${letter("ada@bailee.example", to, parameters)}QUIT\r\n`,
  );
  const [queued] = house.queued;
  const [stored] = house.stored;
  assert.ok(queued !== undefined && stored !== undefined);
  const out = Buffer.from(queued.raw).toString();
  assert.match(
    out,
    /^Received: by mx\.example \(Bailee\) with ESMTPA id \w+;\r\n\t.*\r\nDate: .*\r\nMessage-ID: <\w{26}@bailee\.example>\r\nFrom: ada@bailee\.example\r\nSubject: x\r\n\r\nbody\r\n$/,
  );
  const local = Buffer.from(stored.envelope.prefix).toString();
  assert.match(local, /^Return-Path: <ada@bailee\.example>\r\nReceived: by [^]*Message-ID: /);
  for (const text of [out, local]) assert.ok(!/127\.0\.0\.1|laptop/.test(text));
  assert.deepEqual(
    { client: queued.client, ret: queued.ret, envid: queued.envid, sender: queued.sender },
    { client: "ada", ret: "headers", envid: "abc", sender: "ada@bailee.example" },
  );
});

const authAs = (login: string) =>
  `AUTH PLAIN ${Buffer.from(`\0${login}\0right`).toString("base64")}\r\n`;
const own = (header: string, parameters = "") =>
  `MAIL FROM:<ada@bailee.example>${parameters}\r\nRCPT TO:<friend@far.example>\r\nDATA\r\n${Buffer.from(`${header}\r\n\r\nbody\r\n.\r\n`).toString("latin1")}`;

const mine = "From: ada@bailee.example";
const headers: readonly (readonly [
  word: "taken" | "not yours" | "no author" | "utf8",
  header: string,
])[] = [
  ["taken", "From: Ada <ada@bailee.example>"],
  ["taken", 'From: "eve@bailee.example" (also eve@bailee.example) <ada@bailee.example>'],
  ["taken", "From: group: ada@bailee.example;"],
  ["taken", `${mine}\r\nSender: ada@bailee.example\r\nResent-From: ada@bailee.example`],
  ["not yours", "From: Eve <eve@bailee.example>"],
  ["not yours", "From: ada@bailee.example, eve@bailee.example"],
  ["not yours", "From:\r\n eve@bailee.example"],
  ["not yours", `${mine}\r\nSender: eve@bailee.example`],
  ["not yours", `${mine}\r\nResent-From: eve@bailee.example`],
  ["not yours", `${mine}\r\nResent-Sender: eve@bailee.example`],
  ["not yours", "From: group: eve@bailee.example;"],
  ["not yours", "From: eve@bailee.example <ada@bailee.example>"],
  ["not yours", "From: ada@bailee.example eve@bailee.example"],
  ["not yours", "From: <ada@bailee.example> <eve@bailee.example>"],
  ["no author", "Subject: none"],
  ["no author", "From: undisclosed:;"],
  ["not yours", "From: Ada"],
  ["no author", "From:"],
  ["no author", `${mine}\r\nFrom: ada@bailee.example`],
  ["no author", `${mine}\r\nno field at all\r\nFrom: eve@bailee.example`],
  ["no author", ` folded first\r\n${mine}`],
  ["no author", `From: ada@bailee.example${" ".repeat(20_000)}, eve@bailee.example`],
  ["no author", `From: ${Array.from({ length: 21 }, (_, at) => `a${at}@bailee.example`).join()}`],
  ["utf8", `${mine}\r\nSubject: Grüße`],
];

test("a client's letter names itself as its author and nobody else, however it is written", async (t) => {
  const house = await openSmtpHouse(t, "submission");
  const said = headers.map(([, header]) => own(header)).join("");
  const heard = finals(
    await sayAll(house, `EHLO x\r\n${authAs("ada@bailee.example")}${said}QUIT\r\n`),
  );
  const ends = heard.slice(3).filter((_, at) => at % 4 === 3);
  const replies = {
    taken: /^250 2\.0\.0 accepted/,
    "not yours": /^550 5\.7\.1 an address in From/,
    "no author": /^550 5\.6\.0 the header needs one From/,
    utf8: /^554 5\.6\.9 /,
  };
  for (const [at, [word, header]] of headers.entries())
    assert.match(ends[at] ?? "", replies[word], header.slice(0, 200));
  assert.equal(house.queued.length, headers.filter(([word]) => word === "taken").length);
});

test("addresses and headers beyond ASCII go where SMTPUTF8 was asked, blind recipients stay blind", async (t) => {
  const house = await openSmtpHouse(t, "submission");
  const said = own(
    "Return-Path: <x@y>\r\nFrom: Jürgen <jürgen@bailee.example>\r\nBcc: one@far.example,\r\n two@far.example\r\nTo: friend@far.example\r\nResent-BCC: x@y\r\nSubject: Grüße",
    " SMTPUTF8",
  );
  await sayAll(house, `EHLO x\r\n${authAs("ada@bailee.example")}${said}QUIT\r\n`);
  const text = Buffer.from(house.queued[0]?.raw ?? []).toString();
  assert.match(text, /with UTF8SMTPA id/);
  assert.ok(
    text.endsWith(
      "From: Jürgen <jürgen@bailee.example>\r\nTo: friend@far.example\r\nSubject: Grüße\r\n\r\nbody\r\n",
    ),
    text,
  );
});

test("REQUIRETLS goes with the letter into the queue, and its reports take no body along", async (t) => {
  const house = await openSmtpHouse(t, "submission", {
    tls: await selfSigned(t),
    implicitTls: true,
  });
  const socket = connectTls({ port: house.port, host: "127.0.0.1", rejectUnauthorized: false });
  const last = hear(socket, /^221 /m);
  const letters = [" REQUIRETLS RET=FULL", " RET=FULL"]
    .map((parameters) => own(mine, parameters))
    .join("");
  socket.write(`EHLO x\r\n${authAs("ada@bailee.example")}${letters}QUIT\r\n`);
  await last;
  socket.destroy();
  assert.deepEqual(
    house.queued.map(({ requireTls, ret }) => [requireTls, ret]),
    [
      [true, "headers"],
      [undefined, "full"],
    ],
  );
});

test("a client who is suspended while a connection is open hears that, and sends no more", async (t) => {
  const house = await openSmtpHouse(t, "submission");
  const socket = house.connect();
  socket.write(`EHLO x\r\n${authAs("ada@bailee.example")}MAIL FROM:<ada@bailee.example>\r\n`);
  await hear(socket, /^250 2\.1\.0/m);
  house.suspended.add("ada");
  socket.write(
    `RCPT TO:<friend@far.example>\r\nDATA\r\n${mine}\r\n\r\n.\r\nMAIL FROM:<ada@bailee.example>\r\n`,
  );
  const heard = await hear(socket, /(?:550 5\.7\.13[^]*){2}/);
  assert.equal(heard.match(/550 5\.7\.13 this account may not send now/g)?.length, 2);
  socket.destroy();
  const again = await sayAll(house, `EHLO x\r\n${authAs("ada@bailee.example")}QUIT\r\n`);
  assert.match(again, /535 5\.7\.13/);
  assert.equal(house.queued.length, 0);
});

test("who asked to hear of success has it reported for our own mailboxes", async (t) => {
  const house = await openSmtpHouse(t, "mx");
  const heard = await sayAll(
    house,
    "EHLO far\r\nMAIL FROM:<a@far.example>\r\nRCPT TO:<ada@bailee.example> NOTIFY=SUCCESS\r\nRCPT TO:<bob@bailee.example>\r\nDATA\r\n\r\n.\r\nQUIT\r\n",
  );
  assert.match(heard, /accepted/);
  assert.deepEqual(
    house.reported.flatMap(({ recipients }) => recipients.map(({ address }) => address)),
    ["ada@bailee.example"],
  );
});

test("STARTTLS forgets what was said before, and passwords cross only under TLS", async (t) => {
  const house = await openSmtpHouse(t, "submission", {
    tls: await selfSigned(t),
    allowPlaintextAuth: false,
  });
  const plain = house.connect();
  plain.write("EHLO laptop\r\nAUTH PLAIN AAAA\r\n");
  assert.match(await hear(plain, /538.*\r\n/), /250-STARTTLS|250 STARTTLS/);
  plain.write("STARTTLS\r\n");
  await hear(plain, /220 2\.0\.0.*\r\n/);
  const secure = connectTls({ socket: plain, rejectUnauthorized: false });
  await once(secure, "secureConnect");
  secure.write("MAIL FROM:<ada@bailee.example>\r\nEHLO laptop\r\n");
  const heard = await hear(secure, /250 [^\r]*\r\n/);
  assert.match(heard, /^503 5\.5\.1 say hello first\r\n/);
  assert.match(heard, /AUTH PLAIN LOGIN/);
  assert.ok(!heard.includes("STARTTLS"));
  secure.write(`AUTH PLAIN ${Buffer.from("\0ada@bailee.example\0right").toString("base64")}\r\n`);
  await hear(secure, /235 /);
  secure.destroy();
});

test("what is sent behind STARTTLS in clear ends the connection", async (t) => {
  const house = await openSmtpHouse(t, "mx", { tls: await selfSigned(t) });
  const heard = await sayAll(house, "EHLO far\r\nSTARTTLS\r\nMAIL FROM:<a@far.example>\r\n").catch(
    () => "",
  );
  assert.ok(!/^250 2\.1\.0/m.test(heard));
});

test("TLS from the first byte greets inside TLS", async (t) => {
  const house = await openSmtpHouse(t, "submission", {
    tls: await selfSigned(t),
    implicitTls: true,
    allowPlaintextAuth: false,
  });
  const socket = connectTls({ port: house.port, host: "127.0.0.1", rejectUnauthorized: false });
  await hear(socket, /^220 /);
  socket.write("EHLO laptop\r\n");
  assert.match(await hear(socket, /250 [^\r]*\r\n/), /AUTH PLAIN LOGIN/);
  socket.destroy();
});

test("five wrong passwords and a hundred wrong commands end the connection", async (t) => {
  const house = await openSmtpHouse(t, "submission");
  const wrong = `AUTH PLAIN ${Buffer.from("\0ada@bailee.example\0no").toString("base64")}\r\n`;
  const guessed = finals(await sayAll(house, `EHLO x\r\n${wrong.repeat(9)}`));
  assert.equal(guessed.filter((line) => line.startsWith("535")).length, 5);
  assert.match(guessed.at(-1) ?? "", /^421 4\.7\.0/);
  const noise = finals(await sayAll(house, "X\r\n".repeat(300)));
  assert.equal(noise.filter((line) => line.startsWith("500")).length, 100);
});

async function hear(socket: NodeJS.ReadableStream, until: RegExp): Promise<string> {
  let heard = "";
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const take = (bytes: Buffer) => {
    heard += bytes.toString("latin1");
    if (until.test(heard)) resolve(heard);
  };
  const fail = () => reject(new Error(`hung up after: ${heard}`));
  socket.on("data", take).on("close", fail).on("error", fail);
  try {
    return await promise;
  } finally {
    socket.off("data", take).off("close", fail).off("error", fail);
  }
}
