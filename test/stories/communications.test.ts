// Other communications than mail: tickets between client and provider with reply by mail, letters to the provider's own addresses, and
// a small mailing list of clients. Played on a whole house with real pages, SMTP, submission, LMTP and IMAP, on both databases.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Browser, Page } from "playwright-core";
import { browserFor, cells, readText, signIn } from "../browsing.ts";
import { addClient, type TestClient, until } from "../client.ts";
import { makeLetter } from "../letters.ts";
import { searchFolders } from "../marker.ts";
import { requirePostgres, startPostgres } from "../postgres.ts";
import { sendLetter } from "../send.ts";
import { openSmtpHouse, type SmtpHouse } from "../smtp.ts";
import { openTown, type Town } from "../town.ts";

// Words that stand nowhere but in what people write here.
const asked = "Quibblesnipe7ticket";
const answered = "Quibblesnipe7answer";
const replied = "Quibblesnipe7reply";
const titled = "Quibblesnipe7title";
const posted = "Quibblesnipe7post";
const stranger = "ada@bailee.example";

test("tickets and a small list, on SQLite", (t) => play(t, undefined));

test("tickets and a small list, on PostgreSQL", async (t) => {
  if (!requirePostgres(t)) return;
  await using postgres = await startPostgres();
  const settings = { BAILEE_DATABASE_URL: postgres.freshDatabase() };
  // Inside, so that the house is closed before its database is.
  await t.test("the same story", (inside) => play(inside, settings, [postgres.folder]));
});

interface Story {
  readonly town: Town;
  readonly browser: Browser;
  /** The world outside: takes what the house sends to bailee.example. */
  readonly outside: SmtpHouse;
  readonly ada: TestClient;
  readonly bob: TestClient;
  readonly eve: TestClient;
  /** Ada's browser, and the desk's. */
  readonly page: Page;
  readonly desk: Page;
}

async function play(
  t: TestContext,
  settings: NodeJS.ProcessEnv = {},
  folders: readonly string[] = [],
): Promise<void> {
  const browser = await browserFor(t);
  if (browser === undefined) return;
  const outside = await openSmtpHouse(t, "mx");
  const town = await openTown(t, {
    settings: { BAILEE_SMARTHOST: `127.0.0.1:${outside.port}`, ...settings },
  });
  const [ada, bob, eve] = await Promise.all(
    ["ada", "bob", "eve"].map((name) => addClient(town, name)),
  );
  assert.ok(ada !== undefined && bob !== undefined && eve !== undefined);
  const page = await newPage(browser);
  const desk = await newPage(browser);
  const story: Story = { town, browser, outside, ada, bob, eve, page, desk };
  await signIn(page, town.url, ada.address, ada.password);
  await desk.goto(`${town.url}/desk`);
  await desk.fill("#password", readFileSync(join(town.data, "desk-password"), "utf8").trim());
  await desk.click("main button");

  const ticket = await write(story);
  await t.test("a ticket is answered into the client's inbox, and a reply by mail joins it", () =>
    converse(story, ticket),
  );
  await t.test("who has the reply address and is not the client is shown to the desk as such", () =>
    intrude(story, ticket),
  );
  await t.test("letters to support@, postmaster@ and info@ become tickets, from anybody", () =>
    writeByMail(story),
  );
  await t.test("the client's log has every step, and closing is one", () => close(story, ticket));
  await t.test("a list takes in who says yes, and nobody else", () => makeList(story));
  await t.test("a letter to the list is one sealed copy for each member, from members only", () =>
    post(story),
  );
  await t.test("a click leaves the list, and so does a letter", () => leave(story));
  await t.test("none of these words stands anywhere in clear", async () => {
    for (const word of [asked, answered, replied, titled, posted])
      assert.deepEqual(await searchFolders(word, [town.data, ...folders]), [], word);
  });
}

async function newPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ javaScriptEnabled: false });
  return context.newPage();
}

async function write({ town, page }: Story): Promise<string> {
  await page.goto(`${town.url}/portal/tickets`);
  await page.fill("#subject", `A question: ${asked}`);
  await page.fill("#text", `How is it with ${asked}?`);
  await page.click('main form[action="/portal/tickets"] button');
  const ticket = /\/portal\/tickets\/(\d{8})$/.exec(page.url())?.[1] ?? "";
  assert.match(await readText(page), new RegExp(`Ticket ${ticket}, waits for us.*You, .*${asked}`));
  return ticket;
}

async function converse({ town, ada, page, desk }: Story, ticket: string): Promise<void> {
  await desk.goto(`${town.url}/desk/tickets`);
  const [row = []] = await cells(desk, "Tickets");
  assert.match(
    row.join(" "),
    new RegExp(`A question: ${asked} ticket ${ticket} ada@.*waits for us`),
  );
  await desk.click(`a[href="/desk/tickets/${ticket}"]`);
  await desk.fill("#text", `It is well: ${answered}.\nGrüße vom Support`);
  await desk.click('main form[action$="/answer"] button');
  assert.match(await readText(desk), new RegExp(`answered, .*We, .*${answered}`));

  const letter = (await ada.letters("INBOX")).at(-1)?.toString("latin1") ?? "";
  const text = Buffer.from(letter.split("\r\n\r\n")[1] ?? "", "base64").toString();
  assert.match(text, new RegExp(`It is well: ${answered}\\.\r\nGrüße`));
  assert.match(letter, /^From: "Support" <support@bailee\.localhost>\r$/m);
  assert.match(
    letter,
    new RegExp(`^Subject: Re: A question: ${asked}\\r?\\n? ?.*ticket ${ticket}`, "m"),
  );
  const replyTo =
    /^Reply-To: (support\+[a-z2-7]{26}@bailee\.localhost)\r$/m.exec(letter)?.[1] ?? "";
  const id = /^Message-ID: (<[^>]+>)\r$/m.exec(letter)?.[1] ?? "";
  assert.notEqual(replyTo, "", letter);

  await submit(town, ada, replyTo, {
    subject: "Re: A question",
    text: `Thank you: ${replied}`,
    headers: [`In-Reply-To: ${id}`, `References: ${id}`],
  });
  await page.goto(`${town.url}/portal/tickets/${ticket}`);
  const thread = await readText(page);
  assert.match(
    thread,
    new RegExp(`You, .*Support, .*${answered}.*You, .* by mail Thank you: ${replied}`),
  );

  // The desk's next answer names the client's letter, so that mail programs thread it.
  await desk.goto(`${town.url}/desk/tickets/${ticket}`);
  await desk.fill("#text", "Glad to hear it.");
  await desk.click('main form[action$="/answer"] button');
  const second = (await ada.letters("INBOX")).at(-1)?.toString("latin1") ?? "";
  assert.match(second, /^In-Reply-To: <[0-9a-f]{24}@letters\.example>\r$/m);
  const unfolded = second.replaceAll("\r\n ", " ");
  assert.match(
    unfolded,
    new RegExp(`^References: ${id} <[0-9a-f]{24}@letters\\.example>\\r$`, "m"),
  );
}

async function intrude({ town, ada, bob, page, desk }: Story, ticket: string): Promise<void> {
  const letter = (await ada.letters("INBOX")).at(-1)?.toString("latin1") ?? "";
  const replyTo = /^Reply-To: (\S+)\r$/m.exec(letter)?.[1] ?? "";
  const text = "I am Ada, send me my invoices";
  // By SMTP anybody can write anything into From.
  const forged = makeLetter({ from: ada.address, to: replyTo, subject: "Re:", text });
  const ports = town.ports;
  await sendLetter({ port: ports.SMTP, from: ada.address, to: [replyTo], letter: forged });
  await submit(town, bob, replyTo, { subject: "Re:", text: "I am Bob" });
  await desk.goto(`${town.url}/desk/tickets/${ticket}`);
  const atDesk = await readText(desk);
  assert.match(
    atDesk,
    /Not proved to be the client, .*I am Ada, send me my invoices.*nobody signed in to send it/,
  );
  assert.match(atDesk, /Not proved to be the client, .*I am Bob/);
  await page.goto(`${town.url}/portal/tickets/${ticket}`);
  assert.doesNotMatch(await readText(page), /I am Ada|I am Bob/);
}

async function writeByMail({ town, bob, outside, desk, browser }: Story): Promise<void> {
  await submit(town, bob, "support@bailee.localhost", { subject: "Bob asks", text: "By mail." });
  for (const [to, subject] of [
    ["Postmaster@bailee.localhost", "Your server"],
    ["info@bailee.localhost", "Your prices"],
  ] as const) {
    const letter = makeLetter({ from: stranger, to, subject, text: `about ${subject}` });
    await sendLetter({ port: town.ports.SMTP, from: stranger, to: [to], letter });
  }
  await assert.rejects(
    sendLetter({
      port: town.ports.SMTP,
      from: stranger,
      to: ["webmaster@bailee.localhost"],
      letter: makeLetter({ from: stranger, to: "w", subject: "x", text: "y" }),
    }),
    /550/,
    "a reserved name that nobody answers is still nobody",
  );
  const page = await newPage(browser);
  await signIn(page, town.url, bob.address, bob.password);
  await page.goto(`${town.url}/portal/tickets`);
  assert.match((await cells(page, "Your tickets")).join(" "), /Bob asks/);
  await desk.goto(`${town.url}/desk/tickets`);
  const rows = (await cells(desk, "Tickets")).map((row) => row.join(" "));
  assert.ok(
    rows.some((row) => /Bob asks .*bob@bailee\.localhost/.test(row)),
    rows.join("\n"),
  );
  assert.ok(rows.some((row) => /Your prices .*not a client/.test(row)));
  await desk.click('a:has-text("Your server")');
  await desk.fill("#text", "We have looked after it.");
  await desk.click('main form[action$="/answer"] button');
  const sent = await until("the answer outside", async () => outside.stored.at(-1));
  assert.equal(sent.envelope.recipient, stranger);
  assert.match(sent.envelope.sender, /^support\+[a-z2-7]{26}@bailee\.localhost$/);
  assert.match(sent.raw.toString(), /We have looked after it\./);
}

async function close({ town, ada, page, desk }: Story, ticket: string): Promise<void> {
  await desk.goto(`${town.url}/desk/tickets/${ticket}`);
  await desk.click('main form[action$="/close"] button');
  const listed = await town.run(["ticket", "list", "--json"]);
  const rows = JSON.parse(listed.stdout) as { ticket: string; state: string; from: string }[];
  const row = rows.find((each) => each.ticket === ticket);
  assert.deepEqual([row?.state, row?.from], ["closed", ada.address]);
  await page.goto(`${town.url}/portal/log`);
  const log = await readText(page);
  for (const what of ["opened", "written", "answered", "closed"])
    assert.match(log, new RegExp(`ticket ${what} .*ticket ${ticket}`));
}

async function makeList({ town, ada, bob, eve, page, browser }: Story): Promise<void> {
  await page.goto(`${town.url}/portal/lists`);
  await page.fill("#name", "club");
  await page.fill("#title", `The club ${titled}`);
  await page.click('main form[action="/portal/lists"] button');
  for (const address of [bob.address, "eve"]) {
    await page.fill("#address", address);
    await page.click('main form[action$="/invite"] button');
  }
  assert.deepEqual(
    (await cells(page, "Members")).map(([address, state]) => `${address} ${state}`),
    [`${ada.address} member`, `${bob.address} asked`, `${eve.address} asked`],
  );
  await page.fill("#address", "nobody@bailee.localhost");
  await page.click('main form[action$="/invite"] button');
  assert.match(await readText(page), /No client of ours takes mail at this address/);

  // The name is no client's any more.
  const taken = await town.run(["client", "add", "club-leave@bailee.localhost"]);
  assert.notEqual(taken.code, 0);

  // Bob says yes by the link in his letter, without signing in; Eve in her portal.
  const invitation = await textOfLast(bob);
  const link = /http:\S+\/list\/\S+/.exec(invitation)?.[0] ?? "";
  const bobs = await newPage(browser);
  await bobs.goto(link);
  assert.match(await readText(bobs), /bob@bailee\.localhost is invited to this list/);
  await bobs.click('button[value="accept"]');
  assert.match(await readText(bobs), /You are on the list now/);
  await bobs.goto(link.replace(/.$/, (last) => (last === "0" ? "1" : "0")));
  assert.match(await readText(bobs), /This link leads nowhere/);
  const eves = await newPage(browser);
  await signIn(eves, town.url, eve.address, eve.password);
  await eves.goto(`${town.url}/portal/lists`);
  assert.match(await readText(eves), new RegExp(`You are invited to The club ${titled}`));
  await eves.click('button[value="accept"]');
  assert.match((await cells(eves, "Lists you are on")).join(" "), /club@bailee\.localhost/);
}

async function post({ town, ada, bob, eve, page }: Story): Promise<void> {
  const list = "club@bailee.localhost";
  const before = await Promise.all([ada, bob, eve].map((member) => member.letters("INBOX")));
  await submit(town, bob, list, {
    subject: "Tonight",
    text: posted,
    headers: ["List-Id: <another.list.example>", "Precedence: bulk"],
  });
  for (const [at, member] of [ada, bob, eve].entries()) {
    const letters = await member.letters("INBOX");
    assert.equal(letters.length, (before[at]?.length ?? 0) + 1, member.address);
    const copy = letters.at(-1)?.toString("latin1").replaceAll("\r\n ", " ") ?? "";
    assert.match(copy, /^Return-Path: <club-owner@bailee\.localhost>\r\n/);
    assert.match(copy, /^Sender: <club-owner@bailee\.localhost>\r$/m);
    assert.match(
      copy,
      new RegExp(`^List-Id: "The club ${titled}" <club\\.bailee\\.localhost>\\r$`, "m"),
    );
    assert.match(copy, /^List-Post: <mailto:club@bailee\.localhost>\r$/m);
    assert.match(copy, /^List-Unsubscribe: <http:\S+\/list\/\S+>, <mailto:club-leave\+\S+>\r$/m);
    assert.match(copy, /^Precedence: list\r$/m);
    assert.match(copy, /^From: bob@bailee\.localhost\r$/m);
    assert.doesNotMatch(copy, /another\.list|Precedence: bulk/);
    assert.ok(copy.includes(posted));
  }
  const links = new Set(
    await Promise.all([ada, bob, eve].map(async (member) => leaveLink(await lastOf(member)))),
  );
  assert.equal(links.size, 3, "each has a link of their own");

  // Nobody else posts, whatever their letter says and through whichever door: a sign-in is the proof.
  const forged = makeLetter({ from: bob.address, to: list, subject: "Not Bob", text: "buy" });
  for (const [port, lmtp] of [
    [town.ports.SMTP, false],
    [town.ports.LMTP, true],
  ] as const)
    await assert.rejects(
      sendLetter({ port, lmtp, from: bob.address, to: [list], letter: forged }),
      /heard: 550/,
    );
  // A list's own letter that comes back, and an absence note, go no further.
  for (const header of ["List-Id: <club.bailee.localhost>", "Auto-Submitted: auto-replied"])
    await assert.rejects(
      submit(town, bob, list, { subject: "Round", text: "x", headers: [header] }),
      /heard: 550/,
    );
  // Reports of failure come to the list's owner, by any door.
  const report = makeLetter({
    from: "MAILER-DAEMON@example.org",
    to: "x",
    subject: "Undelivered",
    text: "gone",
  });
  await sendLetter({
    port: town.ports.LMTP,
    lmtp: true,
    from: "",
    to: ["club-owner@bailee.localhost"],
    letter: report,
  });
  assert.match((await lastOf(ada)).toString("latin1"), /^Subject: Undelivered\r$/m);

  await page.goto(`${town.url}/portal/log`);
  assert.match(await readText(page), /mailing list made list club@bailee\.localhost/);
  assert.match(
    (await bob.letters("INBOX")).at(-1)?.toString("latin1") ?? "",
    /^Subject: Tonight\r$/m,
  );
}

async function leave({ town, ada, bob, eve, page }: Story): Promise<void> {
  // One click, as a mail program's button does it (RFC 8058).
  const answer = await fetch(leaveLink(await lastOf(eve)), {
    method: "POST",
    body: new URLSearchParams({ "List-Unsubscribe": "One-Click" }),
  });
  assert.equal(answer.status, 200);
  // Somebody who is not signed in and has no link takes nobody off.
  const letter = makeLetter({ from: bob.address, to: "club-leave", subject: "leave", text: "" });
  const forged = { from: bob.address, to: ["club-leave@bailee.localhost"], letter };
  await assert.rejects(sendLetter({ port: town.ports.SMTP, ...forged }), /heard: 550/);
  await submit(town, bob, "club-leave@bailee.localhost", { subject: "leave", text: "" });

  await page.goto(`${town.url}/portal/lists`);
  await page.click('main .card a[href^="/portal/lists/"]');
  assert.deepEqual(
    (await cells(page, "Members")).map(([address]) => address),
    [ada.address],
  );
  const counts = async () =>
    Promise.all([bob, eve].map(async (member) => (await member.letters("INBOX")).length));
  const before = await counts();
  await submit(town, ada, "club@bailee.localhost", { subject: "Alone", text: "now" });
  assert.deepEqual(await counts(), before);
  await page.click('main form[action$="/delete"] button');
  await assert.rejects(
    submit(town, ada, "club@bailee.localhost", { subject: "Gone", text: "now" }),
    /heard: 550/,
  );
  const free = await town.run(["client", "add", "club@bailee.localhost"]);
  assert.equal(free.code, 0, "its name can be had again");
}

function submit(
  town: Town,
  from: TestClient,
  to: string,
  words: { readonly subject: string; readonly text: string; readonly headers?: readonly string[] },
): Promise<void> {
  const letter = makeLetter({ from: from.address, to, ...words });
  const login = { user: from.address, password: from.password };
  return sendLetter({ port: town.ports.SUBMISSION, from: from.address, to: [to], letter, login });
}

async function lastOf(client: TestClient): Promise<Buffer> {
  return (await client.letters("INBOX")).at(-1) ?? Buffer.alloc(0);
}

async function textOfLast(client: TestClient): Promise<string> {
  const letter = (await lastOf(client)).toString("latin1");
  const [head = "", body = ""] = letter.split("\r\n\r\n");
  return /base64/.test(head) ? Buffer.from(body, "base64").toString() : letter;
}

function leaveLink(letter: Buffer): string {
  const header = letter.toString("latin1").replaceAll("\r\n ", " ");
  return /^List-Unsubscribe: <(\S+)>,/m.exec(header)?.[1] ?? "";
}
