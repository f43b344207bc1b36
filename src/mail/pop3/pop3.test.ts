// Whole conversations with the POP3 server over TLS, on a real store; IMAP's side is the mailbox itself.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { connect, type TLSSocket } from "node:tls";
import { assert as always, asyncProperty, constantFrom, string, uint8Array } from "fast-check";
import { no, type Result, yes } from "#base/errors";
import { flagBits, type Mailbox } from "#store";
import { type ImapHouse, openImapHouse } from "../../../test/imap-house.ts";
import { selfSigned } from "../../../test/smtp.ts";
import { parseCommand } from "./grammar.ts";
import { stuffed, topOf } from "./multiline.ts";
import type { Access, SignedIn, SignInRefusal } from "./ports.ts";
import { openPop3Server } from "./server.ts";

interface Talk extends Disposable {
  /** What comes up to the end of one answer; with `many`, of a multi-line one. */
  hear(many?: boolean): Promise<string>;
  /** Says lines at once and hears the answer to the last. */
  say(line: string, many?: boolean): Promise<string>;
  write(octets: string): void;
  ended(): Promise<void>;
}

interface Trial {
  readonly house: ImapHouse;
  access: Access;
  time: number;
  talk(): Promise<Talk>;
  /** A talk that has signed in. */
  signedIn(): Promise<Talk>;
}

async function openTrial(t: TestContext, idle?: number): Promise<Trial> {
  const house = await openImapHouse(t);
  const tls = await selfSigned(t);
  const trial = { house, access: "whole" as Access, time: Date.now() };
  const signIn = async (
    login: string,
    password: string,
  ): Promise<Result<SignedIn, SignInRefusal>> =>
    login === "ada" && password === "right  word "
      ? yes({ mailbox: house.mailbox, access: async () => trial.access })
      : no("wrong");
  const clock = { now: () => trial.time };
  const server = await openPop3Server({
    bind: "127.0.0.1",
    port: 0,
    tls,
    signIn,
    clock,
    ...(idle !== undefined && { idle }),
  });
  t.after(() => server[Symbol.asyncDispose]());
  const talk = async (): Promise<Talk> => {
    const socket = connect({
      port: server.port,
      host: "127.0.0.1",
      ca: tls.cert,
      servername: "localhost",
    });
    await once(socket, "secureConnect");
    return openTalk(socket);
  };
  return Object.assign(trial, {
    talk,
    async signedIn() {
      const one = await talk();
      await one.hear();
      await one.say("USER ada");
      assert.match(await one.say("PASS right  word "), /^\+OK/);
      return one;
    },
  });
}

function openTalk(socket: TLSSocket): Talk {
  let held = "";
  let wake = Promise.withResolvers<void>();
  const nudge = (): void => {
    wake.resolve();
    wake = Promise.withResolvers();
  };
  socket.on("data", (chunk: Buffer) => {
    held += chunk.toString("latin1");
    nudge();
  });
  for (const event of ["end", "close", "error"]) socket.on(event, nudge);
  const hear = async (many = false): Promise<string> => {
    for (;;) {
      // An error has one line, whatever was asked.
      const last = many && !held.startsWith("-ERR") ? held.indexOf("\r\n.\r\n") : -3;
      const end = last === -3 ? held.indexOf("\r\n") : last < 0 ? -1 : last + 3;
      if (end >= 0) {
        const answer = held.slice(0, end + 2);
        held = held.slice(end + 2);
        return answer;
      }
      assert.ok(!socket.destroyed && !socket.readableEnded, `the server closed after ${held}`);
      await wake.promise;
    }
  };
  return {
    hear,
    say(line, many) {
      socket.write(`${line}\r\n`);
      return hear(many);
    },
    write: (octets) => void socket.write(octets, "latin1"),
    async ended() {
      while (!socket.readableEnded && !socket.destroyed) await wake.promise;
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

const letter = (subject: string, text = `text of ${subject}\r\n`): Buffer =>
  Buffer.from(`From: bo@example.org\r\nSubject: ${subject}\r\n\r\n${text}`);

async function inboxOf(mailbox: Mailbox) {
  const inbox = (await mailbox.folders()).find(({ role }) => role === "inbox");
  assert.ok(inbox);
  const found = await mailbox.snapshot(inbox.id);
  assert.ok(found);
  return found;
}

test("a session from greeting to QUIT: lists, reads, numbers, and deletes at the end only", async (t) => {
  const trial = await openTrial(t);
  const { house } = trial;
  const texts = [letter("one"), letter("two", ".\r\n..a\r\nline\r\n.b"), letter("three")];
  for (const text of texts) await house.deliver(text);
  const before = await inboxOf(house.mailbox);
  using one = await trial.talk();
  assert.equal(await one.hear(), "+OK Bailee\r\n");
  const capa = await one.say("CAPA", true);
  for (const word of ["TOP", "UIDL", "SASL PLAIN", "PIPELINING", "RESP-CODES", "EXPIRE NEVER"])
    assert.ok(capa.includes(`\r\n${word}\r\n`), word);
  assert.match(await one.say("STAT"), /^-ERR Sign in first/);
  assert.match(await one.say("PASS right"), /^-ERR USER comes first/);
  assert.match(await one.say("user ada"), /^\+OK/);
  assert.match(await one.say("PASS right  word "), /^\+OK 3 messages/);
  const sizes = before.placements.map(({ size }) => size);
  const sum = sizes.reduce((total, size) => total + size, 0);
  assert.equal(await one.say("STAT"), `+OK 3 ${sum}\r\n`);
  const listed = sizes.map((size, at) => `${at + 1} ${size}\r\n`).join("");
  assert.equal(await one.say("LIST", true), `+OK sizes follow\r\n${listed}.\r\n`);
  assert.equal(await one.say("LIST 2"), `+OK 2 ${sizes[1]}\r\n`);
  const uids = before.placements.map(({ uid }) => `${before.folder.uidValidity}.${uid}`);
  const names = uids.map((uid, at) => `${at + 1} ${uid}\r\n`).join("");
  assert.equal(await one.say("UIDL", true), `+OK uids follow\r\n${names}.\r\n`);
  assert.equal(
    await one.say("RETR 2", true),
    `+OK ${sizes[1]} octets\r\nFrom: bo@example.org\r\nSubject: two\r\n\r\n..\r\n...a\r\nline\r\n..b\r\n.\r\n`,
  );
  assert.equal(
    await one.say("TOP 2 1", true),
    `+OK ${sizes[1]} octets\r\nFrom: bo@example.org\r\nSubject: two\r\n\r\n..\r\n.\r\n`,
  );
  assert.match(await one.say("TOP 3 0", true), /Subject: three\r\n\r\n\.\r\n$/);
  assert.match(await one.say("DELE 1"), /^\+OK/);
  for (const again of ["DELE 1", "RETR 1", "LIST 1", "UIDL 1", "TOP 1 0", "RETR 4", "DELE 0"])
    assert.match(await one.say(again), /^-ERR There is no such message/, again);
  assert.equal(await one.say("STAT"), `+OK 2 ${sum - (sizes[0] ?? 0)}\r\n`);
  assert.match(await one.say("RSET"), /^\+OK 3/);
  assert.match(await one.say("DELE 3"), /^\+OK/);
  assert.equal((await inboxOf(house.mailbox)).placements.length, 3, "nothing goes before QUIT");
  await house.deliver(letter("four"));
  assert.equal(
    await one.say("STAT"),
    `+OK 2 ${sum - (sizes[2] ?? 0)}\r\n`,
    "as it was at the start",
  );
  assert.match(await one.say("NOOP"), /^\+OK\r\n/);
  assert.equal(await one.say("QUIT"), "+OK Goodbye\r\n");
  await one.ended();
  const after = await inboxOf(house.mailbox);
  assert.deepEqual(
    after.placements.map(({ uid }) => uid),
    [1, 2, 4],
  );
  const seen = after.placements.filter(({ flags }) => (flags & flagBits.seen) !== 0);
  assert.deepEqual(
    seen.map(({ uid }) => uid),
    [2],
    "what was fetched whole or in part was read",
  );
  const kept = await house.mailbox.expunged(10);
  assert.equal(kept.length, 1, "it can be had back like all that is expunged");
  using next = await trial.signedIn();
  assert.equal(await next.say("UIDL 1"), `+OK 1 ${uids[0]}\r\n`, "names outlive the session");
});

test("a session that ends without QUIT deletes nothing, and gives the maildrop free", async (t) => {
  const trial = await openTrial(t);
  await trial.house.deliver(letter("one"));
  {
    using first = await trial.signedIn();
    await first.say("DELE 1");
    using second = await trial.talk();
    await second.hear();
    await second.say("USER ada");
    assert.match(await second.say("PASS right  word "), /^-ERR \[IN-USE\]/);
  }
  for (let again = 0; ; again += 1) {
    using third = await trial.talk();
    await third.hear();
    await third.say("USER ada");
    const answer = await third.say("PASS right  word ");
    if (answer.startsWith("+OK 1")) break;
    assert.ok(again < 100, answer);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

test("what IMAP expunges meanwhile keeps its number and cannot be had; what it flags is left alone", async (t) => {
  const trial = await openTrial(t);
  const { house } = trial;
  const { mailbox } = house;
  for (const name of ["one", "two"]) await house.deliver(letter(name));
  using talk = await trial.signedIn();
  const { folder } = await inboxOf(mailbox);
  await mailbox.setFlags(folder.id, [1], {
    operation: "add",
    flags: flagBits.deleted,
    keywords: [],
  });
  await mailbox.expunge(folder.id);
  assert.match(await talk.say("RETR 1"), /^-ERR \[SYS\/PERM\] That message cannot be had/);
  assert.match(await talk.say("LIST 1"), /^\+OK 1 /);
  assert.match(await talk.say("RETR 2", true), /Subject: two/);
  await talk.say("DELE 1");
  assert.match(await talk.say("QUIT"), /^\+OK/);
  const { placements } = await inboxOf(mailbox);
  assert.deepEqual(
    placements.map(({ uid }) => uid),
    [2],
  );
});

test("AUTH PLAIN with and without an initial response; nobody acts for another", async (t) => {
  const trial = await openTrial(t);
  const response = (...fields: string[]): string =>
    Buffer.from(fields.join("\0")).toString("base64");
  const right = response("", "ada", "right  word ");
  using one = await trial.talk();
  await one.hear();
  assert.equal(await one.say("AUTH", true), "+OK PLAIN follows\r\nPLAIN\r\n.\r\n");
  assert.match(await one.say("AUTH CRAM-MD5"), /^-ERR Only PLAIN/);
  assert.match(
    await one.say(`AUTH PLAIN ${response("bo", "ada", "right  word ")}`),
    /^-ERR \[AUTH\]/,
  );
  assert.match(await one.say("AUTH PLAIN ="), /^-ERR That is no PLAIN/);
  assert.equal(await one.say("AUTH PLAIN"), "+ \r\n");
  assert.match(await one.say("*"), /^-ERR Given up/);
  assert.equal(await one.say("AUTH PLAIN"), "+ \r\n");
  assert.match(await one.say(right), /^\+OK 0 messages/);
  assert.equal(await one.say("LIST", true), "+OK sizes follow\r\n.\r\n");
  assert.match(await one.say("USER ada"), /^-ERR You are signed in already/);
  assert.match(await one.say("QUIT"), /^\+OK/);
  using two = await trial.talk();
  await two.hear();
  for (let tries = 0; tries < 3; tries += 1) {
    await two.say("USER ada");
    assert.match(await two.say("PASS wrong"), /^-ERR \[AUTH\] Wrong/);
  }
  await two.ended();
});

test("commands sent ahead are answered in order, and a line in pieces is one line", async (t) => {
  const trial = await openTrial(t);
  for (let number = 0; number < 3; number += 1) await trial.house.deliver(letter(`${number}`));
  using talk = await trial.talk();
  await talk.hear();
  talk.write("USER ada\r\nPASS right  word \r\nRETR 1\r\nDELE 1\r\nRE");
  for (const many of [false, false, true, false]) assert.match(await talk.hear(many), /^\+OK/);
  talk.write("TR 2\r\nQUIT\r\n");
  assert.match(await talk.hear(true), /Subject: 1/);
  assert.equal(await talk.hear(), "+OK Goodbye\r\n");
  assert.equal((await inboxOf(trial.house.mailbox)).placements.length, 2);
});

test("a changed password ends the session within a minute, a reading one deletes nothing, and silence ends one", async (t) => {
  const trial = await openTrial(t, 300);
  await trial.house.deliver(letter("one"));
  using reading = await trial.signedIn();
  trial.access = "read-only";
  trial.time += 61_000;
  assert.match(await reading.say("RETR 1", true), /^\+OK/);
  assert.match(await reading.say("DELE 1"), /^-ERR \[SYS\/PERM\] The account can be read only/);
  trial.access = "off";
  trial.time += 61_000;
  assert.match(await reading.say("RETR 1"), /^-ERR \[AUTH\]/);
  await reading.ended();
  trial.access = "whole";
  using silent = await trial.signedIn();
  await silent.say("DELE 1");
  await silent.ended();
  assert.equal((await inboxOf(trial.house.mailbox)).placements.length, 1, "a timeout is no QUIT");
});

test("lines that are too long or no UTF-8 are refused, whatever octets come", async (t) => {
  const trial = await openTrial(t);
  using long = await trial.talk();
  await long.hear();
  long.write("x".repeat(5000));
  assert.match(await long.hear(), /^-ERR That line is too long/);
  await long.ended();
  using odd = await trial.talk();
  await odd.hear();
  odd.write("USER \xff\r\n");
  assert.match(await odd.hear(), /^-ERR That line is not UTF-8/);
  await always(
    asyncProperty(uint8Array({ maxLength: 40 }), async (octets) => {
      const line = Buffer.from(octets).toString("latin1").replaceAll(/\r\n/g, "");
      if (/^quit/i.test(line)) return;
      odd.write(`${line}\r\n`);
      assert.match(await odd.hear(/^(?:capa|auth)\s*$/i.test(line)), /^(?:\+OK|-ERR|\+ )/);
    }),
    { numRuns: 40 },
  );
});

test("every line is one command or a refusal in words; stuffing can be undone", () => {
  const verbs = constantFrom("LIST", "TOP", "RETR", "PASS", "USER", "AUTH", "QUIT", "UIDL", "X");
  const run = async (verb: string, rest: string): Promise<void> => {
    const command = parseCommand(`${verb} ${rest}`);
    if ("number" in command) assert.ok(Number.isSafeInteger(command.number));
  };
  const checked = always(asyncProperty(verbs, string(), run), { numRuns: 500 });
  const unstuffed = always(
    asyncProperty(string({ unit: constantFrom(".", "\r\n", "\n", "a") }), async (text) => {
      const sent = Buffer.concat(stuffed(Buffer.from(text))).toString();
      assert.ok(sent.endsWith("\r\n.\r\n"), JSON.stringify(sent));
      assert.doesNotMatch(sent, /[^\r]\n/, "no bare line end");
      const lines = sent.slice(0, -3).split("\r\n");
      assert.ok(!lines.includes("."), "no line with a dot alone ends it early");
      const back = lines.map((line) => (line.startsWith(".") ? line.slice(1) : line)).join("\r\n");
      const whole = text.replaceAll(/\r?\n/g, "\r\n");
      assert.equal(back, whole.endsWith("\r\n") ? whole : `${whole}\r\n`);
      assert.ok(text.startsWith(topOf(Buffer.from(text), 2).toString()));
    }),
    { numRuns: 1000 },
  );
  return Promise.all([checked, unstuffed]).then(() => undefined);
});
