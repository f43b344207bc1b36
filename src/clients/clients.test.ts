// The clients' room whole, over SQLite and PostgreSQL: sign-up, sign-in, sessions, logs, keys.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test, type TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { Broken } from "#base/errors";
import { DAY, HOUR, MINUTE } from "#base/time";
import { newBoxKeyPair, openOpener, passwordCost } from "#vault";
import { type Postgres, requirePostgres, startPostgres } from "../../test/postgres.ts";
import { isWholeBundle } from "./testing/keeper.ts";
import { domain, newSession, openRoom, password, type TestRoom } from "./testing/room.ts";
import { swapCertificate, swapCredential, swapLogKeys } from "./testing/tampering.ts";
import type { Tables } from "./tables.ts";

let postgres: Postgres | undefined;
before(async () => {
  try {
    postgres = await startPostgres();
  } catch {
    postgres = undefined; // requirePostgres says so, test by test
  }
});
after(async () => postgres?.[Symbol.asyncDispose]());

function onBoth(
  name: string,
  body: (room: TestRoom, t: TestContext) => Promise<void>,
  cost?: typeof passwordCost,
): void {
  test(`sqlite: ${name}`, async (t) => {
    await using room = await openRoom(undefined, cost);
    await body(room, t);
  });
  test(`postgres: ${name}`, async (t) => {
    if (!requirePostgres(t)) return;
    await using room = await openRoom(postgres?.freshDatabase(), cost);
    await body(room, t);
  });
}

const contact = {
  name: "Anna Example",
  postal: "1 Quay Street\n1000 Port",
  phone: "+00 1 234",
  email: "anna@elsewhere.test",
};

onBoth("who signs up can sign in, and mail to the address finds the account", async (room) => {
  const { clients } = room;
  const made = await clients.signUp({ address: `Anna.B@${domain}`, password, contact });
  assert.ok(made.ok);
  assert.equal(made.value.address, `anna.b@${domain}`);
  const session = await clients.signIn({
    login: `ANNA.b@${domain}`,
    password,
    protocol: "web",
    peer: "::1",
  });
  assert.ok(session.ok);
  const { client, account, keys, sealer } = session.value;
  assert.deepEqual({ client, account }, { client: made.value.client, account: made.value.account });
  assert.deepEqual(await clients.resolve(`anna.b+news@${domain.toUpperCase()}`), made.value);
  assert.equal(await clients.resolve(`+anna.b@${domain}`), undefined);
  assert.equal(await clients.resolve(`anna@${domain}`), undefined);
  assert.deepEqual(await clients.addressesOf(client, account), [`anna.b@${domain}`]);
  assert.ok(clients.isOurDomain(domain.toUpperCase()));
  assert.ok(!clients.isOurDomain(`x.${domain}`));
  const context = { class: "content", client, account, object: "o", part: "body" } as const;
  const delivered = await clients.sealerFor(client, account);
  const opener = openOpener(keys.boxSecret);
  for (const each of [delivered, sealer]) {
    const opened = opener.open(
      context,
      "own",
      each?.seal(context, Buffer.from("hi")) ?? Buffer.of(),
    );
    assert.ok(opened.ok);
  }
  assert.deepEqual(await clients.readContact(session.value), contact);
  const [row] = await clients.list();
  assert.equal(row?.plan, "personal");
  assert.equal(row?.mode, "quorum");
});

onBoth("what cannot be signed up is refused with its reason", async ({ clients, keeper }) => {
  const refusal = async (request: Parameters<typeof clients.signUp>[0]) => {
    const made = await clients.signUp(request);
    return made.ok ? "made" : made.refusal;
  };
  const address = `anna@${domain}`;
  for (const bad of ["", "@", `@${domain}`, "anna", `a b@${domain}`, `.a@${domain}`])
    assert.equal(await refusal({ address: bad, password }), "bad-address", bad);
  for (const bad of [
    `a..b@${domain}`,
    `anna+x@${domain}`,
    `${"a".repeat(65)}@${domain}`,
    `ä@${domain}`,
  ])
    assert.equal(await refusal({ address: bad, password }), "bad-address", bad);
  assert.equal(await refusal({ address: "anna@elsewhere.test", password }), "not-our-domain");
  assert.deepEqual(await clients.signUp({ address: `PostMaster@${domain}`, password }), {
    ok: false,
    refusal: "address-taken",
    why: "answered by the provider",
  });
  assert.equal(await refusal({ address, password: "short" }), "password-too-short");
  assert.equal(await refusal({ address, password: "x".repeat(1025) }), "password-too-long");
  assert.equal(await refusal({ address, password, plan: "gold" }), "unknown-plan");
  assert.equal(
    await refusal({ address, password, contact: { ...contact, postal: " " } }),
    "contact-incomplete",
  );
  keeper.away = true;
  assert.equal(await refusal({ address, password }), "keeper-away");
  keeper.away = false;
  assert.equal(await refusal({ address, password }), "made", "the name was free again at once");
  assert.equal(await refusal({ address: `ANNA@${domain}`, password }), "address-taken");
});

onBoth("of ten who want one address at once, one gets it and nine leave nothing", async (room) => {
  const { clients, engine, keeper } = room;
  const wishes = Array.from({ length: 10 }, () =>
    clients.signUp({ address: `anna@${domain}`, password }),
  );
  const outcomes = await Promise.all(wishes);
  assert.equal(outcomes.filter(({ ok }) => ok).length, 1);
  assert.ok(outcomes.every((one) => one.ok || one.refusal === "address-taken"));
  const reader = engine.reader<Tables>();
  for (const table of ["client", "client_account", "address", "credential"] as const)
    assert.equal((await reader.selectFrom(table).selectAll().execute()).length, 1, table);
  assert.equal((await reader.selectFrom("address_reservation").selectAll().execute()).length, 0);
  assert.equal(keeper.bundles.size, 1, "the keeper enrolled nobody in vain");
});

onBoth("a sign-up whose commit fails leaves nothing, and the name is free", async (room) => {
  const clients = await room.reopen({
    ...room.engine,
    writeTogether: () => Promise.reject(new Error("the disk is full")),
  });
  await assert.rejects(clients.signUp({ address: `anna@${domain}`, password }), Broken);
  assert.deepEqual(await clients.list(), []);
  assert.ok((await room.clients.signUp({ address: `anna@${domain}`, password })).ok);
});

onBoth("a sign-up whose commit is not heard of, but happened, is a yes", async (room) => {
  const clients = await room.reopen({
    ...room.engine,
    async writeTogether(invocations) {
      await room.engine.writeTogether(invocations);
      throw new Error("the connection was lost");
    },
  });
  const made = await clients.signUp({ address: `anna@${domain}`, password });
  assert.ok(made.ok);
  assert.deepEqual(await room.clients.resolve(`anna@${domain}`), made.value);
});

onBoth("what a grant may name is handed out sealed, by id and by client", async (room) => {
  const { clients, engine } = room;
  const made = await clients.signUp({ address: `anna@${domain}`, password, contact });
  assert.ok(made.ok);
  const { client, account } = made.value;
  const other = await newSession(room, `bert@${domain}`);
  const [card] = await clients.sealedOf("contact", client, ["contact"]);
  assert.deepEqual(card?.context, {
    class: "contact",
    client,
    account: "",
    object: "contact",
    part: "card",
  });
  assert.deepEqual(await clients.sealedOf("contact", other.client, ["contact"]), []);
  const events = await engine.reader<Tables>().selectFrom("client_log").selectAll().execute();
  const ids = events.map((event) => event.event_id);
  const sealed = await clients.sealedOf("clientlog", client, ids);
  assert.deepEqual(
    sealed.map(({ context }) => [context.client, context.account, context.part]),
    [[client, account, "change/2026-11-23"]],
  );
  assert.deepEqual(await clients.sealedOf("credential", client, ids), []);
});

onBoth("a client-only plan keeps the mail's keys from the keeper", async ({ clients, keeper }) => {
  const sealed = await clients.signUp({ address: `anna@${domain}`, password, plan: "sealed" });
  const personal = await clients.signUp({ address: `bert@${domain}`, password });
  assert.ok(sealed.ok && personal.ok);
  assert.equal(keeper.bundles.get(sealed.value.account)?.byteLength, 32);
  assert.ok(isWholeBundle(keeper.bundles.get(personal.value.account)));
});

onBoth(
  "a wrong password and an unknown login are answered alike, then made to wait",
  async (room) => {
    const { clients, clock } = room;
    await newSession(room, `anna@${domain}`);
    const attempt = (login: string, typed: string) =>
      clients.signIn({ login, password: typed, protocol: "web", peer: "192.0.2.7" });
    for (const login of [`anna@${domain}`, `nobody@${domain}`, `anna+x@${domain}`]) {
      const answers = [];
      for (let guess = 0; guess < 5; guess += 1)
        answers.push(await attempt(login, `guess ${guess}!`));
      assert.ok(answers.every((answer) => !answer.ok && answer.refusal === "wrong"));
      const next = await attempt(login, password);
      assert.deepEqual(next, { ok: false, refusal: "too-many" });
    }
    clock.turn(MINUTE);
    assert.ok((await attempt(`anna@${domain}`, password)).ok);
  },
);

onBoth("guesses made at once do not slip past the wait together", async (room) => {
  await newSession(room, `anna@${domain}`);
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, guess) =>
      room.clients.signIn({
        login: `anna@${domain}`,
        password: `guess number ${guess}`,
        protocol: "imap",
        peer: `198.51.100.${guess}`,
      }),
    ),
  );
  const refusals = answers.map((answer) => (answer.ok ? "ok" : answer.refusal));
  assert.equal(refusals.filter((refusal) => refusal === "wrong").length, 5);
  assert.equal(refusals.filter((refusal) => refusal === "too-many").length, 7);
});

onBoth(
  "a mail program's cached keys end with the password, and with the status",
  async (room) => {
    const { clients, clock } = room;
    const because = { reason: "a test", by: "operator" } as const;
    const session = await newSession(room, `anna@${domain}`);
    const again = (typed = password) =>
      clients.signIn({
        login: `anna@${domain}`,
        password: typed,
        protocol: "imap",
        peer: "192.0.2.9",
      });
    const began = performance.now();
    assert.ok((await again()).ok);
    assert.ok(performance.now() - began < 40, "a hit costs no Argon2id");
    assert.ok((await clients.changePassword(session, password, "another long one")).ok);
    assert.ok(!(await again()).ok);
    assert.ok((await again("another long one")).ok);
    assert.deepEqual(await clients.moveStatus(session.client, "suspended", because), {
      ok: true,
      value: true,
    });
    assert.ok((await again("another long one")).ok, "a fresh suspension lets one read");
    clock.turn(14 * DAY);
    assert.deepEqual(await again("another long one"), { ok: false, refusal: "suspended" });
    assert.deepEqual(await clients.moveStatus(session.client, "erased", because), {
      ok: false,
      refusal: "not-allowed",
    });
  },
  passwordCost,
);

onBoth("a web session lives by its token alone, and ends", async (room) => {
  const { clients, clock, engine } = room;
  const session = await newSession(room, `anna@${domain}`);
  const { token, expires } = await clients.openWebSession(session, false);
  assert.equal(expires - clock.now(), 12 * HOUR);
  const resumed = await clients.resumeWebSession(token);
  assert.deepEqual(resumed?.keys, session.keys);
  assert.equal(await clients.resumeWebSession(randomBytes(32).toString("base64url")), undefined);
  for (const nonsense of ["", "x", `${token}=`, `${token}AAAA`])
    assert.equal(await clients.resumeWebSession(nonsense), undefined);
  const rows = await engine.reader<Tables>().selectFrom("web_session").selectAll().execute();
  const stored = JSON.stringify(
    rows.map((row) => [row.session_id, [...row.verifier], [...row.wrap]]),
  );
  const secret = Buffer.from(token, "base64url");
  assert.ok(!stored.includes([...secret].join(",")) && !stored.includes(secret.toString("hex")));
  await clients.endWebSession(token);
  assert.equal(await clients.resumeWebSession(token), undefined);

  const remembered = await clients.openWebSession(session, true);
  clock.turn(29 * DAY);
  assert.ok(await clients.resumeWebSession(remembered.token));
  clock.turn(2 * DAY);
  assert.equal(await clients.resumeWebSession(remembered.token), undefined);
});

onBoth("a new password ends the other web sessions and keeps this one", async (room) => {
  const { clients } = room;
  const session = await newSession(room, `anna@${domain}`);
  const mine = await clients.openWebSession(session, false);
  const other = await clients.openWebSession(session, true);
  const here = await clients.resumeWebSession(mine.token);
  assert.ok(here);
  assert.deepEqual(await clients.changePassword(here, "not the old one", "another long one"), {
    ok: false,
    refusal: "wrong",
  });
  assert.ok((await clients.changePassword(here, password, "another long one")).ok);
  assert.equal(await clients.resumeWebSession(other.token), undefined);
  const kept = await clients.resumeWebSession(mine.token);
  assert.deepEqual(kept?.keys, session.keys, "the mail's keys are what they were");
});

onBoth("a public key swapped in the database is refused", async (room) => {
  const { clients, engine } = room;
  const session = await newSession(room, `anna@${domain}`);
  const other = await newSession(room, `bert@${domain}`);
  assert.ok(await clients.sealerFor(session.client, session.account), "cached as good");
  const row = await engine
    .reader<Tables>()
    .selectFrom("key_certificate")
    .selectAll()
    .where("account_id", "=", other.account)
    .executeTakeFirstOrThrow();
  for (const [key, signature] of [
    [newBoxKeyPair().publicKey, undefined],
    [row.public_key, row.signature],
  ] as const) {
    await engine.write(swapCertificate, {
      account_id: session.account,
      public_key: key,
      signature,
    });
    assert.equal(await clients.sealerFor(session.client, session.account), undefined);
    const fresh = await room.reopen();
    room.clock.turn(1);
    assert.equal(await fresh.sealerFor(session.client, session.account), undefined);
    const signedIn = await fresh.signIn({
      login: `anna@${domain}`,
      password,
      protocol: "web",
      peer: "192.0.2.7",
    });
    assert.deepEqual(signedIn, { ok: false, refusal: "suspended", why: "key-differs" });
  }
  const events = await clients.readLog(session, 1);
  assert.match(String(events[0]?.fields["what"]), /key is not the certified one/);
});

onBoth("a credential moved from another account opens nothing", async (room) => {
  const anna = await newSession(room, `anna@${domain}`);
  const mallory = await room.clients.signUp({
    address: `mallory@${domain}`,
    password: "mallory's own words",
  });
  assert.ok(mallory.ok);
  await room.engine.write(swapCredential, { from: mallory.value.account, to: anna.account });
  const answer = await room.clients.signIn({
    login: `anna@${domain}`,
    password: "mallory's own words",
    protocol: "web",
    peer: "192.0.2.66",
  });
  assert.deepEqual(answer, { ok: false, refusal: "wrong" });
});

onBoth(
  "the client's log is read by the client, newest first, with the network only",
  async (room) => {
    const { clients, clock, engine } = room;
    const session = await newSession(room, `anna@${domain}`);
    clock.turn(MINUTE);
    await clients.log(session.client, session.account, {
      kind: "traffic",
      at: clock.now(),
      fields: { what: "received", from: "cafe\u0301.example", size: 1234 },
    });
    const events = await clients.readLog(session, 10);
    assert.deepEqual(
      events.map(({ kind, fields }) => [kind, fields["what"]]),
      [
        ["traffic", "received"],
        ["sign-in", "signed in"],
        ["change", "signed up"],
      ],
    );
    assert.equal(events[0]?.fields["from"], "caf\u00e9.example");
    assert.deepEqual(events[1]?.fields, {
      what: "signed in",
      protocol: "imap",
      network: "192.0.2.0/24",
    });
    assert.equal((await clients.readLog(session, 1)).length, 1);
    const other = await newSession(room, `bert@${domain}`);
    assert.equal((await clients.readLog(other, 10)).length, 2, "each reads their own");
    const rows = await engine.reader<Tables>().selectFrom("client_log").selectAll().execute();
    for (const { sealed } of rows)
      assert.ok(!Buffer.from(sealed).toString("latin1").includes("192.0.2"));
  },
);

onBoth(
  "events whose day key is destroyed are left out, counted, and then deleted",
  async (room) => {
    const { clients, clock, keeper } = room;
    const session = await newSession(room, `anna@${domain}`);
    clock.turn(DAY);
    await clients.log(session.client, session.account, {
      kind: "sign-in",
      at: clock.now(),
      fields: { what: "signed in" },
    });
    keeper.destroy("sign-in/2026-11-23");
    const page = await clients.readLogPage(session, 10);
    assert.deepEqual(
      page.events.map(({ kind }) => kind),
      ["sign-in", "change"],
    );
    assert.equal(page.destroyed, 1);
    assert.deepEqual(await clients.expireLogs(keeper), { keys: 1, events: 1 });
    assert.deepEqual(await clients.readLogPage(session, 10), {
      events: page.events,
      destroyed: 0,
      older: undefined,
    });
    // A crash between the keeper's act and the deletion is made good by the next run.
    clock.turn(31 * DAY);
    assert.deepEqual(await clients.expireLogs(keeper), { keys: 0, events: 1 });
  },
);

onBoth(
  "a day's log keys outlive the keeper's absence, but not a swap in the database",
  async (room) => {
    const { clients, clock, engine, keeper } = room;
    const session = await newSession(room, `anna@${domain}`);
    await clients.log(session.client, session.account, { kind: "look", at: 0, fields: {} });
    for (let day = 0; day < 2; day += 1) {
      clock.turn(DAY);
      await clients.log(session.client, session.account, { kind: "look", at: 0, fields: {} });
      await wait(20); // tomorrow's are fetched in the background
    }
    keeper.away = true;
    clock.turn(DAY);
    const change = { kind: "change", fields: { what: "x" } } as const;
    await clients.log(session.client, session.account, { ...change, at: clock.now() });
    const again = { login: session.address, password, protocol: "web", peer: "::1" } as const;
    assert.ok((await clients.signIn(again)).ok, "signing in does not need the keeper");
    keeper.away = false;
    const fresh = await room.reopen();
    await engine.write(swapLogKeys, { public_key: newBoxKeyPair().publicKey });
    clock.turn(1);
    await fresh.log(session.client, session.account, { ...change, at: clock.now() });
    const events = await fresh.readLog(session, 2);
    assert.deepEqual(
      events[0]?.fields,
      change.fields,
      "sealed to the keeper's key, not to the one swapped in",
    );
  },
);

onBoth(
  "sign-ups from one network wait after thirty; other networks and the operator do not",
  async (room) => {
    const { clients, clock } = room;
    const ask = async (peer?: string): Promise<string> => {
      const made = await clients.signUp({
        address: `first@${domain}`,
        password,
        ...(peer !== undefined && { peer }),
      });
      return made.ok ? "made" : made.refusal;
    };
    assert.equal(await ask("192.0.2.1"), "made");
    for (let count = 2; count <= 30; count += 1)
      assert.equal(await ask(`192.0.2.${count}`), "address-taken");
    assert.equal(await ask("192.0.2.99"), "too-many");
    assert.equal(await ask("198.51.100.1"), "address-taken");
    assert.equal(await ask(), "address-taken");
    clock.turn(2000);
    assert.equal(await ask("192.0.2.99"), "address-taken", "the wait is over");
    assert.equal(await ask("192.0.2.99"), "too-many", "and the next is longer");
  },
);
