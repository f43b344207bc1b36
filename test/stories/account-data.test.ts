// Two people want to know who somebody is. A lawyer whose client is being harmed gets the least that the harm needs (ground D1); an
// authority with an order gets what the order names (D2). For each there is a twin who brings one thing less, and gets nothing.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { browserFor, readText, signIn, signUp } from "../browsing.ts";
import { casesOf } from "../cases.ts";
import { openTown } from "../town.ts";

const password = "four quiet words of Ada";
const contact = {
  name: "Ada Löwe",
  postal: "Linden 3, 10117 Berlin",
  phone: "+49 30 1234567",
  email: "ada@elsewhere.example",
};

test("a third party's lawyer and an authority learn the least that they may, and the client reads it", async (t) => {
  const browser = await browserFor(t);
  if (browser === undefined) return;
  const town = await openTown(t);
  const page = await browser.newPage({ javaScriptEnabled: false });
  const address = await signUp(page, town.url, "ada", password, contact);
  const desk = casesOf(town);
  const of = { client: address, asked: "everything about the person", reason: "as the case says" };
  const harm = [
    "who=the holder of this address, who sold one camera to four buyers",
    "interferesWith=the four buyers",
    "harm=640 euros lost, no camera sent",
    "leastData=a name and postal address to serve a claim; nothing else",
  ];
  const lawyer = { requester: "Kanzlei Beispiel", "requester-kind": "lawyer" };
  let served = "";

  await t.test(
    "D1: the lawyer is called back, the request determined, and its scope cut down to the card",
    async () => {
      const request = {
        ...lawyer,
        kind: "harm",
        "came-by": "a letter; it names a telephone number that is not the one we call",
        about: address,
        asked: "name, address, bank account, all sign-ins and all letters to the four buyers",
      };
      const id = await desk.determined(
        request,
        "harm shown by the buyers' statements; contact is what a claim needs",
      );
      const grant = {
        ...of,
        ...lawyer,
        ground: "D1",
        class: "contact",
        id: "contact",
        demand: harm,
      };
      const filed = await desk.file(grant);
      assert.ok(filed.ok, filed.why);
      await desk.done(["case", "step", id, "narrowed"], {
        grant: filed.hash,
        note: "granted: the contact card. Not granted: bank account (no ground), sign-ins (not needed), letters (D1 does not reach them)",
      });
      await desk.approve(filed.hash);
      assert.equal((await desk.done(["case", "show", id]))["stage"], "approved");
      const opened = await desk.release(filed.hash);
      const card = await readFile(join(opened, "contact-contact.json"), "utf8");
      assert.deepEqual(JSON.parse(card), contact);
      assert.deepEqual((await readdir(opened)).filter((name) => /json$|eml$/.test(name)).sort(), [
        "contact-contact.json",
        "manifest.json",
      ]);
      assert.match(
        await readFile(join(opened, "cover.txt"), "utf8"),
        /1 item:[^]*contact, \d+ bytes, SHA-256/,
      );
      await desk.done(["case", "step", id, "delivered"], {
        note: "handed to the lawyer in person",
      });
      served = id;
    },
  );

  await t.test(
    "the twin who cannot say what the harm is gets nothing, and is told which demand",
    async () => {
      const without = harm.filter((demand) => !demand.startsWith("harm="));
      const refused = await desk.file({
        ...of,
        ...lawyer,
        ground: "D1",
        class: "contact",
        id: "contact",
        demand: without,
      });
      assert.ok(!refused.ok);
      assert.match(refused.why, /demands\.harm.*D1 demands this/);
      const letters = await desk.file({
        ...of,
        ...lawyer,
        ground: "D1",
        class: "content",
        id: "contact",
        demand: harm,
      });
      assert.match(letters.why, /class.*D1 does not reach/);
    },
  );

  const order = {
    requester: "District Court of Example",
    "requester-kind": "court",
    kind: "order",
    "came-by": "by registered mail",
    about: address,
    asked: "all account data and all bank data",
    instrument: "order, District Court of Example, 7 Gs 12/26, 2026-11-20",
  };
  const court = { requester: order.requester, "requester-kind": "court" };

  await t.test(
    "D2: an order with a determination and two approvals opens status and log, as a package",
    async () => {
      const id = await desk.determined(
        order,
        "original seen; the court is competent; account data, not contents",
      );
      const day = new Date(town.clock.now()).toISOString().slice(0, 10);
      const scope = { client: address, class: "clientlog", since: day, until: day };
      const determination = await desk.determination({
        ...scope,
        instrument: order.instrument,
        text: "valid and enforceable for the log of this day",
      });
      const demand = [`instrument=${order.instrument}`, `determination=${determination}`];
      const filed = await desk.file({ ...of, ...court, ...scope, ground: "D2", demand });
      assert.ok(filed.ok, filed.why);
      await desk.done(["case", "step", id, "narrowed"], {
        grant: filed.hash,
        note: "granted: the log of the day; the bank data is not named in the order",
      });
      await desk.approve(filed.hash);
      const opened = await desk.release(filed.hash);
      const events = (await readdir(opened)).filter((name) => name.startsWith("clientlog-"));
      assert.ok(events.length >= 2, "the sign-up and the sign-in are events of the day");
      await desk.done(["case", "step", id, "delivered"], { note: "by courier, against receipt" });
      // Standing is clear on disk for deliveries; shown to a person it is sealed first and goes the same way.
      const standing = { client: address, class: "standing", id: "standing" };
      const also = await desk.determination({
        ...standing,
        instrument: order.instrument,
        text: "valid for the status",
      });
      const second = await desk.file({
        ...of,
        ...court,
        ...standing,
        ground: "D2",
        demand: [`instrument=${order.instrument}`, `determination=${also}`],
      });
      assert.ok(second.ok, second.why);
      await desk.approve(second.hash);
      const status = await readFile(
        join(await desk.release(second.hash), "standing-standing.json"),
        "utf8",
      );
      assert.match(status, /"status":"active"/);
    },
  );

  await t.test(
    "the twin with an order that nobody determined gets nothing, and neither does the bank data that it does not name",
    async () => {
      const base = { ...of, ...court, ground: "D2", class: "contact", id: "contact" };
      const refused = await desk.file({ ...base, demand: [`instrument=${order.instrument}`] });
      assert.match(refused.why, /demands\.determination.*D2 demands this/);
      const payment = { client: address, class: "payment", id: "billing" };
      const determination = await desk.determination({
        ...payment,
        instrument: order.instrument,
        text: "for the bank data",
      });
      const bank = await desk.file({
        ...of,
        ...court,
        ...payment,
        ground: "D2",
        demand: [`instrument=${order.instrument}`, `determination=${determination}`],
      });
      assert.equal(bank.refusal, "class-not-covered");
      assert.match(bank.why, /only when the instrument names it/);
    },
  );

  await t.test(
    "an order without an instrument is no case at all; one that is not valid ends as a rejection that is counted",
    async () => {
      const none = await desk.run(["case", "new"], {
        ...order,
        instrument: "",
        key: desk.keys.operator,
      });
      assert.match(none.why, /Name the instrument/);
      const made = await desk.done(["case", "new"], { ...order, key: desk.keys.operator });
      const id = made["id"] as string;
      await desk.done(["case", "step", id, "authenticated"], {
        note: "called the court's number from its site",
      });
      const own = await desk.run(["case", "determine", id], {
        verdict: "invalid",
        note: "not signed",
        key: desk.keys.operator,
      });
      assert.equal(own.refusal, "same-person", "who received it does not determine it");
      await desk.done(["case", "determine", id], {
        verdict: "invalid",
        note: "not signed by a judge",
        key: desk.keys.approver1,
      });
      const narrowed = await desk.run(["case", "step", id, "narrowed"], {
        note: "all of it",
        grant: "0".repeat(64),
      });
      assert.equal(narrowed.refusal, "not-valid");
      await desk.done(["case", "close", id], {
        outcome: "rejected",
        because: "not-valid",
        key: desk.keys.operator,
      });
    },
  );

  await t.test(
    "the client is told by letter and reads each look on their own page; the case is noticed and closed",
    async () => {
      await town.runJobs();
      const shown = await desk.done(["case", "show", served]);
      assert.equal(shown["stage"], "noticed");
      await desk.done(["case", "close", served], {
        outcome: "part",
        because: "narrowed",
        key: desk.keys.operator,
      });
      await signIn(page, town.url, address, password);
      await page.goto(`${town.url}/portal/looks`);
      const looks = await readText(page);
      assert.equal(looks.match(/Ground (?:D1|D2):/g)?.length, 3);
      const held = await desk.done(["grant", "messages", address]);
      assert.equal(Object.keys(held).length, 3, "one letter for each look");
    },
  );

  await t.test("outsiders count what happened, and learn nobody's name", async () => {
    await town.publish();
    const { stdout, code } = await town.run([
      "verify",
      join(town.data, "ledger"),
      "--json",
      "--memory",
      join(town.data, "memory"),
    ]);
    assert.equal(code, 0, stdout);
    const openings = await readFile(join(town.data, "ledger", "openings", "000.jsonl"), "utf8");
    assert.match(openings, /"because":"not-valid".*"outcome":"rejected"/);
    assert.doesNotMatch(openings, /Löwe|Kanzlei|District Court/);
  });
});
