// Real mail programs against a folder of more than three thousand messages, with the settings of docs/mail-programs.md: mbsync and offlineimap
// both ways with changes on both sides, mutt, Thunderbird set up by autoconfig, getmail by IMAP and POP3, imapflow, swaks. What each left is
// read by another program (imapflow) or from its own Maildir, message by message. Writes docs/figures/programs.md.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { after, test, type TestContext } from "node:test";
import { ImapFlow } from "imapflow";
import { addClient, type TestClient, until } from "../client.ts";
import { type House, startHouse } from "../house.ts";
import { deliveringAsRoot, type Home, openHome } from "../interop/home.ts";
import { startThunderbird } from "../interop/thunderbird.ts";
import { makeLetter } from "../letters.ts";
import { requireOrSkip, requirePrograms } from "../require.ts";
import { sendLetter } from "../send.ts";
import { writeFigure } from "./figures.ts";
import { bothSides, type Letters, readMaildir, readMailbox, variousLetters } from "./programs.ts";

const MESSAGES = 3200;
const figures: string[] = [];
after(() => writeFigure("programs", `${figures.length} steps with ${MESSAGES} messages`, figures));

async function measured<Value>(what: string, work: () => Promise<Value>): Promise<Value> {
  const began = performance.now();
  const value = await work();
  figures.push(`${what}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
  return value;
}

function versionOf(program: string, args: readonly string[]): string {
  const said = execFileSync("sh", [
    "-c",
    `${[program, ...args].join(" ")} 2>&1 | head -3`,
  ]).toString();
  return /\d+(?:\.\d+)+\S*|\d{8}/.exec(said)?.[0] ?? "unknown";
}

interface Place {
  readonly house: House;
  readonly alice: TestClient;
}

/** A house with one client whose inbox has all the messages; real mail among them where BAILEE_TEST_MBOX names some. */
async function openPlace(t: TestContext): Promise<Place> {
  const house = await startHouse(t);
  const alice = await addClient(house, "alice");
  const folder = await openHome(t, house, alice);
  const own = join(folder.path, "own.mbox");
  await writeFile(own, variousLetters(MESSAGES, alice.address));
  const ran = await house.run(["import", alice.address, own]);
  assert.equal(ran.code, 0, ran.stderr);
  return { house, alice };
}

async function arrive({ house, alice }: Place, subject: string, text = "text"): Promise<void> {
  const from = "bob@example.org";
  const letter = makeLetter({ from, to: alice.address, subject, text });
  await sendLetter({ port: house.ports.SMTP, from, to: [alice.address], letter });
}

async function openFlow(t: TestContext, { house, alice }: Place): Promise<ImapFlow> {
  const flow = new ImapFlow({
    host: "127.0.0.1",
    port: house.ports.IMAPS,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: alice.address, pass: alice.password },
    logger: false,
  });
  await flow.connect();
  t.after(() => flow.close());
  return flow;
}

const names = ["INBOX", "Archive"] as const;

/** Changes on both sides at once, each to messages of its own; then two rounds, and both sides must be one. */
async function changedBothWays(
  t: TestContext,
  place: Place,
  home: Home,
  sync: () => Promise<void>,
  program: string,
): Promise<void> {
  const flow = await openFlow(t, place);
  const mail = join(home.path, "mail");
  const agree = async (when: string): Promise<Letters> => {
    const far = await readMailbox(flow, names);
    const near = await readMaildir(mail, names);
    bothSides(near, far, `${program} ${when}`);
    return far;
  };
  await measured(`${program}: the first time`, sync);
  const first = await agree("the first time");
  assert.equal(first.get("INBOX")?.size, MESSAGES);

  // Far: read, starred, expunged, moved, and new.
  await flow.mailboxOpen("INBOX");
  const uids = (await flow.search({ all: true }, { uid: true })) as number[];
  const some = (from: number, count: number): string => uids.slice(from, from + count).join(",");
  await flow.messageFlagsAdd(some(0, 40), ["\\Seen"], { uid: true });
  await flow.messageFlagsAdd(some(40, 20), ["\\Flagged"], { uid: true });
  await flow.messageDelete(some(60, 30), { uid: true });
  await flow.messageMove(some(90, 20), "Archive", { uid: true });
  for (let n = 0; n < 10; n += 1) await arrive(place, `${program} far ${n}`);
  // Near: the same with other messages. A file is named by its flags, in the order of the alphabet.
  const inbox = join(mail, "INBOX");
  const files = new Map<string, string>();
  for (const part of ["cur", "new"])
    for (const file of await readdir(join(inbox, part))) {
      const id = /^Message-ID: (.*?)\r?$/im.exec(
        await readFile(join(inbox, part, file), "latin1"),
      )?.[1];
      if (id !== undefined) files.set(id, join(part, file));
    }
  const touched = new Set<string>();
  const flowed = await readMailbox(flow, ["INBOX"]);
  const still = [...(flowed.get("INBOX")?.keys() ?? [])]
    .filter((id) => files.has(id))
    .slice(200, 300);
  for (const [at, id] of still.entries()) {
    const file = files.get(id) ?? "";
    const base = (file.split("/")[1] ?? "").replace(/:2,.*$/, "");
    const flags = /:2,(.*)$/.exec(file)?.[1] ?? "";
    const mark = (letter: string): string => [...new Set(`${flags}${letter}`)].sort().join("");
    touched.add(id);
    if (at < 40) await rename(join(inbox, file), join(inbox, "cur", `${base}:2,${mark("S")}`));
    else if (at < 60) await rename(join(inbox, file), join(inbox, "cur", `${base}:2,${mark("F")}`));
    else if (at < 80) await rm(join(inbox, file));
    else {
      // Moved: without the name by which the program knows it in the other folder.
      const fresh = `170000${1000 + at}.M${at}P1.here:2,${flags}`;
      await rename(join(inbox, file), join(mail, "Archive/cur", fresh));
    }
  }
  for (let n = 0; n < 10; n += 1) {
    const letter = makeLetter({
      from: "me@example.org",
      to: place.alice.address,
      subject: `${program} near ${n}`,
      text: "written here",
    });
    await writeFile(
      join(inbox, "cur", `180000${1000 + n}.M${n}P2.here:2,S`),
      letter.toString("latin1").replaceAll("\r\n", "\n"),
      "latin1",
    );
  }
  await measured(`${program}: changes on both sides`, sync);
  await measured(`${program}: nothing to do`, sync);
  const last = await agree("after changes on both sides");
  assert.equal(last.get("INBOX")?.size, MESSAGES - 30 - 20 - 20 - 20 + 10 + 10, "the inbox");
  assert.equal(last.get("Archive")?.size, 40, "the archive");
  assert.equal(touched.size, 100);
}

test("mbsync keeps a Maildir and a mailbox of thousands the same, both ways", async (t) => {
  if (!requirePrograms(t, "mbsync")) return;
  const place = await openPlace(t);
  const home = await openHome(t, place.house, place.alice);
  await home.settle("mbsyncrc", ".mbsyncrc");
  await mkdir(join(home.path, "mail"));
  const sync = async (): Promise<void> => {
    const ran = await home.run("mbsync", ["-a"]);
    assert.equal(ran.code, 0, ran.stdout + ran.stderr);
  };
  await changedBothWays(t, place, home, sync, `mbsync ${versionOf("mbsync", ["--version"])}`);
});

test("offlineimap keeps a Maildir and a mailbox of thousands the same, both ways", async (t) => {
  if (!requirePrograms(t, "offlineimap")) return;
  const place = await openPlace(t);
  const home = await openHome(t, place.house, place.alice);
  await home.settle("offlineimaprc", ".offlineimaprc");
  const sync = async (): Promise<void> => {
    const ran = await home.run("offlineimap", ["-o", "-u", "basic"]);
    assert.equal(ran.code, 0, ran.stdout + ran.stderr);
  };
  const version = versionOf("dpkg-query", ["-W", "-f", "'${Version}'", "offlineimap3"]);
  await changedBothWays(t, place, home, sync, `offlineimap3 ${version}`);
});

test("mutt opens it, has the server search, flags, files and sends", async (t) => {
  if (!requirePrograms(t, "mutt", "script", "timeout")) return;
  const place = await openPlace(t);
  const { alice } = place;
  await arrive(place, "the needle", "Needlework in plain letters.");
  const home = await openHome(t, place.house, alice);
  await home.settle("muttrc", "muttrc");
  const version = versionOf("mutt", ["-v"]);
  const press = async (...keys: readonly string[]): Promise<void> => {
    const macros = keys.map((step, at) => `macro index Z${at} "${step}"\n`).join("");
    const settings = `source ${home.path}/muttrc\nset wait_key=no quit=yes delete=yes confirmappend=no sleep_time=0\n`;
    const push = keys.map((_, at) => `Z${at}`).join("");
    await writeFile(join(home.path, "keys"), `${settings}${macros}push ${push}\n`);
    const ran = await home.run("script", [
      "-qec",
      "timeout --foreground 120 mutt -F keys",
      "/dev/null",
    ]);
    assert.equal(ran.code, 0, ran.stdout.slice(-2000));
  };
  await measured(`mutt ${version}: opens, limits by =b, reads, flags, files`, () =>
    press(
      "<limit>=b needlework<enter>",
      `<first-entry><pipe-message>cat > ${home.path}/read<enter>`,
      "<flag-message><sync-mailbox>",
      "<save-message>=Archive<enter><sync-mailbox><quit>",
    ),
  );
  assert.match(await readFile(join(home.path, "read"), "utf8"), /Needlework in plain letters/);
  assert.equal((await alice.find("Archive", "FLAGGED SUBJECT needle")).length, 1);
  assert.equal((await alice.find("INBOX", "SUBJECT needle")).length, 0);
  const sent = await home.run(
    "mutt",
    ["-F", "muttrc", "-s", "from mutt", alice.address],
    "hello\n",
  );
  assert.equal(sent.code, 0, sent.stdout + sent.stderr);
  await until(
    "the letter",
    async () => (await alice.find("INBOX", 'SUBJECT "from mutt"')).length === 1,
  );
});

test("Thunderbird finds its settings by the address alone, and lists, reads, moves and sends", async (t) => {
  if (!requirePrograms(t, "thunderbird")) return;
  const place = await openPlace(t);
  const { house, alice } = place;
  await arrive(place, "Grüße aus Köln", "Needlework in plain letters.\n");
  // Autoconfig is asked at the address's domain on port 80; the trial domain is this machine for Thunderbird, and so is its subdomain.
  const relay = createServer((socket) => {
    const to = connect(house.ports.WEB, "127.0.0.1");
    socket.pipe(to).pipe(socket);
    for (const each of [socket, to])
      each.on("error", () => [socket, to].forEach((one) => one.destroy()));
  });
  const listens = await new Promise<boolean>((done) => {
    relay.once("error", () => done(false));
    relay.listen(80, "127.0.0.1", () => done(true));
  });
  if (!requireOrSkip(t, listens, "port 80 of this machine cannot be had")) return;
  t.after(() => relay.close());
  const thunderbird = await startThunderbird(t, house, alice, "autoconfig");
  figures.push(`Thunderbird ${thunderbird.version}: set up by http://autoconfig.bailee.localhost/`);
  assert.deepEqual(thunderbird.found, {
    incoming: ["imap", "127.0.0.1", house.ports.IMAPS, 3],
    outgoing: ["smtp", "127.0.0.1", house.ports.SUBMISSIONS, 3],
    user: alice.address,
  });
  const folders = await thunderbird.call<string[]>("folders", 6);
  assert.ok(folders.includes("INBOX Inbox") && folders.includes("Sent SentMail"));
  const subjects = await measured(`Thunderbird ${thunderbird.version}: opens the folder`, () =>
    thunderbird.call<string[]>("open", "INBOX"),
  );
  assert.equal(subjects.length, MESSAGES + 1);
  const read = await thunderbird.call<string>("read", "INBOX", "Grüße aus Köln");
  assert.match(Buffer.from(read, "latin1").toString(), /Needlework in plain letters/);
  await thunderbird.call("reply", "INBOX", "Grüße aus Köln", "by the server it found");
  await until("its answer in Sent", async () => (await alice.find("Sent", "ALL")).length === 1);
  await thunderbird.call("transfer", "INBOX", "Grüße aus Köln", "Archive", true);
  assert.equal((await alice.find("Archive", "ALL")).length, 1);
});

for (const way of ["SimpleIMAPSSLRetriever", "SimplePOP3SSLRetriever"] as const)
  test(`getmail fetches all of it by ${way}, and nothing the second time`, async (t) => {
    if (!requirePrograms(t, "getmail")) return;
    const place = await openPlace(t);
    const home = await openHome(t, place.house, place.alice);
    const { IMAPS, POP3S } = place.house.ports;
    await home.settle("getmailrc", ".getmail/getmailrc", (settings) =>
      deliveringAsRoot(
        way === "SimpleIMAPSSLRetriever"
          ? settings
          : settings.replace("SimpleIMAPSSLRetriever", way).replace(`${IMAPS}`, `${POP3S}`),
      ),
    );
    for (const part of ["cur", "new", "tmp"])
      await mkdir(join(home.path, "mail/INBOX", part), { recursive: true });
    const fetch = async (): Promise<number> => {
      const ran = await home.run("getmail", []);
      assert.equal(ran.code, 0, ran.stdout + ran.stderr);
      return (await readdir(join(home.path, "mail/INBOX/new"))).length;
    };
    const version = versionOf("getmail", ["--version"]);
    assert.equal(await measured(`getmail ${version} (${way}): all`, fetch), MESSAGES);
    assert.equal(await measured(`getmail ${version} (${way}): nothing new`, fetch), MESSAGES);
  });

test("imapflow lists, reads, searches and moves in it; swaks hands in by submission", async (t) => {
  if (!requirePrograms(t, "swaks")) return;
  const place = await openPlace(t);
  const { house, alice } = place;
  const flow = await openFlow(t, place);
  await flow.mailboxOpen("INBOX");
  await measured("imapflow: envelopes and structures of all", async () => {
    let count = 0;
    for await (const message of flow.fetch("1:*", {
      envelope: true,
      bodyStructure: true,
      flags: true,
    }))
      count += message.envelope === undefined ? 0 : 1;
    assert.equal(count, MESSAGES);
  });
  const found = await measured("imapflow: search in the bodies", () =>
    flow.search({ body: "quince 7" }, { uid: true }),
  );
  assert.ok(Array.isArray(found) && found.length > 0);
  await flow.messageMove(found.join(","), "Archive", { uid: true });
  assert.equal((await alice.find("Archive", "ALL")).length, found.length);
  const home = await openHome(t, house, alice);
  const { SUBMISSION } = house.ports;
  const swaks = await measured(
    `swaks ${versionOf("swaks", ["--version"])}: submission with STARTTLS`,
    () =>
      home.run("swaks", [
        "--server",
        `127.0.0.1:${SUBMISSION}`,
        "--tls",
        "--auth",
        "PLAIN",
        "--auth-user",
        alice.address,
        "--auth-password",
        alice.password,
        "--from",
        alice.address,
        "--to",
        alice.address,
        "--header",
        "Subject: from swaks",
      ]),
  );
  assert.equal(swaks.code, 0, swaks.stdout);
  await until(
    "the letter",
    async () => (await alice.find("INBOX", 'SUBJECT "from swaks"')).length === 1,
  );
});
