// The settings that docs/mail-programs.md tells people to type, taken from there, against the whole house under TLS.
import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { addClient, type TestClient, until } from "../client.ts";
import { startHouse } from "../house.ts";
import { makeLetter } from "../letters.ts";
import { requirePrograms } from "../require.ts";
import { sendLetter } from "../send.ts";
import { deliveringAsRoot, type Home, openHome } from "./home.ts";

interface Desk extends Home {
  readonly alice: TestClient;
}

/** A house where alice has one letter, and her home folder with her password and the certificate where the page says. */
async function openDesk(t: TestContext): Promise<Desk> {
  const house = await startHouse(t);
  const alice = await addClient(house, "alice");
  await sendLetter({
    port: house.ports.SMTP,
    from: "bob@example.org",
    to: [alice.address],
    letter: makeLetter({
      from: "bob@example.org",
      to: alice.address,
      subject: "waiting",
      text: "for whoever fetches it",
    }),
  });
  return { ...(await openHome(t, house, alice)), alice };
}

/** The subjects of all that lies in ~/mail/INBOX. */
async function fetched(home: string): Promise<string[]> {
  const inbox = join(home, "mail/INBOX");
  const files = [];
  for (const part of ["cur", "new"])
    for (const name of await readdir(join(inbox, part))) files.push(join(inbox, part, name));
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  return texts.map((text) => /^Subject: (.*?)\r?$/m.exec(text)?.[1] ?? "");
}

test("mutt sends and reads with the page's settings", async (t) => {
  if (!requirePrograms(t, "mutt", "script", "timeout")) return;
  const { alice, path: home, settle, run } = await openDesk(t);
  await settle("muttrc", "muttrc");
  const sent = await run("mutt", ["-F", "muttrc", "-s", "to myself", alice.address], "hello\n");
  assert.equal(sent.code, 0, sent.stdout + sent.stderr);
  await until("the letter", async () => (await alice.find("INBOX", "SUBJECT myself")).length === 1);
  assert.deepEqual(await alice.find("Sent", "SUBJECT myself"), [1]);
  const keys = `macro index Z1 "<first-entry><pipe-message>cat > ${home}/read<enter><quit>"\npush Z1\n`;
  await writeFile(join(home, "keys"), `source ${home}/muttrc\nset wait_key=no quit=yes\n${keys}`);
  const read = await run("script", ["-qec", "timeout --foreground 30 mutt -F keys", "/dev/null"]);
  assert.equal(read.code, 0, read.stdout);
  assert.match(await readFile(join(home, "read"), "utf8"), /for whoever fetches it/);
});

test("mbsync fetches with the page's settings", async (t) => {
  if (!requirePrograms(t, "mbsync")) return;
  const { path: home, settle, run } = await openDesk(t);
  await settle("mbsyncrc", ".mbsyncrc");
  await mkdir(join(home, "mail"));
  const ran = await run("mbsync", ["-a"]);
  assert.equal(ran.code, 0, ran.stdout + ran.stderr);
  assert.deepEqual(await fetched(home), ["waiting"]);
});

test("offlineimap fetches with the page's settings", async (t) => {
  if (!requirePrograms(t, "offlineimap")) return;
  const { path: home, settle, run } = await openDesk(t);
  await settle("offlineimaprc", ".offlineimaprc");
  const ran = await run("offlineimap", ["-o", "-u", "basic"]);
  assert.equal(ran.code, 0, ran.stdout + ran.stderr);
  assert.deepEqual(await fetched(home), ["waiting"]);
});

test("getmail fetches with the page's settings, and the second time nothing", async (t) => {
  if (!requirePrograms(t, "getmail")) return;
  const { path: home, settle, run } = await openDesk(t);
  await settle("getmailrc", ".getmail/getmailrc", deliveringAsRoot);
  for (const part of ["cur", "new", "tmp"])
    await mkdir(join(home, "mail/INBOX", part), { recursive: true });
  for (let times = 0; times < 2; times += 1) {
    const ran = await run("getmail", []);
    assert.equal(ran.code, 0, ran.stdout + ran.stderr);
    assert.deepEqual(await fetched(home), ["waiting"]);
  }
});
