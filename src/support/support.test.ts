// The support room over a real engine: notices once and only once whatever breaks, and what letters may be made of. Sealing is the
// world's here, so that each test sees what was sealed to whom.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { assert as check, nat, property, string, uint8Array } from "fast-check";
import { fromUtf8 } from "#base/bytes";
import { DAY } from "#base/time";
import { command, type Engine, invoke, openEngine } from "#engine";
import { parseMessage, readLetter } from "#mail/message";
import { providerLetter, tokenHashOf } from "./mail.ts";
import { noticeWords, serviceNotices, singleNotices } from "./notices.ts";
import { openSupport, type Support, supportRoom } from "./support.ts";

interface Room {
  readonly support: Support;
  readonly engine: Engine;
  /** Letters by address. */
  readonly inboxes: Map<string, number>;
  /** What the next letters come to: undefined is delivered. */
  readonly trouble: ("before" | "after" | "suspended-for-now" | undefined)[];
  readonly clock: { time: number; now(): number };
}

const people = ["ada", "bob", "cem", "dan"];

async function openRoom(t: TestContext): Promise<Room> {
  const folder = await mkdtemp(join(tmpdir(), "bailee-support-"));
  const engine = await openEngine({ folder, rooms: [supportRoom] });
  t.after(async () => {
    await engine[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  const inboxes = new Map<string, number>();
  const trouble: Room["trouble"] = [];
  const clock = { time: Date.UTC(2026, 10, 23), now: () => clock.time };
  const nothing = command<object, null, null>("support.moveTicket", async () => null);
  const line = invoke(nothing, { ticket: "", state: "open", at: 0 } as never);
  const support = openSupport({
    engine,
    clock,
    site: () => "https://example.org",
    ports: {
      domain: "example.org",
      sealForDesk: async (_ticket, _part, bytes) => bytes,
      sealForClient: async (_owner, _ticket, _part, bytes) => bytes,
      async putInInbox(address, _letter, alongside) {
        const what = trouble.shift();
        if (what === "suspended-for-now") return { ok: false, refusal: what };
        if (what === "before") throw new Error("the disk is full");
        await engine.writeTogether(alongside);
        inboxes.set(address, (inboxes.get(address) ?? 0) + 1);
        if (what === "after") throw new Error("the answer was lost");
        return { ok: true };
      },
      sendOut: async () => {},
      logged: async () => line,
      clients: async () =>
        people.map((client) => ({ client, account: client, address: client, status: "active" })),
    },
  });
  return { support, engine, inboxes, trouble, clock };
}

const incident = { when: "Monday", what: "a disk was full", done: "there is room again" } as const;
const once = Object.fromEntries(people.map((name) => [name, 1]));

test("a notice that breaks before a letter is written goes on later, and nobody has it twice", async (t) => {
  const { support, inboxes, trouble } = await openRoom(t);
  trouble.push(undefined, "before", undefined, "before");
  const first = await support.sendNotice("incident", incident);
  assert.deepEqual([first.given, first.failed, first.finished], [2, { broken: 2 }, false]);
  assert.deepEqual(await support.resumeNotices(), { given: 2, unfinished: 0 });
  assert.deepEqual(Object.fromEntries(inboxes), once);
  const again = await support.sendNotice("incident", incident);
  assert.deepEqual([again.given, again.had, again.finished], [0, 4, true]);
  assert.deepEqual(Object.fromEntries(inboxes), once);
});

test("a letter that was written although its answer was lost is not written again", async (t) => {
  const { support, inboxes, trouble } = await openRoom(t);
  trouble.push("after", undefined, "after", undefined);
  const report = await support.sendNotice("incident", incident);
  assert.deepEqual([report.had, report.failed, report.finished], [4, {}, true]);
  assert.deepEqual(Object.fromEntries(inboxes), once);
});

test("two that ask for one letter at once give one letter", async (t) => {
  const { support, inboxes } = await openRoom(t);
  const fields = { what: "closed", why: "you asked" } as const;
  const outcomes = await Promise.all(
    Array.from({ length: 5 }, () => support.notify("ada", "account", fields, "account/1")),
  );
  assert.ok(outcomes.every(({ ok }) => ok));
  assert.equal(inboxes.get("ada"), 1);
  assert.deepEqual(await support.notify("eve", "account", fields, "account/1"), {
    ok: false,
    refusal: "no-such-user",
  });
});

test("whoever cannot be reached in a week is given up, and the notice is finished", async (t) => {
  const { support, trouble, clock } = await openRoom(t);
  trouble.push("suspended-for-now");
  const report = await support.sendNotice("incident", incident);
  assert.deepEqual([report.given, report.failed], [3, { "suspended-for-now": 1 }]);
  trouble.push("suspended-for-now");
  assert.deepEqual(await support.resumeNotices(), { given: 0, unfinished: 1 });
  clock.time += 8 * DAY;
  trouble.push("suspended-for-now");
  assert.deepEqual(await support.resumeNotices(), { given: 0, unfinished: 0 });
});

test("a client writes fifty times a day, and strangers together five hundred", async (t) => {
  const { support, clock } = await openRoom(t);
  const ada = { client: "ada", account: "ada" };
  const first = await support.open(ada, "Hello", "text");
  assert.ok(first.ok);
  for (let count = 1; count < 50; count += 1)
    assert.ok((await support.write(ada, first.value, "more")).ok);
  assert.deepEqual(await support.write(ada, first.value, "more"), {
    ok: false,
    refusal: "too-many",
  });
  const bob = { client: "bob", account: "bob" };
  assert.ok((await support.open(bob, "Hello", "text")).ok, "who is somebody else");
  assert.deepEqual(await support.write(bob, first.value, "x"), {
    ok: false,
    refusal: "no-such-ticket",
  });
  clock.time += DAY;
  assert.ok((await support.write(ada, first.value, "tomorrow")).ok);
  const letter = fromUtf8("From: x@example.net\r\nSubject: hi\r\n\r\nhello\r\n");
  const arrived = {
    sender: "x@example.net",
    recipient: "postmaster@example.org",
    receivedAt: 0,
    prefix: new Uint8Array(),
  };
  const outcomes = [];
  for (let count = 0; count < 501; count += 1)
    outcomes.push((await support.take(arrived, letter)).ok);
  assert.equal(outcomes.filter(Boolean).length, 500);
});

test("what a client has here is gone when they are forgotten, and others' stays", async (t) => {
  const { support } = await openRoom(t);
  const [ada, bob] = ["ada", "bob"].map((client) => ({ client, account: client }));
  assert.ok(ada && bob);
  await support.open(ada, "Hello", "text");
  await support.open(bob, "Hello", "text");
  assert.equal(await support.forget("ada"), 1);
  assert.deepEqual(await support.ticketsOf(ada), []);
  assert.equal((await support.ticketsOf(bob)).length, 1);
});

test("whatever is asked, a letter has one header, and reads back as what was written", () => {
  const text = string({ unit: "grapheme", maxLength: 300 });
  check(
    property(text, text, (subject, body) => {
      const letter = providerLetter({
        domain: "example.org",
        to: "ada@example.org",
        subject: `-${subject}`,
        text: `-${body}`,
        at: 0,
        id: "id",
        references: ["<a@b>", "<c@d>"],
      });
      const { envelope } = parseMessage(letter);
      assert.equal(envelope.inReplyTo, "<c@d>");
      assert.equal(envelope.to?.[0]?.mailbox, "ada");
      const lines = Buffer.from(letter).toString("latin1").split("\r\n");
      assert.ok(lines.every((line) => line.length <= 200 && !/[\r\n]/.test(line)));
      assert.match(readLetter(letter, 10_000).text, /^-/);
    }),
  );
});

test("any bytes are a letter that a desk can read, within its limit and without characters that mislead", () => {
  check(
    property(uint8Array({ maxLength: 2000 }), nat(500), (bytes, most) => {
      const read = readLetter(bytes, most);
      assert.ok(read.text.length <= most && read.subject.length <= 200);
      assert.doesNotMatch(read.text + read.subject, /[\u202a-\u202e\u2066-\u2069]|[^\P{Cc}\n\t]/u);
    }),
  );
  const hidden =
    "Content-Type: text/html\r\n\r\n<style>no</style><p>a&amp;b</p><script>no</script>";
  assert.equal(readLetter(Buffer.from(hidden), 100).text, "a&b");
});

test("a reply address is told by its token in any case, and nothing else is", () => {
  const token = "a".repeat(26);
  const hash = tokenHashOf(`support+${token}@example.org`);
  assert.match(hash ?? "", /^[0-9a-f]{64}$/);
  assert.equal(tokenHashOf(`Support+${token.toUpperCase()}@EXAMPLE.org`), hash);
  for (const other of ["support@example.org", `support+${token}a@x`, `info+${token}@x`, ""])
    assert.equal(tokenHashOf(other), undefined, other);
});

test("every template has a place for each of its fields, and for no other", () => {
  for (const [kind, { fields, subject, text }] of Object.entries({
    ...serviceNotices,
    ...singleNotices,
  })) {
    const used = [...`${subject} ${text}`.matchAll(/\{([a-z]+)\}/g)].map(([, name]) => name ?? "");
    const wanted: readonly string[] = fields;
    assert.deepEqual(
      [...new Set(used)].filter((name) => name !== "site").sort(),
      [...wanted].sort(),
      kind,
    );
  }
  const words = noticeWords("incident", { ...incident, what: "{done} $& {site}" }, "https://x");
  assert.match(words.text, /wrong with your service: \{done\} \$& \{site\}/);
});
