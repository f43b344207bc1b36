// The settings that docs/mail-programs.md tells people to type, taken from there, against the whole house under TLS.
import assert from "node:assert/strict";
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { addClient, type TestClient, until } from "../client.ts";
import { type House, type Ran, root, runProgram, startHouse } from "../house.ts";
import { makeLetter } from "../letters.ts";
import { requirePrograms } from "../require.ts";
import { sendLetter } from "../send.ts";

interface Desk {
  readonly house: House;
  readonly alice: TestClient;
  readonly home: string;
  /** Writes the page's block of that name, with this house's ports, to a file of the home folder. */
  readonly settle: (block: string, file: string) => Promise<void>;
  readonly run: (program: string, args: readonly string[], input?: string) => Promise<Ran>;
}

/** A house where alice has one letter, and her home folder with her password and the certificate where the page says. */
async function openDesk(t: TestContext): Promise<Desk> {
  const house = await startHouse(t);
  const alice = await addClient(house, "alice");
  const home = await mkdtemp(join(tmpdir(), "bailee-home-"));
  t.after(() => rm(home, { recursive: true, force: true }));
  await writeFile(join(home, ".bailee-password"), `${alice.password}\n`, { mode: 0o600 });
  await copyFile(join(house.data, "server/tls/cert.pem"), join(home, ".bailee.pem"));
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
  const page = await readFile(join(root, "docs/mail-programs.md"), "utf8");
  const env = { PATH: process.env["PATH"], HOME: home, TERM: "xterm", LANG: "C.UTF-8" };
  return {
    house,
    alice,
    home,
    async settle(block, file) {
      const found = new RegExp(`^\`\`\`${block}\\n(.*?)^\`\`\``, "ms").exec(page)?.[1];
      assert.ok(found !== undefined, `the page has a block ${block}`);
      const { IMAPS, SUBMISSIONS } = house.ports;
      const ours = found.replaceAll("2993", `${IMAPS}`).replaceAll("2465", `${SUBMISSIONS}`);
      await mkdir(join(home, file, ".."), { recursive: true, mode: 0o700 });
      await writeFile(join(home, file), ours, { mode: 0o600 });
    },
    run: (program, args, input) => runProgram(program, args, { env, cwd: home, input }),
  };
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
  const { alice, home, settle, run } = await openDesk(t);
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
  const { home, settle, run } = await openDesk(t);
  await settle("mbsyncrc", ".mbsyncrc");
  await mkdir(join(home, "mail"));
  const ran = await run("mbsync", ["-a"]);
  assert.equal(ran.code, 0, ran.stdout + ran.stderr);
  assert.deepEqual(await fetched(home), ["waiting"]);
});

test("offlineimap fetches with the page's settings", async (t) => {
  if (!requirePrograms(t, "offlineimap")) return;
  const { home, settle, run } = await openDesk(t);
  await settle("offlineimaprc", ".offlineimaprc");
  const ran = await run("offlineimap", ["-o", "-u", "basic"]);
  assert.equal(ran.code, 0, ran.stdout + ran.stderr);
  assert.deepEqual(await fetched(home), ["waiting"]);
});

test("getmail fetches with the page's settings, and the second time nothing", async (t) => {
  if (!requirePrograms(t, "getmail")) return;
  const { home, settle, run } = await openDesk(t);
  await settle("getmailrc", ".getmail/getmailrc");
  await chmod(join(home, ".getmail"), 0o700);
  if (process.getuid?.() === 0) await deliverAsRoot(join(home, ".getmail/getmailrc"));
  for (const part of ["cur", "new", "tmp"])
    await mkdir(join(home, "mail/INBOX", part), { recursive: true });
  for (let times = 0; times < 2; times += 1) {
    const ran = await run("getmail", []);
    assert.equal(ran.code, 0, ran.stdout + ran.stderr);
    assert.deepEqual(await fetched(home), ["waiting"]);
  }
});

/** getmail writes no Maildir as root, which tests may be: then a command puts the letter there. */
async function deliverAsRoot(file: string): Promise<void> {
  const settings = await readFile(file, "utf8");
  const command = `type = MDA_external
path = /bin/sh
arguments = ("-c", "cat > $HOME/mail/INBOX/new/$$")
allow_root_commands = true
`;
  await writeFile(
    file,
    settings.replace(/type = Maildir\n.*\n/, () => command),
  );
}
