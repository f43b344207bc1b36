// The insider: has the disk, the database, the log and the staff desk, and looks for a letter. He must not find a word of it,
// and no string in the server's files may be a key to anything.
import assert from "node:assert/strict";
import { globSync, readFileSync, statSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import { newBoxKeyPair, openSealer, wrapSecret } from "#vault";
import { type House, houseIn } from "../house.ts";
import { connectImap } from "../imap.ts";
import { Candidates, type SealedTarget, tryKeys, type WrapTarget } from "../keytrial.ts";
import { makeLetter } from "../letters.ts";
import { searchFolders } from "../marker.ts";
import { requirePostgres, startPostgres } from "../postgres.ts";
import { sendLetter } from "../send.ts";

const password = "correct horse battery staple";
const marker = "Quibblesnipe7xKw";

test("a marker in subject, body, folder name, attachment and queue is nowhere in clear, and no string on the disk is a key", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "bailee-insider-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const house = await tellNobody(t, folder, [folder], {});
  const { candidates, publicKeys, sealed, wraps } = loot(house.data);
  assert.ok(sealed.length >= 20, `sealed objects to try: ${sealed.length}`);
  const trial = tryKeys(candidates, publicKeys, sealed, wraps);
  t.diagnostic(
    `${trial.candidates} strings tried on ${sealed.length} sealed objects and ${wraps.length} wraps`,
  );
  assert.deepEqual(trial.opened, []);
});

test("nor is the marker in PostgreSQL's files, its write-ahead log among them", async (t) => {
  if (!requirePostgres(t)) return;
  await using postgres = await startPostgres();
  const folder = await mkdtemp(join(tmpdir(), "bailee-insider-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await tellNobody(t, folder, [folder, postgres.folder], {
    BAILEE_DATABASE_URL: postgres.freshDatabase(),
  });
});

/** Puts the marker wherever a client can put a word, and looks for it while the house runs and when it has ended. */
async function tellNobody(
  t: TestContext,
  folder: string,
  places: readonly string[],
  settings: NodeJS.ProcessEnv,
): Promise<House> {
  const temporary = join(folder, "tmp");
  await mkdir(temporary);
  // Port 9 refuses: what leaves stays in the queue.
  const house = await houseIn(folder, {
    TMPDIR: temporary,
    BAILEE_SMARTHOST: "127.0.0.1:9",
    ...settings,
  });
  t.after(() => house.kill());
  await house.start();
  await addClient(house, folder, "ada");
  const letterFrom = (address: string) =>
    makeLetter({
      from: `${marker} <${address}>`,
      to: "ada@bailee.localhost",
      subject: `about ${marker}`,
      text: `in the body: ${marker}`,
      attachments: [
        { name: `${marker}.txt`, type: "text/plain", bytes: Buffer.from(`attached: ${marker}`) },
      ],
    });
  const letter = letterFrom("friend@example.org");
  await sendLetter({
    port: house.ports.SMTP,
    from: `${marker}@example.org`,
    to: ["ada@bailee.localhost"],
    letter,
  });
  await sendLetter({
    port: house.ports.LMTP,
    lmtp: true,
    from: "x@example.org",
    to: ["ada@bailee.localhost"],
    letter,
  });
  await sendLetter({
    port: house.ports.SUBMISSION,
    from: "ada@bailee.localhost",
    to: [`${marker}@example.net`],
    letter: letterFrom("ada@bailee.localhost"),
    login: { user: "ada@bailee.localhost", password },
  });
  {
    using imap = await connectImap(house.ports.IMAP, "ada@bailee.localhost", password);
    for (const line of [
      `CREATE ${marker}`,
      "SELECT INBOX",
      `STORE 1 +FLAGS (${marker})`,
      `COPY 1 ${marker}`,
      `SEARCH TEXT ${marker}`,
      "FETCH 1:* (BODY.PEEK[] ENVELOPE)",
    ]) {
      const { status } = await imap.command(line);
      assert.match(status, /^OK/, line);
    }
    assert.match(
      (await imap.command(`SEARCH SUBJECT ${marker}`)).untagged.toString(),
      /SEARCH 1/,
      "the client finds it",
    );
    assert.match((await imap.commandWithLiteral(`APPEND ${marker}`, letter)).status, /^OK/);
    assert.deepEqual(
      await looked(places, house, [house.pid, ...childrenOf(house.pid)]),
      [],
      "while it runs",
    );
  }
  assert.equal(await house.stop(), 0);
  assert.deepEqual(await looked(places, house, []), [], "when it has ended");

  await writeFile(join(house.data, "server", "planted"), gzipSync(`a control: ${marker}`));
  assert.equal(
    (await searchFolders(marker, places)).length > 0,
    true,
    "the planted control is found",
  );
  await rm(join(house.data, "server", "planted"));

  return house;
}

test("the trial of keys finds a key that lies about", () => {
  const pair = newBoxKeyPair();
  const context = {
    class: "content",
    client: "c",
    account: "a",
    object: "o",
    part: "body",
  } as const;
  const sealed = openSealer(pair.publicKey).seal(context, Buffer.from("x"));
  const candidates = new Candidates();
  candidates.add(Buffer.from(`{"note":"${Buffer.from(pair.secretKey).toString("hex")}"}`));
  const wrapped = wrapSecret(pair.secretKey, ["w"], Buffer.from("s"));
  const trial = tryKeys(
    candidates,
    [pair.publicKey],
    [{ name: "letter", context, sealed, purpose: "own" }],
    [{ name: "wrap", about: ["w"], wrapped }],
  );
  assert.deepEqual(trial.opened.toSorted(), [
    "a public key's secret half lies in the files",
    "letter by a box secret",
    "wrap by a wrap key",
  ]);
});

async function addClient(house: House, folder: string, name: string): Promise<void> {
  // The client's password is the client's: it lies in no folder that the insider has.
  const file = await mkdtemp(join(tmpdir(), "bailee-password-"));
  await writeFile(join(file, "password"), `${password}\n`);
  const ran = await house.run([
    "client",
    "add",
    `${name}@bailee.localhost`,
    "--password-file",
    join(file, "password"),
  ]);
  await rm(file, { recursive: true });
  assert.equal(ran.code, 0, ran.stderr + folder);
}

async function looked(
  places: readonly string[],
  house: House,
  processes: readonly number[],
): Promise<string[]> {
  const finds = await searchFolders(marker, places, processes);
  const printed = house.printed().toLowerCase().includes(marker.toLowerCase())
    ? ["what it printed"]
    : [];
  return [...finds.map(({ place, dress }) => `${place}: ${dress}`), ...printed];
}

function childrenOf(pid: number): number[] {
  return globSync("/proc/[0-9]*/stat").flatMap((path) => {
    try {
      const fields = readFileSync(path, "utf8")
        .replace(/^.*\) /, "")
        .split(" ");
      return Number(fields[1]) === pid ? [Number(path.split("/")[2])] : [];
    } catch {
      return [];
    }
  });
}

/** What the thief of the server's files has: everything but the keeper's folder. */
function loot(data: string): {
  candidates: Candidates;
  publicKeys: Uint8Array[];
  sealed: SealedTarget[];
  wraps: WrapTarget[];
} {
  const candidates = new Candidates();
  const database = join(data, "server", "bailee.sqlite");
  candidates.addDatabase(database);
  for (const name of globSync("**/*", { cwd: data })) {
    const path = join(data, name);
    if (name.startsWith("keeper/") || path.startsWith(database) || !statSync(path).isFile())
      continue;
    candidates.addFile(path);
  }
  const db = new DatabaseSync(database, { readOnly: true });
  const rows = (sql: string): Record<string, unknown>[] => db.prepare(sql).all();
  const text = (row: Record<string, unknown>, column: string): string => String(row[column]);
  const bytes = (row: Record<string, unknown>, column: string): Uint8Array =>
    row[column] as Uint8Array;
  const content = (
    row: Record<string, unknown>,
    object: string,
    part: string,
    column: string,
  ): SealedTarget => ({
    name: `${part} ${object}`,
    context: {
      class: "content",
      client: text(row, "client_id"),
      account: text(row, "account_id"),
      object,
      part,
    },
    sealed: bytes(row, column),
    purpose: "own",
  });
  const sealed = [
    ...rows("select * from message").flatMap((row) => [
      content(row, text(row, "id"), "body", "body"),
      content(row, text(row, "id"), "structure", "structure"),
    ]),
    ...rows("select * from folder").map((row) => content(row, text(row, "id"), "name", "name")),
    ...rows("select * from queue_item").flatMap((row) =>
      ["body", "envelope"].map((part): SealedTarget => ({
        ...content(row, text(row, "item_id"), `queue/${part}`, part),
        purpose: "transmit-and-deliver",
      })),
    ),
    ...rows("select * from client_log").map((row): SealedTarget => ({
      name: `log ${text(row, "kind")}`,
      context: {
        class: "clientlog",
        client: text(row, "client_id"),
        account: text(row, "account_id"),
        object: text(row, "event_id"),
        part: `${text(row, "kind")}/${text(row, "day")}`,
      },
      sealed: bytes(row, "sealed"),
      purpose: "own",
    })),
  ];
  const wraps = rows("select * from credential").map((row) => ({
    name: "credential",
    about: [
      "account-keys",
      text(row, "client_id"),
      text(row, "account_id"),
      text(row, "credential_id"),
    ],
    wrapped: bytes(row, "wrap"),
  }));
  const publicKeys = [
    ...rows("select public_key from key_certificate"),
    ...rows("select public_key from client_log_key"),
  ].map((row) => bytes(row, "public_key"));
  db.close();
  return { candidates, publicKeys, sealed, wraps };
}
