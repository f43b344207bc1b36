// The recovery code over SQLite and PostgreSQL: the one way back for who lost their password, and no way in for anybody else.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Postgres, requirePostgres, startPostgres } from "../../test/postgres.ts";
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
const peer = "192.0.2.7";
const fresh = "a password that is new";

onBoth(
  "the code sets a new password, once, and ends every session and app password; the keys are the same",
  async (room) => {
    const session = await newSession(room, login);
    const { clients } = room;
    assert.equal(await clients.recovery.made(session), undefined);
    const void_ = await clients.recovery.make(session);
    const code = await clients.recovery.make(session);
    assert.match(code, /^(?:[a-z2-7]{4} ){7}[a-z2-7]{4}$/);
    assert.equal(typeof (await clients.recovery.made(session)), "number");
    const app = await clients.appPasswords.add(session, "phone");
    const web = await clients.openWebSession(session, true);
    assert.ok(app.ok);
    const recover = (text: string, to = fresh) =>
      clients.recovery.recover({
        login: ` ${login.toUpperCase()} `,
        code: text,
        password: to,
        peer,
      });
    assert.deepEqual(await recover(void_), { ok: false, refusal: "wrong" });
    assert.deepEqual(await recover(code, "short"), { ok: false, refusal: "password-too-short" });
    assert.ok((await recover(code.replaceAll(" ", "-").toUpperCase())).ok);
    const enter = (typed: string, protocol: "web" | "imap" = "web") =>
      clients.signIn({ login, password: typed, protocol, peer });
    const come = await enter(fresh);
    assert.ok(come.ok);
    assert.deepEqual(come.value.keys.boxSecret, session.keys.boxSecret, "no mail is sealed anew");
    assert.equal((await enter(password)).ok, false);
    assert.equal((await enter(app.value.text, "imap")).ok, false);
    assert.equal(await clients.resumeWebSession(web.token), undefined);
    assert.deepEqual(await recover(code, "one more password"), { ok: false, refusal: "wrong" });
    assert.equal(await clients.recovery.made(come.value), undefined);
    const told = (await clients.readLog(come.value, 20)).map(({ fields }) => fields["what"]);
    assert.ok(told.includes("password set by the recovery code; sessions and app passwords ended"));
  },
);

onBoth("no code, another's, an alias or a guess set nothing, and guesses wait", async (room) => {
  const session = await newSession(room, login);
  const other = await newSession(room, `bo@${domain}`);
  const { recovery } = room.clients;
  const others = await recovery.make(other);
  const recover = async (code: string, who = login): Promise<string> => {
    const done = await recovery.recover({ login: who, code, password: fresh, peer });
    return done.ok ? "done" : done.refusal;
  };
  assert.equal(await recover(others), "wrong", "there is no code of this account");
  const code = await recovery.make(session);
  assert.equal(await recover(others), "wrong");
  assert.equal(await recover(code, `nobody@${domain}`), "wrong");
  const said: string[] = [];
  for (let tries = 0; tries < 8; tries += 1) said.push(await recover("guess"));
  assert.equal(said.at(-1), "too-many", said.join());
  assert.ok(
    (await room.clients.signIn({ login, password, protocol: "web", peer: "198.51.100.7" })).ok,
    "the password does not wait for it",
  );
});
