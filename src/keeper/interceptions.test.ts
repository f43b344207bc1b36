import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assert as always,
  asyncProperty,
  boolean,
  constantFrom,
  integer,
  record,
} from "fast-check";
import { DAY, SECOND, seconds } from "#base/time";
import { dataClasses, type Ground, grounds } from "#policy";
import { newBoxKeyPair } from "#vault";
import { verifyInterception } from "#keeper";
import {
  approve,
  draftGrant,
  draftInterception,
  enrolClient,
  eraseOrder,
  file,
  granted,
  looksOf,
  newWorld,
  publishedEntries,
  refusalOf,
  sealLetter,
} from "./testing/world.ts";

const DAY_S = DAY / SECOND;

test("an approved order signs a second key for future mail after its entry, ends by itself, and the client sees it", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  const { certificateKey } = await keeper.hello();
  const fields = draftInterception(world, of);
  const filed = await file(world, keeper, fields);
  assert.ok(filed.ok, JSON.stringify(filed));
  const { hash } = filed.value;
  assert.equal(refusalOf(await keeper.intercept(hash)), "too-few-approvals");
  for (const approver of world.approvers) await approve(keeper, hash, approver);
  const letter = sealLetter(of, "one", "a letter of yesterday");
  assert.equal(refusalOf(await keeper.release(hash, [letter])), "out-of-scope", "nothing stored");
  const both = await Promise.all([keeper.intercept(hash), keeper.intercept(hash)]);
  assert.deepEqual(both.map(refusalOf), ["ok", "outcome-pending"]);
  const [begun] = both;
  assert.ok(begun.ok);
  const interception = begun.value;
  assert.deepEqual(interception.publicKey, world.recipient.publicKey);
  assert.ok(verifyInterception(certificateKey, interception));
  for (const bent of [
    { publicKey: newBoxKeyPair().publicKey },
    { until: interception.until + 1 },
    { from: interception.from - 1 },
    { account: of.client },
    { grant: "0".repeat(64) },
  ])
    assert.ok(!verifyInterception(certificateKey, { ...interception, ...bent }));
  assert.deepEqual(await keeper.interceptions(), [interception]);
  const [look] = await looksOf(world, keeper, of);
  assert.equal(`${look?.purpose} ${look?.outcome} ${look?.items}`, "legal-process intent 0");
  assert.equal(refusalOf(await keeper.endInterception(hash, 3)), "not-yet");
  world.clock.time += 30 * DAY;
  assert.deepEqual(await keeper.interceptions(), []);
  const ended = await Promise.all([
    keeper.endInterception(hash, 3),
    keeper.endInterception(hash, 4),
  ]);
  assert.deepEqual(ended.map(refusalOf), ["ok", "already"]);
  const [after] = await looksOf(world, keeper, of);
  assert.deepEqual([after?.items, after?.outcome, after?.ids], [3, "released", []]);
  const entries = await publishedEntries(world, keeper);
  const intent = entries.find(({ type }) => type === "interception-intent");
  const outcome = entries.find(({ type }) => type === "interception-outcome");
  assert.deepEqual([intent?.["days"], intent?.["ground"]], [30, "E3"]);
  assert.deepEqual([outcome?.["items"], outcome?.["reported"]], [3, true]);
  assert.equal(outcome?.["intent"], intent?.index);
  assert.equal(refusalOf(await keeper.endInterception("0".repeat(64), 1)), "unknown-grant");
});

test("an interception outlives a restart, and what nobody reports the keeper ends itself, as not known", async (t) => {
  const world = await newWorld(t);
  let hash: string;
  {
    await using keeper = await world.open();
    hash = await granted(world, keeper, draftInterception(world, await enrolClient(keeper)));
    assert.ok((await keeper.intercept(hash)).ok);
  }
  await using keeper = await world.open();
  const [running] = await keeper.interceptions();
  assert.equal(running?.grant, hash);
  world.clock.time += 31 * DAY - 1000;
  assert.ok(!(await publishedEntries(world, keeper)).some(({ type }) => type.endsWith("-outcome")));
  world.clock.time += 1000;
  const outcome = (await publishedEntries(world, keeper)).find(
    ({ type }) => type === "interception-outcome",
  );
  assert.deepEqual([outcome?.["items"], outcome?.["reported"]], [0, false]);
  assert.equal(refusalOf(await keeper.endInterception(hash, 3)), "already");
});

test("an order under a prohibition shows nothing until its day, and then all of it", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  const until = seconds(world.clock.time) + 40 * DAY_S;
  const notice = { until, document: "order 12 of the Court" };
  const hash = await granted(world, keeper, draftInterception(world, of, { notice }));
  assert.ok((await keeper.intercept(hash)).ok);
  const shows = async () =>
    (await publishedEntries(world, keeper)).filter(({ type }) => type.startsWith("interception"));
  assert.equal((await looksOf(world, keeper, of)).length + (await shows()).length, 0);
  world.clock.time += 30 * DAY;
  assert.ok((await keeper.endInterception(hash, 2)).ok);
  assert.equal((await looksOf(world, keeper, of)).length + (await shows()).length, 0);
  assert.deepEqual(await keeper.dueNotices(), []);
  world.clock.time += 10 * DAY;
  assert.equal((await looksOf(world, keeper, of)).length + (await shows()).length, 3);
  const [due, ...none] = await keeper.dueNotices();
  assert.equal(none.length, 0);
  assert.deepEqual([due?.client, due?.items, due?.wasDelayed], [of.client, 2, true]);
});

test("an erased client's interception ends with them", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  const hash = await granted(world, keeper, draftInterception(world, of));
  const waiting = await granted(world, keeper, draftInterception(world, of));
  assert.ok((await keeper.intercept(hash)).ok);
  assert.equal(refusalOf(await keeper.erase(eraseOrder(of))), "ok");
  assert.deepEqual(await keeper.interceptions(), []);
  assert.equal(refusalOf(await keeper.intercept(waiting)), "unknown-client");
  assert.equal(refusalOf(await keeper.endInterception(hash, 1)), "ok");
});

test("mail to come is reached by an order of a month for one account, and whatever else is asked is refused", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  const clientOnly = await enrolClient(keeper, "client-only");
  assert.ok((await file(world, keeper, draftInterception(world, clientOnly))).ok);
  await always(
    asyncProperty(
      record({
        ground: constantFrom(...(Object.keys(grounds) as Ground[])),
        dataClass: constantFrom(...dataClasses),
        from: integer({ min: -2 * DAY_S, max: 40 * DAY_S }),
        length: integer({ min: -DAY_S, max: 33 * DAY_S }),
        maxItems: constantFrom(0, 1, 1001, 10_000, 10_001),
        isE3: boolean(),
        isNear: boolean(),
      }),
      async ({ ground, dataClass, from, length, maxItems, isE3, isNear }) => {
        const now = seconds(world.clock.time);
        const start = now + (isNear ? Math.abs(from) % (20 * DAY_S) : from);
        const bent = {
          scope: { from: start, until: start + length },
          maxItems,
          ...(!isE3 && { class: dataClass }),
        };
        const fields = draftGrant(world, of, isE3 ? "E3" : ground, [], bent);
        const filed = await file(world, keeper, fields);
        const mayFile =
          (isE3 || (ground === "E3" && dataClass === "content")) &&
          start >= now &&
          start < now + 30 * DAY_S &&
          length > 0 &&
          length <= 31 * DAY_S &&
          maxItems >= 1 &&
          maxItems <= 10_000;
        assert.equal(filed.ok, mayFile, JSON.stringify(filed));
      },
    ),
    { numRuns: 300 },
  );
  const both = { ...draftInterception(world, of), scope: { from: 1, until: 2, ids: [] } };
  assert.equal(refusalOf(await file(world, keeper, both)), "not-canonical");
});
