// The server over real sockets and a real store: what depends on two sessions, on the connection or on TLS.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import { connectImap, fetchedBodies, type ImapConnection } from "../../../test/imap.ts";
import { type ImapHouse, openImapHouse } from "../../../test/imap-house.ts";
import { openTalk } from "../../../test/imap-talk.ts";
import { makeLetter } from "../../../test/letters.ts";
import { yes } from "#base/errors";
import type { Mailbox } from "#store";
import { selfSigned } from "../../../test/smtp.ts";

const letter = makeLetter({
  from: "Bob <bob@example.org>",
  to: "ada@bailee.example",
  subject: "One",
  text: "first letter",
});

async function said(imap: ImapConnection, command: string): Promise<string> {
  const { untagged, status } = await imap.command(command);
  return `${untagged.toString("latin1")}${status.split(" ")[0] ?? ""}`;
}

test("a delivered message is seen by the very next command, byte for byte", async (t) => {
  const house = await openImapHouse(t);
  using imap = await connectImap(house.port, "ada", "right");
  assert.match(await said(imap, "SELECT INBOX"), /\* 0 EXISTS/);
  for (const [at, command] of [
    "SEARCH ALL",
    "NOOP",
    "FETCH 1 FLAGS",
    "STATUS INBOX (MESSAGES)",
  ].entries()) {
    await house.deliver(letter);
    assert.match(await said(imap, command), new RegExp(`^\\* ${at + 1} EXISTS`), command);
  }
  const fetched = await imap.command("UID FETCH 1:* (UID BODY.PEEK[])");
  const bodies = fetchedBodies(fetched.untagged);
  assert.deepEqual(
    bodies.map(({ uid }) => uid),
    [1, 2, 3, 4],
  );
  for (const { bytes } of bodies) assert.deepEqual(bytes, letter);
});

test("an expunge by one session is told to another only where numbers may shift", async (t) => {
  const house = await openImapHouse(t);
  for (let each = 0; each < 4; each += 1) await house.deliver(letter);
  using one = await connectImap(house.port, "ada", "right");
  using two = await connectImap(house.port, "ada", "right");
  await one.command("SELECT INBOX");
  await two.command("SELECT INBOX");
  await two.command("STORE 1,3 +FLAGS.SILENT (\\Deleted)");
  assert.equal(await said(two, "EXPUNGE"), "* 3 EXPUNGE\r\n* 1 EXPUNGE\r\nOK");
  assert.doesNotMatch(await said(one, "FETCH 1:4 UID"), /EXPUNGE/);
  assert.doesNotMatch(await said(one, "SEARCH ALL"), /EXPUNGE/);
  assert.doesNotMatch(await said(one, "STORE 2 +FLAGS (\\Flagged)"), /EXPUNGE/);
  await house.deliver(letter);
  assert.match(await said(one, "FETCH 4 UID"), /^\* 5 EXISTS\r\n[^]*\* 4 FETCH \(UID 4\)\r\nOK$/);
  assert.equal(
    await said(one, "UID FETCH 4 UID"),
    "* 4 FETCH (UID 4)\r\n* 3 EXPUNGE\r\n* 1 EXPUNGE\r\nOK",
  );
  assert.equal(
    await said(one, "FETCH 1:* UID"),
    "* 1 FETCH (UID 2)\r\n* 2 FETCH (UID 4)\r\n* 3 FETCH (UID 5)\r\nOK",
  );
});

test("flags that another session sets are told once", async (t) => {
  const house = await openImapHouse(t);
  await house.deliver(letter);
  using one = await connectImap(house.port, "ada", "right");
  using two = await connectImap(house.port, "ada", "right");
  await one.command("SELECT INBOX");
  await two.command("SELECT INBOX");
  await two.command("STORE 1 +FLAGS (\\Seen New)");
  const told = await said(one, "NOOP");
  assert.match(
    told,
    /^\* FLAGS \(.* New\)\r\n\* 1 FETCH \(UID 1 FLAGS \(\\Seen New \\Recent\)\)\r\nOK$/,
  );
  assert.equal(await said(one, "NOOP"), "OK");
});

test("a message is recent in one session only", async (t) => {
  const house = await openImapHouse(t);
  await house.deliver(letter);
  using one = await connectImap(house.port, "ada", "right");
  using two = await connectImap(house.port, "ada", "right");
  assert.match(await said(one, "STATUS INBOX (RECENT)"), /RECENT 1/);
  assert.match(await said(one, "SELECT INBOX"), /\* 1 RECENT/);
  assert.match(await said(two, "SELECT INBOX"), /\* 0 RECENT/);
  await house.deliver(letter);
  assert.match(await said(two, "NOOP"), /\* 1 RECENT/);
  assert.match(await said(one, "NOOP"), /\* 2 EXISTS\r\n\* 1 RECENT/);
  assert.match(await said(one, "SEARCH NEW"), /SEARCH 1\r/);
  assert.match(await said(two, "SEARCH RECENT"), /SEARCH 2\r/);
});

test("a message that was tampered with does not keep the others back, and is told of", async (t) => {
  const house = await openImapHouse(t);
  const placed = [];
  for (let count = 0; count < 3; count += 1) placed.push(await house.deliver(letter));
  house.tamper(placed[1]?.messageId ?? "", "body");
  using imap = await connectImap(house.port, "ada", "right");
  await said(imap, "EXAMINE INBOX");
  const { untagged, status } = await imap.command("FETCH 1:* (UID BODY.PEEK[])");
  assert.deepEqual(
    fetchedBodies(untagged).map(({ uid, bytes }) => [uid, bytes.equals(letter)]),
    [
      [1, true],
      [3, true],
    ],
  );
  assert.match(status, /^NO \[CORRUPTION\]/);
  assert.match(
    await said(imap, "FETCH 2 (UID FLAGS RFC822.SIZE ENVELOPE)"),
    /2 FETCH \(UID 2.*\)\r\nOK/,
  );
  house.tamper(placed[2]?.messageId ?? "", "structure");
  assert.match(await said(imap, "FETCH 1:3 ENVELOPE"), /1 FETCH[^]*2 FETCH(?![^]*3 FETCH)[^]*NO$/);
  assert.match(await said(imap, "SEARCH TEXT letter"), /SEARCH 1[^]*OK$/);
});

test("a folder deleted by another session ends this one", async (t) => {
  const house = await openImapHouse(t);
  using one = await connectImap(house.port, "ada", "right");
  using two = await connectImap(house.port, "ada", "right");
  await one.command("CREATE x");
  await one.command("SELECT x");
  await two.command("DELETE x");
  assert.match(await said(one, "NOOP"), /^\* BYE/);
});

test("mistakes without end do not hang up a signed-in session", async (t) => {
  const house = await openImapHouse(t);
  using imap = await connectImap(house.port, "ada", "right");
  for (let each = 0; each < 200; each += 1) assert.equal(await said(imap, "NONSENSE x"), "BAD");
  assert.equal(await said(imap, "NOOP"), "OK");
});

test("wrong passwords, and commands without end before signing in, do", async (t) => {
  const house = await openImapHouse(t);
  for (const line of ["a LOGIN ada wrong\r\n", "a NOOP\r\n"]) {
    const socket = house.connect();
    let heard = "";
    socket.on("data", (bytes: Buffer) => (heard += bytes.toString("latin1")));
    socket.write(line.repeat(200));
    await once(socket, "close");
    assert.match(heard, /\* BYE/);
  }
});

test("an account has so many connections and no more", async (t) => {
  const house = await openImapHouse(t);
  using stack = new DisposableStack();
  for (let each = 0; each < 32; each += 1) stack.use(await connectImap(house.port, "ada", "right"));
  await assert.rejects(connectImap(house.port, "ada", "right"), /NO \[LIMIT\]/);
  stack.dispose();
  for (let waited = 0; ; waited += 1) {
    const again = await connectImap(house.port, "ada", "right").catch(() => undefined);
    again?.[Symbol.dispose]();
    if (again !== undefined) break;
    assert.ok(waited < 100, "the connections were given back");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

test("bytes said in clear behind STARTTLS end the connection unheard", async (t) => {
  const house = await openImapHouse(t, { tls: await selfSigned(t), allowPlaintext: false });
  const socket = house.connect();
  let heard = "";
  socket.on("data", (bytes: Buffer) => (heard += bytes.toString("latin1")));
  socket.write("a STARTTLS\r\nb LOGIN ada right\r\n");
  await once(socket, "close");
  assert.match(heard, /^\* OK \[CAPABILITY .*STARTTLS LOGINDISABLED\].*\r\n\* BYE .*\r\n$/);
});

test("after STARTTLS the capabilities are others, and a password may be said", async (t) => {
  const house = await openImapHouse(t, { tls: await selfSigned(t), allowPlaintext: false });
  const socket = house.connect();
  await once(socket, "data");
  socket.write("a STARTTLS\r\n");
  await once(socket, "data");
  const secure = connectTls({ socket, rejectUnauthorized: false });
  let heard = "";
  secure.on("data", (bytes: Buffer) => (heard += bytes.toString("latin1")));
  secure.write("b CAPABILITY\r\nc STARTTLS\r\nd LOGIN ada right\r\ne LOGOUT\r\n");
  await once(secure, "close");
  assert.match(heard, /AUTH=PLAIN\r\nb OK[^]*c BAD[^]*d OK[^]*e OK/);
  assert.doesNotMatch(heard, /LOGINDISABLED|STARTTLS\r/);
});

test("a peer that does not read has few messages opened for it, and gets all when it reads", async (t) => {
  let opened = 0;
  const house: ImapHouse = await openImapHouse(t, {
    async signIn() {
      const { mailbox } = house;
      const bodies: Mailbox["bodies"] = async function* (ids) {
        for await (const body of mailbox.bodies(ids)) {
          opened += 1;
          yield body;
        }
      };
      return yes({ mailbox: { ...mailbox, bodies }, address: "ada@bailee.example" });
    },
  });
  const text = `${"x".repeat(70)}\r\n`.repeat(14_000);
  const large = makeLetter({
    from: "a@example.org",
    to: "ada@bailee.example",
    subject: "large",
    text,
  });
  for (let each = 0; each < 30; each += 1) await house.deliver(large);
  const socket = house.connect();
  socket.write("a LOGIN ada right\r\nb SELECT INBOX\r\n");
  await once(socket, "data");
  socket.pause();
  socket.write("c FETCH 1:* BODY.PEEK[]\r\nd LOGOUT\r\n");
  await new Promise((resolve) => setTimeout(resolve, 700));
  // What the kernel's buffers take on loopback (a few megabytes), and one more.
  assert.ok(opened > 0 && opened < 15, `opened ${opened}`);
  let octets = 0;
  let end = "";
  socket.on("data", (bytes: Buffer) => {
    octets += bytes.byteLength;
    end = (end + bytes.toString("latin1")).slice(-200);
  });
  socket.resume();
  await once(socket, "close");
  assert.ok(octets > 30 * large.byteLength);
  assert.equal(opened, 30);
  assert.match(end, /c OK[^]*d OK/);
});

test("disposing the server tells every peer", async (t) => {
  const house = await openImapHouse(t);
  const socket = house.connect();
  let heard = "";
  socket.on("data", (bytes: Buffer) => (heard += bytes.toString("latin1")));
  await once(socket, "data");
  await house.close();
  if (!socket.closed) await once(socket, "close");
  assert.match(heard, /\* BYE The server stops/);
});

test("what another session changes in the instant of a silent STORE is told", async (t) => {
  let meanwhile = false;
  const house: ImapHouse = await openImapHouse(t, {
    async signIn() {
      const { mailbox } = house;
      const setFlags: Mailbox["setFlags"] = async (folderId, uids, change) => {
        const flagged = { operation: "add", flags: 4, keywords: [] } as const;
        if (meanwhile) await mailbox.setFlags(folderId, uids, flagged);
        return mailbox.setFlags(folderId, uids, change);
      };
      return yes({ mailbox: { ...mailbox, setFlags }, address: "ada@bailee.example" });
    },
  });
  await house.deliver(letter);
  using imap = await connectImap(house.port, "ada", "right");
  await imap.command("SELECT INBOX");
  assert.equal(await said(imap, "STORE 1 +FLAGS.SILENT (\\Answered)"), "OK");
  meanwhile = true;
  assert.equal(
    await said(imap, "STORE 1 +FLAGS.SILENT (\\Seen)"),
    "* 1 FETCH (UID 1 FLAGS (\\Answered \\Flagged \\Seen \\Recent))\r\nOK",
  );
});

test("flags that another session changed come with their MODSEQ, whatever FETCH asked for", async (t) => {
  const house = await openImapHouse(t);
  await house.deliver(letter);
  using one = await connectImap(house.port, "ada", "right");
  using two = await connectImap(house.port, "ada", "right");
  await one.command("ENABLE CONDSTORE");
  await one.command("SELECT INBOX");
  await two.command("SELECT INBOX");
  await two.command("STORE 1 +FLAGS (\\Flagged)");
  assert.match(
    await said(one, "FETCH 1 (FLAGS)"),
    /^\* 1 FETCH \(FLAGS \(\\Flagged \\Recent\)\)\r\n\* 1 FETCH \(UID 1 FLAGS \(\\Flagged \\Recent\) MODSEQ \(\d+\)\)\r\nOK$/,
  );
});

test("many commands in one packet are answered in order, over two connections on one folder", async (t) => {
  const house = await openImapHouse(t);
  await house.deliver(letter);
  using one = await openTalk(house.connect());
  using two = await openTalk(house.connect());
  one.say(
    "a SELECT INBOX\r\nb STORE 1 +FLAGS (\\Deleted)\r\nc NOOP\r\nd EXPUNGE\r\ne SEARCH ALL\r\nf FETCH 1 UID",
  );
  const all = await one.hear(/f BAD [^\n]*\n$/);
  assert.match(all, /a OK[^]*b OK[^]*c OK[^]*\* 1 EXPUNGE\r\nd OK[^]*\* SEARCH\r\ne OK/);
  two.say("a SELECT INBOX\r\nb APPEND INBOX {1+}\r\nx\r\nc UID FETCH 1:* FLAGS\r\nd LOGOUT");
  await two.hear(
    /a OK[^]*\* 1 EXISTS\r\n[^]*b OK[^]*\* 1 FETCH \(UID 2 FLAGS [^]*c OK[^]*BYE[^]*d OK/,
  );
  assert.match(await one.ask("NOOP"), /^\* 1 EXISTS\r\n/);
});
