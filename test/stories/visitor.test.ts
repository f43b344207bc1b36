// Somebody reads this site without saying who they are, in Chromium with JavaScript off. What stays of it are three facts in
// counters; then they choose a language and colours, and one cookie appears.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { sql } from "kysely";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { DAY } from "#base/time";
import { cookieRegister } from "#visitors";
import { browserFor, cells, readText } from "../browsing.ts";
import { startDns } from "../dns.ts";
import { searchFolders } from "../marker.ts";
import { openTown, type Town } from "../town.ts";

// A Monday, well inside an hour.
const MONDAY = Date.parse("2026-11-23T14:10:00Z");
// Words that a visit shows of itself and that must be nowhere afterwards.
const shown = { agent: "Wayfarer7Browser", query: "searchword31", referrer: "cameFromHere88" };

test("a visitor reads every page, leaves three facts, sees them, and then chooses German and dark", async (t) => {
  const browser = await browserFor(t);
  if (browser === undefined) return;
  const zone = { "1.0.0.127.in-addr.arpa": { ptr: "dsl-7.pool.example.com" } };
  const dns = await startDns(t, zone);
  const town = await openTown(t, { from: MONDAY, settings: { BAILEE_DNS: dns } });
  await town.runJobs();
  const before = await rowsByTable(town);
  const visitor = await visit(browser, { userAgent: `${shown.agent}/1.0` });
  const { page } = visitor;
  let pages: readonly string[] = [];

  await t.test(
    "she first asks what she leaves: a page, an hour, and a name that is looked up",
    async () => {
      await page.goto(`${town.url}/left-here?q=${shown.query}`, {
        referer: `http://${shown.referrer}.example/`,
      });
      const text = await readText(page);
      assert.match(text, /The page \/left-here as a pattern/);
      assert.match(text, /The hour 14:00 23 Nov 2026, UTC\. This page in this hour: 1 view\./);
      assert.match(text, /Your provider (?:being looked up|example\.com)/);
      assert.doesNotMatch(text, new RegExp(shown.query));
      await until(async () => {
        await page.reload();
        return (await readText(page)).includes("example.com");
      });
      const [, hour] = /in this hour: (\d+) views/.exec(await readText(page)) ?? [];
      const [, day] = /Today: (\d+) views/.exec(await readText(page)) ?? [];
      assert.equal(day, hour, "both counters rose by one with each of her requests, this one too");
    },
  );

  await t.test(
    "she follows every link from the start: no cookie, nobody else, one policy",
    async () => {
      pages = await crawl(page, town.url);
      for (const path of [
        "/",
        "/policy",
        "/cookies",
        "/traffic",
        "/ledger",
        "/preferences",
        "/sign-up",
        "/sign-in",
        "/left-here",
        "/source",
      ])
        assert.ok(pages.includes(path), `${path} is found by links`);
      assert.deepEqual(await visitor.cookiesSet(), []);
      assert.deepEqual(await visitor.context.cookies(), []);
      assert.deepEqual(visitor.elsewhere(town.url), [], "nothing is asked of anybody else");
      assert.equal(visitor.policies.size, 1, "one constant Content-Security-Policy");
      assert.match([...visitor.policies][0] ?? "", /^default-src 'none'; style-src 'self'/);
    },
  );

  await t.test("three facts are in the database, and no other table has heard of her", async () => {
    await page.goto(`${town.url}/traffic`); // the report writes what was counted up to now
    const after = await rowsByTable(town);
    const grown = [...after].filter(([name, rows]) => rows !== before.get(name));
    assert.deepEqual(
      grown.map(([name]) => name),
      ["visit_isp", "visit_page"],
    );
    assert.deepEqual(await columnsOf(town, "visit_page"), [
      "automated",
      "count",
      "day",
      "hour",
      "page",
    ]);
    assert.deepEqual(await columnsOf(town, "visit_isp"), ["automated", "count", "day", "isp"]);
    const folders = [join(town.data, "server")];
    for (const word of [...Object.values(shown), "127.0.0.1", "dsl-7"])
      assert.deepEqual(await searchFolders(word, folders), [], `${word} is nowhere`);
    assert.notDeepEqual(await searchFolders("example.com", folders), [], "and the search finds");
  });

  await t.test("the operator reads pages, hours and providers, as charts and tables", async () => {
    await page.goto(`${town.url}/traffic?period=today`);
    const table = new Map(
      (await cells(page, "Views by page")).map(([name = "", views = ""]) => [name, views]),
    );
    for (const path of pages.filter((each) => !each.includes("?")))
      assert.ok(table.has(path), `${path} is in the table`);
    assert.deepEqual(
      (await cells(page, "Views by internet provider")).map(([name]) => name),
      ["example.com"],
    );
    assert.equal((await cells(page, "Views by time")).length, 1, "all in one hour");
    assert.equal(await page.locator("main figure svg .bar").count(), 24);
    assert.ok((await page.locator("main svg.share").count()) > pages.length / 2);
    const csv = await (await fetch(`${town.url}/traffic.csv?period=today`)).text();
    assert.match(csv, /^provider,"example\.com",\d+\r$/m);
    assert.match(csv, /^hour-of-week,"Mon 14:00",\d+\r$/m);
    const json = (await (await fetch(`${town.url}/traffic.json?period=7-days`)).json()) as object;
    assert.ok("hoursOfWeek" in json && "isps" in json);
  });

  await t.test(
    "a browser that asks for German gets it, and that leaves nothing either",
    async () => {
      const german = await visit(browser, { locale: "de-AT" });
      await german.page.goto(`${town.url}/policy`);
      assert.equal(await german.page.getAttribute("html", "lang"), "de");
      assert.match(await readText(german.page), /Verbindlich sind die englischen Worte/);
      assert.deepEqual(await german.cookiesSet(), []);
      await german.context.close();
    },
  );

  await t.test(
    "she chooses German and dark: one cookie, on the register, and every page follows",
    async () => {
      await page.goto(`${town.url}/preferences`);
      await page.check('[name="language"][value="de"]');
      await page.check('[name="theme"][value="dark"]');
      await page.click("main button");
      assert.match(await readText(page), /__Host-prefs=theme-dark\.lang-de/);
      const cookies = await visitor.context.cookies();
      assert.deepEqual(
        cookies.map(({ name, value, httpOnly, secure }) => ({ name, value, httpOnly, secure })),
        [{ name: "__Host-prefs", value: "theme-dark.lang-de", httpOnly: true, secure: true }],
      );
      await page.goto(`${town.url}/cookies`);
      const register = await cells(page, "Verzeichnis der Cookies");
      assert.deepEqual(
        register.map(([name]) => name),
        Object.keys(cookieRegister),
      );
      assert.deepEqual(register.at(-1)?.slice(1), [
        "merkt sich die Sprache und die Farben, die Sie gewählt haben",
        "Sie eine Sprache oder Farben wählen",
        "365 Tage",
      ]);
      await page.goto(`${town.url}/sign-up`);
      assert.equal(await page.getAttribute("html", "lang"), "de");
      assert.equal(await page.getAttribute("html", "data-theme"), "dark");
      assert.match(await readText(page), /Ihre Adresse @\S+ Passwort/);
      await page.fill("#name", "böse");
      await page.fill("#password", "kurz");
      await page.click("main button");
      assert.match(await readText(page), /Das ging nicht durch Bitte Buchstaben ohne Umlaute/);
    },
  );

  await t.test(
    "she chooses English at the foot of a page, and then nothing: the cookie goes",
    async () => {
      await page.goto(`${town.url}/policy`);
      await page.click('footer button[value="en"]');
      assert.equal(new URL(page.url()).pathname, "/policy", "back where she was");
      assert.equal(await page.getAttribute("html", "lang"), "en");
      assert.equal((await visitor.context.cookies())[0]?.value, "theme-dark.lang-en");
      await page.goto(`${town.url}/preferences`);
      await page.check('[name="language"][value="auto"]');
      await page.check('[name="theme"][value="auto"]');
      await page.click("main button");
      assert.deepEqual(await visitor.context.cookies(), []);
      assert.deepEqual(
        new Set(await visitor.cookiesSet()),
        new Set(["__Host-prefs"]),
        "and no other, ever",
      );
    },
  );

  await t.test("after 400 days the job deletes the day, and she was never here", async () => {
    // A report waits until what was counted is written; otherwise that could happen behind the job.
    assert.equal((await fetch(`${town.url}/traffic.json`)).status, 200);
    town.pass(400 * DAY);
    await town.runJobs();
    assert.notEqual((await rowsByTable(town)).get("visit_isp"), 0, "not a day too early");
    town.pass(DAY);
    const retention = (await town.runJobs()).find(({ name }) => name === "visit-retention");
    assert.ok((retention?.did["days"] ?? 0) > 0);
    assert.equal((await rowsByTable(town)).get("visit_page"), 0);
  });
  await visitor.context.close();
});

interface Visiting {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Names of all cookies that any answer set. */
  cookiesSet(): Promise<readonly string[]>;
  readonly policies: Set<string>;
  elsewhere(site: string): readonly string[];
}

async function visit(
  browser: Browser,
  options: { readonly userAgent?: string; readonly locale?: string },
): Promise<Visiting> {
  const context = await browser.newContext({ javaScriptEnabled: false, ...options });
  const asked: string[] = [];
  const cookies: Promise<readonly string[]>[] = [];
  const policies = new Set<string>();
  context.on("request", (request) => asked.push(request.url()));
  context.on("response", (response) => {
    policies.add(response.headers()["content-security-policy"] ?? "none");
    // The browser tells of cookies only when it is asked for all headers.
    cookies.push(
      response
        .headersArray()
        .then((all) => all.filter(({ name }) => name.toLowerCase() === "set-cookie"))
        .then((set) => set.map(({ value }) => value.split("=")[0] ?? "")),
    );
  });
  const page = await context.newPage();
  const elsewhere = (site: string): readonly string[] =>
    asked.filter((url) => new URL(url).origin !== site);
  const cookiesSet = async (): Promise<readonly string[]> => (await Promise.all(cookies)).flat();
  return { context, page, cookiesSet, policies, elsewhere };
}

/** Opens every page that links lead to from "/", once; files to take away are passed over. The paths, queries left off. */
async function crawl(page: Page, site: string): Promise<readonly string[]> {
  const waiting = ["/"];
  const seen = new Set<string>();
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const answer = await page.goto(site + path);
    assert.ok((answer?.status() ?? 0) < 400, path);
    for (const link of await page.locator("a[href^='/']").all()) {
      const next = ((await link.getAttribute("href")) ?? "").replace(/[?#].*$/, "");
      // Her own pages send her to sign in; the ledger's files and the exports are no pages.
      if (!/^\/(?:portal|ledger\/|.*\.(?:json|jsonld|csv)$)/.test(next)) waiting.push(next);
    }
  }
  return [...seen];
}

async function rowsByTable(town: Town): Promise<ReadonlyMap<string, number>> {
  const reader = town.rooms.engine.reader();
  const rows = new Map<string, number>();
  for (const { name } of await reader.introspection.getTables()) {
    const counted = await sql<{ n: number }>`select count(*) as n from ${sql.table(name)}`.execute(
      reader,
    );
    rows.set(name, Number(counted.rows[0]?.n));
  }
  return new Map([...rows].sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function columnsOf(town: Town, table: string): Promise<readonly string[]> {
  const tables = await town.rooms.engine.reader().introspection.getTables();
  const names = tables.find(({ name }) => name === table)?.columns.map(({ name }) => name) ?? [];
  return names.sort((a, b) => (a < b ? -1 : 1));
}

async function until(done: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await done())) assert.ok(Date.now() < end, "it did not come within 20 seconds");
}
