import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fromUtf8 } from "#base/bytes";
import { newId } from "#base/ids";
import { DAY, dayOf } from "#base/time";
import { type Context, encodeAccountKeys, newAccountKeys, openSealer, signBytes } from "#vault";
import {
  type Keeper,
  ownRequestBytes,
  type SealedObject,
  spawnKeeper,
  verifyCertificate,
} from "#keeper";

async function place(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), "bailee-keeper-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return {
    folder: join(folder, "keeper"),
    publishedFolder: join(folder, "published"),
    origin: "bailee.example/ledger",
    publishSeconds: 300,
  };
}

async function enrol(keeper: Keeper) {
  const keys = newAccountKeys();
  const [client, account] = [newId(), newId()];
  const { enrolKey } = await keeper.hello();
  const context = {
    class: "credential",
    client,
    account,
    object: account,
    part: "bundle",
  } as const;
  const bundle = openSealer(enrolKey).seal(context, encodeAccountKeys(keys));
  const enrolled = await keeper.enrol({
    client,
    account,
    mode: "quorum",
    contentKey: keys.boxPublic,
    signingKey: keys.signingPublic,
    bundle,
  });
  assert.ok(enrolled.ok, JSON.stringify(enrolled));
  return { client, account, keys, enrolled: enrolled.value };
}

test("the spawned keeper enrols a client, certifies keys, and opens for them what is theirs", async (t) => {
  const where = await place(t);
  await using keeper = await spawnKeeper(where);
  const { certificateKey } = await keeper.hello();
  const { client, account, keys, enrolled } = await enrol(keeper);
  assert.deepEqual(
    enrolled.certificates.map((each) => each.class),
    ["content", "contact", "payment", "standing"],
  );
  for (const certificate of enrolled.certificates) {
    assert.ok(verifyCertificate(certificateKey, certificate));
    assert.ok(!verifyCertificate(certificateKey, { ...certificate, client: newId() }));
  }
  const today = dayOf(Date.now());
  const days = await keeper.dayKeys(today);
  assert.equal(days.length, 4);
  assert.ok(days.every((each) => verifyCertificate(certificateKey, each)));
  const contact = enrolled.certificates[1];
  const signIn = days.find((each) => each.kind === "sign-in");
  assert.ok(contact && signIn);
  const seal = (context: Context, key: Uint8Array): SealedObject => ({
    context,
    sealed: openSealer(key).seal(context, fromUtf8(`${context.class} data`)),
  });
  const objects = [
    seal(
      { class: "contact", client, account: "", object: newId(), part: "contact" },
      contact.publicKey,
    ),
    seal(
      { class: "clientlog", client, account, object: newId(), part: `sign-in/${today}` },
      signIn.publicKey,
    ),
  ];
  const ask = { client, account, at: Math.floor(Date.now() / 1000), nonce: newId() };
  const request = {
    ...ask,
    signature: signBytes(keys.signingSecret, ownRequestBytes(ask, objects)),
  };
  const opened = await keeper.own(request, objects);
  assert.ok(opened.ok, JSON.stringify(opened));
  assert.deepEqual(
    opened.value.map((each) => Buffer.from(each).toString()),
    ["contact data", "clientlog data"],
  );
  assert.deepEqual(await keeper.own(request, objects), { ok: false, refusal: "replayed" });
  const queue = await keeper.queueKeys();
  assert.deepEqual(
    queue.map((each) => each.day),
    [today],
  );
  assert.equal((await keeper.dayKeys(dayOf(Date.now() + 9 * DAY))).length, 0);
  assert.equal((await keeper.publish()).size % 16, 0);
});
