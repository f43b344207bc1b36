import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { newId } from "#base/ids";
import { DAY, dayOf, MINUTE, SECOND, seconds } from "#base/time";
import { encodeAccountKeys, newAccountKeys, openSealer, signBytes } from "#vault";
import { type Keeper, ownRequestBytes, type SealedObject, verifyCertificate } from "#keeper";
import {
  askOwn,
  enrolClient,
  type EnrolledClient,
  newWorld,
  sealContact,
  sealLetter,
  sealObject,
} from "./testing/world.ts";

test("a client is shown what is theirs, and nothing of anybody else's", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const [ann, ben] = [await enrolClient(keeper), await enrolClient(keeper)];
  const anns = sealContact(ann, "c", "Ann");
  const bens = sealContact(ben, "c", "Ben");
  assert.deepEqual(await askOwn(world, keeper, ann, [anns]), ["Ann"]);
  assert.deepEqual(await askOwn(world, keeper, ann, []), []);
  assert.equal(await askOwn(world, keeper, ann, [anns, bens]), "not-yours");
  assert.equal(
    await askOwn(world, keeper, ann, [{ ...bens, context: anns.context }]),
    "does-not-open",
  );
  assert.equal(await askOwn(world, keeper, ann, [anns], { signedBy: ben }), "bad-signature");
  assert.equal(
    await askOwn(world, keeper, ann, [anns], { account: ben.account }),
    "unknown-client",
  );
  assert.equal(
    await askOwn(world, keeper, ann, [sealLetter(ann, "m", "x")]),
    "not-yours",
    "mail opens with the client's own keys",
  );
  assert.equal(
    await askOwn(world, keeper, { ...ann, client: "../keys/log" }, []),
    "unknown-client",
  );
});

test("a request is taken within five minutes, once, and never one that was signed before the keeper started", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  world.clock.time += 10 * MINUTE;
  const now = seconds(world.clock.time);
  assert.deepEqual(await askOwn(world, keeper, of, [], { at: now - 300 }), []);
  assert.deepEqual(await askOwn(world, keeper, of, [], { at: now + 300 }), []);
  assert.equal(await askOwn(world, keeper, of, [], { at: now - 301 }), "stale");
  assert.equal(await askOwn(world, keeper, of, [], { at: now + 301 }), "stale");
  const about = { client: of.client, account: of.account, at: now, nonce: newId() };
  const request = {
    ...about,
    signature: signBytes(of.keys.signingSecret, ownRequestBytes(about, [])),
  };
  assert.ok((await keeper.own(request, [])).ok);
  assert.deepEqual(await keeper.own(request, []), { ok: false, refusal: "replayed" });
  assert.deepEqual(await keeper.looks(request), { ok: false, refusal: "replayed" });
  const moved = await keeper.own({ ...request, nonce: newId() }, []);
  assert.deepEqual(moved, { ok: false, refusal: "bad-signature" });
  await keeper[Symbol.asyncDispose]();
  world.clock.time += SECOND;
  await using next = await world.open();
  assert.deepEqual(await next.own(request, []), { ok: false, refusal: "stale" });
});

test("an enrolment whose bundle does not hold the keys that it names is refused, and nobody is enrolled twice", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const { enrolKey } = await keeper.hello();
  const keys = newAccountKeys();
  const [client, account] = [newId(), newId()];
  const context = {
    class: "credential",
    client,
    account,
    object: account,
    part: "bundle",
  } as const;
  const right = {
    client,
    account,
    mode: "quorum",
    contentKey: keys.boxPublic,
    signingKey: keys.signingPublic,
    bundle: openSealer(enrolKey).seal(context, encodeAccountKeys(keys)),
  } as const;
  const refusal = async (enrolment: typeof right | object) => {
    const ruled = await keeper.enrol({ ...right, ...enrolment });
    return ruled.ok ? "enrolled" : ruled.refusal;
  };
  const other = newAccountKeys();
  assert.equal(
    await refusal({ contentKey: other.boxPublic }),
    "bad-bundle",
    "a content key slipped in",
  );
  assert.equal(await refusal({ signingKey: other.signingPublic }), "bad-bundle");
  assert.equal(await refusal({ account: newId() }), "bad-bundle");
  assert.equal(
    await refusal({ bundle: openSealer(enrolKey).seal(context, keys.pseudonymKey) }),
    "bad-bundle",
  );
  assert.equal(
    await refusal({ mode: "client-only" }),
    "bad-bundle",
    "client-only hands over 32 bytes and no more",
  );
  assert.equal(await refusal({ mode: "all" }), "malformed");
  assert.equal(await refusal({ client: "../x" }), "malformed");
  const both = await Promise.all([refusal({}), refusal({})]);
  assert.deepEqual(both.sort(), ["enrolled", "exists"]);
  assert.equal(await refusal({}), "exists");
});

test("the days' keys are certified, made once, and stay the same over a restart", async (t) => {
  const world = await newWorld(t);
  const today = dayOf(world.clock.time);
  let first: Awaited<ReturnType<Keeper["dayKeys"]>>;
  {
    await using keeper = await world.open();
    const both = await Promise.all([keeper.dayKeys(today), keeper.dayKeys(today)]);
    assert.deepEqual(both[0], both[1]);
    [first] = both;
    for (const day of [
      "yesterday",
      dayOf(world.clock.time - DAY),
      dayOf(world.clock.time + 3 * DAY),
      "../x",
    ])
      assert.deepEqual(await keeper.dayKeys(day), []);
    assert.equal((await keeper.dayKeys(dayOf(world.clock.time + 2 * DAY))).length, 4);
  }
  await using keeper = await world.open();
  const { certificateKey } = await keeper.hello();
  const again = await keeper.dayKeys(today);
  assert.deepEqual(
    again.map(({ publicKey }) => Buffer.from(publicKey)),
    first.map(({ publicKey }) => Buffer.from(publicKey)),
  );
  assert.ok(again.every((each) => verifyCertificate(certificateKey, each)));
});

test("a destroyed log key that is put back from a copy is destroyed again", async (t) => {
  const world = await newWorld(t);
  const day = dayOf(world.clock.time);
  const path = join(world.place.folder, "days", `traffic.${day}`);
  let copy: Buffer;
  let of: EnrolledClient;
  let event: SealedObject;
  {
    await using keeper = await world.open();
    of = await enrolClient(keeper);
    const key = (await keeper.dayKeys(day)).find((each) => each.kind === "traffic");
    assert.ok(key);
    const context = {
      class: "clientlog",
      client: of.client,
      account: of.account,
      object: "e",
      part: key.part,
    } as const;
    event = sealObject(key.publicKey, context, "a peer");
    assert.deepEqual(await askOwn(world, keeper, of, [event]), ["a peer"]);
    copy = readFileSync(path);
    world.clock.time += 9 * DAY;
    assert.equal((await keeper.expireKeys()).length, 1);
    assert.throws(() => readFileSync(path));
  }
  writeFileSync(path, copy, { mode: 0o600 });
  await using keeper = await world.open();
  assert.throws(() => readFileSync(path));
  assert.equal(await askOwn(world, keeper, of, [event]), "key-destroyed");
});

test("the queue's key changes daily, older ones come along until their last item has left, today's stays", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const [today] = await keeper.queueKeys();
  assert.ok(today);
  world.clock.time += DAY;
  const both = await keeper.queueKeys();
  assert.deepEqual(
    both.map(({ day }) => day),
    [today.day, dayOf(world.clock.time)],
  );
  assert.deepEqual(Buffer.from(both[0]?.secretKey ?? []), Buffer.from(today.secretKey));
  await keeper.destroyQueueKey(dayOf(world.clock.time));
  await keeper.destroyQueueKey(today.day);
  await keeper.destroyQueueKey(today.day);
  await keeper.destroyQueueKey("../../journal");
  const left = await keeper.queueKeys();
  assert.deepEqual(
    left.map(({ day }) => day),
    [dayOf(world.clock.time)],
  );
});
