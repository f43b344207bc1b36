// What outsiders can count: after some looks by people the client is told of each one that may be told, the public report
// counts every entry that is open and says how many leaves are closed, and strangers recompute it. When the silence that a
// court ordered is over, the client is told too.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { DAY, dayOf } from "#base/time";
import type { Page } from "playwright-core";
import { browserFor, readText, signIn } from "../browsing.ts";
import { addClient, type TestClient } from "../client.ts";
import { exampleOf, type Options, runJson } from "../grants.ts";
import { makeLetter } from "../letters.ts";
import { sendLetter } from "../send.ts";
import { openTown, type Town } from "../town.ts";

interface Looks {
  /** Makes a grant by the command line, from draft to release, and gives its hash. */
  look(about: Options): Promise<string>;
  determination(id: string, instrument: string): Promise<string>;
}

test("every look that may be told is told; the report counts what is open, and strangers count it again", async (t) => {
  const browser = await browserFor(t);
  if (browser === undefined) return;
  const town = await openTown(t);
  const ada = await addClient(town, "ada");
  const bob = await addClient(town, "bob");
  await letterTo(town, ada.address, "a word with you");
  const messages = (await runJson(town, ["grant", "messages", ada.address])).value as {
    readonly messageId: string;
  }[];
  const id = messages[0]?.messageId ?? "";
  const looks = looksAt(town, ada);
  await looks.look({
    ground: "support",
    class: "clientlog",
    id: await logLine(town, ada),
    demand: `ticket=${await ticketBy(town, ada)}`,
  });
  await looks.look({
    ground: "E2",
    class: "content",
    id,
    demand: [
      "providerInterest=our relay is being abused",
      "clientInterest=the account was taken over",
    ],
  });
  const instrument = "order of the District Court of Example, 12 Gs 345/26";
  const silentUntil = dayOf(town.clock.now() + 10 * DAY);
  await looks.look({
    ground: "E3",
    class: "content",
    id,
    "requester-kind": "court",
    demand: [
      `instrument=${instrument}`,
      `determination=${await looks.determination(id, instrument)}`,
    ],
    "notice-until": silentUntil,
    "notice-document": "the same order, section 3",
  });
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();

  await t.test(
    "the client is told at once of the two, by letter, in the log and on the page; not of the third",
    async () => {
      await town.runJobs();
      assert.deepEqual(await told(ada), ["Somebody looked: entry", "Somebody looked: entry"]);
      assert.deepEqual(await told(bob), []);
      await signIn(page, town.url, ada.address, ada.password);
      assert.deepEqual(await groundsOn(page, `${town.url}/portal/looks`), ["E2", "support"]);
      await town.runJobs();
      assert.equal((await told(ada)).length, 2, "nobody is told twice");
    },
  );

  await t.test("the report counts what is open and says how much is closed", async () => {
    await town.publish();
    const report = await published(town);
    assert.equal(report.size, report.entries + report.covers + report.closed);
    assert.ok(report.closed > 0, "covers, and the entries that the court keeps silent");
    assert.deepEqual(Object.keys(report.releases).sort(), ["E2", "support"]);
    assert.equal(report.delayedNotices, 0);
    await page.goto(`${town.url}/ledger/report`);
    const text = await readText(page);
    assert.match(text, /2 looks by people, at 1 account of 2/);
    assert.match(
      text,
      new RegExp(`${report.entries} \\+ ${report.covers} \\+ ${report.closed} = ${report.size}`),
    );
  });

  await t.test("a stranger recomputes it, and finds one edited figure", async () => {
    const verified = await town.run(["verify", `${town.url}/ledger`]);
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    const file = join(town.data, "ledger", "report.json");
    const was = await readFile(file, "utf8");
    await writeFile(file, was.replace('"accountsAffected":1', '"accountsAffected":0'));
    const again = await town.run(["verify", `${town.url}/ledger`]);
    assert.notEqual(again.code, 0);
    assert.match(again.stdout + again.stderr, /report/);
    await writeFile(file, was);
  });

  await t.test(
    "when the silence is over the entry is opened, counted, and the client is told",
    async () => {
      const before = await published(town);
      town.pass(11 * DAY);
      await town.runJobs();
      await town.publish();
      assert.deepEqual(
        (await told(ada)).filter((subject) => subject.startsWith("A look that")),
        ["A look that we could not tell you of: entry"],
      );
      await signIn(page, town.url, ada.address, ada.password);
      assert.deepEqual(await groundsOn(page, `${town.url}/portal/looks`), ["E3", "E2", "support"]);
      const after = await published(town);
      assert.equal(after.delayedNotices, before.delayedNotices + 1);
      assert.ok(after.releases["E3"]?.["content"]?.count === 1);
      assert.equal((await town.run(["verify", `${town.url}/ledger`])).code, 0);
    },
  );
});

interface Report {
  readonly size: number;
  readonly entries: number;
  readonly covers: number;
  readonly closed: number;
  readonly delayedNotices: number;
  readonly releases: {
    readonly [ground: string]: { readonly [dataClass: string]: { readonly count: number } };
  };
}

async function published(town: Town): Promise<Report> {
  const answer = await fetch(`${town.url}/ledger/report.json`);
  assert.equal(answer.status, 200);
  return (await answer.json()) as Report;
}

function looksAt(town: Town, ada: TestClient): Looks {
  const example = exampleOf(town);
  let count = 0;
  const run = async (
    words: readonly string[],
    options: Options = {},
  ): Promise<{ readonly hash: string }> => {
    const { code, value } = await runJson(town, words, options);
    assert.equal(code, 0, `${words.join(" ")}: ${JSON.stringify(value)}`);
    return value as { readonly hash: string };
  };
  return {
    async look(about) {
      count += 1;
      const out = join(town.data, `draft-${count}.json`);
      const words = { client: ada.address, asked: "what is needed", reason: "as it was asked" };
      await run(["grant", "draft"], { ...example.people, ...words, ...about, out });
      const { hash } = await run(["grant", "file", out], { key: example.keys.operator });
      if (about["ground"] !== "support")
        for (const key of [example.keys.approver1, example.keys.approver2])
          await run(["approve", "sign", hash], { key });
      await run(["grant", "release", hash], { out: `${out}.package` });
      return hash;
    },
    async determination(id, instrument) {
      const { code, stdout, stderr } = await town.run([
        "approve",
        "determine",
        "--client",
        ada.address,
        "--id",
        id,
        "--instrument",
        instrument,
        "--text",
        "seen in the original; valid and enforceable",
        "--key",
        example.keys.approver1,
      ]);
      assert.equal(code, 0, stderr);
      return stdout.trim();
    },
  };
}

async function letterTo(town: Town, to: string, subject: string): Promise<void> {
  const from = "friend@example.org";
  const letter = makeLetter({ from, to, subject, text: subject });
  await sendLetter({ port: town.ports.SMTP, from, to: [to], letter });
}

/** The subjects of the letters about looks, without the entries' numbers. */
async function told(client: TestClient): Promise<string[]> {
  const subjects = (await client.letters("INBOX")).map(
    (letter) => /^Subject: (.*)\r$/m.exec(letter.toString("latin1"))?.[1] ?? "",
  );
  return subjects
    .filter((subject) => /look/i.test(subject))
    .map((subject) => subject.replace(/ \d+$/, ""));
}

/** The grounds of the looks that the page shows, newest first. */
async function groundsOn(page: Page, url: string): Promise<string[]> {
  await page.goto(url);
  const links = await page.locator('a[href^="/policy#ground-"]').allInnerTexts();
  return links;
}

async function ticketBy(town: Town, { address }: TestClient): Promise<string> {
  const owner = await town.rooms.clients.resolve(address);
  assert.ok(owner);
  const opened = await town.rooms.support.open(owner, "Nothing arrives", "Since this morning.");
  assert.ok(opened.ok);
  return opened.value;
}

/** The id of a line of the client's log. */
async function logLine(town: Town, { address }: TestClient): Promise<string> {
  const found = await town.rooms.clients.resolve(address);
  const [line] = await town.rooms.clients.listLog(found?.client ?? "");
  return line?.event ?? "";
}
