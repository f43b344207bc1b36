// imapflow, the client library of many web programs, against the server over a real store.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { ImapFlow } from "imapflow";
import { type ImapHouse, openImapHouse } from "../imap-house.ts";
import { makeLetter } from "../letters.ts";
import { selfSigned } from "../smtp.ts";

async function open(t: TestContext, house: ImapHouse, more: object = {}): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: "127.0.0.1",
    port: house.port,
    secure: false,
    auth: { user: "ada@bailee.example", pass: "right" },
    logger: false,
    tls: { rejectUnauthorized: false },
    ...more,
  });
  await client.connect();
  t.after(() => client.close());
  return client;
}

const letter = (subject: string): Buffer =>
  makeLetter({
    from: "Bob <bob@example.org>",
    to: "ada@bailee.example",
    subject,
    text: `text of ${subject}`,
  });

test("imapflow lists, appends, reads, flags, searches, copies, moves and deletes", async (t) => {
  const house = await openImapHouse(t);
  const client = await open(t, house);
  const folders = await client.list();
  assert.deepEqual(folders.map(({ path, specialUse }) => `${path} ${specialUse ?? ""}`).sort(), [
    "Archive \\Archive",
    "Drafts \\Drafts",
    "INBOX \\Inbox",
    "Junk \\Junk",
    "Sent \\Sent",
    "Trash \\Trash",
  ]);
  await client.mailboxCreate("Größe/kleiner & mehr");
  const appended = await client.append(
    "Größe/kleiner & mehr",
    letter("eins"),
    ["\\Seen", "$Label1"],
    new Date(1e12),
  );
  assert.ok(appended !== false && appended.uid === 1);
  for (const subject of ["one", "two", "Grüße"]) await house.deliver(letter(subject));
  const box = await client.mailboxOpen("INBOX");
  assert.equal(box.exists, 3);
  const seen = [];
  for await (const message of client.fetch("1:*", {
    envelope: true,
    source: true,
    bodyStructure: true,
    internalDate: true,
    size: true,
  }))
    seen.push(message);
  assert.deepEqual(
    seen.map(({ envelope }) => envelope?.subject),
    ["one", "two", "Grüße"],
  );
  assert.deepEqual(
    seen.map(({ source }) => source),
    ["one", "two", "Grüße"].map((each) => letter(each)),
  );
  assert.equal(seen[0]?.bodyStructure?.type, "text/plain");
  assert.deepEqual(await client.search({ subject: "grüsse" }, { uid: true }), []);
  assert.deepEqual(
    await client.search({ subject: "GRÜSSE".replace("SS", "ß") }, { uid: true }),
    [3],
  );
  assert.deepEqual(await client.search({ body: "text of two" }, { uid: true }), [2]);
  assert.ok(await client.messageFlagsAdd("2", ["\\Flagged", "Work"]));
  assert.deepEqual(await client.search({ flagged: true, keyword: "work" }), [2]);
  const moved = await client.messageMove("1", "Archive", { uid: true });
  assert.ok(moved !== false && moved.uidMap?.get(1) === 1);
  const copied = await client.messageCopy("3", "Größe/kleiner & mehr", { uid: true });
  assert.ok(copied !== false && copied.uidMap?.get(3) === 2);
  assert.ok(await client.messageDelete("2", { uid: true }));
  assert.deepEqual(await client.search({ all: true }, { uid: true }), [3]);
  const status = await client.status("Größe/kleiner & mehr", {
    messages: true,
    unseen: true,
    uidNext: true,
    highestModseq: true,
  });
  assert.ok(status !== false);
  assert.deepEqual([status.messages, status.unseen, status.uidNext], [2, 1, 3]);
  const download = await client.download("3", "1", { uid: true });
  let text = "";
  assert.ok(download.content);
  for await (const chunk of download.content) text += String(chunk);
  assert.match(text, /text of Grüße/);
  await client.mailboxRename("Größe", "Maß");
  assert.ok((await client.list()).some(({ path }) => path === "Maß/kleiner & mehr"));
  await client.mailboxDelete("Maß/kleiner & mehr");
  await client.logout();
});

test("imapflow hears of a delivery while it idles, and of nothing twice", async (t) => {
  const house = await openImapHouse(t);
  const client = await open(t, house);
  await client.mailboxOpen("INBOX");
  const heard: number[] = [];
  client.on("exists", ({ count }: { count: number }) => heard.push(count));
  const idling = client.idle();
  await new Promise((resolve) => setTimeout(resolve, 100));
  await house.deliver(letter("while you idle"));
  for (let waited = 0; heard.length === 0 && waited < 100; waited += 1)
    await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(heard, [1]);
  await client.noop();
  await idling;
  assert.deepEqual(heard, [1]);
});

test("imapflow resynchronises by CONDSTORE and QRESYNC", async (t) => {
  const house = await openImapHouse(t);
  for (const subject of ["a", "b", "c", "d"]) await house.deliver(letter(subject));
  const first = await open(t, house, { qresync: true });
  const box = await first.mailboxOpen("INBOX");
  const { highestModseq, uidValidity } = box;
  assert.ok(highestModseq !== undefined);
  const other = await open(t, house);
  await other.mailboxOpen("INBOX");
  await other.messageFlagsAdd("2", ["\\Seen"], { uid: true });
  await other.messageDelete("3", { uid: true });
  const changed = [];
  for await (const { uid, modseq } of first.fetch(
    "1:*",
    { uid: true, flags: true },
    { changedSince: highestModseq, uid: true },
  )) {
    assert.ok(modseq !== undefined && modseq > highestModseq);
    changed.push(uid);
  }
  assert.deepEqual(changed, [2]);
  const vanished: number[] = [];
  const flagged: number[] = [];
  const second = await open(t, house, { qresync: true });
  second.on("expunge", ({ uid }: { uid: number }) => vanished.push(uid));
  second.on("flags", ({ uid }: { uid: number }) => flagged.push(uid));
  await second.mailboxOpen("INBOX", { changedSince: highestModseq, uidValidity });
  assert.deepEqual([vanished, flagged], [[3], [2]]);
});

test("imapflow signs in over STARTTLS and over TLS", async (t) => {
  const tls = await selfSigned(t);
  const starting = await openImapHouse(t, { tls, allowPlaintext: false });
  const upgraded = await open(t, starting, { doSTARTTLS: true });
  assert.equal(upgraded.secureConnection, true);
  await house(upgraded);
  const implicit = await openImapHouse(t, { tls, implicitTls: true, allowPlaintext: false });
  await house(await open(t, implicit, { secure: true }));
  async function house(client: ImapFlow): Promise<void> {
    const box = await client.mailboxOpen("INBOX");
    assert.equal(box.exists, 0);
  }
});
