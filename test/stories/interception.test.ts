// A court orders a month of somebody's future mail. It takes a determination, two approvals and an entry; from then on each letter is
// sealed to the court's key as well, in and out, and the month ends by itself. Stored mail stays shut, also that of a client whose
// plan nobody else can open. Whoever can write to the database cannot begin an order of their own.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { DAY } from "#base/time";
import { newBoxKeyPair } from "#vault";
import { browserFor, readText, signIn } from "../browsing.ts";
import { casesOf } from "../cases.ts";
import { addClient } from "../client.ts";
import type { House } from "../house.ts";
import { makeLetter } from "../letters.ts";
import { sendLetter } from "../send.ts";
import { openTown } from "../town.ts";
import { openInterceptor } from "../../src/main/interception.ts";

test("an order on a month of future mail is carried out, ends by itself, and is told", async (t) => {
  // What leaves finds nobody: it waits, and no report of failure comes into the month.
  const town = await openTown(t, { settings: { BAILEE_SMARTHOST: "127.0.0.1:9" } });
  const house = town as unknown as House;
  const ada = await addClient(house, "ada");
  await addClient(house, "bo");
  const desk = casesOf(town);
  const court = { requester: "District Court of Example", "requester-kind": "court" };
  const instrument = "interception order, District Court of Example, 3 Gs 9/26, 2026-11-20";
  const letterTo = async (to: string, subject: string): Promise<void> => {
    const from = "friend@example.org";
    const letter = makeLetter({ from, to, subject, text: `${subject}, in full` });
    await sendLetter({ port: town.ports.SMTP, from, to: [to], letter });
  };
  const sends = async (to: string, subject: string): Promise<void> => {
    const from = ada.address;
    const letter = makeLetter({ from, to, subject, text: `${subject}, in full` });
    const login = { user: from, password: ada.password };
    await sendLetter({ port: town.ports.SUBMISSION, from, to: [to], letter, login });
  };
  /** Turns the clock to a second behind an instant; never back. */
  const reach = (at: number): void => town.pass(Math.max(0, at + 1000 - town.clock.now()));
  let taken = 0;
  /** What the court reads, from a file that it opens with its own key. */
  const fetched = async (hash: string): Promise<string[]> => {
    const file = join(town.data, `copies-${(taken += 1)}`);
    const out = `${file}-opened`;
    await desk.done(["grant", "intercepted", hash], { out: file });
    const sealed = await readFile(file, "latin1");
    assert.doesNotMatch(sealed, /in full/, "what is handed out is sealed to the court");
    await desk.done(["grant", "open", file], { hash, key: desk.keys.recipient, out });
    const names = (await readdir(out)).sort();
    return Promise.all(names.map((name) => readFile(join(out, name), "utf8")));
  };
  await letterTo(ada.address, "before the order");
  const { now } = Date;
  const instant = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;
  // Far enough that the order is under way before it begins, however slow the machine.
  const from = now() + 60_000;
  const until = from + 30 * DAY;
  const scope = { client: ada.address, from: instant(from), until: instant(until) };
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
  const prohibition = "order of non-disclosure, 3 Gs 10/26";
  const gag = { "notice-until": day(until + 3 * DAY), "notice-document": prohibition };
  let hash = "";

  await t.test(
    "without a determination it is refused, and mail of the past is not in its reach",
    async () => {
      const base = {
        ...court,
        ...scope,
        ground: "E3",
        asked: "all mail",
        reason: "as ordered",
        hours: "48",
      };
      const none = await desk.file({
        ...base,
        demand: [`instrument=${instrument}`, "determination= "],
      });
      assert.match(none.why, /demands\.determination.*E3 demands this/);
      const support = await desk.file({
        ...base,
        ground: "E2",
        demand: ["providerInterest=x", "clientInterest=y"],
      });
      assert.match(support.why, /Only legal process \(E3\)/);
      const past = await desk.file({
        ...base,
        from: instant(from - DAY),
        demand: [`instrument=${instrument}`, "determination=x"],
      });
      assert.match(past.why, /mail of the past is opened by its ids/);
    },
  );

  await t.test("determined and approved, it begins, and its case is on its way", async () => {
    const request = {
      ...court,
      kind: "interception",
      "came-by": "by courier",
      about: ada.address,
      asked: "three months of all mail",
      instrument,
    };
    const id = await desk.determined(request, "original seen; a month, as the statute has it");
    const determination = await desk.determination({
      ...scope,
      instrument,
      text: "valid and enforceable for a month",
    });
    const filed = await desk.file({
      ...court,
      ...scope,
      ...gag,
      ground: "E3",
      asked: "three months of all mail",
      reason: "as the court orders",
      hours: "48",
      demand: [`instrument=${instrument}`, `determination=${determination}`],
    });
    assert.ok(filed.ok, filed.why);
    hash = filed.hash;
    await desk.done(["case", "step", id, "narrowed"], {
      grant: hash,
      note: "a month of the three",
    });
    const early = await desk.run(["grant", "intercept", hash]);
    assert.equal(early.refusal, "too-few-approvals");
    await desk.approve(hash);
    await desk.done(["grant", "intercept", hash]);
    assert.equal((await desk.done(["case", "show", id]))["stage"], "produced");
    assert.equal((await desk.run(["grant", "intercept", hash])).refusal, "outcome-pending");
  });

  await t.test(
    "letters of the month reach the court as well, in and out; those of before and of others do not",
    async () => {
      await letterTo(ada.address, "before it begins");
      reach(from);
      await letterTo(ada.address, "first of the month");
      await letterTo("bo@bailee.localhost", "none of the court's business");
      await sends("bo@bailee.localhost", "an answer to Bo");
      await sends("someone@example.org", "an answer elsewhere");
      const read = await fetched(hash);
      assert.equal(read.length, 3);
      for (const subject of ["first of the month", "an answer to Bo", "an answer elsewhere"])
        assert.ok(
          read.some((text) => text.includes(subject)),
          subject,
        );
      assert.match(read.join("\n"), /^Return-Path: <friend@example\.org>/m, "as it is stored");
      const again = await desk.run(["grant", "intercepted", hash], {
        out: join(town.data, "again"),
      });
      assert.equal(again.refusal, "nothing-held", "what was handed out is not kept here");
      assert.equal((await ada.letters("INBOX")).length, 3, "she has all of hers");
    },
  );

  await t.test("a restart goes on with it", async () => {
    await town.restart();
    await letterTo(ada.address, "after a restart");
    const [letter = "", ...more] = await fetched(hash);
    assert.match(letter, /after a restart/);
    assert.deepEqual(more, []);
  });

  await t.test(
    "a client whose stored mail nobody else can open can still be intercepted, and the plan says so",
    async () => {
      const address = "cem@bailee.localhost";
      await desk.done(["client", "add", address], { plan: "sealed" });
      await letterTo(address, "stored");
      const order = async (of: { readonly [option: string]: string }) => {
        const about = { client: address, ...of };
        const determination = await desk.determination({ ...about, instrument, text: "valid" });
        const demand = [`instrument=${instrument}`, `determination=${determination}`];
        const words = { asked: "all mail", reason: "as ordered" };
        return desk.file({ ...court, ...about, ...gag, ...words, ground: "E3", demand });
      };
      assert.equal((await order({ newest: "1" })).refusal, "client-only");
      const begin = Date.now() + 10_000;
      const future = await order({ from: instant(begin), until: instant(begin + DAY) });
      assert.ok(future.ok, future.why);
      await desk.approve(future.hash);
      await desk.done(["grant", "intercept", future.hash]);
      reach(begin);
      await letterTo(address, "to come");
      const [read = "", ...more] = await fetched(future.hash);
      assert.match(read, /to come/);
      assert.deepEqual(more, []);
      const plans = await (await fetch(`${town.url}/plans`)).text();
      assert.match(plans, /mail that is still to come can be intercepted/);
    },
  );

  await t.test("an order that the keeper did not sign is sealed to nobody", async () => {
    const { keeper, store } = town.rooms;
    const thief = newBoxKeyPair().publicKey;
    const forged = async () =>
      (await keeper.interceptions()).map((each) => ({ ...each, publicKey: thief }));
    const longer = async () =>
      (await keeper.interceptions()).map((each) => ({ ...each, until: each.until + 1 }));
    for (const interceptions of [forged, longer]) {
      const interceptor = await openInterceptor({
        keeper: { ...keeper, interceptions },
        store,
        clock: town.clock,
      });
      assert.equal(await interceptor.refresh(), 0);
    }
  });

  await t.test(
    "the month over, it ends by itself, the count is an entry, and after the silence Ada is told",
    async () => {
      await letterTo(ada.address, "the last of the month");
      reach(until + 60_000);
      await letterTo(ada.address, "the day after");
      const reports = await town.runJobs();
      assert.equal(reports.find(({ name }) => name === "interceptions")?.did["ended"], 2);
      const read = await fetched(hash);
      assert.equal(read.length, 1);
      assert.match(read[0] ?? "", /the last of the month/);
      const openings = async (): Promise<string> => {
        await town.publish();
        return readFile(join(town.data, "ledger", "openings", "000.jsonl"), "utf8");
      };
      assert.doesNotMatch(await openings(), /interception-/, "its entries are there, closed");
      const isTold = async (): Promise<boolean> =>
        (await ada.letters("INBOX")).some((each) =>
          /^Subject: A look at your mail that we could not tell you of/m.test(each.toString()),
        );
      assert.equal(await isTold(), false);
      town.pass(5 * DAY);
      assert.match(
        await openings(),
        /"items":5,[^}]*"reported":true[^}]*"type":"interception-outcome"/,
      );
      await town.runJobs();
      assert.equal(await isTold(), true, "the silence over, she is told by letter");
      const browser = await browserFor(t);
      if (browser === undefined) return;
      const page = await browser.newPage({ javaScriptEnabled: false });
      await signIn(page, town.url, ada.address, ada.password);
      await page.goto(`${town.url}/portal/looks`);
      assert.match(await readText(page), /Ground E3: an interception order.*5 items/);
    },
  );
});
