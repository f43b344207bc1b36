// A client's log over a month, on a whole house whose clock is turned: sign-ins, letters both ways, changes and a look by a person,
// shown word for word; then retention runs, takes what is over by destroying keys, and says so.
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { DAY, dayOf, HOUR } from "#base/time";
import { browserFor, cells, readText, signIn, signUp } from "../browsing.ts";
import { until } from "../client.ts";
import { exampleOf, runJson } from "../grants.ts";
import { connectImap } from "../imap.ts";
import { makeLetter } from "../letters.ts";
import { sendLetter } from "../send.ts";
import { openTown, type Town } from "../town.ts";

const password = "four words nobody guesses";
const ada = "ada@bailee.localhost";
const contact = {
  name: "Adelheid Quittenbaum",
  postal: "Mill Lane 3, 12345 Exampletown",
  phone: "+49 30 1234567",
  email: "adelheid@example.org",
};

test("a client reads their log word for word, and retention takes what is over", async (t) => {
  const browser = await browserFor(t);
  if (browser === undefined) return;
  const town = await openTown(t);
  const page = await browser.newPage();
  const began = town.clock.now();
  const log = async (query = ""): Promise<string[][]> => {
    await page.goto(`${town.url}/portal/log${query}`);
    return (await page.getByRole("region", { name: "Your log" }).count()) === 0
      ? []
      : cells(page, "Your log");
  };
  const recorded = async (kind: string): Promise<string[]> =>
    (await log(`?kind=${kind}`)).map(([, , words]) => words ?? "");

  await t.test("what happens stands there, with the network and the peer's domain", async () => {
    assert.equal(await signUp(page, town.url, "ada", password, contact), ada);
    await sendLetter({
      port: town.ports.SMTP,
      from: "friend@example.org",
      to: [ada],
      letter: makeLetter({ from: "friend@example.org", to: ada, subject: "hello", text: "hello" }),
    });
    // To a domain that never is: the letter fails, and the log says so.
    await sendLetter({
      port: town.ports.SUBMISSION,
      from: ada,
      to: ["nobody@nowhere.invalid"],
      letter: makeLetter({
        from: ada,
        to: "nobody@nowhere.invalid",
        subject: "lost",
        text: "lost",
      }),
      login: { user: ada, password },
    });
    (await connectImap(town.ports.IMAP, ada, password))[Symbol.dispose]();
    await assert.rejects(connectImap(town.ports.IMAP, ada, "not her password"));
    const traffic = await until("the fate of the letter", async () => {
      const lines = await recorded("traffic");
      return lines.some((line) => line.includes("nowhere.invalid")) && lines;
    });
    assert.ok(
      traffic.some((line) =>
        /direction in fate delivered peer client\.example size \d+/.test(line),
      ),
      traffic.join("\n"),
    );
    assert.ok(traffic.some((line) => /direction out fate \w+ peer nowhere\.invalid/.test(line)));
    const signIns = await recorded("sign-in");
    assert.ok(signIns.includes("signed in network 127.0.0.0/24 protocol imap"), signIns.join("\n"));
    assert.ok(signIns.includes("wrong password network 127.0.0.0/24 protocol imap"));
    assert.match((await recorded("change")).join("\n"), /^signed up mode quorum plan personal$/m);
  });

  await t.test(
    "a look by a person is a line of it, with ground, class and ledger entry",
    async () => {
      const opened = await town.rooms.support.open(
        await owner(town),
        "Nothing arrives",
        "Since this morning.",
      );
      assert.ok(opened.ok);
      const { operator: key } = exampleOf(town).keys;
      const revealed = await runJson(town, ["reveal", "contact", ada], {
        ticket: opened.value,
        key,
      });
      assert.equal(revealed.code, 0, JSON.stringify(revealed.value));
      await town.runJobs();
      const [line = ""] = await recorded("look");
      assert.match(line, /^somebody looked class contact entry \d+ ground support items 1$/);
    },
  );

  await t.test("a long log has pages", async () => {
    const { client, account } = await owner(town);
    for (let count = 0; count < 100; count += 1)
      await town.rooms.clients.log(client, account, {
        kind: "sign-in",
        at: town.clock.now() + count,
        fields: { what: "signed in", protocol: "imap", network: "127.0.0.0/24" },
      });
    assert.equal((await log("?kind=sign-in")).length, 100);
    const first = await page.getByRole("region", { name: "Your log" }).innerText();
    await page.click("a[rel=next]");
    const older = await cells(page, "Your log");
    assert.ok(older.length > 0 && older.length < 100);
    assert.notEqual(await page.getByRole("region", { name: "Your log" }).innerText(), first);
    assert.equal(await page.locator("a[rel=next]").count(), 0);
  });

  await t.test("after seven days traffic is gone, by the destruction of its keys", async () => {
    town.pass(8 * DAY + HOUR);
    const job = (await town.runJobs()).find(({ name }) => name === "log-retention");
    assert.ok((job?.did["keys"] ?? 0) >= 1 && (job?.did["events"] ?? 0) >= 2, JSON.stringify(job));
    await signIn(page, town.url, ada, password);
    // What came since, on the days that jobs themselves wrote letters, may stay; what the first day saw is gone.
    assert.deepEqual(
      (await recorded("traffic")).filter((line) => line.includes("nowhere.invalid")),
      [],
    );
    assert.ok((await recorded("sign-in")).length >= 100);
    assert.match(await readText(page), /Retention last ran .* it destroyed \d+ keys?/);
    assert.deepEqual(raw(town, "traffic", dayOf(began)), { rows: 0, keys: 0 });
  });

  await t.test(
    "after twenty-eight days sign-ins are gone too; changes and looks stay",
    async () => {
      town.pass(21 * DAY);
      await town.runJobs();
      await page.context().clearCookies();
      await signIn(page, town.url, ada, password);
      const signIns = await recorded("sign-in");
      assert.ok(signIns.length > 0 && signIns.length < 5, signIns.join("\n"));
      assert.deepEqual(raw(town, "sign-in", dayOf(began)), { rows: 0, keys: 0 });
      assert.ok((await recorded("change")).some((line) => line.startsWith("signed up")));
      assert.ok((await recorded("look")).some((line) => line.startsWith("somebody looked")));
    },
  );

  await t.test("the ledger names the keys that were destroyed", async () => {
    await town.publish();
    const index = await page.request.get(`${town.url}/ledger/openings/000.jsonl`);
    const openings = await index.text();
    for (const kind of ["traffic", "sign-in"])
      assert.ok(openings.includes(`"${kind}.${dayOf(began)}"`), `${kind} of ${dayOf(began)}`);
    const { code, stdout } = await town.run([
      "verify",
      `${town.url}/ledger`,
      "--memory",
      join(town.data, "memory"),
    ]);
    assert.equal(code, 0, stdout);
  });
});

async function owner(town: Town): Promise<{ readonly client: string; readonly account: string }> {
  const found = await town.rooms.clients.resolve(ada);
  assert.ok(found);
  return found;
}

/** What of one kind and day lies in the database, whoever's it is. */
function raw(
  town: Town,
  kind: string,
  day: string,
): { readonly rows: number; readonly keys: number } {
  const db = new DatabaseSync(join(town.data, "server", "bailee.sqlite"), { readOnly: true });
  try {
    const count = (table: string): number =>
      Number(
        db
          .prepare(`select count(*) as n from ${table} where kind = ? and day = ?`)
          .get(kind, day)?.["n"],
      );
    return { rows: count("client_log"), keys: count("client_log_key") };
  } finally {
    db.close();
  }
}
