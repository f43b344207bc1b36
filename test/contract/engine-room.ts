// A small room for the engine's contract suite: one table of accounts, moved about by commands. Loaded by the writer.
import { sql } from "kysely";
import { command, type Room } from "#engine";

export interface Tables {
  entry: { client_id: string; id: number; body: Uint8Array | null };
  counter: { client_id: string; value: number };
}

export const room: Room = {
  name: "trial",
  commands: import.meta.url,
  migrations: [
    {
      name: "1-first",
      async up(db, types) {
        await db.schema
          .createTable("entry")
          .addColumn("client_id", types.text, (column) => column.notNull())
          .addColumn("id", types.integer, (column) => column.notNull())
          .addColumn("body", types.bytes)
          .addPrimaryKeyConstraint("entry_pk", ["client_id", "id"])
          .execute();
        await db.schema
          .createTable("counter")
          .addColumn("client_id", types.text, (column) => column.primaryKey())
          .addColumn("value", types.integer, (column) => column.notNull())
          .execute();
      },
    },
  ],
};

export const addEntry = command<
  Tables,
  { client: string; id: number; body?: Uint8Array },
  { id: number; length: number }
>("trial.addEntry", async (tx, { client, id, body }) => {
  await tx
    .insertInto("entry")
    .values({ client_id: client, id, body: body ?? null })
    .execute();
  return { id, length: body?.byteLength ?? 0 };
});

/** Writes, then throws: nothing of it may stay. */
export const addAndThrow = command<Tables, { client: string; id: number }, never>(
  "trial.addAndThrow",
  async (tx, { client, id }) => {
    await tx.insertInto("entry").values({ client_id: client, id, body: null }).execute();
    throw new Error("as the test wishes");
  },
);

/** Reads, then writes what it read plus one: loses updates wherever transactions are not isolated. */
export const increment = command<Tables, { client: string }, number>(
  "trial.increment",
  async (tx, { client }) => {
    const row = await tx
      .selectFrom("counter")
      .select("value")
      .where("client_id", "=", client)
      .executeTakeFirst();
    const value = (row?.value ?? 0) + 1;
    if (row === undefined)
      await tx.insertInto("counter").values({ client_id: client, value }).execute();
    else await tx.updateTable("counter").set({ value }).where("client_id", "=", client).execute();
    return value;
  },
);

/** SQLite only: the database may not grow beyond so many pages, which is what a full disk looks like to it. */
export const limitPages = command<Tables, { pages: number }, null>(
  "trial.limitPages",
  async (tx, { pages }) => {
    await sql`pragma max_page_count = ${sql.lit(pages)}`.execute(tx);
    return null;
  },
);

/** SQLite only: ends the writer's thread in the middle of a batch, as a fault in it would. */
export const endThread = command<Tables, object, never>("trial.endThread", () => process.exit(1));
