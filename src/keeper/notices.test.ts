import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, seconds } from "#base/time";
import {
  draftGrant,
  draftInterception,
  enrolClient,
  eraseOrder,
  granted,
  newWorld,
  refusalOf,
  sealContact,
  sealLetter,
  sealObject,
} from "./testing/world.ts";

test("each look is due for telling once, when nothing forbids it any more, over a restart too", async (t) => {
  const world = await newWorld(t);
  const until = seconds(world.clock.time + 10 * DAY);
  const notice = { until, document: "order 12 of the Court" };
  {
    await using keeper = await world.open();
    const [of, leaving] = [await enrolClient(keeper), await enrolClient(keeper)];
    const loud = await granted(world, keeper, draftGrant(world, of, "E2", ["one"]));
    const silent = await granted(world, keeper, draftGrant(world, of, "E3", ["two"], { notice }));
    const gone = await granted(world, keeper, draftGrant(world, leaving, "E2", ["three"]));
    assert.deepEqual(await keeper.dueNotices(), [], "nothing was looked at");
    const released = await keeper.release(loud, [sealLetter(of, "one", "x")]);
    assert.ok(released.ok);
    assert.ok((await keeper.release(silent, [sealLetter(of, "two", "x")])).ok);
    assert.ok((await keeper.release(gone, [sealLetter(leaving, "three", "x")])).ok);
    assert.equal(refusalOf(await keeper.erase(eraseOrder(leaving))), "ok");
    const due = await keeper.dueNotices();
    assert.deepEqual(due, [
      {
        what: "release",
        client: of.client,
        account: of.account,
        index: released.value.intentIndex,
        ground: "E2",
        class: "content",
        items: 1,
        at: seconds(world.clock.time),
        wasDelayed: false,
      },
    ]);
    await keeper.noticed([0, ...Array.from({ length: 50 }, (_, index) => index)]);
    assert.deepEqual(await keeper.dueNotices(), []);
  }
  await using keeper = await world.open();
  assert.deepEqual(await keeper.dueNotices(), []);
  world.clock.time += 10 * DAY;
  const [late, ...none] = await keeper.dueNotices();
  assert.equal(none.length, 0);
  assert.deepEqual([late?.ground, late?.wasDelayed], ["E3", true], "what was not due was not told");
});

test("of an interception that nothing forbids to tell the client hears when it begins, not after a month", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  const hash = await granted(world, keeper, draftInterception(world, of));
  assert.ok((await keeper.intercept(hash)).ok);
  const [due, ...none] = await keeper.dueNotices();
  assert.equal(none.length, 0);
  assert.deepEqual([due?.what, due?.client, due?.items], ["interception", of.client, 0]);
  await keeper.noticed([due?.index ?? -1]);
  world.clock.time += 30 * DAY;
  assert.ok((await keeper.endInterception(hash, 4)).ok);
  assert.deepEqual(await keeper.dueNotices(), []);
});

test("contact data and standing are revealed to support for a ticket, once, with an entry", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  const contact = sealContact(of, "contact", "Ann");
  const hash = await granted(world, keeper, draftGrant(world, of, "support", ["contact"]));
  assert.equal(refusalOf(await keeper.release(hash, [contact])), "ok");
  assert.equal(refusalOf(await keeper.release(hash, [contact])), "used-up");
  const about = { class: "standing", client: of.client, account: "", object: "plan", part: "p" };
  const standing = sealObject(of.standingKey, { ...about, class: "standing" }, "past due");
  const bent = { class: "standing" };
  const second = await granted(world, keeper, draftGrant(world, of, "support", ["plan"], bent));
  assert.equal(refusalOf(await keeper.release(second, [contact])), "out-of-scope");
  assert.equal(refusalOf(await keeper.release(second, [standing])), "ok");
  const due = await keeper.dueNotices();
  assert.deepEqual(
    due.map((each) => `${each.ground} ${each.class}`),
    ["support contact", "support standing"],
  );
});
