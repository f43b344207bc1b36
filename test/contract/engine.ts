// What every engine must do, whatever database is under it: one suite, run over SQLite and over PostgreSQL.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { Broken } from "#base/errors";
import { type Engine, type EngineSettings, invoke, openEngine } from "#engine";
import { addAndThrow, addEntry, increment, type Tables } from "./engine-room.ts";

/** Gives settings for a fresh, empty database, or undefined after skipping the test. */
export type FreshSettings = (t: TestContext) => Promise<EngineSettings | undefined>;

export function engineContract(name: string, fresh: FreshSettings): void {
  const trial = (
    title: string,
    body: (engine: Engine, settings: EngineSettings) => Promise<void>,
  ) =>
    test(`${name}: ${title}`, async (t) => {
      const settings = await fresh(t);
      if (settings === undefined) return;
      await using engine = await openEngine(settings);
      await body(engine, settings);
    });
  const ids = async (engine: Engine, client = "c") => {
    const rows = await engine
      .reader<Tables>()
      .selectFrom("entry")
      .select("id")
      .where("client_id", "=", client)
      .orderBy("id")
      .execute();
    return rows.map((row) => row.id);
  };

  trial("a write is seen by the next read, bytes unchanged", async (engine) => {
    const body = randomBytes(100);
    const value = await engine.write(addEntry, { client: "c", id: 7, body });
    assert.deepEqual(value, { id: 7, length: 100 });
    const row = await engine
      .reader<Tables>()
      .selectFrom("entry")
      .selectAll()
      .executeTakeFirstOrThrow();
    assert.equal(row.id, 7);
    assert.deepEqual(Buffer.from(row.body ?? []), body);
  });

  trial("a command that throws is undone alone, among others in the same batch", async (engine) => {
    const writes = Array.from({ length: 30 }, (_, id) =>
      id % 3 === 0
        ? engine.write(addAndThrow, { client: "c", id })
        : engine.write(addEntry, { client: "c", id }),
    );
    const outcomes = await Promise.allSettled(writes);
    for (const [id, outcome] of outcomes.entries())
      assert.equal(outcome.status, id % 3 === 0 ? "rejected" : "fulfilled", String(id));
    const failed = outcomes[0];
    assert.ok(failed?.status === "rejected" && failed.reason instanceof Broken);
    assert.match((failed.reason.cause as Error).message, /as the test wishes/);
    assert.deepEqual(
      await ids(engine),
      writes.map((_, id) => id).filter((id) => id % 3 !== 0),
    );
  });

  trial("together is all, in order", async (engine) => {
    const values = await engine.writeTogether([
      invoke(increment, { client: "c" }),
      invoke(addEntry, { client: "c", id: 1 }),
      invoke(increment, { client: "c" }),
    ]);
    assert.deepEqual(values, [1, { id: 1, length: 0 }, 2]);
  });

  trial("together is none when one of them throws", async (engine) => {
    await assert.rejects(
      engine.writeTogether([
        invoke(addEntry, { client: "c", id: 1 }),
        invoke(addAndThrow, { client: "c", id: 2 }),
        invoke(addEntry, { client: "c", id: 3 }),
      ]),
      Broken,
    );
    assert.deepEqual(await ids(engine), []);
  });

  trial("a command that nobody brought is refused and harms nobody", async (engine) => {
    const unknown = engine.writeTogether([{ name: "trial.nobody", args: {} }]);
    const known = engine.write(addEntry, { client: "c", id: 1 });
    await assert.rejects(unknown, Broken);
    await known;
  });

  trial("no update is lost among many that read before they write", async (engine) => {
    const seen = await Promise.all(
      Array.from({ length: 40 }, () => engine.write(increment, { client: "c" })),
    );
    assert.deepEqual(
      seen.sort((a, b) => a - b),
      Array.from({ length: 40 }, (_, index) => index + 1),
    );
  });

  trial("a reader never sees half of what was written together", async (engine) => {
    const done = new AbortController();
    const writer = (async () => {
      for (let id = 0; id < 60; id += 2)
        await engine.writeTogether([
          invoke(addEntry, { client: "c", id }),
          invoke(addEntry, { client: "c", id: id + 1 }),
        ]);
      done.abort();
    })();
    let reads = 0;
    while (!done.signal.aborted) {
      assert.equal((await ids(engine)).length % 2, 0);
      reads += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await writer;
    assert.ok(reads > 1);
  });

  trial("a read transaction sees one moment, beside other readers and writers", async (engine) => {
    await engine.write(addEntry, { client: "c", id: 1 });
    await engine
      .reader<Tables>()
      .transaction()
      .setIsolationLevel("repeatable read")
      .execute(async (tx) => {
        const count = async () => (await tx.selectFrom("entry").select("id").execute()).length;
        assert.equal(await count(), 1);
        await engine.write(addEntry, { client: "c", id: 2 });
        assert.equal(await count(), 1);
        assert.deepEqual(await ids(engine), [1, 2]);
      });
  });

  trial("a reader cannot write", async (engine) => {
    await assert.rejects(
      engine.reader<Tables>().insertInto("counter").values({ client_id: "c", value: 1 }).execute(),
      /read.?only/,
    );
  });

  trial("what was written is there after closing and opening again", async (engine, settings) => {
    await engine.write(addEntry, { client: "c", id: 1 });
    await engine[Symbol.asyncDispose]();
    await assert.rejects(engine.write(addEntry, { client: "c", id: 2 }));
    await using again = await openEngine(settings);
    assert.deepEqual(await ids(again), [1]);
  });

  trial("news reaches its channel's subscribers until they leave", async (engine) => {
    const heard: string[] = [];
    const subscription = engine.subscribe("mine", (payload) => heard.push(payload));
    using other = engine.subscribe("other", (payload) => heard.push(`other ${payload}`));
    assert.ok(other);
    engine.announce("mine", "one");
    subscription[Symbol.dispose]();
    engine.announce("mine", "two");
    engine.announce("other", "three");
    assert.deepEqual(heard, ["one", "other three"]);
  });

  trial(
    "a migration that fails leaves nothing behind and names itself",
    async (engine, settings) => {
      await engine.write(addEntry, { client: "c", id: 1 });
      await engine[Symbol.asyncDispose]();
      const rooms = [
        ...settings.rooms,
        {
          name: "later",
          commands: settings.rooms[0]?.commands ?? "",
          migrations: [
            {
              name: "1-breaks",
              async up(db: Parameters<(typeof settings.rooms)[0]["migrations"][0]["up"]>[0]) {
                await db.schema.dropTable("entry").execute();
                throw new Error("half way");
              },
            },
          ],
        },
      ];
      await assert.rejects(openEngine({ ...settings, rooms }), /later\/1-breaks/);
      await using again = await openEngine(settings);
      assert.deepEqual(await ids(again), [1]);
    },
  );

  test(`${name}: kill -9 loses nothing acknowledged and makes up nothing`, async (t) => {
    const settings = await fresh(t);
    if (settings === undefined) return;
    const tried = 4000;
    for (const round of [1, 2, 3]) {
      const acknowledged = await writeUntilKilled(settings, `k${round}`, tried, 40 * round);
      await using engine = await openEngine(settings);
      const present = new Set(await ids(engine, `k${round}`));
      // Failed but applied may be among `present`; failed and not applied is the rest of what was tried.
      assert.ok(acknowledged.length > 0, "something was acknowledged before the kill");
      for (const id of acknowledged) assert.ok(present.has(id), `acknowledged ${id} is lost`);
      for (const id of present) assert.ok(id < tried, `${id} was never tried`);
    }
  });
}

/** A child writes ids 0…tried-1 as fast as it can and reports each acknowledgement; it is killed in the middle of it. */
async function writeUntilKilled(
  settings: EngineSettings,
  client: string,
  tried: number,
  afterAcknowledged: number,
): Promise<readonly number[]> {
  const { folder, databaseUrl, blobsFolder } = settings;
  const child = spawn(
    process.execPath,
    [
      `${import.meta.dirname}/engine-child.ts`,
      JSON.stringify({ folder, databaseUrl, blobsFolder, client, tried }),
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const exited = once(child, "exit");
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    if (text.split("\n").length > afterAcknowledged) child.kill("SIGKILL");
  });
  await exited;
  // The last line may be cut: what was acknowledged is what was said in full.
  return text.split("\n").slice(0, -1).map(Number);
}
