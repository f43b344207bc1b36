// Contact data is opened to support for a ticket of the client's own, with an entry that the client sees; nothing of it for advertising,
// which has no purpose here and cannot be written. Letters to all clients exist as service notices only.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { isServiceNotice, type Support } from "#support";
import { mayOpen } from "#policy";
import { type Context, newBoxKeyPair, openOpener, openSealer } from "#vault";
import { browserFor, readText, signUp } from "../browsing.ts";
import { addClient } from "../client.ts";
import { searchFolders } from "../marker.ts";
import { openTown, type Town } from "../town.ts";

const contact = {
  name: "Wilhelmina Quibblesnipe",
  postal: "Kelpwater Lane 7, 12345 Exampleton",
  phone: "+49 30 5550123",
  email: "wilhelmina@home.example",
};
const password = "four quiet words of Ada";
const ada = "ada@bailee.localhost";

test("contact data opens for a ticket, leaves an entry that the client sees, and for nothing else", async (t) => {
  const browser = await browserFor(t);
  if (browser === undefined) return;
  const town = await openTown(t);
  const key = (name: string): string => join(town.data, "example-keys", `${name}.key`);
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  const desk = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await signUp(page, town.url, "ada", password, contact);
  const account = await openDesk(desk, town);
  const reveal = async (...words: string[]) => {
    const ran = await town.run(["reveal", "contact", ada, ...words, "--json"]);
    return { code: ran.code, said: ran.stdout + ran.stderr };
  };
  const looks = async (): Promise<string> => {
    await page.goto(`${town.url}/portal/looks`);
    return readText(page);
  };

  await t.test("the desk shows facts, and what stands before the rest", async () => {
    const text = await readText(desk);
    assert.match(text, /Status active.*sealed; this page cannot open them/);
    assert.match(text, /This client has no ticket.*stays closed/);
    assert.doesNotMatch(text, /Wilhelmina|Kelpwater/);
  });

  await t.test(
    "without a ticket, with one that does not exist, with a stranger's key: refused",
    async () => {
      const none = await reveal("--key", key("operator"));
      assert.equal(none.code, 1);
      assert.match(none.said, /ticket: the number of the client's own request is demanded/);
      const unknown = await reveal("--ticket", "12345678", "--key", key("operator"));
      assert.equal(unknown.code, 1);
      assert.match(unknown.said, /unknown-ticket/);
      assert.match(await looks(), /Nobody has looked/);
    },
  );

  const ticket = await writeTicket(page, town);
  await t.test("another client's ticket is none of this client's", async () => {
    const bob = await addClient(town, "bob");
    const ran = await town.run([
      "reveal",
      "contact",
      bob.address,
      "--ticket",
      ticket,
      "--key",
      key("operator"),
    ]);
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /no ticket \d{8} of this client/);
    const made = join(town.data, "stranger.key");
    assert.equal((await town.run(["approve", "init", "--out", made])).code, 0);
    const stranger = await reveal("--ticket", ticket, "--key", made);
    assert.equal(stranger.code, 1);
    assert.match(stranger.said, /unknown-actor/);
    assert.match(await looks(), /Nobody has looked/);
  });

  await t.test(
    "with the ticket, the card opens once, and the client reads for which ticket",
    async () => {
      await desk.goto(`${town.url}/desk/contact/${account}`);
      assert.match(
        await readText(desk),
        new RegExp(`bailee reveal contact ${ada} --ticket ${ticket} --key YOUR-KEY`),
      );
      const opened = await reveal(
        "--ticket",
        ticket,
        "--key",
        key("operator"),
        "--reason",
        "a lost parcel",
      );
      assert.equal(opened.code, 0, opened.said);
      const value = JSON.parse(opened.said) as { entry: number; contact: typeof contact };
      assert.deepEqual(value.contact, contact);
      const text = await looks();
      assert.match(text, /opened.*Ground support: support of the client relationship/);
      assert.match(text, new RegExp(`Why ticket ${ticket}: a lost parcel.*1 item of contact`));
      assert.match(text, new RegExp(`Entry ${value.entry} of the ledger`));
      await town.publish();
      const verified = await town.run(["verify", `${town.url}/ledger`]);
      assert.equal(verified.code, 0, verified.stderr);
      for (const word of ["Quibblesnipe", "Kelpwater"])
        assert.deepEqual(await searchFolders(word, [town.data]), [], word);
    },
  );

  await t.test(
    "a grant that names a ticket of nobody's is not released, by whatever way it was filed",
    () => otherWay(town, key),
  );
  await t.test("the only letters to all are service notices", () => notices(town));
});

/** Signs in at the desk and opens what it says of Ada's contact data; gives her account's id. */
async function openDesk(desk: Page, town: Town): Promise<string> {
  await desk.goto(`${town.url}/desk`);
  await desk.fill("#password", readFileSync(join(town.data, "desk-password"), "utf8").trim());
  await desk.click("main button");
  await desk.click(`a[aria-label="Contact data of ${ada}"]`);
  return desk.url().split("/").at(-1) ?? "";
}

async function writeTicket(page: Page, town: Town): Promise<string> {
  await page.goto(`${town.url}/portal/tickets`);
  await page.fill("#subject", "My parcel");
  await page.fill("#text", "It did not come. Please check my address.");
  await page.click('main form[action="/portal/tickets"] button');
  return page.url().split("/").at(-1) ?? "";
}

async function otherWay(town: Town, key: (name: string) => string): Promise<void> {
  const file = (name: string): string => join(town.data, name);
  const words = {
    ground: "support",
    client: ada,
    class: "contact",
    id: "contact",
    asked: "the card",
    reason: "curious",
    requester: "support",
    "requester-kind": "staff",
    demand: "ticket=87654321",
    actor: key("operator"),
    recipient: key("recipient"),
    out: file("draft"),
  };
  const options = Object.entries(words).flatMap(([name, value]) => [`--${name}`, value]);
  const drafted = await town.run(["grant", "draft", ...options, "--json"]);
  assert.equal(drafted.code, 0, drafted.stderr);
  const { hash } = JSON.parse(drafted.stdout) as { hash: string };
  assert.equal(
    (await town.run(["grant", "file", file("draft"), "--key", key("operator")])).code,
    0,
  );
  const released = await town.run(["grant", "release", hash, "--out", file("package")]);
  assert.equal(released.code, 1);
  assert.match(released.stderr, /unknown-ticket/);
}

async function notices(town: Town): Promise<void> {
  const eve = await addClient(town, "eve");
  const send = (...words: string[]) => town.run(["notice", "send", ...words]);
  const fields = ["begins=Sunday 4:00", "ends=Sunday 5:00", "affects=sending"].flatMap((field) => [
    "--field",
    field,
  ]);
  const newsletter = await send("newsletter", "--field", "text=buy");
  assert.equal(newsletter.code, 1);
  assert.match(
    newsletter.stderr,
    /no service notice of kind "newsletter"; there are: policy-amended/,
  );
  const bare = await send("maintenance");
  assert.equal(bare.code, 1);
  assert.match(bare.stderr, /begins is missing.*maintenance takes: begins, ends, affects/);

  const dry = await send("maintenance", ...fields, "--dry-run");
  assert.match(dry.stdout, /to 3 clients, nothing was sent.*Maintenance from Sunday 4:00/s);
  assert.equal((await eve.letters("INBOX")).length, 0);

  const sent = await send("maintenance", ...fields);
  assert.equal(sent.code, 0, sent.stderr);
  assert.match(sent.stdout, /3 given now; 3 of 3 clients have it/);
  assert.match(sent.stderr, /3 of 3 clients/, "progress");
  const [letter] = await eve.letters("INBOX");
  assert.match(letter?.toString() ?? "", /^Auto-Submitted: auto-generated\r$/m);
  const again = await send("maintenance", ...fields);
  assert.match(again.stdout, /0 given now; 3 of 3 clients have it/);
  assert.equal((await eve.letters("INBOX")).length, 1, "the same notice comes once");

  // Broken off between two clients: what one has, and another has not, is what the next run finds.
  const { support } = town.rooms;
  const incident = { when: "Monday", what: "a disk was full", done: "it has room again" } as const;
  const stopped = new Error("the power went");
  await assert.rejects(
    support.sendNotice("incident", incident, () => {
      throw stopped;
    }),
    stopped,
  );
  await town.restart();
  const reports = await town.runJobs();
  const job = reports.find(({ name }) => name === "service-notices");
  assert.deepEqual(job?.did, { given: 0, unfinished: 0 });
  assert.equal((await eve.letters("INBOX")).length, 2, "once, although it was begun twice");
  const listed = await town.run(["notice", "list"]);
  assert.match(listed.stdout, /incident {2}3 clients have it {2}finished/);
}

test("advertising has no purpose: it cannot be written, and what cannot be written is refused all the same", async () => {
  const pair = newBoxKeyPair();
  const context: Context<"contact"> = {
    class: "contact",
    client: "c",
    account: "",
    object: "contact",
    part: "card",
  };
  const sealed = openSealer(pair.publicKey).seal(context, Buffer.from("a card"));
  const opener = openOpener(pair.secretKey);
  // @ts-expect-error The policy lists no such purpose for contact data.
  const refused = opener.open(context, "marketing", sealed);
  assert.deepEqual(refused, { ok: false, refusal: "purpose-not-listed" });
  assert.equal(opener.open(context, "support-relationship", sealed).ok, true);
  for (const purpose of ["marketing", "Marketing", "newsletter", "advertising"])
    for (const dataClass of ["contact", "payment", "standing", "clientlog", "content"])
      assert.equal(mayOpen(dataClass, purpose), false, `${dataClass} for ${purpose}`);
  assert.equal(isServiceNotice("newsletter"), false);
  const types = (support: Support) => {
    // @ts-expect-error There is no notice of this kind.
    void support.sendNotice("newsletter", { text: "buy" });
    // @ts-expect-error A notice to one client is no notice to all.
    void support.sendNotice("invoice", { number: "1", amount: "3", due: "today" });
    // @ts-expect-error Each kind has exactly its fields, and none for words of any other sort.
    void support.sendNotice("maintenance", { begins: "", ends: "", affects: "", offer: "buy" });
  };
  assert.equal(typeof types, "function");
});
