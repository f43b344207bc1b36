import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { assert as always, asyncProperty, constantFrom, record } from "fast-check";
import { newId } from "#base/ids";
import { DAY, HOUR, seconds } from "#base/time";
import { dataClasses, standingPurposes, standingRow } from "#policy";
import type { Keeper } from "#keeper";
import { openState } from "./state.ts";
import {
  enrolClient,
  type EnrolledClient,
  eraseOrder,
  newWorld,
  publishedEntries,
  refusalOf,
  sealContact,
  sealLetter,
  sealObject,
} from "./testing/world.ts";

function sealPayment(of: EnrolledClient, object: string, account = "") {
  const context = { class: "payment", client: of.client, account, object, part: "card" } as const;
  return sealObject(of.paymentKey, context, `payment of ${of.client}`);
}

async function ask(keeper: Keeper, purpose: string, ...objects: Parameters<Keeper["standing"]>[1]) {
  const ruled = await keeper.standing(purpose, objects);
  return ruled.ok ? ruled.value.map((each) => Buffer.from(each).toString()) : ruled.refusal;
}

test("a standing purpose opens what its row lists, and nothing else however it is asked", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const [ann, ben] = [await enrolClient(keeper), await enrolClient(keeper)];
  assert.deepEqual(
    await ask(keeper, "process-payment", sealPayment(ann, "billing"), sealPayment(ben, "billing")),
    [`payment of ${ann.client}`, `payment of ${ben.client}`],
  );
  const contact = sealContact(ann, "contact", "Ann");
  assert.deepEqual(await ask(keeper, "establish-service", contact), ["Ann"]);
  for (const [purpose, object] of [
    ["process-payment", sealPayment(ann, "other")],
    ["provide-service", sealPayment(ann, "billing")],
    ["provide-service", contact],
    ["provide-service", sealLetter(ann, "one", "letter")],
    ["establish-service", sealContact(ann, "notes", "x")],
    ["own", contact],
    ["marketing", contact],
    ["Establish-Service", contact],
    ["__proto__", contact],
    ["support-relationship", contact],
  ] as const)
    assert.equal(await ask(keeper, purpose, object), "not-listed", purpose);
  assert.equal(await ask(keeper, "process-payment"), "not-listed", "nothing is no request");
  assert.equal(
    await ask(keeper, "establish-service", contact, sealLetter(ann, "contact", "x")),
    "not-listed",
    "all or nothing",
  );
  const moved = { ...contact, context: { ...contact.context, client: ben.client } };
  assert.equal(await ask(keeper, "establish-service", moved), "does-not-open");
  const theirs = sealPayment(ann, "billing", ben.account);
  assert.equal(await ask(keeper, "process-payment", theirs), "not-theirs");
  const nobody = { ...contact, context: { ...contact.context, client: newId() } };
  assert.equal(await ask(keeper, "establish-service", nobody), "unknown-client");
});

test("whatever purpose, class and object are put together: only the table's own combinations open", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  await always(
    asyncProperty(
      record({
        purpose: constantFrom(...Object.keys(standingPurposes), "own", "disclose-law", ""),
        dataClass: constantFrom(...dataClasses),
        object: constantFrom("billing", "contact", "plan", "", "*"),
      }),
      async ({ purpose, dataClass, object }) => {
        const about = { class: dataClass, client: of.client, account: "", object, part: "p" };
        const keys: { readonly [name: string]: Uint8Array } = {
          contact: of.contactKey,
          payment: of.paymentKey,
          standing: of.standingKey,
        };
        const sealed = sealObject(keys[dataClass] ?? of.keys.boxPublic, about, "text");
        const row = standingRow(purpose);
        const may = row?.class === dataClass && (row.objects?.includes(object) ?? true);
        assert.deepEqual(await ask(keeper, purpose, sealed), may ? ["text"] : "not-listed");
      },
    ),
    { numRuns: 200 },
  );
});

test("beyond the hour's share the keeper stops, says so once in the ledger, and a restart forgets nothing of it", async (t) => {
  const world = await newWorld(t);
  const hour = Math.ceil(world.clock.time / HOUR) * HOUR;
  world.clock.time = hour;
  const { atLeast } = standingPurposes["establish-service"];
  const clients: EnrolledClient[] = [];
  const one = (of: EnrolledClient | undefined) => sealContact(of ?? assert.fail(), "contact", "x");
  {
    await using keeper = await world.open();
    for (let count = 0; count <= atLeast; count += 1) clients.push(await enrolClient(keeper));
    const all = clients.map(one);
    assert.equal(await ask(keeper, "establish-service", ...all), "over-the-share");
    for (const of of clients.slice(0, atLeast))
      assert.deepEqual(await ask(keeper, "establish-service", one(of), one(of)), ["x", "x"]);
    assert.deepEqual(await ask(keeper, "establish-service", one(clients[0])), ["x"], "counted");
    assert.equal(await ask(keeper, "establish-service", one(clients[atLeast])), "over-the-share");
  }
  world.clock.time += HOUR - 1000;
  {
    await using keeper = await world.open();
    assert.equal(await ask(keeper, "establish-service", one(clients[atLeast])), "over-the-share");
    const entries = await publishedEntries(world, keeper);
    const stopped = entries.filter(({ type }) => type === "standing-stopped");
    assert.equal(stopped.length, 1);
    assert.equal(stopped[0]?.["of"], 0, "of those who have been enrolled for a day");
    const [summary, ...more] = entries.filter(({ type }) => type === "standing-summary");
    assert.equal(more.length, 0);
    assert.equal(summary?.["purpose"], "establish-service");
    assert.equal(summary?.["clients"], atLeast);
    assert.equal(summary?.["total"], atLeast + 1);
    assert.match(JSON.stringify(summary?.["root"]), /^"[0-9a-f]{64}"$/);
    assert.equal(JSON.stringify(entries).includes(clients[0]?.client ?? "-"), false);
  }
  world.clock.time += 1000;
  await using keeper = await world.open();
  assert.deepEqual(await ask(keeper, "establish-service", one(clients[atLeast])), ["x"]);
  assert.equal(refusalOf(await keeper.standing("provide-service", [])), "not-listed");
});

test("whoever enrols clients of their own invention gets no larger share of the others for a day", () => {
  const state = openState();
  const hour = Math.ceil(Date.now() / HOUR) * HOUR;
  const enrol = (count: number, at: number): void => {
    for (let one = 0; one < count; one += 1) state.apply({ at, fact: { kind: "client" } });
  };
  enrol(1000, hour);
  assert.equal(state.settledClients(seconds(hour)), 0);
  assert.equal(state.settledClients(seconds(hour + DAY) - 1), 0);
  assert.equal(state.settledClients(seconds(hour + DAY)), 1000);
  enrol(9000, hour + DAY);
  assert.equal(state.settledClients(seconds(hour + DAY)), 1000);
  assert.equal(state.settledClients(seconds(hour + 2 * DAY)), 10_000);
});

test("one call asks for a batch and not for a house", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const contact = sealContact(await enrolClient(keeper), "contact", "Ann");
  const many = Array.from({ length: 1001 }, () => contact);
  assert.equal(await ask(keeper, "establish-service", ...many), "not-listed");
  assert.equal((await ask(keeper, "establish-service", ...many.slice(1))).length, 1000);
});

test("whenever an erasure comes between: nothing of the client's is opened or matched after it", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const seen = new Set<string>();
  for (const wait of [0, 0, 0, 1, 1, 2, 2, 3, 4, 5, 6, 8, 10, 1000]) {
    const of = await enrolClient(keeper);
    const order: string[] = [];
    const about = { client: of.client, account: of.account, fingerprint: Buffer.alloc(32) };
    const all = [
      keeper.standing("establish-service", [sealContact(of, "contact", "Ann")]),
      keeper.matchReport(about, []),
    ].map((asked) => asked.then((ruled) => void order.push(ruled.ok ? "opened" : ruled.refusal)));
    // Both are answered within some milliseconds; the last erasure waits until they are.
    await (wait === 1000 ? Promise.all(all) : sleep(wait));
    const erased = refusalOf(await keeper.erase(eraseOrder(of)));
    order.push(erased === "ok" ? "erased" : erased);
    await Promise.all(all);
    const after = order.slice(order.indexOf("erased") + 1);
    assert.ok(erased !== "ok" || !after.includes("opened"), order.join(", "));
    seen.add(erased);
    world.clock.time += HOUR;
  }
  assert.deepEqual([...seen].sort(), ["in-use", "ok"]);
});
