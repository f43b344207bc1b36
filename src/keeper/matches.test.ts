import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { assert as always, asyncProperty, uniqueArray, integer } from "fast-check";
import { DAY } from "#base/time";
import {
  enrolClient,
  newWorld,
  publishedEntries,
  refusalOf,
  sealFingerprint,
  sealLetter,
} from "./testing/world.ts";

test("of a client's messages the keeper names those that equal the reporter's, and says so in the ledger", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const [of, other] = [await enrolClient(keeper), await enrolClient(keeper)];
  const prints = Array.from({ length: 6 }, () => randomBytes(32));
  await always(
    asyncProperty(
      uniqueArray(integer({ min: 0, max: 5 })),
      integer({ min: 0, max: 5 }),
      async (kept, reported) => {
        world.clock.time += DAY; // beyond the day's cap
        const about = {
          client: of.client,
          account: of.account,
          fingerprint: prints[reported] ?? randomBytes(32),
        };
        const sealed = kept.map((at) =>
          sealFingerprint(of, `m${at}`, prints[at] ?? randomBytes(32)),
        );
        const matched = await keeper.matchReport(about, sealed);
        assert.deepEqual(matched, {
          ok: true,
          value: kept.includes(reported) ? [`m${reported}`] : [],
        });
      },
    ),
    { numRuns: 30 },
  );
  const [fingerprint] = prints;
  assert.ok(fingerprint);
  const about = { client: of.client, account: of.account, fingerprint };
  const right = sealFingerprint(of, "m0", fingerprint);
  const letter = sealLetter(of, "m0", "letter");
  const asFingerprint = { ...letter, context: right.context };
  const moved = { ...sealFingerprint(other, "m0", fingerprint), context: right.context };
  assert.deepEqual(await keeper.matchReport(about, [asFingerprint, moved]), {
    ok: true,
    value: [],
  });
  const refusal = async (bent: Partial<typeof about>, object = right) =>
    refusalOf(await keeper.matchReport({ ...about, ...bent }, [object]));
  assert.equal(await refusal({}, letter), "out-of-scope");
  assert.equal(await refusal({}, sealFingerprint(other, "m0", fingerprint)), "out-of-scope");
  assert.equal(await refusal({ fingerprint: fingerprint.subarray(1) }), "out-of-scope");
  assert.equal(await refusal({ account: other.account }), "unknown-client");
  const closed = await enrolClient(keeper, "client-only");
  const theirs = { client: closed.client, account: closed.account };
  assert.equal(await refusal(theirs, sealFingerprint(closed, "m0", fingerprint)), "client-only");
  const entry = (await publishedEntries(world, keeper)).findLast(
    ({ type }) => type === "report-matched",
  );
  assert.deepEqual([entry?.["tried"], entry?.["matched"]], [2, 0]);
});

test("against one client twenty reports a day are tried, however they come, over a restart too", async (t) => {
  const world = await newWorld(t);
  const fingerprint = randomBytes(32);
  const { of, about } = await (async () => {
    await using keeper = await world.open();
    const of = await enrolClient(keeper);
    const about = { client: of.client, account: of.account, fingerprint };
    const all = await Promise.all(Array.from({ length: 22 }, () => keeper.matchReport(about, [])));
    assert.equal(all.filter(({ ok }) => ok).length, 20);
    return { of, about };
  })();
  await using keeper = await world.open();
  assert.equal(refusalOf(await keeper.matchReport(about, [])), "too-many");
  const other = await enrolClient(keeper);
  const another = { client: other.client, account: other.account, fingerprint };
  assert.equal(refusalOf(await keeper.matchReport(another, [])), "ok");
  world.clock.time += DAY;
  const matched = await keeper.matchReport(about, [sealFingerprint(of, "m", fingerprint)]);
  assert.deepEqual(matched, { ok: true, value: ["m"] });
});

test("a day's reports are about some clients: whoever asks of everybody whether they have a letter is stopped, over a restart too", async (t) => {
  const world = await newWorld(t);
  const fingerprint = randomBytes(32);
  const clients = await (async () => {
    await using keeper = await world.open();
    const clients = await Promise.all(Array.from({ length: 51 }, () => enrolClient(keeper)));
    for (const { client, account } of clients.slice(0, 50))
      assert.ok((await keeper.matchReport({ client, account, fingerprint }, [])).ok);
    return clients;
  })();
  const about = (at: number) => {
    const { client, account } = clients[at] ?? assert.fail();
    return { client, account, fingerprint };
  };
  await using keeper = await world.open();
  assert.equal(refusalOf(await keeper.matchReport(about(50), [])), "too-many");
  assert.equal(refusalOf(await keeper.matchReport(about(0), [])), "ok", "one of those who were");
  world.clock.time += DAY;
  assert.equal(refusalOf(await keeper.matchReport(about(50), [])), "ok");
});
