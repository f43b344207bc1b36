// A database from before subscriptions and usage had tables of their own is brought up to date with what it held.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { openEngine } from "#engine";
import { openStore, storeRoom } from "#store";
import { newAccountKeys, openOpener, openSealer } from "#vault";
import { sealName } from "./names.ts";

test("subscriptions keep their names, and the room used is counted from what is there", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "bailee-kept-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const before = { ...storeRoom, migrations: storeRoom.migrations.slice(0, 3) };
  await (await openEngine({ folder, rooms: [before] }))[Symbol.asyncDispose]();
  const owner = { client: "c", account: "a" };
  const keys = newAccountKeys();
  const sealer = openSealer(keys.boxPublic);
  const database = new DatabaseSync(join(folder, "bailee.sqlite"));
  database.exec("insert into account values ('c', 'a', 9, 2, 1), ('c', 'other', 1, 0, 0)");
  for (const [id, name, subscribed] of [
    ["f1", "INBOX", 1],
    ["f2", "Grün", 0],
  ] as const) {
    const sealed = sealName(owner, { sealer, nameKey: keys.nameKey }, id, name);
    database
      .prepare("insert into folder values ('c', ?, 'a', ?, ?, null, 7, 9, 9, ?)")
      .run(id, sealed.name, sealed.mac, subscribed);
    for (const uid of [1, 2])
      database
        .prepare("insert into placement values ('c', ?, ?, 'm', 100, 0, 0, 0, null, 1)")
        .run(id, uid);
  }
  database.close();
  await using engine = await openEngine({ folder, rooms: [storeRoom] });
  const store = openStore({ engine });
  const mailbox = store.openMailbox(owner, {
    opener: openOpener(keys.boxSecret),
    sealer,
    nameKey: keys.nameKey,
  });
  assert.deepEqual(await mailbox.subscriptions(), ["INBOX"]);
  assert.deepEqual(
    (await mailbox.folders()).map(({ name, subscribed }) => [name, subscribed]),
    [
      ["Grün", false],
      ["INBOX", true],
    ],
  );
  assert.deepEqual(await mailbox.usage(), { octets: 400, messages: 4, allowance: undefined });
  const nobody = { client: "c", account: "other" };
  assert.deepEqual(await store.usage(nobody), { octets: 0, messages: 0, allowance: undefined });
});
