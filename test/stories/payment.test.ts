// Plans and payment, on a whole house whose clock is turned: a choice of services, an invoice paid by a bank's statement, another
// by a prepaid code, the ladder down and up again, and an owner who tries every way to see what a client pays with.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import type { Page } from "playwright-core";
import { DAY } from "#base/time";
import { classes, type Ground, grounds } from "#policy";
import { statement } from "../../src/billing/testing/statements.ts";
import { browserFor, cells, readText, signIn, signUp } from "../browsing.ts";
import { casesOf } from "../cases.ts";
import { openedItems, type Options } from "../grants.ts";
import { searchFolders } from "../marker.ts";
import { openTown, type Town } from "../town.ts";

const password = "four words nobody guesses";
const ada = "ada@bailee.localhost";
const bob = "bob@bailee.localhost";
const contact = {
  name: "Ada Quillfeather",
  postal: "Mill Lane 3, 12345 Exampletown",
  phone: "+49 30 1234567",
  email: "ada@example.org",
};
/** Billing information only, so that it is found nowhere else. */
const company = "Zirbelnusshaus & Daughters";

test("plans are chosen, invoices paid and dunned, and what a client pays with is shown to nobody", async (t) => {
  const browser = await browserFor(t);
  if (browser === undefined) return;
  const files = await mkdtemp(join(tmpdir(), "bailee-payment-"));
  t.after(() => rm(files, { recursive: true, force: true }));
  const town = await openTown(t);
  // Two people, two browsers; a third sits at the desk.
  const [adas, bobs, desk] = await Promise.all(
    [1, 2, 3].map(async () =>
      (await browser.newContext({ javaScriptEnabled: false, acceptDownloads: true })).newPage(),
    ),
  );
  assert.ok(adas !== undefined && bobs !== undefined && desk !== undefined);
  const story: Story = { town, files, adas, bobs, desk };

  await t.test("a plan is chosen, and gives what it includes and no more", () => choose(story));
  await t.test("billing information is sealed, and a card number refused", () => inform(story));
  await t.test("no purpose and no ground but D2 that names it opens payment", () => refused(story));
  await t.test("invoices are numbered through a restart, as HTML and PDF", () => invoices(story));
  await t.test("a bank's statement pays one, once", () => transfer(story));
  await t.test("an invoice is opened for its owner alone", () => sealedInvoice(story));
  await t.test("the ladder goes down by its dates, and a code brings it up", () => ladder(story));
});

interface Story {
  readonly town: Town;
  readonly files: string;
  readonly adas: Page;
  readonly bobs: Page;
  readonly desk: Page;
}

const maySend = async ({ rooms }: Town, login: string): Promise<boolean> =>
  (await rooms.clients.signIn({ login, password, protocol: "submission", peer: "192.0.2.9" })).ok;

async function choose({ town, adas, bobs }: Story): Promise<void> {
  await adas.goto(`${town.url}/plans`);
  assert.match(await readText(adas), /Personal 3\.00 EUR a month .*Inbox 1\.00 EUR a month/);
  assert.equal(await signUp(bobs, town.url, "bob", password), bob);
  await adas.goto(`${town.url}/sign-up?track=contract`);
  await adas.check("input[name=plan][value=inbox]");
  await adas.fill("#name", "ada");
  await adas.fill("#password", password);
  for (const [field, value] of Object.entries({ ...contact, fullName: contact.name }))
    if (field !== "name") await adas.fill(`#${field}`, value);
  await adas.click("main button");
  assert.match(await readText(adas), /Your address is ready/);
  assert.equal(await maySend(town, bob), true);
  assert.equal(await maySend(town, ada), false, "an inbox sends nothing");
  await adas.goto(`${town.url}/portal/billing`);
  assert.match(await readText(adas), /To pay Nothing Invoices begin with .* Your plan Inbox/);
  await adas.check("input[name=plan][value=personal]");
  await adas.getByRole("button", { name: "Change to this plan" }).click();
  assert.match(await readText(adas), /Your plan has changed\..*Your plan Personal 3\.00 EUR/);
  assert.equal(await maySend(town, ada), true);
  await adas.goto(`${town.url}/portal/log`);
  assert.match(await readText(adas), /change plan .*inbox .*personal/);
}

async function inform({ town, adas }: Story): Promise<void> {
  await adas.goto(`${town.url}/portal/billing/information`);
  const keep = async (address: string): Promise<string> => {
    await adas.fill("#company", company);
    await adas.fill("#address", address);
    await adas.fill("#vatId", "de 123456789");
    await adas.getByRole("button", { name: "Keep this" }).click();
    return readText(adas);
  };
  assert.match(await keep("pay from 4111 1111 1111 1111"), /looks like a card number/);
  assert.equal(await adas.inputValue("#address"), "", "it is not sent back either");
  assert.match(await keep("Harbour Road 8\n54321 Otherville"), /Kept\./);
  assert.equal(await adas.inputValue("#company"), company);
  assert.equal(await adas.inputValue("#vatId"), "DE123456789");
  assert.deepEqual(await searchFolders("Zirbelnusshaus", [town.data]), []);
  assert.deepEqual(await searchFolders("4111 1111 1111 1111", [town.data]), []);
}

async function invoices({ town, adas, bobs, files }: Story): Promise<void> {
  const runs = async (...words: string[]) =>
    JSON.parse((await town.run(["billing", ...words, "--json"])).stdout) as never;
  assert.deepEqual(await runs("run"), { drafted: 0, issued: 0, left: [] }, "the trial is free");
  town.pass(31 * DAY);
  await town.runJobs();
  await town.restart();
  await town.runJobs();
  assert.deepEqual(await runs("run"), { drafted: 0, issued: 0, left: [] });
  const listed: { number: string; state: string }[] = await runs("invoices");
  assert.deepEqual(
    listed.map(({ number, state }) => [number, state]),
    [
      ["000002", "open"],
      ["000001", "open"],
    ],
  );
  // A month is longer than a session.
  await signIn(adas, town.url, ada, password);
  await signIn(bobs, town.url, bob, password);
  await adas.goto(`${town.url}/portal/billing`);
  const text = await readText(adas);
  assert.match(text, /To pay 3\.00 EUR 1 open invoice/);
  assert.match(
    text,
    /What happens when .* Payment is due .* We remind you .* past due.* suspended/,
  );
  const number = (await cells(adas, "Invoices"))[0]?.[0] ?? "";
  const html = await downloaded(adas, `Number ${number} as HTML`, files);
  assert.ok(html.name.endsWith(`invoice-${number}.html`), html.name);
  const paper = await adas.context().newPage();
  await paper.goto(`file://${html.path}`);
  const words = (await paper.locator("body").innerText()).replaceAll(/\s+/g, " ");
  assert.match(
    words,
    new RegExp(
      `Invoice ${number} From Trial provider .* To ${company} Harbour Road 8 54321 Otherville VAT id DE123456789 ${ada}`,
    ),
  );
  assert.match(words, /Plan “personal”, one month 1 3\.00 EUR .* Total 3\.00 EUR/);
  await paper.close();
  const pdf = await downloaded(adas, `Number ${number} as PDF`, files);
  const printed = pdfText(readFileSync(pdf.path));
  for (const piece of [`Invoice ${number}`, company, "DE123456789", "3.00 EUR", "RF"])
    assert.ok(printed.includes(piece), `${piece} in ${printed}`);
  // Another's invoice is not there for him.
  const other = await adas
    .getByRole("link", { name: `Number ${number} as PDF` })
    .getAttribute("href");
  const [hers, his] = [
    await adas.request.get(town.url + other),
    await bobs.request.get(town.url + other),
  ];
  assert.deepEqual([hers.status(), his.status()], [200, 404]);
  assert.equal((await town.run(["billing", "invoices"])).stdout.includes(company), false);
}

async function transfer({ town, adas, desk, files }: Story): Promise<void> {
  const owner = (await town.rooms.clients.resolve(ada)) ?? assert.fail();
  const letters = async (): Promise<number> => (await town.rooms.store.listMessages(owner)).length;
  const before = await letters();
  await adas.goto(`${town.url}/portal/billing`);
  const reference = /Reference (RF[\dA-Z ]+?) What/.exec(await readText(adas))?.[1] ?? "";
  const file = join(files, "statement.xml");
  await writeFile(
    file,
    statement("08", [
      { cents: 300, reference, bankReference: "B-1" },
      { cents: 700, words: "for the club", bankReference: "B-2" },
    ]),
  );
  await desk.goto(`${town.url}/desk`);
  await desk.fill("#password", readFileSync(join(town.data, "desk-password"), "utf8").trim());
  await desk.click("main button");
  const upload = async (path: string): Promise<string> => {
    await desk.goto(`${town.url}/desk/billing`);
    await desk.setInputFiles("#statement", path);
    await desk.getByRole("button", { name: "Credit what it holds" }).click();
    return readText(desk);
  };
  assert.match(
    await upload(file),
    /1 paid exactly, 1 no known reference\. Credited: 3\.00 EUR\. 1 wait/,
  );
  assert.match(await readText(desk), /No known reference: 7\.00 EUR .* B-2/);
  assert.match(await upload(file), /2 seen before\. Credited: 0\.00 EUR/);
  const again = await town.run(["billing", "import", file]);
  assert.match(again.stdout, /2 seen-before; 0 passed over; credited 0\.00 EUR; 1 wait/);
  const bomb = join(files, "bomb.xml");
  await writeFile(bomb, '<!DOCTYPE a [<!ENTITY b "c">]><Document>&b;</Document>');
  assert.match(await upload(bomb), /Not taken: the file declares a document type/);
  assert.equal((await town.run(["billing", "import", bomb])).code, 1);
  await desk.getByRole("button", { name: "Dealt with elsewhere" }).click();
  assert.match(await readText(desk), /Set aside\..*Waiting for a person 0/);
  await adas.reload();
  assert.match(await readText(adas), /To pay Nothing/);
  assert.equal((await cells(adas, "Invoices"))[0]?.[3], "paid");
  await adas.goto(`${town.url}/portal/log`);
  assert.match(await readText(adas), /payment received amount 3\.00 EUR/);
  assert.match(await readText(adas), /notice invoice/);
  assert.equal(await letters(), before + 1, "a letter says that it arrived");
}

async function ladder({ town, bobs }: Story): Promise<void> {
  const status = async (): Promise<string | undefined> =>
    (await town.rooms.clients.list()).find(({ address }) => address === bob)?.status;
  // Due after 14 days, past due 14 later.
  town.pass(27 * DAY);
  await town.runJobs();
  assert.equal(await status(), "active");
  town.pass(DAY);
  await town.runJobs();
  assert.equal(await status(), "past-due");
  await signIn(bobs, town.url, bob, password);
  await bobs.goto(`${town.url}/portal/billing`);
  assert.match(await readText(bobs), /Your account is marked past due/);
  assert.equal(await bobs.getByText("reached", { exact: true }).count(), 3);
  town.pass(14 * DAY);
  await town.runJobs();
  assert.equal(await status(), "suspended");
  // Gently: he reads his pages and can pay. By now the next month is invoiced too.
  await signIn(bobs, town.url, bob, password);
  await bobs.goto(`${town.url}/portal/billing`);
  const owed = /To pay (\d)\.00 EUR/.exec(await readText(bobs))?.[1];
  assert.equal(owed, "6");
  const made = await town.run(["billing", "codes", "--count", "2", "--cents", "800", "--json"]);
  const { codes } = JSON.parse(made.stdout) as { codes: string[] };
  const [code = ""] = codes;
  assert.equal(codes.length, 2);
  assert.deepEqual(await searchFolders(code, [town.data]), [], "a code is kept nowhere");
  const redeem = async (): Promise<string> => {
    await bobs.goto(`${town.url}/portal/billing`);
    await bobs.fill("#code", code);
    await bobs.getByRole("button", { name: "Credit it" }).click();
    return readText(bobs);
  };
  assert.match(await redeem(), /The code is credited\..*To pay Nothing .*Your credit 2\.00 EUR/);
  assert.match(await redeem(), /There is no such code/);
  assert.equal(await status(), "active");
  const log = await bobs.goto(`${town.url}/portal/log`).then(() => readText(bobs));
  for (const words of ["invoice: reminder", "invoice: past due", "invoice: suspension"])
    assert.ok(log.includes(words), words);
  // After the page's head: the pages of the portal, named above it, may well have the word.
  assert.doesNotMatch(log.slice(log.indexOf("Your log")), /code/, "no line says when a code came");
}

async function refused({ town, adas }: Story): Promise<void> {
  const { rooms } = town;
  const { client } = (await rooms.clients.resolve(ada)) ?? assert.fail();
  const billing = await rooms.billing.sealedOf(client, await rooms.billing.objectsOf(client));
  assert.equal(billing.length, 1);
  // The server itself: for payment, and for no other purpose of the table.
  assert.ok((await rooms.keeper.standing("process-payment", billing)).ok);
  for (const purpose of new Set(Object.values(classes).flatMap((row) => [...row.purposes]))) {
    if (purpose === "process-payment") continue;
    const answer = await rooms.keeper.standing(purpose, billing);
    assert.equal(answer.ok ? "opened" : answer.refusal, "not-listed", purpose);
  }

  // The owner, who has every key of the example: each ground, with all that it demands.
  const owner = casesOf(town);
  const instrument = "order of the tax court of Example, 7 K 12/26, 2026-11-20";
  const naming = `${instrument}, about payment data`;
  const about: Options = { client: ada, class: "payment", id: "billing" };
  const draft = (ground: Ground, demand: readonly string[]): Options => ({
    ...about,
    ground,
    demand,
    reason: "the owner is curious",
    asked: "what she pays with",
    ...owner.people,
  });
  for (const ground of Object.keys(grounds) as Ground[]) {
    if (ground === "D2") continue;
    const demand = grounds[ground].demands.map(
      (name) => `${name}=${name === "earlierEntry" ? "1" : "as it must be"}`,
    );
    const said = await owner.file(draft(ground, demand));
    assert.equal(said.ok, false, ground);
    assert.match(
      `${said.refusal} ${said.why}`,
      /class-not-covered|does not reach this class/,
      ground,
    );
  }
  const determined = async (words: string): Promise<string[]> => [
    `instrument=${words}`,
    `determination=${await owner.determination({ ...about, instrument: words, text: "seen and called back" })}`,
  ];
  const silent = await owner.file(draft("D2", await determined(instrument)));
  assert.equal(silent.ok, false);
  assert.match(
    `${silent.refusal} ${silent.why}`,
    /class-not-covered payment is in reach only when the instrument names it/,
  );

  // And the one way that there is: it opens, and she reads that it did.
  const named = await owner.file(draft("D2", await determined(naming)));
  assert.ok(named.ok, named.why);
  await owner.approve(named.hash);
  const items = await openedItems(await owner.release(named.hash));
  const texts = items.filter(({ name }) => name === "payment-billing.json");
  assert.equal(texts.length, 1);
  assert.ok(texts[0]?.bytes.toString().includes(company));
  await signIn(adas, town.url, ada, password);
  await adas.goto(`${town.url}/portal/looks`);
  assert.match(await readText(adas), /D2: .*the owner is curious.*1 item of payment/);
  assert.deepEqual(
    await searchFolders("Zirbelnusshaus", [
      join(town.data, "server"),
      join(town.data, "keeper"),
      join(town.data, "ledger"),
    ]),
    [],
  );
}

async function sealedInvoice({ town: { rooms } }: Story): Promise<void> {
  const { client } = (await rooms.clients.resolve(ada)) ?? assert.fail();
  const ids = (await rooms.billing.objectsOf(client)).filter((id) => id !== "billing");
  const sealed = await rooms.billing.sealedOf(client, ids);
  assert.equal(sealed.length, 1);
  // Not even for payment: the run writes invoices, and never needs to read one.
  const answer = await rooms.keeper.standing("process-payment", sealed);
  assert.equal(answer.ok ? "opened" : answer.refusal, "not-listed");
}

async function downloaded(
  page: Page,
  link: string,
  folder: string,
): Promise<{ readonly name: string; readonly path: string }> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: link }).click(),
  ]);
  const name = download.suggestedFilename();
  const path = join(folder, name);
  await download.saveAs(path);
  return { name, path };
}

/** The words of a PDF of ours: the streams inflated, the hexadecimal strings of each line put together. */
function pdfText(pdf: Buffer): string {
  const raw = pdf.toString("latin1");
  const lines: string[] = [];
  for (const { 1: stream = "" } of raw.matchAll(
    /FlateDecode[^>]*>>\s*stream\n([\s\S]*?)\nendstream/g,
  )) {
    const drawn = inflateSync(Buffer.from(stream, "latin1")).toString("latin1");
    for (const { 1: shown = "" } of drawn.matchAll(/\[([^\]]*)\] TJ/g))
      lines.push(
        [...shown.matchAll(/<([0-9a-f]*)>/g)]
          .map(({ 1: hex = "" }) => Buffer.from(hex, "hex").toString("latin1"))
          .join(""),
      );
  }
  return lines.join("\n");
}
