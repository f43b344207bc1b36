// App passwords over SQLite and PostgreSQL: made, used by mail programs alone, ended.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DAY } from "#base/time";
import { type Postgres, requirePostgres, startPostgres } from "../../test/postgres.ts";
import { parseAppPassword } from "./apppasswords.ts";
import type { Tables } from "./tables.ts";
import { domain, newSession, openRoom, password, type TestRoom } from "./testing/room.ts";

let postgres: Postgres | undefined;
before(async () => {
  try {
    postgres = await startPostgres();
  } catch {
    postgres = undefined; // requirePostgres says so, test by test
  }
});
after(async () => postgres?.[Symbol.asyncDispose]());

function onBoth(name: string, body: (room: TestRoom) => Promise<void>): void {
  test(`sqlite: ${name}`, async () => {
    await using room = await openRoom();
    await body(room);
  });
  test(`postgres: ${name}`, async (t) => {
    if (!requirePostgres(t)) return;
    await using room = await openRoom(postgres?.freshDatabase());
    await body(room);
  });
}

const login = `anna@${domain}`;

function signIn(
  room: TestRoom,
  typed: string,
  protocol: "imap" | "web" = "imap",
  peer = "192.0.2.7",
) {
  return room.clients.signIn({ login, password: typed, protocol, peer });
}

onBoth("an app password opens the same mailbox by mail programs, and not the web", async (room) => {
  const session = await newSession(room, login);
  const { appPasswords } = room.clients;
  const made = await appPasswords.add(session, "  phone ");
  assert.ok(made.ok);
  const { text, id } = made.value;
  assert.match(text, /^(?:[a-z2-7]{4} ){8}[a-z2-7]{4}$/);
  for (const typed of [text, text.replaceAll(" ", ""), text.toUpperCase().replaceAll(" ", "-")]) {
    const come = await signIn(room, typed);
    assert.ok(come.ok, typed);
    assert.deepEqual(come.value.keys.boxSecret, session.keys.boxSecret);
    assert.ok(await come.value.passwordStands());
  }
  assert.deepEqual(await signIn(room, text, "web"), { ok: false, refusal: "wrong" });
  assert.ok((await signIn(room, password)).ok, "the password works as before");
  assert.deepEqual(
    (await appPasswords.list(session)).map(({ name, used }) => [name, used]),
    [["phone", "2026-11-23"]],
  );
  room.clock.turn(DAY);
  await signIn(room, text, "imap", "198.51.100.7");
  assert.equal((await appPasswords.list(session))[0]?.used, "2026-11-24");
  const events = await room.clients.readLog(session, 20);
  assert.ok(
    events.some(({ fields }) => fields["app"] === "phone" && fields["what"] === "signed in"),
  );
  assert.ok(events.some(({ fields }) => fields["what"] === "app password made"));
  // Nothing of it stands on the disk but what is useless without it.
  const reader = room.engine.reader<Tables>();
  const rows = await reader
    .selectFrom("credential")
    .selectAll()
    .where("kind", "=", "app")
    .execute();
  const told = JSON.stringify(
    rows.map((row) =>
      Object.values(row).map((value) =>
        value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value,
      ),
    ),
  );
  assert.ok(!told.includes("phone") && !told.includes(text.replaceAll(" ", "").slice(8)));
  assert.equal(rows[0]?.credential_id, id);
});

onBoth(
  "ended, it signs in no more and its sessions end; the others and the password stand",
  async (room) => {
    const session = await newSession(room, login);
    const { appPasswords } = room.clients;
    const [phone, desk] = [
      await appPasswords.add(session, "phone"),
      await appPasswords.add(session, "desk"),
    ];
    assert.ok(phone.ok && desk.ok);
    const live = await signIn(room, phone.value.text);
    const other = await signIn(room, desk.value.text);
    assert.ok(live.ok && other.ok);
    assert.deepEqual(await appPasswords.revoke(session, phone.value.id), { ok: true, value: true });
    assert.deepEqual(await appPasswords.revoke(session, phone.value.id), {
      ok: false,
      refusal: "no-such-password",
    });
    assert.deepEqual(await appPasswords.revoke(session, "password"), {
      ok: false,
      refusal: "no-such-password",
    });
    assert.equal(await live.value.passwordStands(), false);
    assert.ok(await other.value.passwordStands());
    assert.equal((await signIn(room, phone.value.text)).ok, false);
    assert.ok((await signIn(room, desk.value.text)).ok);
    assert.ok((await signIn(room, password)).ok);
    // A change of the password rewrites one wrap: app passwords go on.
    assert.ok((await room.clients.changePassword(session, password, "another long password")).ok);
    assert.ok((await signIn(room, desk.value.text)).ok);
  },
);

onBoth("guesses wait as wrong passwords do, and nobody's opens another's mailbox", async (room) => {
  const session = await newSession(room, login);
  const other = await newSession(room, `bo@${domain}`);
  const made = await room.clients.appPasswords.add(session, "phone");
  const others = await room.clients.appPasswords.add(other, "phone");
  assert.ok(made.ok && others.ok);
  assert.equal((await signIn(room, others.value.text)).ok, false);
  const near = `${made.value.text.slice(0, -1)}${made.value.text.endsWith("a") ? "b" : "a"}`;
  const said: string[] = [];
  for (let tries = 0; tries < 8; tries += 1) {
    const answer = await signIn(room, near);
    said.push(answer.ok ? "in" : answer.refusal);
  }
  assert.ok(
    said.includes("wrong") && said.at(-1) === "too-many" && !said.includes("in"),
    said.join(),
  );
  assert.deepEqual(await signIn(room, made.value.text), { ok: false, refusal: "too-many" });
});

onBoth("there are thirty at most, each with a name", async (room) => {
  const session = await newSession(room, login);
  const { appPasswords } = room.clients;
  for (const bad of ["", "   ", "x".repeat(61), "a\u0007b"])
    assert.deepEqual(await appPasswords.add(session, bad), { ok: false, refusal: "bad-name" });
  for (let n = 0; n < 30; n += 1) assert.ok((await appPasswords.add(session, `program ${n}`)).ok);
  assert.deepEqual(await appPasswords.add(session, "one more"), { ok: false, refusal: "too-many" });
});

test("what is no app password is a password, whatever it looks like", () => {
  for (const text of [
    "",
    "correct horse battery",
    "a".repeat(35),
    "a".repeat(37),
    `${"a".repeat(35)}1`,
    "ä".repeat(36),
  ])
    assert.equal(parseAppPassword(text), undefined, text);
});
