// The life of an account, on a whole house whose clock is turned: two sign-ups, a suspension that goes down gently and leaves the
// mailbox as it was, closing, coming back, closing again, and an erasure whose receipt somebody without a login checks.
import assert from "node:assert/strict";
import { globSync, statSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import { DAY } from "#base/time";
import { splitMbox } from "#mail/message";
import { cells, browserFor, readText, signIn, signUp } from "../browsing.ts";
import { runProgram } from "../house.ts";
import { connectImap, type ImapConnection } from "../imap.ts";
import { makeLetter } from "../letters.ts";
import { searchFolders } from "../marker.ts";
import { requirePrograms } from "../require.ts";
import { sendLetter } from "../send.ts";
import { openTown, type Town } from "../town.ts";

const password = "four words nobody guesses";
const ada = "ada@bailee.localhost";
const bob = "bob@bailee.localhost";
const contact = {
  name: "Adelheid Quittenbaum",
  postal: "Mill Lane 3, 12345 Exampletown",
  phone: "+49 30 1234567",
  email: "adelheid@example.org",
};

test("the life of an account, from sign-up to a receipt that a stranger checks", async (t) => {
  const browser = await browserFor(t);
  if (browser === undefined || !requirePrograms(t, "unzip")) return;
  const town = await openTown(t);
  const page = await browser.newPage();
  const run = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await town.run(args);
    return code === 0 ? stdout.trim() : `REFUSED ${stderr.trim()}`;
  };
  const level = async (): Promise<string> =>
    (JSON.parse(await run("client", "show", ada, "--json")) as { level: string }).level;

  await t.test("one signs up with contact data, another with a name and a password", async () => {
    assert.equal(await signUpWith(page, town, "bob", "sealed"), bob);
    await page.goto(`${town.url}/portal/account`);
    assert.match(
      await readText(page),
      /Status active since .* Plan Sealed\..* It includes reading by IMAP/,
    );
    await page.goto(`${town.url}/portal/held`);
    assert.match(await readText(page), /nothing: you signed up without a name/);
    await page.context().clearCookies();

    assert.equal(await signUp(page, town.url, "ada", password, contact), ada);
    await page.goto(`${town.url}/portal/held`);
    assert.match(await readText(page), /Adelheid Quittenbaum/);
    await page.goto(`${town.url}/portal/account/contact`);
    await page.fill("#postal", "Harbour Road 8, 54321 Otherville");
    await page.click("main button");
    assert.match(await readText(page), /kept anew/);
    await page.goto(`${town.url}/portal/held`);
    assert.match(await readText(page), /Harbour Road 8/);
    const found = await searchFolders("Quittenbaum", [town.data]);
    assert.deepEqual(found, []);
  });

  await furnish(town);
  const state = await mailboxState(town);

  await t.test(
    "past due changes nothing; suspension lets one read, and letters still come",
    async () => {
      assert.match(
        await run("client", "status", ada, "past-due", "--reason", "invoice 7"),
        /past-due/,
      );
      assert.equal(await letterTo(town, "while past due"), "250");
      assert.match(
        await run("client", "status", ada, "suspended", "--reason", "invoice 7"),
        /suspended/,
      );
      assert.equal(await level(), "read-only");
      assert.equal(await letterTo(town, "while read-only"), "250");
      using imap = await connectImap(town.ports.IMAP, ada, password);
      const selected = await imap.command("SELECT INBOX");
      assert.match(selected.status, /^OK \[READ-ONLY\]/);
      assert.match((await imap.command("STORE 1 +FLAGS (\\Deleted)")).status, /^NO/);
      assert.match((await imap.command("CREATE Elsewhere")).status, /^NO/);
      assert.match((await imap.command("EXPUNGE")).status, /^NO/);
      assert.match(
        (await imap.commandWithLiteral("APPEND INBOX", Buffer.from("A: b\r\n\r\n"))).status,
        /^NO/,
      );
      assert.match((await imap.command("FETCH 1 BODY[]")).untagged.toString("latin1"), /Subject:/);
      await sendAs(town, "still sending");
    },
  );

  await t.test(
    "then sending goes, then mail programs, then letters wait, then they go back",
    async () => {
      using reading = await connectImap(town.ports.IMAP, ada, password);
      town.pass(7 * DAY);
      assert.equal(await level(), "outbound-off");
      await assert.rejects(sendAs(town, "no more"), /535 5\.7\.13/);
      assert.equal(await letterTo(town, "while sending is off"), "250");
      town.pass(7 * DAY);
      assert.equal(await level(), "export-only");
      await assert.rejects(connectImap(town.ports.IMAP, ada, password), /suspended/);
      const ended = await reading.command("SELECT INBOX");
      assert.match(ended.untagged.toString(), /\* BYE /);
      assert.equal(await letterTo(town, "while mail programs are off"), "250");
      await page.context().clearCookies();
      await signIn(page, town.url, ada, password);
      assert.match(await readText(page), /mail programs cannot sign in/);
      town.pass(16 * DAY);
      assert.equal(await level(), "deferred");
      assert.equal(await letterTo(town, "come later"), "450");
      town.pass(5 * DAY);
      assert.equal(await level(), "refused");
      assert.equal(await letterTo(town, "go back"), "550");
      town.pass(85 * DAY);
      assert.equal(await level(), "deletion");
    },
  );

  await t.test("a promise stops the ladder; paying brings everything back as it was", async () => {
    const until = new Date(town.clock.now() + 10 * DAY).toISOString().slice(0, 10);
    const hold = ["client", "hold", ada, "do-not-suspend", "--reason", "she called"];
    assert.match(await run(...hold, "--until", until), /is set/);
    assert.equal(await level(), "notice");
    assert.equal(await letterTo(town, "promised"), "250");
    assert.match(await run(...hold, "--lift"), /lifted/);
    assert.equal(await level(), "read-only");
    assert.match(await run("client", "status", ada, "active", "--reason", "paid"), /active/);
    const after = await mailboxState(town);
    assert.deepEqual(after.folders, state.folders);
    assert.deepEqual(after.flags.slice(0, state.flags.length), state.flags);
    assert.match(await run("client", "status", ada, "closed", "--reason", "no"), /REFUSED/);
  });

  await t.test("she takes everything along", async () => {
    await page.context().clearCookies();
    await signIn(page, town.url, ada, password);
    const answer = await page.request.get(`${town.url}/portal/export.zip`);
    assert.equal(answer.status(), 200);
    const files = await unzip(t, await answer.body());
    assert.match(files.get("held.json") ?? "", /Harbour Road 8/);
    assert.match(
      files.get("log/change.jsonl") ?? "",
      /"from":"suspended","reason":"paid","to":"active"/,
    );
    const inbox = [...files].find(([name]) => /^mail\/\d+ INBOX\.mbox$/.test(name))?.[1] ?? "";
    const letters = [];
    for await (const { bytes } of splitMbox(Buffer.from(inbox, "latin1")))
      letters.push(Buffer.from(bytes).toString("latin1"));
    assert.equal(letters.length, 9);
    assert.match(letters[0] ?? "", /\r\n>From the beginning/);
    const listed = [...files].find(([name]) => /^mail\/\d+ INBOX\.json$/.test(name))?.[1] ?? "[]";
    assert.deepEqual((JSON.parse(listed) as { keywords: string[] }[])[0]?.keywords, ["$Important"]);
  });

  await t.test("she closes, comes back within the window, and finds all as it was", async () => {
    await page.goto(`${town.url}/portal/account/close`);
    await page.fill("#password", "not her password");
    await page.click("main button");
    assert.match(await readText(page), /not your password/);
    await page.fill("#password", password);
    await page.click("main button");
    assert.match(await readText(page), /Your account is closed/);
    const first = (await page.textContent("#receipt")) ?? "";
    assert.equal(await letterTo(town, "closed"), "550");
    await assert.rejects(connectImap(town.ports.IMAP, ada, password), /sign-in failed/);
    town.pass(29 * DAY);
    await town.runJobs();
    await page.context().clearCookies();
    await signIn(page, town.url, ada, password);
    await page.goto(`${town.url}/portal/account`);
    await page.click("text=Come back");
    assert.match(await readText(page), /You are back/);
    assert.equal(await letterTo(town, "she is back"), "250");
    assert.deepEqual((await mailboxState(town)).folders, state.folders);
    await page.goto(first);
    assert.match(await readText(page), /No such receipt/);
    town.pass(3 * DAY);
    await town.runJobs();
    assert.equal(await level(), "open");
  });

  await t.test("she reads every move in her log", async () => {
    await signIn(page, town.url, ada, password);
    await page.goto(`${town.url}/portal/log?kind=change`);
    const lines = (await cells(page, "Your log")).map(([, , recorded]) => recorded ?? "");
    const moves = lines.filter((line) => line.startsWith("status ")).reverse();
    const told = moves.map((line) =>
      /by (\S+) from (\S+) reason .* to (\S+)$/.exec(line)?.slice(1).join(" "),
    );
    assert.deepEqual(told, [
      "operator active past-due",
      "operator past-due suspended",
      "operator suspended active",
      "client active closed",
      "client closed active",
    ]);
    assert.ok(
      lines.some((line) =>
        line.startsWith("hold set by operator hold do-not-suspend reason she called"),
      ),
      lines.join("\n"),
    );
    assert.ok(lines.some((line) => line.startsWith("contact data changed")));
    assert.ok(lines.some((line) => line.startsWith("export taken")));
    // The jobs of the last month have written an invoice, which is hers to take along too.
    const answer = await page.request.get(`${town.url}/portal/export.zip`);
    const files = await unzip(t, await answer.body());
    const [, invoice = ""] = [...files].find(([name]) => /^invoices\/.+\.pdf$/.test(name)) ?? [];
    assert.match(invoice, /^%PDF-/);
  });

  await t.test("a hold for a case is kept from her until it is lifted, and told then", async () => {
    const told = async (): Promise<string[]> => {
      await page.goto(`${town.url}/portal/account`);
      const own = await readText(page);
      await page.goto(`${town.url}/portal/log?kind=change`);
      const lines = (await page.locator("main").innerText()).split("\n");
      return [own, ...lines].filter((line) => /legal.hold/i.test(line));
    };
    const file = join(town.data, "receipt.json");
    const request = {
      kind: "preservation",
      requester: "Police of Exampletown",
      "requester-kind": "authority",
      "came-by": "post",
      about: ada,
      asked: "keep what there is",
      out: file,
    };
    const given = Object.entries(request).flatMap(([name, value]) => [`--${name}`, value]);
    const { id } = JSON.parse(await run("case", "new", ...given, "--json")) as { id: string };
    const kept = await run("case", "preserve", id, "--client", ada, "--note", "before the order");
    assert.doesNotMatch(kept, /REFUSED/);
    assert.match(await run("client", "show", ada), /legal-hold \(quiet/);
    assert.deepEqual(await told(), []);
    await town.runJobs();
    assert.deepEqual(await told(), []);
    const lift = ["client", "hold", ada, "legal-hold", "--lift", "--reason", "case 12 is closed"];
    assert.match(await run(...lift), /lifted/);
    const lines = await told();
    assert.equal(lines.length, 1, lines.join("\n"));
    assert.match(lines[0] ?? "", /hold lifted.*case 12 is closed/);
  });

  await t.test("whoever cannot sign in cancels by a form, and support has it sealed", async () => {
    await page.context().clearCookies();
    await page.goto(`${town.url}/`);
    await page.click("footer a[href='/cancel']");
    await page.fill("#address", ada);
    const form = { kind: "cancel", address: ada, reply: "a@b\r\nBcc: c@d", words: "" };
    const refused = await page.request.post(`${town.url}/cancel`, { form });
    assert.match(await refused.text(), /An e-mail address, please/);
    await page.check("input[value=withdraw]");
    await page.fill("#reply", "adelheid@example.org");
    await page.fill("#words", "Mondschein is the word");
    await page.click("main button");
    assert.match(await readText(page), /Received On .* withdraw from the contract for ada@/);
    assert.equal((await town.rooms.support.queue(10)).length, 1);
    assert.deepEqual(await searchFolders("Mondschein", [town.data]), []);
    await signIn(page, town.url, ada, password);
  });

  await t.test(
    "closed again and held by law, then erased; a stranger checks the receipt",
    async () => {
      await page.goto(`${town.url}/portal/account/close`);
      await page.fill("#password", password);
      await page.click("main button");
      const link = (await page.textContent("#receipt")) ?? "";
      await page.context().clearCookies();
      await page.goto(link);
      assert.match(await readText(page), /Not yet/);
      const hold = ["client", "hold", ada, "legal-hold", "--reason", "order 12"];
      assert.match(await run(...hold), /is set/);
      town.pass(31 * DAY);
      const held = (await town.runJobs()).find(({ name }) => name === "erasures");
      assert.deepEqual([held?.did["erased"], held?.did["held"]], [0, 1]);
      assert.match(await run(...hold, "--lift"), /lifted/);
      const { client } = (await town.rooms.clients.resolve(ada)) ?? { client: "" };
      const done = (await town.runJobs()).find(({ name }) => name === "erasures");
      assert.equal(done?.did["erased"], 1, JSON.stringify(done));

      await page.goto(link);
      assert.match(
        await readText(page),
        /Everything of the account is destroyed.*Ledger entry \d+/,
      );
      await page.click("text=read it as text").catch(() => {});
      const receipt = await (await page.request.get(`${link}/receipt.json`)).body();
      assert.match(
        await (await page.request.get(`${link}/receipt.txt`)).text(),
        /unreadable from: \d{4}-/,
      );
      await town.publish();
      const folder = await mkdtemp(join(tmpdir(), "bailee-receipt-"));
      t.after(() => rm(folder, { recursive: true, force: true }));
      const file = join(folder, "receipt.json");
      await writeFile(file, receipt);
      assert.match(await run("receipt", file, `${town.url}/ledger`), /right/);
      await writeFile(file, receipt.toString().replace(client, client.replaceAll(/[a-m]/g, "z")));
      assert.match(await run("receipt", file, `${town.url}/ledger`), /REFUSED/);
      await gone(town, client);
    },
  );

  await t.test(
    "nobody else gets the address for a while, and the other client has all of theirs",
    async () => {
      assert.equal(await letterTo(town, "too late"), "550");
      const again = await town.rooms.clients.signUp({ address: ada, password });
      assert.deepEqual(again, { ok: false, refusal: "address-taken" });
      assert.equal(await letterTo(town, "for bob", bob), "250");
      town.pass(400 * DAY);
      await town.runJobs();
      assert.ok((await town.rooms.clients.signUp({ address: ada, password })).ok);
    },
  );
});

type Page = Awaited<ReturnType<NonNullable<Awaited<ReturnType<typeof browserFor>>>["newPage"]>>;

/** Signs up without a name and with a plan, as the form lets one choose it. */
async function signUpWith(page: Page, town: Town, name: string, plan: string): Promise<string> {
  await page.goto(`${town.url}/sign-up`);
  await page.fill("#name", name);
  await page.fill("#password", password);
  await page.check(`input[name=plan][value=${plan}]`);
  await page.click("main button");
  const text = await readText(page);
  assert.match(text, /Your address is ready/, text);
  return /\S+@\S+/.exec(text)?.[0] ?? "";
}

/** Three letters, flags, a keyword, a folder of her own with a use, and one that she does not subscribe to. */
async function furnish(town: Town): Promise<void> {
  for (const subject of ["one", "two", "three"]) assert.equal(await letterTo(town, subject), "250");
  using imap = await connectImap(town.ports.IMAP, ada, password);
  for (const line of [
    "CREATE Club",
    "CREATE Club/Rowing",
    "SUBSCRIBE Club/Rowing",
    "UNSUBSCRIBE Junk",
    "SELECT INBOX",
    "STORE 1 +FLAGS (\\Flagged $Important)",
    "STORE 2 +FLAGS (\\Seen \\Answered)",
    "COPY 3 Club/Rowing",
  ])
    await good(imap, line);
}

async function good(imap: ImapConnection, line: string): Promise<string> {
  const { status, untagged } = await imap.command(line);
  assert.match(status, /^OK/, `${line}: ${status}`);
  return untagged.toString("latin1");
}

/** All that a mail program could tell apart of how the mailbox is set. */
async function mailboxState(
  town: Town,
): Promise<{ readonly folders: readonly string[]; readonly flags: readonly string[] }> {
  using imap = await connectImap(town.ports.IMAP, ada, password);
  const listed = await good(
    imap,
    'LIST (SUBSCRIBED RECURSIVEMATCH) "" "*" RETURN (SUBSCRIBED SPECIAL-USE)',
  );
  const all = await good(imap, 'LIST "" "*" RETURN (SUBSCRIBED SPECIAL-USE)');
  const names = all.match(/"\/" (\S+)/g)?.map((found) => found.slice(4)) ?? [];
  const statuses = [];
  for (const name of names)
    statuses.push(await good(imap, `STATUS ${name} (UIDVALIDITY MAILBOXID)`));
  await good(imap, "EXAMINE INBOX");
  const flags = (await good(imap, "FETCH 1:* (UID FLAGS)")).split("\r\n").slice(0, -1);
  return { folders: [listed, all, ...statuses], flags };
}

/** Hands a letter in at port 25, as another server does; the code that decided. */
async function letterTo(town: Town, subject: string, to = ada): Promise<string> {
  const text = "From the beginning\r\nto the end\r\n";
  const letter = makeLetter({ from: "friend@example.org", to, subject, text });
  try {
    await sendLetter({ port: town.ports.SMTP, from: "friend@example.org", to: [to], letter });
    return "250";
  } catch (error) {
    return /heard: (\d{3})/.exec(String(error))?.[1] ?? String(error);
  }
}

async function sendAs(town: Town, subject: string): Promise<void> {
  const letter = makeLetter({ from: ada, to: ada, subject, text: "to myself" });
  const login = { user: ada, password };
  await sendLetter({ port: town.ports.SUBMISSION, from: ada, to: [ada], letter, login });
}

async function unzip(t: TestContext, bytes: Buffer): Promise<Map<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), "bailee-export-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "export.zip"), bytes);
  const { code, stderr } = await runProgram("unzip", ["-q", "export.zip"], { cwd: folder });
  assert.equal(code, 0, stderr);
  const files = new Map<string, string>();
  for (const name of globSync("**/*", { cwd: folder }))
    if (statSync(join(folder, name)).isFile())
      files.set(name, await readFile(join(folder, name), "latin1"));
  return files;
}

/** Of the erased stands one row: a random id, and that it is erased. */
async function gone(town: Town, client: string): Promise<void> {
  const db = new DatabaseSync(join(town.data, "server", "bailee.sqlite"), { readOnly: true });
  try {
    const tables = db.prepare("select name from sqlite_master where type = 'table'").all();
    const left = tables.flatMap(({ name }) => {
      const columns = db.prepare(`pragma table_info("${String(name)}")`).all();
      if (!columns.some((column) => column["name"] === "client_id")) return [];
      const rows = db.prepare(`select * from "${String(name)}" where client_id = ?`).all(client);
      return rows.map((row) => ({ table: name, ...row }));
    });
    // Invoices stay, as the law demands: numbers and amounts, and a text sealed to a key that is gone.
    const kept = left.filter(({ table }) => table !== "invoice");
    assert.deepEqual(
      kept.map((row) => ({ ...row, status_since: 0 })),
      [
        {
          table: "client",
          client_id: client,
          status: "erased",
          plan: "",
          plan_version: 0,
          mode: "quorum",
          created: 0,
          status_since: 0,
        },
      ],
    );
  } finally {
    db.close();
  }
  assert.deepEqual(await searchFolders("Quittenbaum", [town.data]), []);
}
