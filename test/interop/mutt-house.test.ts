// mutt against the whole house: over STARTTLS and TLS with the house's own certificate, driven by its macros on a pseudo terminal
// and, for sending, in batch; each step seen from the server's side too.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { addClient, type TestClient, until } from "../client.ts";
import { type House, runProgram, startHouse } from "../house.ts";
import { makeLetter } from "../letters.ts";
import { findProgram, requirePrograms } from "../require.ts";
import { sendLetter } from "../send.ts";

interface Mutt {
  readonly home: string;
  /** Opens the inbox and presses keys, the last of which quit. */
  press(...keys: readonly string[]): Promise<void>;
  /** Opens the inbox, presses keys, and types `then` as soon as the terminal has shown all the words; they must quit. */
  watch(keys: string, words: readonly string[], then: string): Promise<void>;
  /** Sends in batch. */
  send(subject: string, to: string, text: string): Promise<void>;
}

async function openMutt(t: TestContext, house: House, client: TestClient): Promise<Mutt> {
  const home = await mkdtemp(join(tmpdir(), "bailee-mutt-"));
  t.after(() => rm(home, { recursive: true, force: true }));
  const { IMAP, SUBMISSIONS } = house.ports;
  const login = encodeURIComponent(client.address);
  const settings = `set imap_user="${client.address}" imap_pass="${client.password}"
set folder=imap://localhost:${IMAP}/ spoolfile=imap://localhost:${IMAP}/INBOX record==Sent trash==Trash
set smtp_url=smtps://${login}@localhost:${SUBMISSIONS}/ smtp_pass="${client.password}"
set from="${client.address}" realname=Ada use_envelope_from=yes
set ssl_force_tls=yes ssl_starttls=yes certificate_file=${join(house.data, "server/tls/cert.pem")}
set timeout=1 quit=yes delete=yes move=no confirmappend=no sleep_time=0 wait_key=no copy=yes
set header_cache= message_cachedir= sort=date-received send_charset=utf-8 charset=utf-8 pipe_split=yes
set pipe_decode=yes
`;
  await writeFile(join(home, "muttrc"), settings);
  const env = { PATH: process.env["PATH"], HOME: home, TERM: "xterm", LANG: "C.UTF-8" };
  /** The command that opens the inbox on a pseudo terminal. Each step is a macro, since a pushed text is cut at some length. */
  const prepare = async (keys: readonly string[]): Promise<string[]> => {
    const macros = keys.map((step, index) => `macro index Z${index} "${step}"\n`);
    const names = keys.map((_, index) => `Z${index}`).join("");
    await writeFile(join(home, "pressed"), `${settings}${macros.join("")}push ${names}\n`);
    return ["-qec", `timeout --foreground 30 mutt -F ${join(home, "pressed")}`, "/dev/null"];
  };
  return {
    home,
    async press(...keys) {
      const ran = await runProgram("script", await prepare(keys), { env, cwd: home });
      assert.equal(ran.code, 0, ran.stdout.slice(-2000));
    },
    async watch(keys, words, then) {
      const child = spawn(findProgram("script") ?? "", await prepare([keys]), {
        env,
        cwd: home,
        stdio: ["pipe", "pipe", "inherit"],
      });
      let shown = "";
      let typed = false;
      child.stdout.on("data", (bytes: Buffer) => {
        shown += bytes.toString();
        if (typed || !words.every((word) => shown.includes(word))) return;
        typed = true;
        child.stdin.write(then);
      });
      const code = await new Promise((ended) => child.once("close", ended));
      assert.deepEqual([code, typed], [0, true], shown.slice(-2000));
    },
    async send(subject, to, text) {
      const args = ["-F", join(home, "muttrc"), "-s", subject, to];
      const ran = await runProgram("mutt", args, { env, cwd: home, input: text });
      assert.equal(ran.code, 0, ran.stdout + ran.stderr);
    },
  };
}

test("mutt lists, reads, flags, searches, files, deletes and sends, all under TLS", async (t) => {
  if (!requirePrograms(t, "mutt", "script", "timeout")) return;
  const house = await startHouse(t);
  const ada = await addClient(house, "ada");
  const bob = await addClient(house, "bob");
  for (const [subject, text] of [
    ["alpha", "Der Quittenbaum blüht."],
    ["beta", "to be flagged"],
    ["gamma", "to be filed"],
    ["delta", "to be deleted"],
  ] as const) {
    const letter = makeLetter({ from: "bob@example.org", to: ada.address, subject, text });
    const { SMTP: port } = house.ports;
    await sendLetter({ port, from: "bob@example.org", to: [ada.address], letter });
  }
  const mutt = await openMutt(t, house, ada);
  const into = (file: string) => `<pipe-message>cat >> ${join(mutt.home, file)}<enter>`;

  await t.test("shows the letters and the folders", async () => {
    await mutt.watch("<refresh>", ["alpha", "beta", "gamma", "delta"], "q");
    const folders = ["INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash"];
    await mutt.watch("<change-folder>?", folders, "qq");
  });

  await t.test("reads a letter, which is then seen", async () => {
    await mutt.press(
      "<first-entry><display-message><exit>",
      `<first-entry>${into("read")}`,
      "<sync-mailbox><quit>",
    );
    assert.match(await readFile(join(mutt.home, "read"), "utf8"), /Der Quittenbaum blüht\./);
    assert.deepEqual(await ada.find("INBOX", "SEEN"), [1]);
  });

  await t.test(
    "limits to what the server finds in the bodies, and to what mutt finds",
    async () => {
      // =b asks the server (SEARCH BODY); ~b fetches each letter and looks itself.
      for (const [file, pattern] of [
        ["by-server", "=b quittenbaum"],
        ["by-mutt", "~b Quittenbaum"],
      ] as const)
        await mutt.press(
          `<limit>${pattern}<enter>`,
          `<tag-pattern>.<enter><tag-prefix>${into(file)}`,
          "<quit>",
        );
      for (const file of ["by-server", "by-mutt"]) {
        const found = await readFile(join(mutt.home, file), "utf8");
        assert.deepEqual(found.match(/^Subject: .*$/gm), ["Subject: alpha"], file);
      }
    },
  );

  await t.test("flags one, files one, deletes one", async () => {
    await mutt.press(
      "<search>~s beta<enter><flag-message>",
      "<search>~s gamma<enter><save-message>=Archive<enter>",
      "<search>~s delta<enter><delete-message>",
      "<sync-mailbox><quit>",
    );
    assert.deepEqual(await ada.find("INBOX", "ALL"), [1, 2]);
    assert.deepEqual(await ada.find("INBOX", "FLAGGED"), [2]);
    assert.deepEqual(await ada.find("Archive", "SUBJECT gamma"), [1]);
    assert.deepEqual(await ada.find("Trash", "SUBJECT delta"), [1]);
  });

  await t.test("sends a letter, which arrives, and keeps a copy", async () => {
    await mutt.send("Grüße aus mutt", bob.address, ".\n..\nBis bald, schöne Grüße\n");
    const [received] = await until("the letter", async () => {
      const letters = await bob.letters("INBOX");
      return letters.length > 0 && letters;
    });
    const text = received?.toString("utf8") ?? "";
    assert.match(text, /\r\n\r\n\.\r\n\.\.\r\nBis bald, schöne Grüße\r\n/);
    assert.match(text, /\bwith ESMTPSA\b/, "over TLS, signed in");
    assert.match(text, /^From: Ada <ada@bailee\.localhost>\r$/m);
    assert.match(text, /^Subject: =\?utf-8\?/m);
    assert.deepEqual(await bob.find("INBOX", 'BODY "bis bald"'), [1]);
    assert.equal((await ada.find("Sent", `HEADER To ${bob.address}`)).length, 1);
  });
});
