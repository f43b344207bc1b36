import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Engine } from "#engine";
import { DAY, dayOf, HOUR, MINUTE } from "#base/time";
import { startDns } from "../../../test/dns.ts";
import { openPeer } from "../../../test/peer.ts";
import { freePorts } from "../../../test/ports.ts";
import { requirePostgres, startPostgres } from "../../../test/postgres.ts";
import { letter, openQueueHouse, until } from "../../../test/queue.ts";
import { selfSigned } from "../../../test/smtp.ts";
import type { Tables } from "./tables.ts";

const toPeer = (peer: { port: number }) => ({ smarthost: { host: "127.0.0.1", port: peer.port } });

test("a letter leaves at once, byte for byte, under TLS where offered, and nothing of it stays", async (t) => {
  const peer = await openPeer(t, { tls: await selfSigned(t) });
  const house = await openQueueHouse(t, toPeer(peer));
  await house.queue.enqueue(letter(["friend@far.example", "other@far.example"]));
  await until(async () => (await house.queue.counts()).items === 0);
  await until(() => house.fates.length === 2); // told once the item is gone
  assert.deepEqual(peer.arrived.map(({ recipient, secure }) => `${recipient} ${secure}`).sort(), [
    "friend@far.example true",
    "other@far.example true",
  ]);
  assert.equal(peer.arrived[0]?.raw, Buffer.from(letter([]).raw).toString());
  assert.deepEqual(await house.queue.counts(), { waiting: 0, aside: 0, items: 0 });
  assert.deepEqual(
    house.fates.map(({ fate, peer: to }) => [fate, to]),
    [
      ["sent", "far.example"],
      ["sent", "far.example"],
    ],
  );
});

test("while it waits, neither its text nor an address is in the database file in clear, and its sealed copy is gone afterwards", async (t) => {
  const [port = 0] = await freePorts(1);
  const house = await openQueueHouse(t, toPeer({ port }));
  await house.queue.enqueue(letter(["friend@far.example"]));
  const files = async () =>
    Buffer.concat(
      await Promise.all(
        ["", "-wal"].map((tail) =>
          readFile(join(house.folder, `bailee.sqlite${tail}`)).catch(() => Buffer.alloc(0)),
        ),
      ),
    );
  const row = await house.engine
    .reader<Tables>()
    .selectFrom("queue_item")
    .select("body")
    .executeTakeFirstOrThrow();
  const sealed = Buffer.from(row.body).subarray(122, 154);
  const before = await files();
  assert.ok(before.includes(sealed), "the control: the sealed copy is found while it waits");
  for (const marker of ["marker-of-the-body", "friend@far.example", "ada@bailee.example"])
    assert.ok(!before.includes(marker), marker);
  // The refusal must be on record before the clock turns, or the next try is counted from the later hour.
  await until(async () => (await attempts(house.engine)) === 1);
  const peer = await openPeer(t, { port });
  house.pass(10 * MINUTE);
  await until(async () => (await house.queue.counts()).items === 0);
  await house.reopen(); // closing writes the log back
  assert.equal(peer.arrived.length, 1);
  assert.ok(!(await files()).includes(sealed), "destroyed with its row");
});

test("a letter to a server that is down goes out when it is back, also after a restart", async (t) => {
  const [port = 0] = await freePorts(1);
  const house = await openQueueHouse(t, toPeer({ port }));
  await house.queue.enqueue(letter(["friend@far.example"]));
  await until(async () => (await attempts(house.engine)) === 1);
  await house.reopen();
  const peer = await openPeer(t, { port });
  assert.equal(peer.arrived.length, 0);
  house.pass(2 * MINUTE);
  await until(() => peer.arrived.length === 1);
  await until(async () => (await house.queue.counts()).items === 0);
});

test("what is refused for now is tried again until it is taken", async (t) => {
  const peer = await openPeer(t, { busy: 2 });
  const house = await openQueueHouse(t, { ...toPeer(peer), retrySeconds: 0 });
  await house.queue.enqueue(letter(["friend@far.example"]));
  await until(() => peer.arrived.length === 1);
  await until(async () => (await house.queue.counts()).items === 0);
  assert.equal(house.local.length, 0, "nobody is told of what went well in the end");
});

test("what is refused for good comes back to the sender as a report, and the other recipient has the letter", async (t) => {
  const peer = await openPeer(t);
  const house = await openQueueHouse(t, toPeer(peer));
  await house.queue.enqueue(
    letter(["gone@far.example", "friend@far.example"], { envid: "QQ+2B1" }),
  );
  await until(async () => (await house.queue.counts()).items === 0);
  assert.deepEqual(
    peer.arrived.map(({ recipient }) => recipient),
    ["friend@far.example"],
  );
  const [report] = house.local;
  assert.equal(house.local.length, 1);
  assert.equal(report?.sender, "");
  assert.equal(report.recipient, "ada@bailee.example");
  for (const expected of [
    /^Return-Path: <>\r\n/,
    /\r\nContent-Type: multipart\/report; report-type=delivery-status;/,
    /\r\nAuto-Submitted: auto-replied\r\n/,
    /\r\nOriginal-Envelope-Id: QQ\+1\r\n/,
    /\r\nReporting-MTA: dns; mx\.bailee\.example\r\n/,
    /\r\nFinal-Recipient: rfc822; gone@far\.example\r\nAction: failed\r\nStatus: 5\.1\.1\r\n/,
    /\r\nDiagnostic-Code: smtp; 550 5\.1\.1 no such address here\r\n/,
    /\r\nContent-Type: message\/rfc822\r\n[^]*marker-of-the-body/,
  ])
    assert.match(report.text, expected);
  assert.ok(!report.text.includes("friend@far.example"));
});

test("a report follows the sender's wishes: NEVER, HDRS, SUCCESS", async (t) => {
  const peer = await openPeer(t);
  const house = await openQueueHouse(t, toPeer(peer));
  const wishing = (address: string, notify: "never" | "failure" | "success") => ({
    recipients: [{ address, notify: [notify], orcpt: "rfc822;first+2Bname@far.example" }],
    ret: "headers" as const,
  });
  await house.queue.enqueue(letter([], wishing("gone@far.example", "never")));
  await house.queue.enqueue(letter([], wishing("gone@far.example", "failure")));
  await house.queue.enqueue(letter([], wishing("bob@bailee.example", "success")));
  await until(async () => (await house.queue.counts()).items === 0);
  const reports = house.local.filter(({ sender }) => sender === "").map(({ text }) => text);
  assert.equal(reports.length, 2);
  const failed = reports.find((text) => text.includes("Action: failed"));
  assert.match(failed ?? "", /Original-Recipient: rfc822;first\+name@far\.example/);
  assert.match(failed ?? "", /text\/rfc822-headers/);
  assert.ok(!failed?.includes("marker-of-the-body"));
  assert.ok(reports.some((text) => text.includes("Action: delivered")));
});

test("no report is made about a report", async (t) => {
  const peer = await openPeer(t);
  const house = await openQueueHouse(t, toPeer(peer));
  await house.queue.enqueue(letter(["gone@far.example"], { sender: "" }));
  await house.queue.enqueue(letter(["gone@far.example"], { sender: "nobody@bailee.example" }));
  await until(async () => (await house.queue.counts()).items === 0);
  assert.equal(house.local.length, 0);
});

test("the sender hears of a delay once, after four hours, and of the end after five days", async (t) => {
  const house = await openQueueHouse(t, toPeer({ port: (await freePorts(1))[0] ?? 0 }));
  await house.queue.enqueue(letter(["friend@far.example"]));
  await until(async () => (await attempts(house.engine)) === 1);
  house.pass(4 * HOUR);
  await until(() => house.local.length === 1);
  assert.match(
    house.local[0]?.text ?? "",
    /Action: delayed\r\nStatus: 4\.4\.1[^]*Will-Retry-Until/,
  );
  house.pass(5 * HOUR);
  await until(async () => (await attempts(house.engine)) === 3);
  assert.equal(house.local.length, 1);
  house.pass(5 * DAY);
  await until(() => house.local.length === 2);
  assert.match(house.local[1]?.text ?? "", /Action: failed\r\nStatus: 4\.4\.7/);
  await until(async () => (await house.queue.counts()).items === 0);
});

test("mail goes along MX records: the preferred host that answers, the domain itself, null MX, no such domain", async (t) => {
  const peer = await openPeer(t);
  const dns = await startDns(t, {
    "far.example": {
      mx: [
        { preference: 20, exchange: "mx2.far.example" },
        { preference: 10, exchange: "mx1.far.example" },
      ],
    },
    "mx1.far.example": { a: ["127.0.0.2"] }, // nobody listens there
    "mx2.far.example": { a: ["127.0.0.1"] },
    "plain.far.example": { a: ["127.0.0.1"] },
    "null.far.example": { mx: [{ preference: 0, exchange: "" }] },
    "broken.far.example": { broken: true },
  });
  const house = await openQueueHouse(t, { dns, mxPort: peer.port });
  const to = ["a@far.example", "b@plain.far.example", "c@null.far.example", "d@no.far.example"];
  await house.queue.enqueue(letter([...to, "e@broken.far.example"]));
  await until(() => peer.arrived.length === 2 && house.local.length === 2);
  assert.deepEqual(peer.arrived.map(({ recipient }) => recipient).sort(), to.slice(0, 2));
  const reports = house.local.map(({ text }) => text).join("");
  assert.match(reports, /c@null\.far\.example\r\nAction: failed\r\nStatus: 5\.1\.10/);
  assert.match(reports, /d@no\.far\.example\r\nAction: failed\r\nStatus: 5\.1\.2/);
  await until(async () => (await house.queue.counts()).waiting === 1); // name server trouble is no refusal
});

test("an item that does not open is set aside, and the rest of the queue goes on", async (t) => {
  const [port = 0] = await freePorts(1);
  const house = await openQueueHouse(t, toPeer({ port }));
  await house.queue.enqueue(letter(["poisoned@far.example"]));
  await house.queue.enqueue(letter(["bent@far.example"]));
  await until(async () => (await attempts(house.engine)) === 2);
  await bend(house.folder);
  await house.reopen(); // addresses that were opened once are remembered
  const peer = await openPeer(t, { port });
  await house.queue.enqueue(letter(["friend@far.example"]));
  house.pass(10 * MINUTE);
  await until(() => peer.arrived.length === 1);
  await until(async () => (await house.queue.counts()).aside === 2);
  assert.deepEqual(await house.queue.counts(), { waiting: 0, aside: 2, items: 2 });
  house.pass(6 * DAY);
  await until(async () => (await house.queue.counts()).items === 0);
  // Whose address or body is bent; of the other, nobody can say any more whom it was for.
  assert.equal(house.local.length, 1);
  assert.match(
    house.local[0]?.text ?? "",
    /Final-Recipient: rfc822; \w+@far\.example\r\nAction: failed\r\nStatus: 5\.3\.0/,
  );
});

test("a day's key is destroyed once the day is over and its last item has left, not before", async (t) => {
  const [port = 0] = await freePorts(1);
  const house = await openQueueHouse(t, toPeer({ port }));
  await house.queue.enqueue(letter(["friend@far.example"]));
  await until(async () => (await attempts(house.engine)) === 1);
  const firstDay = dayOf(Date.now());
  house.pass(2 * DAY);
  await house.queue.enqueue(letter(["bob@bailee.example"]));
  await until(() => house.local.some(({ recipient }) => recipient === "bob@bailee.example"));
  assert.deepEqual(house.destroyed, []);
  const peer = await openPeer(t, { port });
  house.pass(8 * HOUR);
  await until(() => peer.arrived.length === 1);
  await until(() => house.destroyed.includes(firstDay));
});

test("without any key nothing is queued, and the caller hears it", async (t) => {
  const house = await openQueueHouse(t, { keys: [], renewKeys: async () => [] });
  await assert.rejects(house.queue.enqueue(letter(["friend@far.example"])), /no queue key/);
});

test("on PostgreSQL the queue does the same: sent, refused, waiting, gone", async (t) => {
  if (!requirePostgres(t)) return;
  await using postgres = await startPostgres();
  const peer = await openPeer(t, { busy: 1 });
  await using house = await openQueueHouse(
    t,
    { ...toPeer(peer), retrySeconds: 0 },
    postgres.freshDatabase(),
  );
  await house.queue.enqueue(letter(["friend@far.example"]));
  await house.queue.enqueue(letter(["gone@far.example", "other@far.example"]));
  await until(async () => (await house.queue.counts()).items === 0);
  assert.deepEqual(peer.arrived.map(({ recipient }) => recipient).sort(), [
    "friend@far.example",
    "other@far.example",
  ]);
  assert.match(house.local[0]?.text ?? "", /gone@far\.example\r\nAction: failed/);
});

async function attempts(engine: Engine): Promise<number> {
  const rows = await engine
    .reader<Tables>()
    .selectFrom("queue_recipient")
    .select(["attempts", "state"])
    .execute();
  return rows.some(({ state }) => state === "trying")
    ? -1
    : rows.reduce((sum, row) => sum + row.attempts, 0);
}

/** Damages one item's body and another's address on the disk, as a bad sector would. */
async function bend(folder: string): Promise<void> {
  const { DatabaseSync } = await import("node:sqlite");
  const db = new DatabaseSync(join(folder, "bailee.sqlite"), { timeout: 5000 });
  const [first, second] = db.prepare("select item_id from queue_item").all();
  db.prepare("update queue_item set body = zeroblob(length(body)) where item_id = ?").run(
    first?.["item_id"] ?? "",
  );
  db.prepare(
    "update queue_recipient set address = zeroblob(length(address)) where item_id = ?",
  ).run(second?.["item_id"] ?? "");
  db.close();
}

test("a delivery here that is tried again puts the letter where it was to go, in its sender's name, also after a restart", async (t) => {
  const seen: unknown[][] = [];
  let tries = 0;
  const house = await openQueueHouse(t, {
    async deliverLocal({ recipient, place, submitter }) {
      tries += 1;
      if (tries < 3) return { ok: false, refusal: "cannot-seal" };
      seen.push([recipient, place, submitter]);
      return { ok: true };
    },
  });
  await house.queue.enqueue(
    letter(["bob@bailee.example"], { sender: "a@far.example", place: "junk" }),
  );
  await house.queue.enqueue(letter(["eve@bailee.example"], { submitted: true }));
  await until(async () => tries === 2 && (await house.status()).join(" ") === "4.3.0 4.3.0");
  await house.reopen();
  house.pass(2 * MINUTE);
  await until(async () => (await house.queue.counts()).items === 0);
  const inOrder = seen.toSorted(([a], [b]) => String(a).localeCompare(String(b)));
  assert.deepEqual(inOrder, [
    ["bob@bailee.example", "junk", undefined],
    ["eve@bailee.example", undefined, { client: "client-a", account: "account-a" }],
  ]);
  await until(() => house.fates.length === 1); // the stranger's letter is nobody's sending
  assert.deepEqual(
    house.fates.map(({ fate, peer }) => [fate, peer]),
    [["sent", "bailee.example"]],
  );
});
