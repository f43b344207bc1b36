// Who may see contents. A client lets support look at one message (ground E1); the provider protects both itself and the client (E2); a
// court has two weeks of one mailbox, silently, until the silence ends (E3); what was come upon goes to an authority (E4). Each has a
// twin who brings one thing less and is refused. An emergency without process is refused, and told which ways are open.
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { DAY, HOUR } from "#base/time";
import { browserFor, readText, signIn, signUp } from "../browsing.ts";
import { type Cases, casesOf } from "../cases.ts";
import { exampleOf } from "../grants.ts";
import { makeLetter } from "../letters.ts";
import { sendLetter } from "../send.ts";
import { openTown, type Town } from "../town.ts";

const password = "four quiet words of Ada";

async function letter(town: Town, to: string, subject: string): Promise<void> {
  const from = "friend@example.org";
  const letter = makeLetter({ from, to, subject, text: `${subject}, in full` });
  await sendLetter({ port: town.ports.SMTP, from, to: [to], letter });
}

/** Ids of the messages held, by when they came. */
async function held(desk: Cases, address: string): Promise<string[]> {
  const rows = await desk.done(["grant", "messages", address]);
  return Object.values(rows).map((row) => (row as { messageId: string }).messageId);
}

async function atDesk(page: Page, town: Town): Promise<void> {
  await page.goto(`${town.url}/desk`);
  await page.fill("#password", (await readFile(join(town.data, "desk-password"), "utf8")).trim());
  await page.click("main button");
}

/** Presses what downloads a file, and gives the file's path. */
async function downloaded(page: Page, town: Town, button: string): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
  const path = join(town.data, download.suggestedFilename());
  await download.saveAs(path);
  return path;
}

async function lookCount(page: Page, town: Town): Promise<number> {
  await page.goto(`${town.url}/portal/looks`);
  return (await readText(page)).match(/Ground E\d:/g)?.length ?? 0;
}

test("contents are shown on four grounds and on no other", async (t) => {
  const browser = await browserFor(t);
  if (browser === undefined) return;
  const town = await openTown(t);
  const newPage = async () =>
    (await browser.newContext({ javaScriptEnabled: false, acceptDownloads: true })).newPage();
  const [ada, clerk] = [await newPage(), await newPage()];
  const address = await signUp(ada, town.url, "ada", password);
  await signIn(ada, town.url, address, password);
  for (const subject of ["Rechnung fünf", "a quarrel", "the third letter"])
    await letter(town, address, subject);
  const desk = casesOf(town);
  const { actorId, recipientKey } = exampleOf(town);
  const [first = "", second = "", third = ""] = await held(desk, address);
  const of = { client: address, asked: "as it says", reason: "as the case says" };
  await atDesk(clerk, town);
  let seen = 0;

  await t.test(
    "E1: support asks to see one message, Ada reads which and why, and signs",
    async () => {
      await clerk.goto(`${town.url}/desk`);
      await clerk.click('a:text-is("Draft")');
      await clerk.click('a[href$="ground=E1"]');
      await clerk.click("text=Ask the client first");
      await clerk.fill("#ticket", "4711");
      await clerk.fill(
        "#reason",
        "Your invoice is shown garbled; we want to see how it is encoded.",
      );
      await clerk.check(`input[value="${first}"]`);
      await clerk.click("main form button");
      assert.match(await readText(clerk), /waits for the client/);
      assert.doesNotMatch(await clerk.content(), /Rechnung/, "the desk knows no subject");
      await ada.goto(`${town.url}/portal/approvals`);
      assert.match(
        await readText(ada),
        /May support look at 1 message\?.*garbled.*4711.*Rechnung fünf.*friend@example\.org/,
      );
      await ada.click('button:text-is("Yes, sign it")');
      assert.match(await readText(ada), /Signed\. It is good for twelve hours.*Good until/);
    },
  );

  await t.test("the desk makes a grant of her signature, and one message is opened", async () => {
    await clerk.reload();
    assert.match(await readText(clerk), /approved by the client/);
    await clerk.fill("#actor", actorId);
    await clerk.fill("#recipient", recipientKey);
    const draft = await downloaded(clerk, town, "text=Download the grant to sign");
    // The twin: the same grant, but for another message than the one that she signed.
    const other = (await readFile(draft, "utf8")).replaceAll(first, second);
    await writeFile(`${draft}.other`, other);
    const twin = await desk.run(["grant", "file", `${draft}.other`], { key: desk.keys.operator });
    assert.equal(twin.ok, false);
    assert.match(twin.refusal, /bad-scope|bad-signature/);
    const filed = await desk.done(["grant", "file", draft], { key: desk.keys.operator });
    const opened = await desk.release(filed["hash"] as string);
    assert.match(await readFile(join(opened, `${first}.eml`), "utf8"), /in full|=C3=BC|base64/);
    await ada.goto(`${town.url}/portal/approvals`);
    assert.match(await readText(ada), /used: see who looked/);
    assert.equal(await lookCount(ada, town), (seen += 1));
  });

  await t.test(
    "without her signature nothing opens, and what she took back is not handed out",
    async () => {
      const without = await desk.file({
        ...of,
        ground: "E1",
        id: second,
        demand: ["clientSignature= "],
      });
      assert.match(without.why, /demands\.clientSignature.*E1 demands this/);
      const forged = await desk.file({
        ...of,
        ground: "E1",
        id: second,
        demand: [
          `clientSignature=${Math.floor((town.clock.now() + 11 * HOUR) / 1000)} ${"ab".repeat(64)}`,
        ],
      });
      assert.equal(forged.refusal, "bad-signature");
      const row = (await town.rooms.clients.list()).find((each) => each.address === address);
      await clerk.goto(`${town.url}/desk/cases/ask/${row?.account ?? ""}`);
      await clerk.fill("#ticket", "4712");
      await clerk.fill("#reason", "And the next one.");
      await clerk.check(`input[value="${second}"]`);
      await clerk.click("main form button");
      const asked = clerk.url();
      await ada.goto(`${town.url}/portal/approvals`);
      await ada.click('button:text-is("Yes, sign it")');
      await clerk.goto(asked);
      await clerk.fill("#actor", actorId);
      await clerk.fill("#recipient", recipientKey);
      const draft = await downloaded(clerk, town, "text=Download the grant to sign");
      const filed = await desk.done(["grant", "file", draft], { key: desk.keys.operator });
      await ada.click('button:text-is("Take it back")');
      assert.match(await readText(ada), /Taken back/);
      const hash = filed["hash"] as string;
      const released = await desk.run(["grant", "release", hash], {
        out: join(town.data, "never"),
      });
      assert.equal(released.refusal, "taken-back");
      assert.equal(await lookCount(ada, town), seen);
    },
  );

  const interests = [
    "providerInterest=our addresses are being blocked because of what this account sends",
    "clientInterest=the account was taken over; the client loses it otherwise",
  ];
  const e2 = { ...of, ground: "E2", id: second };

  await t.test(
    "E2: with both interests and two approvals one message opens; with one interest none does",
    async () => {
      for (const one of interests)
        assert.match((await desk.file({ ...e2, demand: [one] })).why, /E2 demands this/);
      const filed = await desk.file({ ...e2, demand: interests });
      assert.ok(filed.ok, filed.why);
      await desk.approve(filed.hash);
      await desk.release(filed.hash);
      assert.equal(await lookCount(ada, town), (seen += 1));
    },
  );

  await t.test(
    "E4: without the earlier look it is refused; with it, an authority gets the message and nobody else",
    async () => {
      const agency = { requester: "State Police of Example", "requester-kind": "authority" };
      const authority = "authority=State Police of Example, cybercrime unit, called back";
      const e4 = { ...of, ...agency, ground: "E4", id: second };
      const entry = await indexOfLook(ada, town, "E2");
      assert.equal(
        (await desk.file({ ...e4, demand: [authority, "earlierEntry=1"] })).refusal,
        "bad-earlier-entry",
      );
      const unseen = await desk.file({
        ...e4,
        id: third,
        demand: [authority, `earlierEntry=${entry}`],
      });
      assert.equal(unseen.refusal, "bad-earlier-entry", "the third letter was never seen");
      const demand = [authority, `earlierEntry=${entry}`];
      const lawyer = await desk.file({
        ...e4,
        requester: "Counsel",
        "requester-kind": "lawyer",
        demand,
      });
      assert.match(lawyer.why, /law enforcement agency only/);
      const filed = await desk.file({ ...e4, demand });
      assert.ok(filed.ok, filed.why);
      await desk.approve(filed.hash);
      await desk.release(filed.hash);
      assert.equal(await lookCount(ada, town), (seen += 1));
    },
  );

  await t.test(
    "an emergency without process is refused at the desk, with the clause and the ways that are open",
    async () => {
      await clerk.goto(`${town.url}/desk/cases/new`);
      await clerk.selectOption("#kind", "emergency");
      await clerk.fill("#requesterName", "a caller who says they are the police");
      await clerk.selectOption("#requesterKind", "authority");
      await clerk.fill("#cameBy", "by telephone, with a number to call back");
      await clerk.fill("#about", address);
      await clerk.fill("#asked", "everything, at once");
      await clerk.click("main form button");
      const answer = await readText(clerk);
      assert.match(answer, /Refused: no legal process.*E3.*approve.*E1.*Preservation/);
      assert.equal(await clerk.locator('a[href="/policy#content-disclosure"]').count(), 1);
      const received = await downloaded(clerk, town, "text=Download the record to sign");
      await desk.done(["case", "record", received], { key: desk.keys.operator });
      await clerk.goto(clerk.url());
      await clerk.selectOption("#outcome", "rejected");
      await clerk.selectOption("#because", "no-legal-process");
      const closed = await downloaded(clerk, town, "text=Download the record to sign");
      await desk.done(["case", "record", closed], { key: desk.keys.operator });
      await clerk.goto(clerk.url());
      assert.match(await readText(clerk), /rejected.*Nothing: it is closed/);
    },
  );

  await t.test(
    "E3: a warrant opens what came in two weeks, and says nothing until its silence ends",
    async () => {
      const instrument = "warrant, District Court of Example, 12 Gs 345/26, 2026-11-20";
      const court = { requester: "District Court of Example", "requester-kind": "court" };
      // The letters about the looks so far: one that came between the determination and the grant would change what it is about.
      await town.runJobs();
      const now = town.clock.now();
      const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
      const scope = { client: address, since: day(now - 13 * DAY), until: day(now) };
      const request = {
        ...court,
        kind: "warrant",
        "came-by": "by registered mail",
        about: address,
        asked: "the whole mailbox",
        instrument,
        prohibition: "order of non-disclosure, 12 Gs 346/26",
      };
      const id = await desk.determined(
        request,
        "original seen; competent; two weeks, not the whole mailbox",
      );
      const gag = {
        "notice-until": day(now + 60 * DAY),
        "notice-document": "order of non-disclosure, 12 Gs 346/26",
      };
      const own = await desk.file({
        ...of,
        ...court,
        ...scope,
        ...gag,
        ground: "E3",
        demand: [`instrument=${instrument}`, "determination= "],
      });
      assert.match(own.why, /demands\.determination.*E3 demands this/);
      const determination = await desk.determination({
        ...scope,
        instrument,
        text: "valid and enforceable for these two weeks",
      });
      const demand = [`instrument=${instrument}`, `determination=${determination}`];
      const filed = await desk.file({ ...of, ...court, ...scope, ...gag, ground: "E3", demand });
      assert.ok(filed.ok, filed.why);
      await desk.done(["case", "step", id, "narrowed"], {
        grant: filed.hash,
        note: "two weeks of what was asked for",
      });
      const early = await desk.run(["grant", "release", filed.hash], {
        out: join(town.data, "early"),
      });
      assert.equal(early.refusal, "too-few-approvals");
      await desk.approve(filed.hash);
      // What comes after the days became ids is not in the grant.
      await letter(town, address, "too late for the warrant");
      const opened = await desk.release(filed.hash);
      const letters = (await readdir(opened)).filter((name) => name.endsWith(".eml"));
      assert.ok(letters.length >= 3);
      for (const name of letters)
        assert.doesNotMatch(await readFile(join(opened, name), "utf8"), /too late/);
      await desk.done(["case", "step", id, "delivered"], { note: "handed to the bailiff" });
      const before = await held(desk, address);
      await town.runJobs();
      assert.equal(await lookCount(ada, town), seen, "silence: her page does not show it");
      const after = await held(desk, address);
      assert.equal(after.length, before.length, "and no letter tells of it");
      assert.equal((await desk.done(["case", "show", id]))["stage"], "delivered");
      await town.publish();
      const published = () => readFile(join(town.data, "ledger", "openings", "000.jsonl"), "utf8");
      assert.doesNotMatch(await published(), /"ground":"E3"/, "its entries are there, closed");

      town.pass(61 * DAY);
      await town.publish();
      assert.match(
        await published(),
        /"ground":"E3"/,
        "the silence is over: everybody reads that it was",
      );
      await town.runJobs();
      assert.equal((await desk.done(["case", "show", id]))["stage"], "noticed");
      await signIn(ada, town.url, address, password);
      assert.equal(await lookCount(ada, town), (seen += 1));
      const verified = await town.run([
        "verify",
        join(town.data, "ledger"),
        "--memory",
        join(town.data, "memory"),
      ]);
      assert.equal(verified.code, 0, verified.stdout);
    },
  );
});

/** The ledger index of a look, from the client's own page. */
async function indexOfLook(page: Page, town: Town, ground: string): Promise<string> {
  await page.goto(`${town.url}/portal/looks`);
  const card = page
    .locator("article", { hasText: `Ground ${ground}:` })
    .or(page.locator("article", { has: page.locator(`a[href="/policy#ground-${ground}"]`) }));
  const text = await card.first().innerText();
  return /Entry (\d+)/.exec(text)?.[1] ?? "";
}
