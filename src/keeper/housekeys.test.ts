import assert from "node:assert/strict";
import { test } from "node:test";
import { newBoxKeyPair, publicHalf } from "#vault";
import { verifyCertificate } from "#keeper";
import { newWorld, publishedEntries, refusalOf } from "./testing/world.ts";

test("the desk's first key is the one: certified again and again, any other refused, over a restart too", async (t) => {
  const world = await newWorld(t);
  const [ours, other] = [newBoxKeyPair().publicKey, newBoxKeyPair().publicKey];
  {
    await using keeper = await world.open();
    assert.equal(refusalOf(await keeper.certifyDesk(new Uint8Array(32))), "malformed");
    assert.equal(refusalOf(await keeper.certifyDesk(ours.subarray(1))), "malformed");
    const all = await Promise.all([keeper.certifyDesk(ours), keeper.certifyDesk(other)]);
    assert.deepEqual(all.map(refusalOf), ["ok", "exists"]);
  }
  await using keeper = await world.open();
  assert.equal(refusalOf(await keeper.certifyDesk(other)), "exists");
  const again = await keeper.certifyDesk(ours);
  assert.ok(again.ok);
  const { certificateKey } = await keeper.hello();
  assert.ok(verifyCertificate(certificateKey, again.value));
  assert.equal(again.value.part, "desk");
  assert.ok(!verifyCertificate(certificateKey, { ...again.value, publicKey: other }));
});

test("the rules' pair is the same after a restart, and each handing out is an entry", async (t) => {
  const world = await newWorld(t);
  let first: Uint8Array;
  {
    await using keeper = await world.open();
    const { secretKey, publicKey, certificate } = await keeper.ruleKey();
    assert.deepEqual(publicHalf("x25519", secretKey), publicKey);
    const { certificateKey } = await keeper.hello();
    assert.ok(verifyCertificate(certificateKey, certificate));
    assert.deepEqual(certificate.publicKey, publicKey);
    assert.equal(`${certificate.class} ${certificate.part}`, "rule server");
    first = secretKey;
  }
  await using keeper = await world.open();
  assert.deepEqual((await keeper.ruleKey()).secretKey, first);
  const entries = await publishedEntries(world, keeper);
  assert.equal(entries.filter(({ type }) => type === "rule-key").length, 2);
});
