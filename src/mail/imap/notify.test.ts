// NOTIFY as RFC 5465 has it, between two connections of one account, with what else is told unasked: the end of a live session.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { openImapHouse } from "../../../test/imap-house.ts";
import { openTalk } from "../../../test/imap-talk.ts";
import { makeLetter } from "../../../test/letters.ts";
import { yes } from "#base/errors";
import type { Access } from "./ports.ts";

const letter = makeLetter({
  from: "Bob <bob@example.org>",
  to: "ada@bailee.example",
  subject: "One",
  text: "first letter",
});

async function twoOf(t: TestContext) {
  const house = await openImapHouse(t);
  const watcher = await openTalk(house.connect());
  const other = await openTalk(house.connect());
  t.after(() => {
    watcher[Symbol.dispose]();
    other[Symbol.dispose]();
  });
  return { house, watcher, other };
}

test("new, changed and expunged messages of the selected folder are told between commands, with the items asked for", async (t) => {
  const { house, watcher, other } = await twoOf(t);
  assert.match(
    await watcher.ask(
      "NOTIFY SET (SELECTED (MessageNew (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)]) MessageExpunge FlagChange))",
    ),
    /^OK$/,
  );
  await watcher.ask("SELECT INBOX");
  await house.deliver(letter);
  await watcher.hear(
    /^\* 1 EXISTS\r\n\* 1 RECENT\r\n\* 1 FETCH \(UID 1 BODY\[HEADER.FIELDS \(SUBJECT\)\] \{16\}\r\nSubject: One\r\n\r\n\)\r\n$/,
  );
  await other.ask("SELECT INBOX");
  await other.ask("STORE 1 +FLAGS (\\Flagged)");
  await watcher.hear(/^\* 1 FETCH \(UID 1 FLAGS \(\\Flagged \\Recent\)\)\r\n$/);
  await other.ask("STORE 1 +FLAGS.SILENT (\\Deleted)");
  await watcher.hear(/^\* 1 FETCH \(UID 1 FLAGS \(.*\\Deleted.*\)\)\r\n$/);
  await other.ask("EXPUNGE");
  await watcher.hear(/^\* 1 EXPUNGE\r\n$/);
  // What the client puts here itself is told by EXISTS alone.
  const own = await watcher.ask("APPEND INBOX {1+}\r\nx");
  assert.match(own, /EXISTS/);
  assert.doesNotMatch(own, /FETCH/);
});

test("SELECTED-DELAYED keeps an expunge until a command may tell it", async (t) => {
  const { house, watcher, other } = await twoOf(t);
  await house.deliver(letter);
  await house.deliver(letter);
  await watcher.ask("NOTIFY SET (SELECTED-DELAYED (MessageNew MessageExpunge))");
  await watcher.ask("SELECT INBOX");
  await other.ask("SELECT INBOX");
  await other.ask("STORE 1 +FLAGS.SILENT (\\Deleted)");
  await other.ask("EXPUNGE");
  await house.deliver(letter);
  // No FETCH of flags was asked for, and the number of the message that is gone still holds.
  await watcher.hear(/^\* 3 EXISTS\r\n\* 3 RECENT\r\n$/);
  assert.match(await watcher.ask("FETCH 2 UID"), /^\* 2 FETCH \(UID 2\)\r\nOK$/);
  assert.equal(await watcher.ask("NOOP"), "* 1 EXPUNGE\r\nOK");
});

test("without SELECTED nothing of others is told of the selected folder, what the client does itself is", async (t) => {
  const { house, watcher, other } = await twoOf(t);
  for (let each = 0; each < 3; each += 1) await house.deliver(letter);
  await watcher.ask("SELECT INBOX");
  await house.deliver(letter);
  assert.match(
    await watcher.ask("NOTIFY SET (MAILBOXES Sent (MessageNew MessageExpunge))"),
    /^\* 4 EXISTS/,
  );
  await house.deliver(letter);
  await other.ask("SELECT INBOX");
  await other.ask("STORE 1 +FLAGS.SILENT (\\Deleted)");
  await other.ask("EXPUNGE");
  assert.equal(await watcher.ask("NOOP"), "OK");
  await watcher.ask("STORE 3 +FLAGS.SILENT (\\Deleted)");
  assert.equal(await watcher.ask("EXPUNGE"), "* 3 EXPUNGE\r\nOK");
  assert.match(
    await watcher.ask("NOTIFY SET (SELECTED (MessageNew MessageExpunge))"),
    /^\* 1 EXPUNGE\r\n\* 3 EXISTS\r\n.*RECENT\r\nOK$/,
  );
  assert.equal(await watcher.ask("NOTIFY NONE"), "OK");
  await house.deliver(letter);
  assert.equal(await watcher.ask("NOOP"), "OK");
});

test("other folders are told by STATUS, and at once where STATUS is asked for", async (t) => {
  const { house, watcher, other } = await twoOf(t);
  const told = await watcher.ask(
    "NOTIFY SET STATUS (MAILBOXES (INBOX nowhere) (MessageNew MessageExpunge FlagChange)) (SUBTREE Archive (MessageNew MessageExpunge))",
  );
  assert.match(
    told,
    /^\* STATUS "Archive" \(MESSAGES 0 UIDNEXT 1 UIDVALIDITY \d+\)\r\n\* STATUS "INBOX" \(MESSAGES 0 UIDNEXT 1 UIDVALIDITY \d+ UNSEEN 0 HIGHESTMODSEQ \d+\)\r\nOK$/,
  );
  await house.deliver(letter);
  await watcher.hear(/^\* STATUS "INBOX" \(MESSAGES 1 UIDNEXT 2 UIDVALIDITY \d+ UNSEEN 1\)\r\n$/);
  await other.ask("SELECT INBOX");
  await other.ask("STORE 1 +FLAGS (\\Seen)");
  await watcher.hear(/^\* STATUS "INBOX" \(UIDVALIDITY \d+ UNSEEN 0\)\r\n$/);
  await watcher.ask("ENABLE CONDSTORE");
  await other.ask("STORE 1 +FLAGS (\\Flagged)");
  await watcher.hear(/^\* STATUS "INBOX" \(UIDVALIDITY \d+ HIGHESTMODSEQ \d+\)\r\n$/);
  // In IDLE the same is told, and nothing for what the client does itself.
  assert.equal(await watcher.ask("APPEND Archive {1+}\r\nx").then((all) => all.slice(0, 2)), "OK");
  watcher.say("i IDLE");
  await watcher.hear(/^\+ idling\r\n$/);
  await other.ask("COPY 1 Archive");
  await watcher.hear(/^\* STATUS "Archive" \(MESSAGES 2 UIDNEXT 3 HIGHESTMODSEQ \d+\)\r\n$/);
  watcher.say("DONE");
  await watcher.hear(/^i OK/);
  // A folder that is left is watched like others again.
  await watcher.ask("SELECT INBOX");
  await watcher.ask("UNSELECT");
  await other.ask("STORE 1 +FLAGS (\\Deleted)");
  await other.ask("EXPUNGE");
  await watcher.hear(
    /STATUS "INBOX" \(MESSAGES 0 UIDNEXT 2 UIDVALIDITY \d+ HIGHESTMODSEQ \d+\)\r\n$/,
  );
});

test("folders made, renamed, deleted and subscribed are told by LIST, annotations by METADATA, one's own by nothing", async (t) => {
  const { watcher, other } = await twoOf(t);
  await watcher.ask(
    "NOTIFY SET (PERSONAL (MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange))",
  );
  await other.ask("CREATE a/b");
  const made = await watcher.hear(/"a\/b"\r\n[^]*"a"\r\n|"a"\r\n[^]*"a\/b"\r\n/);
  assert.match(made, /\* LIST \(\\HasNoChildren\) "\/" "a\/b"\r\n/);
  assert.match(made, /\* LIST \(\\HasChildren\) "\/" "a"\r\n/);
  await other.ask("RENAME a c");
  await watcher.hear(/^\* LIST \(\\HasChildren\) "\/" "c" \("OLDNAME" \("a"\)\)\r\n$/);
  await other.ask("DELETE c/b");
  await watcher.hear(
    /^\* LIST \(\\NonExistent \\HasNoChildren\) "\/" "c\/b"\r\n\* LIST \(\\HasNoChildren\) "\/" "c"\r\n$/,
  );
  await other.ask("SUBSCRIBE c");
  await watcher.hear(/^\* LIST \(\\HasNoChildren \\Subscribed\) "\/" "c"\r\n$/);
  await other.ask("UNSUBSCRIBE c");
  await watcher.hear(/^\* LIST \(\\HasNoChildren\) "\/" "c"\r\n$/);
  await other.ask('SETMETADATA c (/private/comment "x")');
  await watcher.hear(/^\* METADATA "c" \/private\/comment\r\n$/);
  await other.ask('SETMETADATA "" (/private/comment "x")');
  await watcher.hear(/^\* METADATA "" \/private\/comment\r\n$/);
  await watcher.ask("CREATE own");
  assert.equal(await watcher.ask("NOOP"), "OK");
  await other.ask("DELETE own");
  await watcher.hear(/^\* LIST \(\\NonExistent .*\) "\/" "own"\r\n$/);
});

test("events that belong together, and those that nobody knows, are refused as the RFC says", async (t) => {
  const { watcher } = await twoOf(t);
  for (const [command, expected] of [
    ["NOTIFY SET (SELECTED (MessageNew))", /^BAD/],
    ["NOTIFY SET (SELECTED (MessageExpunge))", /^BAD/],
    ["NOTIFY SET (PERSONAL (FlagChange))", /^BAD/],
    ["NOTIFY SET (SELECTED (MailboxName))", /^BAD/],
    ["NOTIFY SET (PERSONAL (MessageNew (UID) MessageExpunge))", /^BAD/],
    ["NOTIFY SET (SELECTED NONE) (SELECTED-DELAYED NONE)", /^BAD/],
    ["NOTIFY SET (EVERYTHING NONE)", /^BAD/],
    ["NOTIFY", /^BAD/],
    ["NOTIFY SET (PERSONAL (Invented))", /^NO \[BADEVENT \(MessageNew .*ServerMetadataChange\)\]/],
    [
      "NOTIFY SET (SELECTED (MessageNew MessageExpunge AnnotationChange))",
      /^NO \[BADEVENT \(MessageNew /,
    ],
    [`NOTIFY SET (MAILBOXES (${"x ".repeat(1001).trim()}) NONE)`, /^NO \[NOTIFICATIONOVERFLOW\]/],
    ["NOTIFY SET (subscribed (mailboxname)) (inboxes NONE)", /^OK$/],
  ] as const)
    assert.match(await watcher.ask(command), expected, command.slice(0, 60));
});

test("a session whose account may not read any more ends by itself, in IDLE and between commands", async (t) => {
  let access: Access = "whole";
  const house = await openImapHouse(t, {
    recheck: 20,
    signIn: async () =>
      yes({ mailbox: house.mailbox, address: "ada@bailee.example", access: async () => access }),
  });
  using idle = await openTalk(house.connect());
  using quiet = await openTalk(house.connect());
  await idle.ask("SELECT INBOX");
  idle.say("i IDLE");
  await idle.hear(/^\+ idling/);
  access = "off";
  for (const talk of [idle, quiet]) {
    await talk.hear(/\* BYE /);
    while (!talk.socket.closed) await new Promise((resolve) => talk.socket.once("close", resolve));
  }
});
