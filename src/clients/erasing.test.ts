// Closing, coming back and erasing on real tables of both databases, with a keeper that is away now and then and a sibling that
// breaks on the way: whatever happens, the next run goes on, and nothing is destroyed before its time.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { no, yes } from "#base/errors";
import { DAY } from "#base/time";
import { parseCanonical } from "#base/canonical";
import { type Postgres, requirePostgres, startPostgres } from "../../test/postgres.ts";
import type { Clients } from "./contract.ts";
import type { ErasingParts } from "./ports.ts";
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

const address = `anna@${domain}`;

/** A keeper and a sibling that say what they did, in the order in which they did it. */
function erasingParts(): ErasingParts & {
  readonly did: string[];
  keeperAway: boolean;
  breaks: boolean;
} {
  const parts = {
    did: [] as string[],
    keeperAway: false,
    breaks: false,
    keeper: {
      hello: async () => ({ origin: "example.test/ledger", logVerifierKey: "a key" }),
      erase: async ({ client, notBefore }: { client: string; notBefore: number }) => {
        if (parts.keeperAway) return { ...no("ledger-unavailable"), why: "away" };
        parts.did.push(`keeper ${client.length} ${notBefore}`);
        return yes({ index: 7, at: notBefore, unreadableFrom: "2027-01-08", openings: ["one"] });
      },
    },
    forgetters: [
      {
        what: "mail",
        forget: async () => {
          if (parts.breaks) throw new Error("the disk is gone");
          parts.did.push("mail");
        },
      },
    ],
  };
  return parts;
}

/** Domains are claimed here, and never looked at. */
const noDns: Parameters<Clients["openDomains"]>[0] = {
  lookUp: () => Promise.resolve("none"),
  signingRecords: () => Promise.resolve([]),
  services: [],
  reports: {},
  smarthost: undefined,
  tell: () => Promise.resolve(),
  forget: () => Promise.resolve(),
};

async function rowsOf(room: TestRoom, client: string): Promise<number> {
  const reader = room.engine.reader<Tables>();
  let rows = 0;
  for (const table of [
    "address",
    "address_made",
    "client_domain",
    "credential",
    "key_certificate",
    "contact",
    "client_log",
    "web_session",
    "client_account",
    "client_hold",
    "client_closing",
  ] as const)
    rows += (await reader.selectFrom(table).selectAll().where("client_id", "=", client).execute())
      .length;
  return rows;
}

onBoth("an order to erase is carried out once, whatever breaks on the way", async (room) => {
  const { clients, clock } = room;
  const parts = erasingParts();
  const session = await newSession(room, address);
  const { client } = session;
  const mask = await clients.addresses.mask(session, "a shop");
  assert.ok(mask.ok && (await clients.openDomains(noDns).claim(session, "club.example")).ok);
  assert.deepEqual(await clients.close(session, "not the password"), no("wrong"));
  const closed = await clients.close(session, password);
  assert.ok(closed.ok);
  const { receipt: token, eraseAfter } = closed.value;
  assert.equal(eraseAfter - clock.now(), 30 * DAY);
  assert.deepEqual(await clients.close(session, password), no("not-allowed"));
  assert.equal((await clients.resolve(address))?.inbound, "refused");
  assert.equal((await clients.receipt(token))?.receipt, undefined);
  assert.equal(
    await clients.receipt(token.replace(/^./, (first) => (first === "A" ? "B" : "A"))),
    undefined,
  );

  assert.equal((await clients.eraseDue(parts)).erased, 0);
  clock.turn(30 * DAY);
  assert.deepEqual(await clients.reopen(session), no("too-late"));
  parts.keeperAway = true;
  assert.equal((await clients.eraseDue(parts)).waiting, 1);
  assert.equal(parts.did.length, 0);
  parts.keeperAway = false;
  parts.breaks = true;
  assert.equal((await clients.eraseDue(parts)).waiting, 1);
  parts.breaks = false;
  // A server that was started anew goes on where the other broke off.
  const restarted = await room.reopen();
  assert.equal((await restarted.eraseDue(parts)).erased, 1);
  assert.deepEqual(
    parts.did.map((what) => what.split(" ")[0]),
    ["keeper", "keeper", "mail"],
  );
  assert.equal(await rowsOf(room, client), 0);
  assert.equal((await restarted.eraseDue(parts)).erased, 0);
  assert.equal(await restarted.standing(client), undefined);
  assert.deepEqual(await restarted.list(), []);
  const { receipt } = (await restarted.receipt(token)) ?? {};
  const said = Object(receipt && parseCanonical(receipt)) as { readonly [name: string]: unknown };
  assert.deepEqual([said["client"], said["unreadableFrom"]], [client, "2027-01-08"]);

  assert.deepEqual(await restarted.signUp({ address, password }), no("address-taken"));
  clock.turn(400 * DAY);
  assert.equal((await restarted.eraseDue(parts)).forgotten, 1);
  assert.ok((await restarted.signUp({ address, password })).ok);
  clock.turn(3 * 365 * DAY);
  assert.equal((await restarted.eraseDue(parts)).forgotten, 1);
  assert.equal(await restarted.receipt(token), undefined);
});

onBoth("coming back leads to where one was, a suspension too", async (room) => {
  const { clients, clock } = room;
  const session = await newSession(room, address);
  const because = { reason: "invoice", by: "ladder" } as const;
  assert.ok((await clients.moveStatus(session.client, "suspended", because)).ok);
  clock.turn(10 * DAY);
  const before = await clients.standing(session.client);
  const closed = await clients.close(session, password);
  assert.ok(closed.ok);
  assert.deepEqual(await clients.moveStatus(session.client, "active"), no("not-allowed"));
  clock.turn(1);
  assert.deepEqual(await clients.reopen(session), yes(true));
  assert.deepEqual(await clients.standing(session.client), before);
  assert.equal(await clients.receipt(closed.value.receipt), undefined);
  assert.deepEqual(await clients.reopen(session), no("not-closed"));
  const lines = (await clients.readLogPage(session, 10, { kind: "change" })).events;
  assert.deepEqual(
    lines.map(({ fields }) =>
      [fields["what"], fields["from"], fields["to"], fields["by"]].join(" "),
    ),
    [
      "status closed suspended client",
      "status suspended closed client",
      "status active suspended ladder",
      "signed up   ",
    ],
  );
});

onBoth(
  "behind the last level the ladder closes, unless a promise or a law stands",
  async (room) => {
    const { clients, clock } = room;
    const parts = erasingParts();
    const { client } = await newSession(room, address);
    const because = { reason: "invoice", by: "ladder" } as const;
    const until = clock.now() + 5 * DAY;
    const operator = { reason: "called", by: "operator" } as const;
    assert.ok((await clients.setHold(client, "do-not-suspend", until, operator)).ok);
    assert.deepEqual(await clients.moveStatus(client, "suspended", because), no("held"));
    assert.deepEqual(await clients.setHold(client, "legal-hold", 1, operator), no("over-already"));
    clock.turn(5 * DAY);
    assert.ok((await clients.moveStatus(client, "suspended", because)).ok);
    assert.ok((await clients.setHold(client, "legal-hold", undefined, operator)).ok);
    clock.turn(149 * DAY);
    assert.equal((await clients.eraseDue(parts)).closed, 0);
    clock.turn(DAY);
    assert.equal((await clients.eraseDue(parts)).closed, 1);
    clock.turn(31 * DAY);
    assert.deepEqual(
      [await clients.eraseDue(parts)].map(({ held, erased }) => [held, erased]),
      [[1, 0]],
    );
    assert.ok((await clients.liftHold(client, "legal-hold", operator)).ok);
    assert.deepEqual(await clients.liftHold(client, "legal-hold", operator), no("no-such-hold"));
    assert.equal((await clients.eraseDue(parts)).erased, 1);
    // Nobody signed an order, so the keeper was not asked; what its keys could have opened is gone.
    assert.deepEqual(parts.did, ["mail"]);
    assert.equal(await rowsOf(room, client), 0);
  },
);

onBoth("a quiet hold keeps, and is told once it is over and not before", async (room) => {
  const { clients, clock } = room;
  const parts = erasingParts();
  const session = await newSession(room, address);
  const { client } = session;
  const operator = { reason: "case 12", by: "operator" } as const;
  const quiet = { quiet: true };
  const told = async () =>
    (await clients.readLogPage(session, 10, { kind: "change" })).events
      .map(({ fields }) => fields)
      .filter(({ hold }) => hold === "legal-hold");
  const shown = async () => (await clients.standing(client))?.holds.length;
  const day = (at: number) => new Date(at).toISOString();
  const begun = clock.now();
  const hold = (until: number) => clients.setHold(client, "legal-hold", until, operator, quiet);

  assert.deepEqual(
    await clients.setHold(client, "abuse-block", begun + DAY, operator, quiet),
    no("not-quiet"),
  );
  assert.ok((await hold(begun + 40 * DAY)).ok);
  assert.ok((await hold(begun + 20 * DAY)).ok, "another case with an earlier end");
  assert.equal((await clients.wholeStanding(client))?.holds[0]?.quiet, true);
  assert.ok((await clients.close(session, password)).ok);
  clock.turn(39 * DAY);
  assert.equal((await clients.eraseDue(parts)).held, 1, "it does hold");
  assert.equal(await clients.tellEndedHolds(), 0);
  assert.deepEqual([await told(), await shown()], [[], 0]);
  clock.turn(DAY);
  assert.equal(await clients.tellEndedHolds(), 1);
  assert.equal(await clients.tellEndedHolds(), 0, "once");
  const [ended, ...more] = await told();
  assert.deepEqual(
    [ended?.["what"], ended?.["since"], ended?.["until"], more.length],
    ["hold ended", day(begun), day(begun + 40 * DAY), 0],
  );

  // Beside one that the client knows of, which shows as before and is lifted first.
  const since = clock.now();
  assert.ok((await hold(since + 5 * DAY)).ok);
  assert.ok((await clients.setHold(client, "legal-hold", undefined, operator)).ok);
  assert.deepEqual([(await told()).length, await shown()], [2, 1]);
  assert.ok((await clients.liftHold(client, "legal-hold", operator)).ok);
  assert.equal((await told()).length, 3);
  assert.equal((await clients.eraseDue(parts)).held, 1, "the quiet one still does");
  clock.turn(DAY);
  assert.ok((await clients.liftHold(client, "legal-hold", operator)).ok);
  const [lifted] = await told();
  assert.deepEqual([lifted?.["what"], lifted?.["since"]], ["hold lifted", day(since)]);
  assert.deepEqual(
    await clients.liftHold(client, "legal-hold", operator, quiet),
    no("no-such-hold"),
  );
  assert.equal((await clients.eraseDue(parts)).erased, 1);
  assert.equal(await rowsOf(room, client), 0);
});

test("a corrected card is sealed anew, and a half one is refused", async () => {
  await using room = await openRoom();
  const session = await newSession(room, address);
  const card = { name: "Anna", postal: "Mill Lane 3", phone: "+49 30 1", email: "a@example.org" };
  assert.equal(await room.clients.readContact(session), undefined);
  assert.deepEqual(
    await room.clients.correctContact(session, { ...card, postal: " " }),
    no("contact-incomplete"),
  );
  assert.deepEqual(await room.clients.correctContact(session, card), yes(true));
  assert.deepEqual(await room.clients.readContact(session), card);
});
