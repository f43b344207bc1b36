// The queue against peers that misbehave, take less than it has, or want more; and the operator's hand on what waits.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, rename, rmdir } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import type { Engine } from "#engine";
import { DAY, HOUR, MINUTE } from "#base/time";
import { letter, openQueueHouse, until } from "../../../test/queue.ts";
import { startScriptedPeer } from "../../../test/scripted-peer.ts";
import { openQueueOperator } from "./operate.ts";
import { openPace } from "./pace.ts";
import { openSuppression } from "./suppression.ts";
import type { Tables } from "./tables.ts";

const to = (port: number) => ({ smarthost: { host: "127.0.0.1", port } });
const withId = (id: string, text = "") =>
  Buffer.from(`Message-ID: <${id}>\r\nSubject: x\r\n\r\nmarker-of-the-body ${text}\r\n`);

test("a peer that hangs or hangs up is tried again; only after the final dot can that double a letter, and it is counted", async (t) => {
  for (const how of ["hang", "drop", "\u0007 what?"]) {
    for (const stage of how.length > 4 ? ["dot"] : ["RCPT", "dot"]) {
      const peer = await startScriptedPeer(t, (at, _line, session) =>
        at === stage && session === 1 ? how : "ok",
      );
      const house = await openQueueHouse(t, { ...to(peer.port), retrySeconds: 1, patience: 150 });
      await house.queue.enqueue(letter(["friend@far.example"], { raw: withId("only@x") }));
      await until(async () => (await house.status())[0] === "4.4.1");
      const operator = openQueueOperator(house.engine, { now: () => Date.now() });
      const [waiting] = await operator.list(10);
      assert.equal(waiting?.recipients[0]?.uncertain, stage === "dot" ? 1 : 0, `${how} ${stage}`);
      house.pass(2000);
      await until(async () => (await house.queue.counts()).items === 0);
      assert.deepEqual(peer.acknowledged, ["only@x"]);
      assert.equal(peer.whole.length, stage === "dot" ? 2 : 1, "the same Message-ID both times");
    }
  }
});

test("what a peer cannot take comes back with the right number: UTF-8 addresses and headers, 8-bit text, size", async (t) => {
  const utf8 = await startScriptedPeer(t, () => "ok", ["8BITMIME", "SMTPUTF8", "SIZE 0"]);
  const eight = await startScriptedPeer(t, () => "ok", ["8BITMIME", "SIZE 500"]);
  const seven = await startScriptedPeer(t, () => "ok", ["PIPELINING"]);
  const header = Buffer.from("Message-ID: <h@x>\r\nSubject: größer\r\n\r\nx\r\n");
  const body = withId("b@x", "ä");
  const tell = async (port: number, more: Parameters<typeof letter>[1], address: string) => {
    const house = await openQueueHouse(t, to(port));
    await house.queue.enqueue(letter([address], more));
    await until(async () => (await house.queue.counts()).items === 0);
    const text = house.local[0]?.text ?? "";
    await house[Symbol.asyncDispose]();
    return /\r\nStatus: (\S+)/.exec(text)?.[1] ?? "sent";
  };
  assert.equal(await tell(utf8.port, { raw: header }, "friend@far.example"), "sent");
  assert.match(utf8.lines.find((line) => line.startsWith("MAIL")) ?? "", / SMTPUTF8\b/);
  assert.match(utf8.lines.find((line) => line.startsWith("MAIL")) ?? "", / BODY=8BITMIME\b/);
  assert.equal(await tell(utf8.port, {}, "bücher@far.example"), "sent");
  assert.equal(await tell(eight.port, { raw: header }, "friend@far.example"), "5.6.7");
  assert.equal(await tell(eight.port, {}, "bücher@far.example"), "5.6.7");
  assert.equal(await tell(eight.port, {}, "friend@bücher.example"), "sent");
  assert.ok(eight.lines.some((line) => line.includes("friend@xn--bcher-kva.example")));
  assert.equal(
    await tell(eight.port, { raw: withId("l@x", "x".repeat(600)) }, "a@far.example"),
    "5.3.4",
  );
  assert.equal(await tell(seven.port, { raw: body }, "friend@far.example"), "5.6.3");
  assert.equal(await tell(seven.port, { raw: withId("s@x") }, "friend@far.example"), "sent");
  assert.equal(seven.whole.length + eight.whole.length, 2);
});

test("an address that refuses twice is not asked a third time, per client, until the mark is lifted or a month is over", async (t) => {
  const peer = await startScriptedPeer(t, (stage) =>
    stage === "RCPT" ? "550 5.1.1 nobody" : "ok",
  );
  const house = await openQueueHouse(t, to(peer.port));
  const send = async (client = "client-a") => {
    const before = [peer.sessions(), house.local.length] as const;
    await house.queue.enqueue(letter(["Gone@far.example"], { client }));
    await until(() => house.local.length > before[1]);
    await until(async () => (await house.queue.counts()).items === 0);
    return peer.sessions() > before[0] ? "asked" : "not asked";
  };
  assert.equal(await send(), "asked");
  assert.equal(await send(), "asked");
  assert.equal(await send(), "not asked");
  const text = house.local.at(-1)?.text ?? "";
  assert.match(text, /Status: 5\.1\.1[^]*/);
  assert.match(text, /refused your letters as unknown more than once lately/);
  assert.equal(await send("client-b"), "asked");
  const list = openSuppression(house.engine, house.lasting);
  assert.deepEqual(
    (await list.list("client-a")).map(({ status, times }) => [status, times]),
    [["5.1.1", 2]],
  );
  assert.deepEqual(await list.list("client-b"), []);
  assert.ok(!(await house.databaseBytes()).includes("far.example"));
  assert.equal(await list.lift("client-a", "gone@far.example"), 1);
  assert.equal(await send(), "asked");
  assert.equal(await send(), "asked");
  assert.equal(await send(), "not asked");
  house.pass(31 * DAY);
  await until(async () => (await list.list("client-a")).length === 0);
});

test("a smarthost has its sign-in from us under verified TLS only, or on loopback; a wrong one costs no letter", async (t) => {
  const login = { user: "house", password: "secret of the house" };
  const peer = await startScriptedPeer(t, () => "ok", ["AUTH PLAIN"]);
  const here = await openQueueHouse(t, {
    smarthost: { host: "127.0.0.1", port: peer.port, login },
  });
  await here.queue.enqueue(letter(["friend@far.example"]));
  await until(async () => (await here.status())[0] === "4.7.0"); // this peer knows no AUTH command
  assert.ok(peer.lines.some((line) => line.startsWith("AUTH PLAIN ")));
  const asked = peer.lines.length;
  const elsewhere = await openQueueHouse(t, {
    smarthost: { host: "0.0.0.0", port: peer.port, login }, // the same peer, by a name that is not loopback
  });
  await elsewhere.queue.enqueue(letter(["friend@far.example"]));
  await until(async () => (await elsewhere.status())[0] === "4.7.4");
  assert.ok(!peer.lines.slice(asked).some((line) => line.startsWith("AUTH")));
  assert.equal(here.local.length + elsewhere.local.length, 0);
});

test("a destination that pushes back is approached more slowly, left alone, and again at full pace once it takes mail", () => {
  let now = 0;
  const pace = openPace({ now: () => now });
  const no = {
    kind: "later",
    status: "4.3.2",
    text: "421 4.3.2 busy",
    host: "a",
    fromPeer: true,
  } as const;
  const grey = { ...no, status: "4.7.1", text: "450 4.7.1 greylisted" };
  const taken = { kind: "sent", host: "a", reports: false } as const;
  assert.ok(pace.mayStart("a.example", 9));
  assert.ok(!pace.mayStart("a.example", 10));
  pace.ended("a.example", [grey]);
  assert.ok(pace.mayStart("a.example", 9), "greylisting slows nobody");
  pace.ended("a.example", [no]);
  assert.ok(!pace.mayStart("a.example", 5));
  for (let times = 0; times < 3; times += 1) pace.ended("a.example", [no]);
  assert.ok(pace.pausedUntil("a.example") !== undefined);
  assert.ok(!pace.mayStart("a.example", 0));
  assert.ok(pace.mayStart("b.example", 9), "others are not slowed");
  now += 10 * MINUTE;
  assert.ok(pace.mayStart("a.example", 0));
  pace.started("a.example");
  assert.ok(!pace.mayStart("a.example", 0), "one connection in two seconds");
  for (let times = 0; times < 9; times += 1) pace.ended("a.example", [taken]);
  assert.ok(pace.mayStart("a.example", 9));
  assert.equal(pace.slowed(), 0);
});

test("the operator holds, retries and drops by id; a dropped letter's sender hears of it, and no address is shown", async (t) => {
  const peer = await startScriptedPeer(t, (stage, _line, session) =>
    stage === "MAIL" && session <= 2 ? "451 4.3.0 later" : "ok",
  );
  const house = await openQueueHouse(t, to(peer.port));
  const operator = openQueueOperator(house.engine, { now: () => Date.now() });
  await house.queue.enqueue(letter(["friend@far.example"]));
  await house.queue.enqueue(letter(["other@far.example"], { sender: "bob@bailee.example" }));
  await until(async () => (await house.status()).join(" ") === "4.3.0 4.3.0");
  const [first, second] = await operator.list(10);
  assert.ok(first !== undefined && second !== undefined);
  assert.ok(!JSON.stringify([first, second]).includes("far.example"));
  assert.equal(await operator.change(first.item, "hold"), 1);
  house.pass(HOUR);
  await until(async () => (await house.queue.counts()).items === 1);
  assert.equal((await operator.stuck()).held, 1);
  assert.equal(await operator.change(first.item, "retry"), 1);
  await until(async () => (await house.queue.counts()).items === 0);
  assert.equal(peer.acknowledged.length, 2);
  const third = await startScriptedPeer(t, () => "451 4.3.0 never");
  const stubborn = await openQueueHouse(t, to(third.port));
  await stubborn.queue.enqueue(letter(["friend@far.example"]));
  await until(
    async () => (await stubborn.status()).length === 1 && (await stubborn.status())[0] !== "",
  );
  const hand = openQueueOperator(stubborn.engine, { now: () => Date.now() });
  const [stuck] = await hand.list(1);
  assert.equal(await hand.change(stuck?.item ?? "", "drop"), 1);
  await until(async () => (await stubborn.queue.counts()).items === 0);
  assert.match(stubborn.local[0]?.text ?? "", /Status: 5\.3\.0[^]*marker-of-the-body/);
  assert.equal(await hand.change("nothing", "drop"), 0);
});

test("a large letter lies beside the database, sealed, and goes with its last recipient; what a crash leaves is swept away", async (t) => {
  const peer = await startScriptedPeer(t, (stage, _line, session) =>
    stage === "DATA" && session === 1 ? "451 4.3.0 later" : "ok",
  );
  const house = await openQueueHouse(t, to(peer.port));
  const raw = withId("large@x", `${"y".repeat(76)}\r\n`.repeat(3000));
  await house.queue.enqueue(letter(["friend@far.example"], { raw }));
  await until(async () => (await house.status())[0] === "4.3.0");
  assert.equal((await house.blobs()).length, 1);
  assert.ok(!(await house.databaseBytes()).includes(Buffer.alloc(60_000, "y")));
  house.pass(MINUTE * 2);
  await until(async () => (await house.queue.counts()).items === 0);
  await until(async () => (await house.blobs()).length === 0);
  assert.deepEqual(peer.acknowledged, ["large@x"]);
  // A process that died between the blob and its row.
  await assert.rejects(
    house.dyingAt("blob-written", () =>
      house.queue.enqueue(letter(["friend@far.example"], { raw })),
    ),
  );
  assert.equal((await house.blobs()).length, 1);
  await house.reopen();
  house.pass(3 * HOUR);
  await until(async () => (await house.blobs()).length === 0);
});

test("trouble of our own costs no letter and doubles none: a blob that does not read, a report that cannot be signed; nor does a peer that drips", async (t) => {
  const unreadable = async (): Promise<void> => {
    const peer = await startScriptedPeer(t, (_stage, _line, session) =>
      session === 1 ? "451 4.3.0 later" : "ok",
    );
    const house = await openQueueHouse(t, to(peer.port));
    const raw = withId("blob@x", "y".repeat(80_000));
    await house.queue.enqueue(letter(["friend@far.example"], { raw }));
    await until(async () => (await house.status())[0] !== "");
    const path = join(house.folder, "blobs", (await house.blobs())[0] ?? "");
    await rename(path, `${path}.away`);
    await mkdir(path); // reading it fails, as a bad sector would
    house.pass(2 * MINUTE);
    await until(async () => (await attemptsOf(house.engine)) === 2);
    assert.equal((await house.queue.counts()).aside, 0);
    await rmdir(path);
    await rename(`${path}.away`, path);
    house.pass(10 * MINUTE);
    await until(async () => (await house.queue.counts()).items === 0);
    assert.deepEqual(peer.acknowledged, ["blob@x"]);
  };
  const unsigned = async (): Promise<void> => {
    const peer = await startScriptedPeer(t, (_stage, line) =>
      line.includes("gone@") ? "550 5.1.1 nobody" : "ok",
    );
    let asked = 0;
    const house = await openQueueHouse(t, {
      ...to(peer.port),
      async signReport(raw) {
        asked += 1;
        if (asked === 1) throw new Error("the keeper is away");
        return raw;
      },
    });
    const both = ["friend@far.example", "gone@far.example"];
    await house.queue.enqueue(letter(both, { raw: withId("signed@x") }));
    await until(async () => (await house.queue.counts()).items === 0);
    assert.deepEqual(peer.acknowledged, ["signed@x"]);
    assert.equal(house.local.length, 1);
  };
  const dripping = async (): Promise<void> => {
    const server = createServer((socket) => {
      const drip = setInterval(() => socket.write("2"), 30);
      socket.on("error", () => {}).on("close", () => clearInterval(drip));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const house = await openQueueHouse(t, { ...to(port), patience: 100 });
    await house.queue.enqueue(letter(["friend@far.example"]));
    await until(async () => (await house.status())[0] === "4.4.1");
  };
  await Promise.all([unreadable(), unsigned(), dripping()]);
});

async function attemptsOf(engine: Engine): Promise<number> {
  const row = await engine
    .reader<Tables>()
    .selectFrom("queue_recipient")
    .select(["attempts", "state"])
    .executeTakeFirst();
  return row?.state === "waiting" ? row.attempts : 0;
}
