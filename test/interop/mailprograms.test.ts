// Debian's mail programs against the server over a real store: mutt, mbsync, offlineimap, getmail, each as a script.
import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { yes } from "#base/errors";
import { openPop3Server } from "#mail/pop3";
import { runProgram } from "../house.ts";
import { openImapHouse } from "../imap-house.ts";
import { makeLetter } from "../letters.ts";
import { requirePrograms } from "../require.ts";
import { selfSigned } from "../smtp.ts";

const letter = (subject: string): Buffer =>
  makeLetter({
    from: "Bob <bob@example.org>",
    to: "ada@bailee.example",
    subject,
    text: `text of ${subject}`,
  });

async function homeFolder(t: TestContext): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "bailee-home-"));
  t.after(() => rm(home, { recursive: true, force: true }));
  return home;
}

function run(home: string, program: string, args: readonly string[], input?: string) {
  const env = { PATH: process.env["PATH"], HOME: home, TERM: "xterm", LANG: "C.UTF-8" };
  return runProgram(program, args, { env, cwd: home, input });
}

/** Everything in a Maildir folder, its subjects sorted. */
async function subjects(maildir: string): Promise<string[]> {
  const found: string[] = [];
  for (const part of ["cur", "new"]) {
    for (const file of await readdir(join(maildir, part)).catch(() => [])) {
      const text = await readFile(join(maildir, part, file), "utf8");
      found.push(/^Subject: (.*)$/m.exec(text)?.[1]?.trim() ?? "");
    }
  }
  return found.sort();
}

async function makeMaildir(path: string): Promise<void> {
  for (const part of ["cur", "new", "tmp"]) await mkdir(join(path, part), { recursive: true });
}

test("mutt reads, flags, moves and deletes in batch", async (t) => {
  if (!requirePrograms(t, "mutt")) return;
  const house = await openImapHouse(t);
  for (const subject of ["alpha", "beta", "gamma"]) await house.deliver(letter(subject));
  const home = await homeFolder(t);
  await writeFile(
    join(home, "muttrc"),
    `set imap_user=ada@bailee.example
set imap_pass=right
set folder=imap://127.0.0.1:${house.port}/
set spoolfile=imap://127.0.0.1:${house.port}/INBOX
set ssl_starttls=no ssl_force_tls=no
set timeout=1 quit=yes delete=yes move=no confirmappend=no sleep_time=0 wait_key=no
set header_cache= message_cachedir=
set sort=date-received
macro index Z1 "<first-entry><pipe-message>cat >> ${home}/read<enter>"
macro index Z2 "<search>~s beta<enter><flag-message>"
macro index Z3 "<search>~s gamma<enter><save-message>=Archive<enter>"
macro index Z4 "<first-entry><delete-message><sync-mailbox><quit>"
push Z1Z2Z3Z4
`,
  );
  const ran = await run(home, "script", [
    "-qec",
    `timeout --foreground 30 mutt -F ${join(home, "muttrc")}`,
    "/dev/null",
  ]);
  assert.equal(ran.code, 0, ran.stdout.slice(-2000));
  assert.match(await readFile(join(home, "read"), "utf8"), /text of alpha/);
  const folders = await house.mailbox.folders();
  const placementsOf = async (name: string) => {
    const id = folders.find((folder) => folder.name === name)?.id ?? "";
    return (await house.mailbox.snapshot(id))?.placements ?? [];
  };
  assert.equal((await placementsOf("Archive")).length, 1);
  const inbox = await placementsOf("INBOX");
  assert.deepEqual(
    inbox.map(({ uid, flags }) => [uid, (flags & 4) !== 0]),
    [[2, true]],
  );
});

test("mbsync keeps both sides the same", async (t) => {
  if (!requirePrograms(t, "mbsync")) return;
  const house = await openImapHouse(t);
  for (const subject of ["one", "two", "three"]) await house.deliver(letter(subject));
  const home = await homeFolder(t);
  const maildir = join(home, "mail");
  await mkdir(maildir);
  await writeFile(
    join(home, ".mbsyncrc"),
    `IMAPAccount here
Host 127.0.0.1
Port ${house.port}
User ada@bailee.example
Pass right
SSLType None
AuthMechs LOGIN PLAIN

IMAPStore far
Account here

MaildirStore near
Path ${maildir}/
Inbox ${maildir}/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
SyncState *
`,
  );
  const sync = async (): Promise<void> => {
    const ran = await run(home, "mbsync", ["-a"]);
    assert.equal(ran.code, 0, ran.stdout + ran.stderr);
  };
  await sync();
  assert.deepEqual(await subjects(join(maildir, "INBOX")), ["one", "three", "two"]);
  // Near: a new message, one seen, one deleted. Far: one flagged, one new.
  const [seen = "", trashed = ""] = await readdir(join(maildir, "INBOX/new"));
  await rename(
    join(maildir, "INBOX/new", seen),
    join(maildir, "INBOX/cur", `${seen.split(":")[0]}:2,S`),
  );
  await rename(
    join(maildir, "INBOX/new", trashed),
    join(maildir, "INBOX/cur", `${trashed.split(":")[0]}:2,T`),
  );
  await writeFile(join(maildir, "INBOX/cur/1700000000.M1P1.here:2,F"), letter("from near"));
  await makeMaildir(join(maildir, "Projects"));
  await writeFile(join(maildir, "Projects/cur/1700000001.M2P2.here:2,"), letter("a project"));
  await house.deliver(letter("four"));
  await sync();
  const folders = await house.mailbox.folders();
  const inbox = folders.find(({ name }) => name === "INBOX");
  const far = await house.mailbox.snapshot(inbox?.id ?? "");
  assert.equal(far?.placements.length, 4);
  assert.equal(far?.placements.filter(({ flags }) => (flags & 1) !== 0).length, 1);
  assert.equal(far?.placements.filter(({ flags }) => (flags & 4) !== 0).length, 1);
  assert.equal((await subjects(join(maildir, "INBOX"))).length, 4);
  assert.ok(folders.some(({ name }) => name === "Projects"));
  await sync();
  assert.equal((await house.mailbox.snapshot(inbox?.id ?? ""))?.placements.length, 4);
});

test("offlineimap copies everything and brings back what was added", async (t) => {
  if (!requirePrograms(t, "offlineimap")) return;
  const house = await openImapHouse(t);
  for (const subject of ["eins", "zwei"]) await house.deliver(letter(subject));
  const home = await homeFolder(t);
  const maildir = join(home, "mail");
  await writeFile(
    join(home, ".offlineimaprc"),
    `[general]
accounts = a
maxsyncaccounts = 1
[Account a]
localrepository = near
remoterepository = far
[Repository near]
type = Maildir
localfolders = ${maildir}
[Repository far]
type = IMAP
remotehost = 127.0.0.1
remoteport = ${house.port}
remoteuser = ada@bailee.example
remotepass = right
ssl = no
starttls = no
auth_mechanisms = LOGIN
`,
  );
  const sync = async (): Promise<void> => {
    const ran = await run(home, "offlineimap", ["-o", "-u", "basic"]);
    assert.equal(ran.code, 0, ran.stdout + ran.stderr);
  };
  await sync();
  assert.deepEqual(await subjects(join(maildir, "INBOX")), ["eins", "zwei"]);
  await writeFile(join(maildir, "INBOX/cur/1700000000.M1P1.here:2,S"), letter("drei"));
  await sync();
  const inbox = (await house.mailbox.folders()).find(({ name }) => name === "INBOX");
  const far = await house.mailbox.snapshot(inbox?.id ?? "");
  assert.equal(far?.placements.length, 3);
  assert.equal(far?.placements[2]?.flags, 1);
});

/** Runs getmail with this retriever until it has fetched and deleted both letters. */
async function getmail(
  t: TestContext,
  retriever: "SimpleIMAPSSLRetriever" | "SimplePOP3SSLRetriever",
): Promise<void> {
  if (!requirePrograms(t, "getmail")) return;
  const tls = await selfSigned(t);
  const house = await openImapHouse(t, {
    tls,
    implicitTls: true,
    allowPlaintext: false,
  });
  for (const subject of ["uno", "due"]) await house.deliver(letter(subject));
  const signIn = async () => yes({ mailbox: house.mailbox });
  const pop3 = await openPop3Server({ bind: "127.0.0.1", port: 0, tls, signIn });
  t.after(() => pop3[Symbol.asyncDispose]());
  const { port } = retriever === "SimplePOP3SSLRetriever" ? pop3 : house;
  const home = await homeFolder(t);
  const fetched = join(home, "fetched");
  await mkdir(join(home, ".getmail"));
  await chmod(join(home, ".getmail"), 0o700);
  await writeFile(
    join(home, ".getmail/getmailrc"),
    `[retriever]
type = ${retriever}
server = 127.0.0.1
port = ${port}
username = ada@bailee.example
password = right
[destination]
type = MDA_external
path = /bin/sh
arguments = ("-c", "cat >> ${fetched}")
allow_root_commands = true
[options]
delete = true
read_all = true
delivered_to = false
received = false
`,
  );
  const ran = await run(home, "getmail", []);
  assert.equal(ran.code, 0, ran.stdout + ran.stderr);
  const text = await readFile(fetched, "utf8");
  assert.deepEqual(
    [...text.matchAll(/^Subject: (.*)$/gm)].map(([, subject]) => subject),
    ["uno", "due"],
  );
  const inbox = (await house.mailbox.folders()).find(({ name }) => name === "INBOX");
  assert.equal((await house.mailbox.counts(inbox?.id ?? ""))?.messages, 0);
}

test("getmail fetches by IMAP over TLS and deletes what it fetched", (t) =>
  getmail(t, "SimpleIMAPSSLRetriever"));

test("getmail fetches by POP3 over TLS and deletes what it fetched", (t) =>
  getmail(t, "SimplePOP3SSLRetriever"));
