// The newcomer's journey, one story on the whole program: sign-up in a browser without JavaScript, a letter, a look by somebody
// with a ground, what the client reads of it and a stranger checks, and what of it all stands on the disk.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DatabaseSync } from "node:sqlite";
import type { Browser, Page } from "playwright-core";
import { canonicalText, parseCanonical } from "#base/canonical";
import {
  parseOpening,
  parseTlogProof,
  parseVerifierKey,
  verifyOpening,
  verifyTlogProof,
} from "#ledger";
import { browserFor, cells, readText, signUp } from "../browsing.ts";
import { until } from "../client.ts";
import { type Example, exampleOf, openedItems, type Options, runJson } from "../grants.ts";
import { type House, startHouse } from "../house.ts";
import { makeLetter } from "../letters.ts";
import { searchFolders } from "../marker.ts";
import { sendLetter } from "../send.ts";

const password = "four quiet words of Ada";
const agent = "Mozilla/5.0 Quibblesnipe7agent";
const asked = "Quibblesnipe7query";

test("from sign-up to a letter that somebody with a ground looks at, and the client and a stranger see it", async (t) => {
  const browser = await browserFor(t);
  if (browser === undefined) return;
  const house = await startHouse(t, { BAILEE_PUBLISH_SECONDS: "1" });
  const files = await mkdtemp(join(tmpdir(), "bailee-files-"));
  t.after(() => rm(files, { recursive: true, force: true }));
  const context = await browser.newContext({ javaScriptEnabled: false, userAgent: agent });
  const page = await context.newPage();
  const story: Story = { house, files, browser, page, example: exampleOf(house) };

  await page.goto(`${house.url}/policy?q=${asked}`);
  assert.equal(await signUp(page, house.url, "ada", password), "ada@bailee.localhost");
  await t.test("the portal shows the address and the settings that are right", () => portal(story));
  await t.test("what is held and logged is a letter and no address", () => held(story));
  const hash = await filed(story);
  await t.test("the grant opens nothing before its second approval", () => released(story, hash));
  await t.test("the client reads who looked, and proves it", () => looks(story));
  await t.test("contact data opens on its own ground, and only the card", () => card(story));
  await t.test("what no clause allows is refused with the clause's name", () => refusals(story));
  await t.test("the staff desk lists facts and drafts, and reads nothing", () => desk(story));
  await t.test("a visit is counted and shown", () => traffic(story));
  await context.close();
  assert.equal(await house.stop(), 0);
  await t.test("no address, browser name or query of a visit is on the disk", () => disk(story));
});

const letter = makeLetter({
  from: "Friend <friend@example.org>",
  to: "ada@bailee.localhost",
  subject: "A first letter",
  text: "The quick brown fox.\r\nAnd a second line.\r\n",
});

interface Story {
  readonly house: House;
  /** A folder for what the command line writes. */
  readonly files: string;
  /** Ada's browser. */
  readonly page: Page;
  readonly browser: Browser;
  readonly example: Example;
}

async function portal({ house, page }: Story): Promise<void> {
  await page.goto(`${house.url}/portal`);
  const text = await readText(page);
  assert.match(text, /ada@bailee\.localhost/);
  assert.match(text, /Nobody has looked/);
  const { IMAPS, IMAP, POP3S, SUBMISSIONS, SUBMISSION } = house.ports;
  assert.deepEqual(
    await cells(page, "Settings for your mail program"),
    [
      ["Reading", "IMAP", "127.0.0.1", IMAPS, "TLS"],
      ["Reading", "IMAP", "127.0.0.1", IMAP, "STARTTLS"],
      ["Reading", "POP3", "127.0.0.1", POP3S, "TLS"],
      ["Sending", "SMTP", "127.0.0.1", SUBMISSIONS, "TLS"],
      ["Sending", "SMTP", "127.0.0.1", SUBMISSION, "STARTTLS"],
    ].map((row) => row.map(String)),
  );
}

async function held({ house, page }: Story): Promise<void> {
  await sendLetter({
    port: house.ports.SMTP,
    from: "friend@example.org",
    to: ["ada@bailee.localhost"],
    letter: letter.subarray(0, -2), // the last line's end is sent with the dot that ends the data
  });
  await page.goto(`${house.url}/portal/held`);
  const rows = new Map((await cells(page, "What we hold about you")).map(([a, b]) => [a, b]));
  assert.match(rows.get("Mail") ?? "", /^1 message, \d{3} bytes, /);
  assert.match(rows.get("Contact") ?? "", /^nothing/);
  await page.goto(`${house.url}/portal/log`);
  const log = (await cells(page, "Your log")).map((row) => row.slice(1).join(" "));
  assert.match(log[0] ?? "", /^traffic .*direction in .*fate delivered .*peer client\.example/);
  assert.ok(
    log.some((line) => /^sign-in signed in network 127\.0\.0\.0\/24 protocol web$/.test(line)),
    log.join("\n"),
  );
  assert.doesNotMatch(await readText(page), /127\.0\.0\.1|::1/);
}

async function filed({ house, files, example }: Story): Promise<string> {
  const draft = join(files, "grant.json");
  const drafted = await runJson(house, ["grant", "draft"], {
    ground: "E2",
    client: "ada@bailee.localhost",
    newest: "1",
    reason: "a phishing letter that asks for passwords",
    asked: "the one letter",
    demand: [
      "providerInterest=our senders are being blocked",
      "clientInterest=the password is at risk",
    ],
    ...example.people,
    out: draft,
  });
  assert.equal(drafted.code, 0);
  const done = await runJson(house, ["grant", "file", draft], { key: example.keys.operator });
  const { hash } = drafted.value as { hash: string };
  assert.deepEqual(done.value, { hash });
  return hash;
}

async function released({ house, files, example }: Story, hash: string): Promise<void> {
  const out = join(files, "package");
  const release = () => runJson(house, ["grant", "release", hash], { out });
  const sign = (key: string) => runJson(house, ["approve", "sign", hash], { key });
  for (const [approvals, key] of [example.keys.approver1, example.keys.approver2].entries()) {
    const early = await release();
    assert.equal(early.code, 1);
    assert.match(JSON.stringify(early.value), new RegExp(`too-few-approvals: ${approvals} of 2`));
    assert.equal(existsSync(out), false);
    assert.equal((await sign(key)).code, 0);
    assert.equal((await sign(key)).code, 1, "nobody approves twice");
  }
  assert.equal((await sign(example.keys.operator)).code, 1, "the actor does not approve");
  assert.equal((await release()).code, 0);
  assert.equal((await release()).code, 1, "it was good for one use");
  const opened = join(files, "opened");
  const ran = await runJson(house, ["grant", "open", out], {
    hash,
    key: example.keys.recipient,
    out: opened,
  });
  assert.equal(ran.code, 0);
  const [item, ...more] = await openedItems(opened);
  assert.ok(item !== undefined && more.length === 0, "one letter and nothing beside it");
  const { bytes } = item;
  assert.deepEqual(bytes.subarray(bytes.byteLength - letter.byteLength), letter);
  assert.match(bytes.subarray(0, -letter.byteLength).toString(), /^Return-Path: .*\r\nReceived: /);
}

async function looks({ house, files, page }: Story): Promise<void> {
  const text = await until("the look to be published", async () => {
    await page.goto(`${house.url}/portal/looks`);
    const shown = await readText(page);
    return shown.includes("Download the proof") && shown;
  });
  assert.match(text, /in the role “operator”/);
  assert.match(text, /E2: necessary to protect the provider/);
  assert.match(text, /a phishing letter that asks for passwords/);
  assert.match(text, /1 item of mail/);
  await page.goto(`${house.url}/portal`);
  assert.match(await readText(page), /1 look/);
  await page.goto(`${house.url}/portal/looks`);
  const proof = await fileBehind(page, "Download the proof");
  const openings = await fileBehind(page, "Download what it says");
  const key = /^ {2}Ledger's key\s+(\S+)$/m.exec(house.printed())?.[1] ?? "";
  await provesTheLook(house, key, proof, openings);
  await verifies(house, files, key);
}

/** What a link on the page hands over, fetched with the browser's cookies. */
async function fileBehind(page: Page, words: string): Promise<string> {
  const href = await page.getByText(words, { exact: true }).first().getAttribute("href");
  const answer = await page.request.get(new URL(href ?? "", page.url()).href);
  assert.equal(answer.status(), 200, words);
  assert.match(answer.headers()["content-disposition"] ?? "", /^attachment; /);
  return answer.text();
}

/** The proof puts the entry into the signed tree, and the openings say what the entry says, by nothing but the log's key. */
async function provesTheLook(house: House, vkey: string, proof: string, openings: string) {
  const key = parseVerifierKey(vkey);
  const parsed = parseTlogProof(Buffer.from(proof));
  assert.ok(key !== undefined && parsed !== undefined);
  const size = Number(Buffer.from(parsed.checkpoint).toString().split("\n")[1]);
  assert.ok(size < 256, "one tile");
  const tile = await fetch(`${house.url}/ledger/tile/entries/000.p/${size}`);
  const leaf = leafAt(Buffer.from(await tile.arrayBuffer()), parsed.index);
  assert.equal(verifyTlogProof(parsed, leaf, key).ok, true);
  const said = openings
    .trimEnd()
    .split("\n")
    .map((line) => {
      const opening = parseOpening(Buffer.from(line));
      assert.ok(opening !== undefined);
      const part = verifyOpening(opening, leaf);
      assert.ok(part.ok);
      return JSON.stringify(part.value);
    });
  assert.match(said.join("\n"), /release-intent/);
  assert.match(said.join("\n"), /a phishing letter that asks for passwords/);
}

/** C2SP tlog-tiles: a bundle is a sequence of entries, each behind its length in two octets. */
function leafAt(bundle: Buffer, index: number): Buffer {
  let at = 0;
  for (let count = 0; count < index; count += 1) at += 2 + bundle.readUInt16BE(at);
  return bundle.subarray(at + 2, at + 2 + bundle.readUInt16BE(at));
}

async function verifies(house: House, files: string, key: string): Promise<void> {
  const memory = join(files, "memory");
  const verify = (place: string) => runJson(house, ["verify", place], { key, memory });
  const overHttp = await verify(`${house.url}/ledger`);
  assert.equal(overHttp.code, 0, JSON.stringify(overHttp.value));
  const copy = join(files, "ledger");
  await cp(join(house.data, "ledger"), copy, { recursive: true });
  assert.equal((await verify(copy)).code, 0, "the folder");
  await using provider = await serveFolder(copy);
  assert.equal((await verify(provider.url)).code, 0, "a copy over HTTP");
  const size = Number((await readFile(join(copy, "checkpoint"), "utf8")).split("\n")[1]);
  for (const level of ["entries", "0"]) {
    const tile = join(copy, "tile", level, "000.p", String(size));
    const whole = await readFile(tile);
    const bent = Buffer.from(whole);
    bent.writeUInt8((bent.at(-7) ?? 0) ^ 1, bent.byteLength - 7);
    await writeFile(tile, bent);
    for (const place of [copy, provider.url]) {
      const found = await verify(place);
      assert.equal(found.code, 1, `${level} at ${place}`);
      assert.match(JSON.stringify(found.value), /"ok":false/);
    }
    await writeFile(tile, whole);
  }
  assert.equal((await verify(copy)).code, 0, "mended again");
}

/** A provider that serves a folder and may have bent it. */
async function serveFolder(folder: string): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    try {
      response.end(readFileSync(join(folder, request.url ?? "")));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

const contact = {
  name: "Grace Hopper",
  postal: "1 Compiler Way\nArlington",
  phone: "+1 202 555 0143",
  email: "grace@example.org",
};

/** Drafts, files, approves twice and releases; gives the package's path and the grant's hash. */
async function wholeGrant({ house, files, example }: Story, name: string, options: Options) {
  const draft = join(files, `${name}.json`);
  const out = join(files, `${name}.package`);
  const drafted = { ...options, ...example.people, out: draft };
  const { value } = await succeeds(house, ["grant", "draft"], drafted);
  const { hash } = value as { hash: string };
  await succeeds(house, ["grant", "file", draft], { key: example.keys.operator });
  for (const key of [example.keys.approver1, example.keys.approver2])
    await succeeds(house, ["approve", "sign", hash], { key });
  await succeeds(house, ["grant", "release", hash], { out });
  return { out, hash };
}

async function succeeds(house: House, words: readonly string[], options: Options) {
  const ran = await runJson(house, words, options);
  assert.equal(ran.code, 0, `${words.join(" ")}: ${JSON.stringify(ran.value)}`);
  return ran;
}

async function card(story: Story): Promise<void> {
  const { house, files, example, browser } = story;
  const context = await browser.newContext({ javaScriptEnabled: false, userAgent: agent });
  const page = await context.newPage();
  const grace = await signUp(page, house.url, "grace", password, contact);
  await page.goto(`${house.url}/portal/held`);
  assert.match(await readText(page), /Grace Hopper 1 Compiler Way Arlington/, "shown to her");
  const { out, hash } = await wholeGrant(story, "card", {
    ground: "D1",
    class: "contact",
    client: grace,
    id: "contact",
    reason: "threats were sent from this address",
    asked: "everything about her",
    demand: [
      "who=the holder of this address",
      "interferesWith=others",
      "harm=threats",
      "leastData=no other name is known",
    ],
  });
  const folder = join(files, "card");
  const key = example.keys.recipient;
  await succeeds(house, ["grant", "open", out], { hash, key, out: folder });
  const items = await openedItems(folder);
  assert.deepEqual(
    items.map(({ name }) => name),
    ["contact-contact.json"],
  );
  assert.deepEqual(JSON.parse(items[0]?.bytes.toString() ?? ""), contact);
  await page.goto(`${house.url}/portal/looks`);
  assert.match(
    await readText(page),
    /D1: necessary to identify.*threats were sent.*1 item of contact/,
  );
  await context.close();
}

async function refusals({ house, files, example }: Story): Promise<void> {
  const draft = (name: string, options: Options) =>
    runJson(house, ["grant", "draft"], {
      client: "ada@bailee.localhost",
      reason: "a reason",
      asked: "something",
      ...example.people,
      ...options,
      out: join(files, `${name}.json`),
    });
  const payment = await draft("payment", { ground: "E2", class: "payment", id: "x" });
  assert.equal(payment.code, 1);
  assert.match(JSON.stringify(payment.value), /"class":"E2 does not reach this class\."/);
  const oneInterest = { ground: "E2", newest: "1", demand: "providerInterest=ours" };
  const lacking = await draft("lacking", oneInterest);
  assert.equal(lacking.code, 1);
  assert.match(JSON.stringify(lacking.value), /"demands\.clientInterest":"E2 demands this\."/);

  // Whoever writes the file by hand meets the keeper, which names the clause too.
  const both = ["providerInterest=ours", "clientInterest=hers"];
  assert.equal((await draft("right", { ...oneInterest, demand: both })).code, 0);
  const right = JSON.parse(await readFile(join(files, "right.json"), "utf8")) as object;
  const byHand = async (change: object) => {
    const path = join(files, "by-hand.json");
    await writeFile(path, canonicalText({ ...right, ...change }));
    return runJson(house, ["grant", "file", path], { key: example.keys.operator });
  };
  assert.deepEqual((await byHand({ demands: { providerInterest: "ours" } })).value, {
    refusal: "missing-demand",
    why: "clientInterest: how the client is protected",
  });
  assert.deepEqual((await byHand({ class: "payment", account: "" })).value, {
    refusal: "class-not-covered",
    why: "ground E2 reaches content",
  });
  assert.deepEqual((await byHand({ purpose: "marketing" })).value, {
    refusal: "wrong-purpose",
    why: "ground E2 serves protect-both and nothing else",
  });
}

async function desk({ house, files, example, browser }: Story): Promise<void> {
  const context = await browser.newContext({ javaScriptEnabled: false, userAgent: agent });
  const page = await context.newPage();
  await page.goto(`${house.url}/desk`);
  await page.fill("#password", "not the desk's");
  await page.click("main button");
  assert.match(await readText(page), /This is not the desk password/);
  await page.fill("#password", (await readFile(join(house.data, "desk-password"), "utf8")).trim());
  await page.click("main button");
  const clients = await cells(page, "Clients");
  assert.deepEqual(clients.map(([address = "", , status]) => `${address} ${status}`).toSorted(), [
    "ada@bailee.localhost active",
    "grace@bailee.localhost active",
  ]);
  const text = await readText(page);
  assert.match(text, /E2: protect-both opened.*2 of 2/);
  assert.doesNotMatch(text, /A first letter|brown fox|Grace Hopper|Compiler Way/);
  const links = await page
    .locator("main a")
    .evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
  assert.ok(
    links.every((href) => /^\/desk(?:\/[a-z]+)?(?:\/\w{26})?$/.test(href)),
    links.join(" "),
  );
  await page.goto(`${house.url}/portal`);
  assert.equal(new URL(page.url()).pathname, "/sign-in", "the desk is nobody's portal");

  await page.goto(`${house.url}/desk`);
  await page.getByRole("link", { name: "Draft a grant about ada@bailee.localhost" }).click();
  await page.getByRole("link", { name: "E2", exact: true }).click();
  assert.doesNotMatch(await readText(page), /A first letter|brown fox/);
  await page.locator('input[name="ids"]').first().check();
  const typed = {
    asked: "the letter",
    reason: "écrit à la main",
    "demands.providerInterest": "ours",
    "demands.clientInterest": "hers",
    requesterName: "Example Counsel",
    recipient: example.recipientKey,
    actor: example.actorId,
  };
  for (const [name, words] of Object.entries(typed)) await page.fill(`[name="${name}"]`, words);
  await page.selectOption("#requesterKind", "lawyer");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Make the draft" }).click(),
  ]);
  const draft = join(files, "from-the-desk.json");
  await download.saveAs(draft);
  assert.ok(parseCanonical(await readFile(draft)) !== undefined, "canonical JSON");
  await succeeds(house, ["grant", "file", draft], { key: example.keys.operator });
  await page.goto(`${house.url}/desk`);
  assert.match(await readText(page), /écrit à la main Approvals 0 of 2/);
  await context.close();
}

async function traffic({ house, page }: Story): Promise<void> {
  await page.goto(`${house.url}/left-here?q=${asked}`);
  const left = await readText(page);
  assert.match(left, /The page \/left-here/);
  assert.match(left, /The hour \d\d:00 .* This page in this hour: 1 view\./);
  assert.match(left, /Your provider local network .* Today: \d+ views\./);
  await page.goto(`${house.url}/traffic?period=today`);
  const pages = await cells(page, "Views by page");
  assert.ok(
    pages.some(([name, views]) => name === "/policy" && views === "1"),
    pages.join(" "),
  );
  assert.deepEqual(
    (await cells(page, "Views by internet provider")).map(([name]) => name),
    ["local network"],
  );
  const hours = (await cells(page, "Views by time")).map(([hour]) => hour);
  assert.ok(
    hours.length > 0 && hours.every((hour) => /^[0-2]\d:00$/.test(hour ?? "")),
    hours.join(),
  );
  assert.equal(await page.getByRole("img", { name: "Page views: Today" }).count(), 1, "a chart");
  assert.doesNotMatch(await readText(page), /Quibblesnipe|127\.0\.0\.1/);
}

async function disk({ house }: Story): Promise<void> {
  const server = join(house.data, "server");
  for (const word of ["127.0.0.1", "Quibblesnipe7agent", asked]) {
    assert.deepEqual(await searchFolders(word, [server, join(house.data, "keeper")]), [], word);
  }
  assert.doesNotMatch(house.printed(), /Quibblesnipe/);
  // Three characters occur by chance in what is sealed, so "::1" is looked for in what is text.
  const texts = textsOf(join(server, "bailee.sqlite"));
  assert.ok(texts.includes("local network"), "the scan reads the counters");
  assert.deepEqual(
    texts.filter((text) => text.includes("::1")),
    [],
  );
  const planted = join(server, "planted");
  await writeFile(planted, Buffer.from("a control: 127.0.0.1").toString("base64"));
  assert.ok((await searchFolders("127.0.0.1", [server])).length > 0, "a control is found");
}

/** Every text in every column of every table. */
function textsOf(path: string): string[] {
  const database = new DatabaseSync(path, { readOnly: true });
  const tables = database.prepare("select name from sqlite_schema where type = 'table'").all();
  const texts = tables.flatMap(({ name }) =>
    database
      .prepare(`select * from "${String(name)}"`)
      .all()
      .flatMap((row) => Object.values(row).filter((value) => typeof value === "string")),
  );
  database.close();
  return texts;
}
