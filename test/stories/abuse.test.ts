// Harm on the desk. Ada sent a threat; its recipient reports it by form, his provider in ARF. The copy is matched, the message reviewed
// under a grant, deleted by a decision that cites a clause; Ada reads why, appeals, and another person gives it back. A sender is kept
// out until a date. Decisions without a clause or a report are refused, so is a fourth review, and hundreds of reports do nothing.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { canonicalBytes, parseCanonical, type Canonical } from "#base/canonical";
import { DAY } from "#base/time";
import { browserFor, cells, readText, signIn, signUp } from "../browsing.ts";
import { type Cases, casesOf } from "../cases.ts";
import { exampleOf } from "../grants.ts";
import { connectImap } from "../imap.ts";
import { makeLetter } from "../letters.ts";
import { sendLetter } from "../send.ts";
import { openTown, type Town } from "../town.ts";

const password = "four quiet words of Ada";
const MINUTES_AGO = 10 * 60_000;

/** What the folder holds, as a mail program sees it: one line for each message. */
async function folder(town: Town, address: string, name: string): Promise<string[]> {
  using imap = await connectImap(town.ports.IMAP, address, password);
  await imap.command(`EXAMINE "${name}"`);
  const { untagged } = await imap.command(
    "UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[HEADER.FIELDS (SUBJECT)])",
  );
  return untagged
    .toString("latin1")
    .split(/^\* \d+ FETCH /m)
    .slice(1)
    .map((line) => line.replaceAll(/\s+/g, " "));
}

/** A date-time as IMAP writes it (RFC 9051 §9). */
function imapDate(at: number): string {
  const [, day = "", month = "", year = "", time = ""] =
    /, (\d\d) (\w{3}) (\d{4}) ([\d:]{8})/.exec(new Date(at).toUTCString()) ?? [];
  return `${day}-${month}-${year} ${time} +0000`;
}

async function append(
  town: Town,
  address: string,
  letter: Uint8Array,
  about: string,
): Promise<void> {
  using imap = await connectImap(town.ports.IMAP, address, password);
  const { status } = await imap.commandWithLiteral(`APPEND "Sent" ${about}`, letter);
  assert.match(status, /^OK/);
}

async function atDesk(page: Page, town: Town): Promise<void> {
  await page.goto(`${town.url}/desk`);
  await page.fill("#password", (await readFile(join(town.data, "desk-password"), "utf8")).trim());
  await page.click("main button");
}

/** Presses what downloads a file, and gives the file's path. */
async function downloaded(page: Page, town: Town, button: string): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
  const path = join(town.data, `${Date.now()}-${download.suggestedFilename()}`);
  await download.saveAs(path);
  return path;
}

/** A letter as it looks where it arrived: with trace fields, and folded by a server on the way. */
function arrived(letter: Buffer): Buffer {
  const text = letter.toString("latin1").replace("\r\nMessage-ID: ", "\r\nMessage-ID:\r\n ");
  const trace = "Return-Path: <x@y.example>\r\nReceived: by mx.example.org;\r\n\tsome day\r\n";
  return Buffer.from(`${trace}${text}\r\n\r\n`, "latin1");
}

/** RFC 5965. */
function arf(copy: Buffer): Buffer {
  const part = (type: string, body: string): string =>
    `--b1\r\nContent-Type: ${type}\r\n\r\n${body}\r\n`;
  const head =
    'From: feedback@isp.example\r\nTo: abuse@bailee.localhost\r\nSubject: abuse report\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary="b1"\r\n\r\n';
  return Buffer.from(
    `${head}${part("text/plain", "A user of ours marked this.")}${part("message/feedback-report", "Feedback-Type: abuse\r\nUser-Agent: isp/1\r\nVersion: 1\r\n")}${part("message/rfc822", copy.toString("latin1"))}--b1--\r\n`,
    "latin1",
  );
}

async function reportByForm(page: Page, town: Town, what: string, copy: Buffer): Promise<string> {
  await page.goto(`${town.url}/report`);
  await page.fill("#what", what);
  await page.setInputFiles("#file", { name: "copy.eml", mimeType: "message/rfc822", buffer: copy });
  await page.click("main form button");
  const text = await readText(page);
  return /Its number: ([a-z2-7]{26})/.exec(text)?.[1] ?? assert.fail(text);
}

/** Fills in the decision's form on a report's page; gives the record to be signed. */
async function decide(
  page: Page,
  town: Town,
  report: string,
  form: { readonly measure: string; readonly clause: string; readonly [field: string]: string },
): Promise<string> {
  const { measure, clause, ...rest } = form;
  await page.goto(`${town.url}/desk/abuse/${report}`);
  await page.selectOption("#measure", measure);
  await page.selectOption("#clause", clause);
  for (const [field, words] of Object.entries(rest)) await page.fill(`#${field}`, words);
  return downloaded(page, town, 'form[action$="/decision"] button');
}

/** The same record with other fields and a fresh nonce. */
async function altered(
  file: string,
  changes: { readonly [field: string]: Canonical },
): Promise<string> {
  const record = parseCanonical(await readFile(file)) as { readonly [name: string]: Canonical };
  const nonce = `altered-${Object.keys(changes).join("-")}-nonce-0000`.replaceAll(/[^\w-]/g, "");
  await writeFile(`${file}.altered`, canonicalBytes({ ...record, nonce, ...changes }));
  return `${file}.altered`;
}

async function recordRefused(desk: Cases, file: string, key: string): Promise<string> {
  const said = await desk.run(["case", "record", file], { key });
  assert.equal(said.ok, false, file);
  return `${said.refusal} ${said.why}`;
}

test("a reported message is matched, reviewed, deleted with reasons, and given back on appeal", async (t) => {
  const browser = await browserFor(t);
  if (browser === undefined) return;
  const town = await openTown(t);
  const newPage = async () =>
    (await browser.newContext({ javaScriptEnabled: false, acceptDownloads: true })).newPage();
  const [bob, ada, clerk] = [await newPage(), await newPage(), await newPage()];
  for (const page of [bob, ada, clerk]) page.setDefaultTimeout(10_000);
  const address = await signUp(ada, town.url, "ada", password);
  await signIn(ada, town.url, address, password);
  const desk = casesOf(town);
  const { actorId, recipientKey } = exampleOf(town);
  const threat = makeLetter({
    from: address,
    to: "bob@example.org",
    subject: "last warning",
    text: "I know where you live.",
    date: new Date(town.clock.now() - MINUTES_AGO),
  });
  const kind = makeLetter({
    from: address,
    to: "eve@example.org",
    subject: "tea",
    text: "At five?",
  });
  const sentAt = imapDate(town.clock.now() - DAY);
  await append(town, address, threat, `(\\Seen \\Flagged) "${sentAt}"`);
  await append(town, address, kind, "(\\Seen)");
  const before = await folder(town, address, "Sent");
  assert.equal(before.length, 2);
  let report = "";

  await t.test("its recipient reads the terms and reports it by form, with his copy", async () => {
    await bob.goto(`${town.url}/terms`);
    assert.match(await readText(bob), /3\.1 Do not threaten people with violence/);
    report = await reportByForm(bob, town, "It threatens me.", arrived(threat));
    assert.deepEqual(await bob.context().cookies(), [], "a reporter is given no cookie");
  });

  await t.test(
    "his provider reports the same in ARF: one case, and nothing happens by itself",
    async () => {
      const from = "feedback@isp.example";
      const to = ["abuse@bailee.localhost"];
      const never = makeLetter({
        from: address,
        to: "x@example.org",
        subject: "no",
        text: "forged",
      });
      for (const copy of [arrived(threat), never])
        await sendLetter({ port: town.ports.SMTP, from, to, letter: arf(copy) });
      await atDesk(clerk, town);
      await clerk.goto(`${town.url}/desk/abuse`);
      const rows = await cells(clerk, "Abuse reports");
      assert.deepEqual(
        rows.map(([, state, how, about, times, , matched]) => [state, how, about, times, matched]),
        [
          ["open", "by mail, ARF", address, "1", "not tried"],
          ["open", "by form", address, "2", "not tried"],
        ],
      );
      await clerk.click("main tbody tr:first-child a");
      await clerk.click('button:text-is("Compare")');
      assert.match(await readText(clerk), /compared the copy with 2 .*No message matches/);
    },
  );

  let id = "";
  await t.test(
    "the keeper matches the copy, trace fields and folding aside, and says an id",
    async () => {
      await clerk.goto(`${town.url}/desk/abuse/${report}`);
      assert.match(await readText(clerk), /It threatens me\..*I know where you live/);
      await clerk.click('button:text-is("Compare")');
      const text = await readText(clerk);
      id =
        /1 message of this client is this one: ([a-z2-7]{26})/.exec(text)?.[1] ?? assert.fail(text);
      assert.doesNotMatch(await clerk.content(), /At five\?/, "no other message is shown");
    },
  );

  await t.test(
    "a review takes a grant with two approvals; a fourth of one client is refused",
    async () => {
      await clerk.click("summary");
      await clerk.fill("#reason", "The copy may have been shortened.");
      await clerk.fill("#recipient", recipientKey);
      await clerk.fill("#actor", actorId);
      await clerk.fill('[name="demands.reportOrClause"]', "clause 3.1");
      const draft = await downloaded(clerk, town, 'form[action^="/desk/draft/"] button');
      const filed = await desk.done(["grant", "file", draft], { key: desk.keys.operator });
      const hash = filed["hash"] as string;
      await desk.done(["approve", "sign", hash], { key: desk.keys.approver1 });
      const early = await desk.run(["grant", "release", hash], { out: join(town.data, "early") });
      assert.equal(early.refusal, "too-few-approvals");
      await desk.done(["approve", "sign", hash], { key: desk.keys.approver2 });
      const opened = await desk.release(hash);
      assert.match(await readFile(join(opened, `${id}.eml`), "utf8"), /I know where you live/);
      const again = (demand: string) =>
        desk.file({
          ground: "A",
          client: address,
          id,
          asked: "a look",
          reason: "again",
          demand: [demand],
        });
      assert.match((await again("reportOrClause= ")).why, /A demands this/);
      for (const word of ["second", "third"])
        assert.ok((await again(`reportOrClause=report ${word}`)).ok);
      assert.equal((await again("reportOrClause=report fourth")).refusal, "too-many-reviews");
    },
  );

  let decision = "";
  await t.test("a decision without a clause, or without a report, is refused", async () => {
    await clerk.goto(`${town.url}/desk/abuse/${report}`);
    await clerk.selectOption("#measure", "delete");
    await clerk.fill("#facts", "A threat.");
    await clerk.click('form[action$="/decision"] button');
    assert.match(await readText(clerk), /A measure cites a clause, or says that it is unlisted/);
    const facts = "On the day of its date this message threatened its recipient with violence.";
    decision = await decide(clerk, town, report, { measure: "delete", clause: "3.1", facts });
    const { operator } = desk.keys;
    const twins: readonly [{ readonly [field: string]: Canonical }, RegExp][] = [
      [{ clause: "" }, /bad-record.*clause/],
      [{ clause: "9.9" }, /not-now.*no clause 9\.9/],
      [{ case: "no-such-report" }, /not-now.*belongs to a report/],
      [{ ids: ["zzzzzzzzzzzzzzzzzzzzzzzzzz"] }, /not-now.*not every one/],
    ];
    for (const [changes, why] of twins)
      assert.match(await recordRefused(desk, await altered(decision, changes), operator), why);
    assert.equal((await folder(town, address, "Sent")).length, 2, "nothing was done");
  });

  await t.test(
    "signed, it is on record first and then done: IMAP no longer shows the message",
    async () => {
      const done = await desk.done(["case", "record", decision], { key: desk.keys.operator });
      assert.match(String(done["did"]), /1 message is taken away.*the client has the statement/);
      const again = await desk.done(["case", "record", decision], { key: desk.keys.operator });
      assert.deepEqual(
        [again["index"], /before/.test(String(again["did"]))],
        [done["index"], true],
      );
      const after = await folder(town, address, "Sent");
      assert.equal(after.length, 1);
      assert.match(after[0] ?? "", /tea/);
      town.pass(29 * DAY);
      await town.runJobs();
      const { client = "", account = "" } = (await town.rooms.clients.resolve(address)) ?? {};
      const [kept] = await town.rooms.store.sealedMessages({ client, account }, [id]);
      assert.ok(kept, "it is kept sealed while she can appeal");
    },
  );

  await t.test(
    "Ada reads the statement of reasons on her page and as a letter, and appeals",
    async () => {
      await signIn(ada, town.url, address, password);
      await ada.goto(`${town.url}/portal/decisions`);
      assert.match(
        await readText(ada),
        /Messages are deleted stands.*3\.1 of the terms.*threatened its recipient.*a report was made.*Automated means: none.*everywhere.*appeal by the form/,
      );
      assert.match(
        (await folder(town, address, "INBOX")).join(),
        /A decision about your communications/,
      );
      await ada.fill("#words", "It is a line of a play that we both act in.");
      await ada.click('button:text-is("Appeal")');
      assert.match(await readText(ada), /Your appeal is with us.*to be decided by another person/);
    },
  );

  await t.test(
    "another person decides it: the message is back in its folder, with flags and date",
    async () => {
      await atDesk(clerk, town);
      await clerk.goto(`${town.url}/desk/abuse/${report}`);
      assert.match(await readText(clerk), /The client’s appeal It is a line of a play/);
      await clerk.selectOption('select[name="result"]', "reversed");
      await clerk.fill("#statement", "The play exists, and the recipient confirms it.");
      const answer = await downloaded(clerk, town, 'form[action*="/appeal/"] button');
      const { operator, approver1 } = desk.keys;
      assert.match(await recordRefused(desk, answer, operator), /same-person/);
      const done = await desk.done(["case", "record", answer], { key: approver1 });
      assert.match(String(done["did"]), /1 message is back in place; the client was told/);
      const [first = "", second = ""] = await folder(town, address, "Sent");
      assert.match(first, /tea/);
      assert.match(second, /UID 3 .*\\Seen.*\\Flagged|UID 3 .*\\Flagged.*\\Seen/);
      assert.ok(second.includes(`"${sentAt}"`) && second.includes("last warning"), second);
      const again = await recordRefused(desk, decision, operator);
      assert.match(again, /not-now.*reversed/, "what was given back is not taken again");
      assert.equal((await folder(town, address, "Sent")).length, 2);
      await ada.goto(`${town.url}/portal/decisions`);
      assert.match(await readText(ada), /reversed by another person.*The play exists/);
      town.pass(5 * DAY);
      await town.runJobs();
      assert.equal(
        (await folder(town, address, "Sent")).length,
        2,
        "the job ends what stands only",
      );
    },
  );

  await t.test(
    "a sender is kept out in the mail path, until the block ends by itself",
    async () => {
      const from = "mallory@evil.example";
      const letter = makeLetter({ from, to: address, subject: "invoice", text: "Pay here." });
      const send = (sender: string) =>
        sendLetter({ port: town.ports.SMTP, from: sender, to: [address], letter });
      await send(from);
      town.pass(DAY);
      const spam = await reportByForm(bob, town, "A false invoice.", letter);
      await atDesk(clerk, town);
      const facts = "Invoices for nothing were sent to clients.";
      const form = {
        measure: "block",
        clause: "2.2",
        facts,
        days: "10",
        sender: "evil.example",
        ids: "",
      };
      const record = await decide(clerk, town, spam, form);
      await send(from); // a draft keeps out nobody
      const done = await desk.done(["case", "record", record], { key: desk.keys.operator });
      assert.match(String(done["did"]), /kept out until/);
      await assert.rejects(send(from), /550 5\.7\.1 a decision on a report keeps this sender out/);
      await assert.rejects(send("other@EVIL.example"), /550 5\.7\.1/);
      await send("friend@example.org");
      await town.restart();
      await assert.rejects(send(from), /550 5\.7\.1/, "a restart forgets no decision");
      town.pass(10 * DAY + MINUTES_AGO);
      await send(from);
      const ended = (await town.runJobs()).find(({ name }) => name === "abuse")?.did;
      assert.equal(ended?.["blocks"], 1);
    },
  );

  await t.test("hundreds of reports against one client block nobody", async () => {
    const { abuse, clients } = town.rooms;
    const seen = new Map<string, number>();
    for (let count = 0; count < 400; count += 1) {
      const what = `number ${count} of a campaign`;
      const peer = `203.0.${count % 100}.7`;
      const taken = await abuse.report({
        what,
        about: address,
        copy: undefined,
        contact: "",
        peer,
      });
      const word = taken.ok ? "kept" : taken.refusal;
      seen.set(word, (seen.get(word) ?? 0) + 1);
    }
    assert.deepEqual(
      [...seen],
      [
        ["kept", 20],
        ["enough", 380],
      ],
    );
    for (let count = 0; count < 31; count += 1)
      await abuse.report({
        what: `flood ${count}`,
        about: "",
        copy: undefined,
        contact: "",
        peer: "192.0.2.1",
      });
    const more = { what: "flood", about: "", copy: undefined, contact: "", peer: "192.0.2.77" };
    assert.deepEqual(await abuse.report(more), { ok: false, refusal: "too-many" });
    await town.runJobs();
    assert.equal((await clients.resolve(address))?.status, "active");
    assert.equal(abuse.isBlocked(address), false);
  });

  await t.test("no job holds a grant, asks for a match, or opens content", async () => {
    const keeper = town.rooms.keeper as unknown as { [method: string]: unknown };
    const called: string[] = [];
    for (const method of [
      "fileGrant",
      "approveGrant",
      "release",
      "matchReport",
      "intercept",
      "own",
    ]) {
      const real = keeper[method] as (...args: unknown[]) => unknown;
      keeper[method] = (...args: unknown[]) => {
        called.push(method);
        return real(...args);
      };
    }
    const reports = await town.runJobs();
    assert.ok(reports.length > 5);
    assert.deepEqual(
      reports.filter(({ broken }) => broken !== undefined),
      [],
    );
    assert.deepEqual(called, []);
    // Nor could it have one filed: the keeper knows people's keys only.
    const scheduled = await desk.run(["grant", "draft"], {
      ...desk.people,
      ground: "A",
      client: address,
      newest: "1",
      asked: "everything",
      reason: "by schedule",
      demand: ["reportOrClause=none"],
      actor: desk.keys.recipient,
      out: join(town.data, "scheduled.json"),
    });
    assert.equal(scheduled.ok, false);
  });
});
