// A letter leaves: to another Bailee that is down at first, and to somebody whom that one does not know. It arrives once the
// other is up; the refusal comes back as a report; nothing is left in the queue.
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { houseIn, startHouse } from "../house.ts";
import { connectImap, fetchedBodies } from "../imap.ts";
import { makeLetter } from "../letters.ts";
import { sendLetter } from "../send.ts";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";

const password = "a password for both houses";

test("a reply leaves through the queue when the other server is up again, and a refusal comes back as a report", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "bailee-other-"));
  const other = await houseIn(folder, { BAILEE_DOMAIN: "other.example" });
  t.after(async () => {
    await other.kill();
    await rm(folder, { recursive: true, force: true });
  });
  await other.start();
  await add(other, "bo@other.example");
  assert.equal(await other.stop(), 0);
  const house = await startHouse(t, {
    BAILEE_SMARTHOST: `127.0.0.1:${other.ports.SMTP}`,
    BAILEE_RETRY_SECONDS: "1",
  });
  await add(house, "ada@bailee.localhost");
  const to = ["bo@other.example", "nobody@other.example"];
  const letter = makeLetter({
    from: "ada@bailee.localhost",
    to: to.join(", "),
    subject: "over there",
    text: "Are you up?",
  });
  await sendLetter({
    port: house.ports.SUBMISSION,
    from: "ada@bailee.localhost",
    to,
    letter,
    login: { user: "ada@bailee.localhost", password },
  });
  await sleep(1500);
  assert.equal(queued(house.data), 2, "both wait while the other is down");

  await other.start();
  const [arrived] = await letters(other.ports.IMAPS, "bo@other.example", true);
  assert.ok(arrived?.includes("Are you up?") === true, house.printed() + other.printed());
  // The upper trace is the other server's, about ours; the lower is ours, about the client.
  const ourTrace = arrived.slice(arrived.lastIndexOf("\r\nReceived:"));
  assert.match(ourTrace, /by bailee\.localhost/);
  assert.doesNotMatch(ourTrace, /127\.0\.0\.1|::1/, "no address of the client's machine");
  const [report] = await letters(house.ports.IMAP, "ada@bailee.localhost", false);
  assert.match(report ?? "", /Content-Type: multipart\/report;[^]*report-type="?delivery-status/);
  assert.match(
    report ?? "",
    /Final-Recipient: rfc822; ?nobody@other\.example\r\n[^]*Action: failed\r\nStatus: 5\.1\.1/,
  );
  assert.match(report ?? "", /^Return-Path: <>/);
  for (let tries = 0; queued(house.data) > 0 && tries < 50; tries += 1) await sleep(100);
  assert.equal(queued(house.data), 0);
  const db = new DatabaseSync(join(house.data, "server", "bailee.sqlite"), { readOnly: true });
  assert.deepEqual(
    db.prepare("select count(*) as n from queue_item").get()?.["n"],
    0,
    "the queued copy is destroyed",
  );
  db.close();
});

async function add(house: Awaited<ReturnType<typeof houseIn>>, address: string): Promise<void> {
  const added = await house.run(
    ["client", "add", address, "--password-file", "-"],
    `${password}\n`,
  );
  assert.equal(added.code, 0, added.stderr);
}

function queued(data: string): number {
  const db = new DatabaseSync(join(data, "server", "bailee.sqlite"), { readOnly: true });
  const row = db.prepare("select count(*) as n from queue_recipient").get();
  db.close();
  return Number(row?.["n"]);
}

/** The letters of an inbox, waited for. */
async function letters(port: number, login: string, tls: boolean): Promise<string[]> {
  using imap = await connectImap(port, login, password, { tls });
  await imap.command("SELECT INBOX");
  for (let tries = 0; tries < 150; tries += 1) {
    const { untagged } = await imap.command("UID FETCH 1:* (UID BODY.PEEK[])");
    const found = fetchedBodies(untagged);
    if (found.length > 0) return found.map(({ bytes }) => bytes.toString("latin1"));
    await sleep(100);
  }
  return [];
}
