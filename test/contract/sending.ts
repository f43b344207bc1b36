// What the counts of sending must do over every database: one suite, run over SQLite and over PostgreSQL. The clock is the test's.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { newId } from "#base/ids";
import { DAY, HOUR, MINUTE } from "#base/time";
import { type Engine, openEngine } from "#engine";
import {
  type Brake,
  openSending,
  type Owner,
  type Sending,
  sendingRoom,
  type To,
} from "#mail/sending";
import { openQueueBrake, queueRoom } from "#mail/queue";
import type { FreshSettings } from "./store.ts";

export const sendingRooms = [sendingRoom, queueRoom];

const START = Date.UTC(2026, 10, 23, 9, 2);

interface Room extends AsyncDisposable {
  readonly engine: Engine;
  readonly sending: Sending;
  /** A second process on the same tables. */
  readonly other: Sending;
  readonly owner: Owner;
  readonly told: Brake[];
  readonly lines: object[];
  /** While true nobody can be told. */
  deaf: boolean;
  plan: number;
  now: number;
}

async function openRoom(settings: Parameters<typeof openEngine>[0]): Promise<Room> {
  const engine = await openEngine(settings);
  const owner = { client: newId(), account: newId() };
  const queue = openQueueBrake(engine, { now: () => room.now });
  const open = (): Sending =>
    openSending({
      engine,
      clock: { now: () => room.now },
      mac: async (text) => createHmac("sha256", "key").update(text).digest("hex"),
      recipientsPerDay: async () => room.plan,
      hold: (who, since) => queue.hold(who, since),
      held: (who, what) => queue.held(who, what),
      released: () => queue.released(),
      async tell(brake) {
        if (room.deaf) throw new Error("nobody hears");
        room.told.push(brake);
      },
      async logged(_, fields) {
        room.lines.push(fields);
        return queue.held({ client: "nobody", account: "nobody" }, "send");
      },
    });
  const room: Room = {
    engine,
    sending: open(),
    other: open(),
    owner,
    told: [],
    lines: [],
    deaf: false,
    plan: 500,
    now: START,
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
  return room;
}

let named = 0;
/** So many recipients that were never written to. */
const strangers = (count: number): To[] =>
  Array.from({ length: count }, () => ({
    address: `stranger${(named += 1)}@far.example`,
    isOutside: true,
    reach: 1,
  }));

const taken = (answer: object): boolean => "giveBack" in answer;

/** A month of a newsletter: the same readers each week, so that it is this account's habit. */
async function writeEachWeek(room: Room, readers: readonly To[]): Promise<void> {
  for (let week = 0; week < 4; week += 1) {
    for (let at = 0; at < readers.length; at += 80) {
      assert.ok(taken(await room.sending.mayTake(room.owner, readers.slice(at, at + 80))));
      room.now += 2 * HOUR;
    }
    room.now += 7 * DAY;
  }
}

export function sendingContract(name: string, fresh: FreshSettings, runs: number): void {
  test(`${name}: limits roll over an hour and a day, are the client's as well as the account's, and say when there is room`, async (t) => {
    const settings = await fresh(t);
    if (settings === undefined) return;
    await using room = await openRoom(settings);
    const { sending, other, owner } = room;
    room.plan = 100;
    const second = { client: owner.client, account: newId() };
    assert.match(
      refusal(await sending.mayTake(owner, strangers(51))),
      /50 recipients an hour; this letter alone/,
    );
    assert.ok(taken(await sending.mayTake(owner, strangers(50))));
    const later = await other.mayTake(owner, strangers(1));
    assert.deepEqual(later, {
      later:
        "4.7.1 this account may send to 50 recipients an hour; there is room for this letter from 2026-11-23 10:05 UTC",
    });
    // Another account of the client's has its own hour, and the client's is three quarters of a day.
    assert.ok(taken(await other.mayTake(second, strangers(25))));
    assert.match(
      words(await sending.mayTake(second, strangers(1))),
      /all your accounts together may send to 75/,
    );
    room.now = Date.UTC(2026, 10, 23, 10, 4, 59);
    assert.ok(!taken(await sending.mayTake(owner, strangers(1))));
    room.now += 1000;
    assert.ok(
      taken(await sending.mayTake(owner, strangers(25))),
      "room from the minute that was named",
    );
    assert.match(
      words(await other.mayTake(second, strangers(1))),
      /your plan has 100 recipients a day; .* from 2026-11-24 09:05/,
    );
    assert.deepEqual(await sending.used(owner), {
      limits: { accountHour: 50, clientHour: 75, clientDay: 100, distinctWeek: 300 },
      accountHour: 25,
      clientHour: 25,
      clientDay: 100,
      distinctWeek: 100,
    });
    room.plan = 0;
    assert.equal(
      refusal(await sending.mayTake(owner, strangers(1))),
      "5.7.1 your plan does not send",
    );
  });

  test(`${name}: different addresses elsewhere have an end of their own; the same ones, ours and a name said twice count once or not`, async (t) => {
    const settings = await fresh(t);
    if (settings === undefined) return;
    await using room = await openRoom(settings);
    const { sending, owner } = room;
    room.plan = 20;
    const friend: To = { address: "friend@far.example", isOutside: true, reach: 1 };
    const ours: To = { address: "bob@ours.example", isOutside: false, reach: 3 };
    for (let day = 0; day < 6; day += 1) {
      assert.ok(taken(await sending.mayTake(owner, strangers(day === 0 ? 9 : 10))));
      room.now += HOUR + 5 * MINUTE;
      const shouted = { ...friend, address: friend.address.toUpperCase() };
      assert.ok(taken(await sending.mayTake(owner, [friend, shouted, ours])));
      room.now += DAY;
    }
    // Fifty-nine strangers and one friend, six times.
    assert.equal((await sending.used(owner))?.distinctWeek, 60);
    assert.match(
      words(await sending.mayTake(owner, strangers(1))),
      /different addresses elsewhere in seven days/,
    );
    assert.ok(taken(await sending.mayTake(owner, [ours])), "what stays here is not elsewhere");
    room.now += 2 * DAY;
    assert.ok(taken(await sending.mayTake(owner, strangers(9))));
    await sending.tidy();
    const rows = await allRows(room);
    assert.ok(!rows.includes("far.example") && !rows.includes("friend"), "no address stands there");
    await sending.forget(owner.client);
    assert.equal(await allRows(room), "[]");
  });

  test(`${name}: a letter that is not accepted after all is as if it had not been counted`, async (t) => {
    const settings = await fresh(t);
    if (settings === undefined) return;
    await using room = await openRoom(settings);
    const { sending, owner } = room;
    room.plan = 40;
    const known = strangers(1);
    assert.ok(taken(await sending.mayTake(owner, known)));
    const before = await sending.used(owner);
    const answer = await sending.mayTake(owner, [...known, ...strangers(18)]);
    assert.ok("giveBack" in answer);
    await answer.giveBack();
    assert.deepEqual(await sending.used(owner), before);
    assert.ok(taken(await sending.mayTake(owner, strangers(19))));
  });

  test(`${name}: at any order of letters at once, in two processes, never more than the limit is taken and never fewer while there is room`, async (t) => {
    const settings = await fresh(t);
    if (settings === undefined) return;
    await using room = await openRoom(settings);
    room.plan = 60;
    const letter = fc.record({
      size: fc.integer({ min: 1, max: 12 }),
      isOther: fc.boolean(),
      isSecond: fc.boolean(),
      isGivenBack: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(letter, { minLength: 1, maxLength: 14 }), async (letters) => {
        const client = newId();
        const accounts = [newId(), newId()] as const;
        const sent = await Promise.all(
          letters.map(async ({ size, isOther, isSecond, isGivenBack }) => {
            const account = accounts[isSecond ? 1 : 0];
            const to = strangers(size);
            const answer = await (isOther ? room.other : room.sending).mayTake(
              { client, account },
              to,
            );
            if (isGivenBack && "giveBack" in answer) await answer.giveBack();
            return { size, account, isGivenBack, isTaken: "giveBack" in answer };
          }),
        );
        const of = (account?: string): number =>
          sent
            .filter((one) => one.isTaken && !one.isGivenBack)
            .filter((one) => account === undefined || one.account === account)
            .reduce((sum, { size }) => sum + size, 0);
        const isFree = (account: string, size: number): boolean =>
          of(account) + size <= 30 && of() + size <= 45;
        assert.ok(of() <= 45 && accounts.every((account) => of(account) <= 30));
        const used = await room.sending.used({ client, account: accounts[0] });
        assert.deepEqual(
          [used?.clientDay, used?.accountHour, used?.distinctWeek],
          [of(), of(accounts[0]), of()],
        );
        // What was refused had no room at its moment. Only what is given back makes room afterwards; then it is asked again.
        for (const { size, account, isTaken } of sent) {
          if (isTaken || sent.some((one) => one.isGivenBack && one.isTaken)) continue;
          assert.ok(!isFree(account, size), "refused though there was room");
        }
        for (const account of accounts) {
          const rest = Math.min(30 - of(account), 45 - of());
          if (rest === 0) continue;
          const more = await room.other.mayTake({ client, account }, strangers(rest + 1));
          assert.ok(!taken(more));
          const all = await room.sending.mayTake({ client, account }, strangers(rest));
          assert.ok(taken(all), "all that there is room for is taken");
          break;
        }
      }),
      { numRuns: runs },
    );
  });

  test(`${name}: a burst beyond four times the busiest hour is braked, told once, and lifted by a new password or the owner's word`, async (t) => {
    const settings = await fresh(t);
    if (settings === undefined) return;
    await using room = await openRoom(settings);
    const { sending, other, owner } = room;
    for (let batch = 0; batch < 4; batch += 1)
      assert.ok(
        taken(await sending.mayTake(owner, strangers(25))),
        "a hundred at once are a person",
      );
    room.deaf = true;
    assert.match(
      refusal(await sending.mayTake(owner, strangers(1))),
      /^5\.7\.1 sending from this account is held/,
    );
    room.deaf = false;
    assert.match(
      refusal(await other.mayTake(owner, [{ address: "b@o.example", isOutside: false, reach: 1 }])),
      /held/,
    );
    assert.equal(room.told.length, 0);
    assert.deepEqual(await sending.tidy(), { told: 1, ended: 0, held: 1 });
    assert.deepEqual(await other.tidy(), { told: 0, ended: 0, held: 1 });
    assert.deepEqual(
      room.told.map(({ cause }) => cause),
      [{ why: "burst", seen: 101, usual: 0 }],
    );
    // Another account of the same client sends on.
    assert.ok(taken(await sending.mayTake({ ...owner, account: newId() }, strangers(1))));
    assert.equal(await sending.lift(owner, "new-password", "destroy"), "no-new-password");
    room.now += MINUTE;
    await sending.newPassword(owner);
    assert.equal(await sending.lift(owner, "new-password", "destroy"), "lifted");
    assert.equal(await sending.lift(owner, "operator", "send"), "not-held");
    room.now += 5 * MINUTE;
    assert.ok(taken(await sending.mayTake(owner, strangers(5))), "what was before is settled");
    // A second burst: the owner says that it was them, and is believed for a day, once a week.
    room.now += 2 * HOUR;
    assert.ok(!taken(await sending.mayTake(owner, strangers(101))));
    assert.equal(await sending.lift(owner, "confirmed", "send"), "lifted");
    room.now += 10 * MINUTE;
    assert.ok(taken(await sending.mayTake(owner, strangers(120))));
    room.now += 2 * DAY;
    assert.ok(
      taken(await sending.mayTake(owner, strangers(240))),
      "it has become the habit: four times 120",
    );
    await sending.refused(owner, true);
    for (let count = 0; count < 9; count += 1) await other.refused(owner, true);
    assert.deepEqual((await sending.brake(owner))?.cause, {
      why: "suppressed",
      seen: 10,
      usual: 10,
    });
    assert.equal(await sending.lift(owner, "confirmed", "send"), "confirmed-lately");
    assert.equal(await other.lift(owner, "operator", "destroy"), "lifted");
    assert.equal(room.lines.length, 3);
  });

  test(`${name}: a newsletter of long standing is not braked, refusals and a crowd of networks are`, async (t) => {
    const settings = await fresh(t);
    if (settings === undefined) return;
    await using room = await openRoom(settings);
    const { sending, owner } = room;
    room.plan = 2000;
    const readers = strangers(80);
    await writeEachWeek(room, readers);
    assert.ok(
      taken(await sending.mayTake(owner, [...readers, ...strangers(220)])),
      "three hundred and some, from eighty",
    );
    assert.equal(await sending.brake(owner), undefined);
    // 300 elsewhere today: a quarter refused is told to wait, a third is another hand.
    for (let count = 0; count < 75; count += 1) await sending.refused(owner, false);
    room.now += 2 * HOUR;
    assert.ok(taken(await sending.mayTake(owner, strangers(1))));
    for (let count = 0; count < 10; count += 1) await sending.refused(owner, false);
    assert.match(
      words(await sending.mayTake(owner, strangers(1))),
      /more than a quarter .* from 2026-12-/,
    );
    for (let count = 0; count < 15; count += 1) await sending.refused(owner, false);
    assert.equal(await sending.brake(owner), undefined);
    await sending.refused(owner, false);
    assert.deepEqual((await sending.brake(owner))?.cause, {
      why: "refusals",
      seen: 101,
      usual: 301,
    });
    const traveller = { client: newId(), account: newId() };
    const from = (network: number) => ({ ...traveller, peer: `198.51.${network}.7` });
    for (let network = 0; network < 5; network += 1)
      assert.ok(
        taken(await sending.mayTake(from(network), strangers(6))),
        "a few networks are a journey",
      );
    room.now += 10 * MINUTE;
    assert.match(refusal(await sending.mayTake(from(9), strangers(1))), /held/);
    assert.deepEqual((await sending.brake(traveller))?.cause, {
      why: "networks",
      seen: 5,
      usual: 31,
    });
    assert.deepEqual(
      (await sending.brakes()).map(({ account }) => account),
      [owner.account, traveller.account],
    );
  });
}

function words(answer: object): string {
  assert.ok("later" in answer && typeof answer.later === "string", JSON.stringify(answer));
  return answer.later;
}

function refusal(answer: object): string {
  assert.ok("refuse" in answer && typeof answer.refuse === "string", JSON.stringify(answer));
  return answer.refuse;
}

async function allRows({ engine }: Room): Promise<string> {
  const rows: unknown[] = [];
  for (const table of ["sending_step", "sending_mark", "sending_day", "sending_brake"])
    rows.push(
      ...(await engine
        .reader<{ [name: string]: object }>()
        .selectFrom(table)
        .selectAll()
        .execute()),
    );
  return JSON.stringify(rows);
}
