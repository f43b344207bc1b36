// Waits that grow, turns that are kept, keys that are forgotten: the parts of the door, each by itself.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { HOUR, MINUTE, SECOND } from "#base/time";
import { newAccountKeys } from "#vault";
import { openKeyCache } from "./keycache.ts";
import { openThrottle } from "./throttle.ts";
import { openTurnstile } from "./turnstile.ts";

function turnableClock() {
  let now = 0;
  return {
    now: () => now,
    turn: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

test("the wait doubles with each failure, up to a quarter of an hour, and is forgotten", () => {
  const clock = turnableClock();
  const throttle = openThrottle(clock);
  for (let failure = 0; failure < 4; failure += 1) throttle.failed("a");
  assert.ok(!throttle.mustWait("a"));
  for (const seconds of [1, 2, 4, 8]) {
    throttle.failed("a");
    clock.turn(seconds * SECOND - 1);
    assert.ok(throttle.mustWait("b", "a"));
    clock.turn(1);
    assert.ok(!throttle.mustWait("a"));
  }
  for (let failure = 0; failure < 40; failure += 1) throttle.failed("a");
  clock.turn(15 * MINUTE);
  assert.ok(!throttle.mustWait("a"));
  clock.turn(6 * HOUR);
  throttle.failed("a");
  assert.ok(!throttle.mustWait("a"), "counting begins anew");
});

test("a success clears the login", () => {
  const throttle = openThrottle(turnableClock());
  for (let failure = 0; failure < 9; failure += 1) throttle.failed("a", "b");
  throttle.succeeded("a");
  assert.ok(!throttle.mustWait("a"));
  assert.ok(throttle.mustWait("b"));
});

test("two work at once, one per name, in the order of their coming", async () => {
  const turnstile = openTurnstile(2, 10);
  const running = new Set<string>();
  const order: string[] = [];
  let most = 0;
  const work = (name: string, label: string) =>
    turnstile.pass(name, async () => {
      assert.ok(!running.has(name), "one per name");
      running.add(name);
      most = Math.max(most, running.size);
      order.push(label);
      await turn();
      running.delete(name);
      return label;
    });
  const done = await Promise.all([
    work("a", "a1"),
    work("a", "a2"),
    work("a", "a3"),
    work("b", "b1"),
    work("c", "c1"),
  ]);
  assert.deepEqual(done, ["a1", "a2", "a3", "b1", "c1"]);
  assert.equal(most, 2);
  assert.ok(order.indexOf("b1") < order.indexOf("a2"), "b was not held up by a");
  assert.ok(order.indexOf("a2") < order.indexOf("a3"));
});

test("work that fails frees its place, and a full queue turns away at once", async () => {
  const turnstile = openTurnstile(1, 1);
  const { promise, reject } = Promise.withResolvers<string>();
  const first = turnstile.pass("a", () => promise);
  const second = turnstile.pass("a", () => Promise.resolve("second"));
  assert.equal(await turnstile.pass("b", () => Promise.resolve("third")), undefined);
  reject(new Error("broken"));
  await assert.rejects(first);
  assert.equal(await second, "second");
});

test("cached keys last five minutes, under a name that is nobody's password", () => {
  const clock = turnableClock();
  const cache = openKeyCache(clock);
  const name = cache.name("anna", "secret", "imap", "::/48");
  assert.ok(!name.includes("secret"));
  assert.notEqual(name, cache.name("annas", "ecret", "imap", "::/48"));
  assert.notEqual(name, openKeyCache(clock).name("anna", "secret", "imap", "::/48"));
  const cached = {
    client: "c",
    account: "a",
    credential: "password",
    version: 1,
    keys: newAccountKeys(),
  };
  cache.put(name, cached);
  clock.turn(5 * MINUTE - 1);
  assert.equal(cache.get(name), cached);
  clock.turn(1);
  assert.equal(cache.get(name), undefined);
  cache.put(name, cached);
  cache.forget("c", "other");
  assert.equal(cache.get(name), cached);
  cache.forget("c", "a");
  assert.equal(cache.get(name), undefined);
});
