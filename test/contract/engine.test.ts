// Runs the engine's contract over both databases, and what only SQLite has: one file, one writer thread.
import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Broken } from "#base/errors";
import { openEngine } from "#engine";
import { databasesFor } from "./databases.ts";
import { engineContract } from "./engine.ts";
import { addEntry, endThread, limitPages, room, type Tables } from "./engine-room.ts";

const databases = databasesFor([room]);
engineContract("SQLite", () => databases.sqlite());
engineContract("PostgreSQL", (t) => databases.postgres(t));

test("PostgreSQL: news reaches another process's engine", async (t) => {
  const settings = await databases.postgres(t);
  if (settings === undefined) return;
  await using here = await openEngine(settings);
  await using there = await openEngine(settings);
  const { promise, resolve } = Promise.withResolvers<string>();
  using subscription = there.subscribe("mine", resolve);
  assert.ok(subscription);
  here.announce("mine", "over there");
  assert.equal(await promise, "over there");
});

test("SQLite: a full disk rejects the batch, and the engine goes on when there is room again", async () => {
  await using engine = await openEngine({ folder: databases.freshFolder(), rooms: [room] });
  await engine.write(addEntry, { client: "c", id: 0 });
  await engine.write(limitPages, { pages: 40 });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 60 }, (_, index) =>
      engine.write(addEntry, { client: "c", id: index + 1, body: new Uint8Array(8000) }),
    ),
  );
  assert.ok(outcomes.some((outcome) => outcome.status === "rejected"));
  await engine.write(limitPages, { pages: 100_000 });
  await engine.write(addEntry, { client: "c", id: 1000 });
  const rows = await engine.reader<Tables>().selectFrom("entry").select("id").execute();
  const present = new Set(rows.map((row) => row.id));
  for (const [index, outcome] of outcomes.entries())
    assert.equal(present.has(index + 1), outcome.status === "fulfilled", String(index + 1));
  assert.ok(present.has(0) && present.has(1000));
});

test("SQLite: files are for their owner alone, and a snapshot stands beside while a database in use is migrated", async () => {
  const folder = databases.freshFolder();
  const path = join(folder, "bailee.sqlite");
  const snapshot = `${path}.before-migration`;
  {
    await using engine = await openEngine({ folder, rooms: [room] });
    await engine.write(addEntry, { client: "c", id: 1 });
    for (const file of [path, `${path}-wal`])
      assert.equal((statSync(file).mode & 0o777).toString(8), "600");
  }
  let during = "";
  const migration = {
    name: "2-looks",
    // eslint-disable-next-line typescript/require-await
    async up() {
      during = (statSync(snapshot).mode & 0o777).toString(8);
    },
  };
  const grown = { ...room, migrations: [...room.migrations, migration] };
  await using engine = await openEngine({ folder, rooms: [grown] });
  assert.ok(engine);
  assert.equal(during, "600");
  assert.equal(existsSync(snapshot), false);
});

test("SQLite: arguments that are no plain data are refused before they are sent", async () => {
  await using engine = await openEngine({ folder: databases.freshFolder(), rooms: [room] });
  await assert.rejects(
    engine.writeTogether([{ name: "trial.addEntry", args: { when: new Date() } }]),
    Broken,
  );
  await engine.write(addEntry, { client: "c", id: 1 });
});

test("SQLite: a writer that dies acknowledges nothing that was waiting, and refuses all that comes later", async () => {
  const settings = await databases.sqlite();
  await using engine = await openEngine(settings);
  await engine.write(addEntry, { client: "c", id: 0 });
  const outcomes = await Promise.allSettled([
    engine.write(addEntry, { client: "c", id: 1 }),
    engine.write(endThread, {}),
    engine.write(addEntry, { client: "c", id: 2 }),
  ]);
  for (const outcome of outcomes)
    assert.ok(outcome.status === "rejected" && outcome.reason instanceof Broken);
  await assert.rejects(engine.write(addEntry, { client: "c", id: 3 }), Broken);
  await engine[Symbol.asyncDispose]();
  await using again = await openEngine(settings);
  const rows = await again.reader<Tables>().selectFrom("entry").select("id").execute();
  assert.deepEqual(
    rows.map(({ id }) => id),
    [0],
  );
});
