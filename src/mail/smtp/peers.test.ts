// Peers that are slow, vanish, flood or stay for ever; and a server that goes down under them.
import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { openSmtpHouse, sayAll, selfSigned, type SmtpHouse } from "../../../test/smtp.ts";
import {
  MAX_COMMANDS,
  MAX_CONNECTIONS_PER_ADDRESS,
  MAX_LINE_DROPPED,
  MAX_RECIPIENTS,
} from "./limits.ts";
import { sourceOf } from "./source.ts";

const to = "MAIL FROM:<a@far.example>\r\nRCPT TO:<ada@bailee.example>\r\n";
const finals = (heard: string) => heard.split("\r\n").filter((line) => /^\d{3} /.test(line));

test("who sends an octet now and then has the time of one command, of one message, and no more", async (t) => {
  const timeouts = { command: 150, block: 100, message: 250 };
  const house = await openSmtpHouse(t, "mx", { timeouts });
  const openings = {
    "in the middle of a command": "EHLO ",
    "in the middle of a message": `HELO x\r\n${to}DATA\r\nSubject: `,
    "in the middle of a chunk": `HELO x\r\n${to}BDAT 5000 LAST\r\n`,
    "with nothing at all": "",
  };
  await Promise.all(
    Object.entries(openings).map(async ([where, said]) => {
      const began = performance.now();
      const socket = house.connect();
      const heard = hearAll(socket);
      socket.write(said);
      const drip = setInterval(() => said !== "" && socket.writable && socket.write("x"), 20);
      assert.match((await heard).at(-1) ?? "", /^421 4\.4\.2/, where);
      clearInterval(drip);
      assert.ok(performance.now() - began > 100, where);
      socket.destroy();
    }),
  );
  // Silence within a message ends it before the time of the whole is up.
  const socket = house.connect();
  const began = performance.now();
  const heard = hearAll(socket);
  socket.write(`HELO x\r\n${to}DATA\r\nSubject`);
  assert.match((await heard).at(-1) ?? "", /^421 4\.4\.2/);
  assert.ok(performance.now() - began < 240);
  socket.destroy();
  assert.equal(house.stored.length, 0);
});

test("of a letter whose peer vanished or hung up in the middle nothing is kept", async (t) => {
  const house = await openSmtpHouse(t, "mx");
  const whole = [
    `${to}DATA\r\nSubject: x\r\n\r\nbody\r\n.\r`,
    `${to}BDAT 10\r\n0123456789BDAT 5 LAST\r\n1234`,
  ];
  for (const said of whole) {
    await sayAll(house, `HELO x\r\n${said}`); // a half-closed connection: says no more, still listens
    const socket = house.connect();
    socket.on("error", () => {});
    const heard = hearUntil(socket, /250 2\.1\.5/);
    socket.write(`HELO x\r\n${said}`);
    await heard;
    socket.resetAndDestroy();
  }
  assert.match(await sayAll(house, "QUIT\r\n"), /^221/m);
  assert.equal(house.stored.length + house.queued.length, 0);
});

test("a peer that says all at once and hangs up has its letter taken all the same", async (t) => {
  const house = await openSmtpHouse(t, "mx");
  await sayAll(house, `EHLO x\r\n${to}DATA\r\n\r\n.\r\n`);
  assert.equal(house.stored.length, 1);
});

test("floods end: commands without a letter, recipients without number, unknown ones, a line without an end", async (t) => {
  const house = await openSmtpHouse(t, "mx");
  const last = async (said: string) => finals(await sayAll(house, said).catch(() => ""));
  const noops = await last(`HELO x\r\n${"NOOP\r\n".repeat(MAX_COMMANDS + 50)}`);
  assert.equal(noops.length, MAX_COMMANDS + 2);
  assert.match(noops.at(-1) ?? "", /^421 4\.7\.0 too many commands/);
  const rcpt = (name: string, count: number) =>
    `RCPT TO:<${name}@bailee.example>\r\n`.repeat(count);
  const many = await last(`HELO x\r\nMAIL FROM:<>\r\n${rcpt("ada", MAX_COMMANDS)}`);
  assert.equal(many.filter((line) => line.startsWith("250 2.1.5")).length, MAX_RECIPIENTS);
  assert.match(many.at(-2) ?? "", /^452 4\.5\.3 too many recipients/);
  assert.match(many.at(-1) ?? "", /^421 4\.7\.0/);
  const unknown = await last(`HELO x\r\nMAIL FROM:<>\r\n${rcpt("nobody", 200)}`);
  assert.equal(unknown.filter((line) => line.startsWith("550 5.1.1")).length, 100);
  assert.match(unknown.at(-1) ?? "", /^421 4\.7\.0 too many mistakes/);
  const endless = house.connect();
  endless.on("error", () => {});
  const heard = hearUntil(endless, /421 4\.7\.0 a line without an end/);
  for (let sent = 0; sent <= MAX_LINE_DROPPED + 128 * 1024; sent += 64 * 1024)
    endless.write(Buffer.alloc(64 * 1024, 97));
  await heard;
  endless.destroy();
});

test("letters start the count of commands anew", async (t) => {
  const house = await openSmtpHouse(t, "mx");
  const one = `${"NOOP\r\n".repeat(MAX_COMMANDS - 10)}${to}BDAT 0 LAST\r\n`;
  const heard = finals(await sayAll(house, `HELO x\r\n${one.repeat(2)}QUIT\r\n`));
  assert.match(heard.at(-1) ?? "", /^221/);
  assert.equal(house.stored.length, 2);
});

test("one address may have so many connections and no more, under TLS too, and a place is free again at once", async (t) => {
  const tls = await selfSigned(t);
  for (const more of [{}, { tls, implicitTls: true }]) {
    const house = await openSmtpHouse(t, "mx", more);
    const sockets = Array.from({ length: MAX_CONNECTIONS_PER_ADDRESS }, () => house.connect());
    // Without a handshake nobody greets; that they are there shows in the next one.
    await Promise.all(
      sockets.map((socket) => (more.implicitTls ? opened(socket) : hearUntil(socket, /^220 /))),
    );
    const turnedAway = async () => sayAll(house, "NOOP\r\n").catch(() => "");
    const heard = await turnedAway();
    if (more.implicitTls) assert.equal(heard, "");
    else assert.match(heard, /^421 4\.7\.0 too many connections/);
    for (const socket of sockets) socket.destroy();
    if (!more.implicitTls) await greeted(house);
  }
});

test("an IPv6 network counts as one peer, an IPv4 address as itself", () => {
  const same = [
    ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9"],
    ["2001:db8::1", "2001:DB8:0:0:5::"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["fe80::1%eth0", "fe80::2%eth1"],
  ] as const;
  for (const [one, other] of same) assert.equal(sourceOf(one), sourceOf(other));
  assert.notEqual(sourceOf("2001:db8:1:2::1"), sourceOf("2001:db8:1:3::1"));
  assert.notEqual(sourceOf("192.0.2.1"), sourceOf("192.0.2.2"));
});

test("on shutdown idle peers hear 421 at once, a message under way may finish, and one that does not is told too", async (t) => {
  const house = await openSmtpHouse(t, "mx", { timeouts: { grace: 300 } });
  const [idle, quick, slow] = [house.connect(), house.connect(), house.connect()];
  const heard = [idle, quick, slow].map(hearAll);
  for (const socket of [quick, slow]) {
    const ready = hearUntil(socket, /^354/m);
    socket.write(`HELO x\r\n${to}DATA\r\nSubject: x\r\n`);
    await ready;
  }
  await hearUntil(idle, /^220/);
  const closed = house.close();
  assert.match((await heard[0])?.at(-1) ?? "", /^421 4\.3\.2/);
  quick.write("\r\n.\r\nNOOP\r\n");
  const said = (await heard[1]) ?? [];
  assert.match(said.join("\n"), /250 2\.0\.0 accepted \w+\n(?:250 2\.0\.0 OK\n)?421 4\.3\.2/);
  assert.match((await heard[2])?.at(-1) ?? "", /^421 4\.3\.2/);
  await closed;
  assert.equal(house.stored.length, 1);
});

async function greeted(house: SmtpHouse): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if ((await sayAll(house, "QUIT\r\n").catch(() => "")).startsWith("220 ")) return;
    await wait(10);
  }
  assert.fail("never greeted again");
}

function opened(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("connect", () => resolve());
  });
}

const said = new WeakMap<Socket, string>();

/** Every final reply until the server hangs up. */
async function hearAll(socket: Socket): Promise<string[]> {
  remember(socket);
  await new Promise((resolve) => {
    socket.once("close", resolve).once("end", resolve).on("error", resolve);
  });
  return finals(said.get(socket) ?? "");
}

async function hearUntil(socket: Socket, wanted: RegExp): Promise<void> {
  remember(socket);
  const deadline = performance.now() + 10_000;
  while (!wanted.test(said.get(socket) ?? "")) {
    assert.ok(performance.now() < deadline, `never heard ${wanted}: ${said.get(socket)}`);
    await wait(2);
  }
}

function remember(socket: Socket): void {
  if (said.has(socket)) return;
  said.set(socket, "");
  socket.on("data", (bytes: Buffer) =>
    said.set(socket, (said.get(socket) ?? "") + bytes.toString("latin1")),
  );
}
