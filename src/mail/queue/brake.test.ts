// The brake on an account's letters, on a real queue whose peer is not there yet: what is held, what goes on, and how each ends.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, HOUR, MINUTE } from "#base/time";
import { openQueueBrake } from "#mail/queue";
import { openPeer } from "../../../test/peer.ts";
import { freePorts } from "../../../test/ports.ts";
import { letter, openQueueHouse, until } from "../../../test/queue.ts";

const owner = { client: "client-a", account: "account-a" };

test("a brake holds what its account submitted lately, lets all else go, and ends by sending, destroying, or a report after five days", async (t) => {
  const [port = 0] = await freePorts(1);
  const house = await openQueueHouse(t, { smarthost: { host: "127.0.0.1", port } });
  let now = Date.now();
  const brake = openQueueBrake(house.engine, { now: () => now });
  const put = (to: string, more: object) =>
    house.queue.enqueue(letter([`${to}@far.example`], { submitted: true, ...more }));
  await put("earlier", {});
  house.pass(HOUR);
  now += HOUR;
  await put("mine", {});
  await put("list", { submitted: false });
  await put("sibling", { account: "account-b" });
  await until(async () => (await house.status()).filter((status) => status !== "").length === 4);
  await house.settled();
  await brake.hold(owner, now - 30 * MINUTE);
  await brake.hold(owner, now - 30 * MINUTE);
  assert.deepEqual([await brake.count(owner), (await house.queue.counts()).items], [1, 4]);
  const peer = await openPeer(t, { port });
  house.pass(HOUR);
  await until(() => peer.arrived.length === 3);
  const arrived = (): string[] => peer.arrived.map(({ recipient }) => recipient).sort();
  assert.deepEqual(
    arrived(),
    ["earlier", "list", "sibling"].map((name) => `${name}@far.example`),
  );

  // The queue of another process hears of it by news.
  await house.engine.writeTogether([brake.held(owner, "send")]);
  brake.released();
  await until(() => peer.arrived.length === 4);
  assert.equal(arrived()[2], "mine@far.example");
  assert.equal(house.local.length, 0);

  // Only of what the account submitted itself a refusal is told; so are addresses that are not asked any more.
  const failed = () => house.fates.filter(({ fate }) => fate === "failed");
  for (const submitted of [true, false, true]) {
    const before = failed().length;
    await put("gone", { submitted });
    await until(() => failed().length > before);
  }
  assert.deepEqual(
    failed().map(({ refused }) => refused),
    ["by-peer", undefined, "suppressed"],
  );

  await peer.close();
  await put("thief", {});
  await until(async () => (await house.status()).some((status) => status !== ""));
  await house.settled();
  await brake.hold(owner, 0);
  await house.engine.writeTogether([brake.held(owner, "destroy")]);
  assert.equal((await house.queue.counts()).items, 0);

  await put("forgotten", {});
  await until(async () => (await house.status()).some((status) => status !== ""));
  await house.settled();
  await brake.hold(owner, 0);
  const again = await openPeer(t, { port });
  house.pass(5 * DAY + HOUR);
  await until(() => house.local.length === 4);
  assert.match(
    house.local[3]?.text ?? "",
    /forgotten@far\.example\r\nAction: failed\r\nStatus: 5\.3\.0/,
  );
  await until(async () => (await house.queue.counts()).items === 0);
  assert.equal(again.arrived.length, 0, "what is held five days is not sent in the end");
});
