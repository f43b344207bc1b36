// The writes of the queue: named commands over plain rows. Each body is one transaction and may be run again.
import type { Insertable, Kysely } from "kysely";
import { command } from "#engine";
import type { Tables } from "./tables.ts";

export interface NewItem {
  readonly item: Insertable<Tables["queue_item"]>;
  readonly recipients: readonly Insertable<Tables["queue_recipient"]>[];
}

export interface ItemKey {
  readonly client: string;
  readonly item: string;
}

export interface Suppression {
  readonly mark: string;
  readonly status: string;
  readonly at: number;
}

export interface Settlement extends ItemKey {
  /** Done with, for good or ill: their rows go. */
  readonly finished: readonly string[];
  readonly later: readonly {
    readonly recipient: string;
    readonly due: number;
    readonly delayTold: boolean;
    readonly status: string;
    readonly uncertain: boolean;
  }[];
  /** Addresses that refused for good, as marks. */
  readonly suppressed: readonly Suppression[];
  /** Reports to the sender, queued in the same transaction. */
  readonly reports: readonly NewItem[];
}

/** Recipients per insertion: eight columns each, well below the 32,766 variables that SQLite allows. */
const ROWS_AT_ONCE = 500;

export const enqueueItem = command<Tables, NewItem, null>("queue.enqueue", async (tx, added) => {
  await insert(tx, added);
  return null;
});

/**
 * Records an attempt before it is made, and returns the recipients that are this caller's to try: those that nobody else
 * has taken since. `lostAt` is when the attempt counts as lost if nothing is heard of it.
 */
export const beginAttempt = command<
  Tables,
  ItemKey & {
    readonly recipients: readonly string[];
    readonly now: number;
    readonly lostAt: number;
  },
  readonly { readonly recipient: string; readonly dropping: boolean }[]
>("queue.beginAttempt", async (tx, { client, item, recipients, now, lostAt }) => {
  const taken = await tx
    .updateTable("queue_recipient")
    .set((expression) => ({
      state: "trying",
      due: lostAt,
      attempts: expression("attempts", "+", 1),
      // An attempt that another process died over may have arrived.
      uncertain: expression(
        "uncertain",
        "+",
        expression.case().when("state", "=", "trying").then(1).else(0).end(),
      ),
    }))
    .where("client_id", "=", client)
    .where("item_id", "=", item)
    .where("recipient_id", "in", [...recipients])
    .where("state", "in", ["waiting", "trying"])
    .where("due", "<=", now)
    .returning(["recipient_id", "dropping"])
    .execute();
  return taken.map((row) => ({ recipient: row.recipient_id, dropping: row.dropping === 1 }));
});

/** What became of an attempt. Returns true when the item's last recipient left and its body with it. */
export const settleAttempt = command<Tables, Settlement, boolean>(
  "queue.settle",
  async (tx, { client, item, finished, later, reports, suppressed }) => {
    for (const report of reports) await insert(tx, report);
    for (const { mark, status, at } of suppressed)
      await tx
        .insertInto("queue_suppressed")
        .values({ client_id: client, mark, status, times: 1, last: at })
        .onConflict((conflict) =>
          conflict.columns(["client_id", "mark"]).doUpdateSet((expression) => ({
            status,
            times: expression("queue_suppressed.times", "+", 1),
            last: at,
          })),
        )
        .execute();
    for (const { recipient, due, delayTold, status, uncertain } of later) {
      await tx
        .updateTable("queue_recipient")
        .set((expression) => ({
          // What was held meanwhile stays held.
          state: expression
            .case()
            .when("state", "=", "held")
            .then("held" as const)
            .when("state", "=", "braked")
            .then("braked" as const)
            .else("waiting" as const)
            .end(),
          due,
          last_status: status,
          uncertain: expression("uncertain", "+", uncertain ? 1 : 0),
          ...(delayTold ? { delay_told: 1 } : {}),
        }))
        .where("client_id", "=", client)
        .where("item_id", "=", item)
        .where("recipient_id", "=", recipient)
        .execute();
    }
    if (finished.length > 0) {
      await tx
        .deleteFrom("queue_recipient")
        .where("client_id", "=", client)
        .where("item_id", "=", item)
        .where("recipient_id", "in", [...finished])
        .execute();
    }
    return removeIfEmpty(tx, { client, item });
  },
);

/** Sets recipients aside: they are not tried again. */
export const setAside = command<Tables, ItemKey & { readonly recipients: readonly string[] }, null>(
  "queue.setAside",
  async (tx, { client, item, recipients }) => {
    await tx
      .updateTable("queue_recipient")
      .set({ state: "aside" })
      .where("client_id", "=", client)
      .where("item_id", "=", item)
      .where("recipient_id", "in", [...recipients])
      .execute();
    return null;
  },
);

/** Puts off recipients whose key is not here yet; no attempt was made. */
export const putOff = command<
  Tables,
  ItemKey & { readonly recipients: readonly string[]; readonly due: number },
  null
>("queue.putOff", async (tx, { client, item, recipients, due }) => {
  await tx
    .updateTable("queue_recipient")
    .set({ due })
    .where("client_id", "=", client)
    .where("item_id", "=", item)
    .where("recipient_id", "in", [...recipients])
    .execute();
  return null;
});

/** After a start on an engine that one process alone writes: attempts without outcome are due again. Returns how many. */
export const resumeAttempts = command<Tables, { readonly now: number }, number>(
  "queue.resume",
  async (tx, { now }) => {
    const resumed = await tx
      .updateTable("queue_recipient")
      // Whether the peer took the letter before the crash, nobody knows.
      .set((expression) => ({
        state: "waiting",
        due: now,
        uncertain: expression("uncertain", "+", 1),
      }))
      .where("state", "=", "trying")
      .returning("recipient_id")
      .execute();
    return resumed.length;
  },
);

/** Removes some of a client's items with their recipients; returns how many went. */
/** Returns the ids of those whose bodies are blobs, too. */
export const forgetItems = command<
  Tables,
  { readonly client: string; readonly atMost: number },
  { readonly count: number; readonly blobs: readonly string[] }
>("queue.forget", async (tx, { client, atMost }) => {
  await tx.deleteFrom("queue_suppressed").where("client_id", "=", client).execute();
  const rows = await tx
    .selectFrom("queue_item")
    .select(["item_id", "is_blob"])
    .where("client_id", "=", client)
    .limit(atMost)
    .execute();
  const ids = rows.map((row) => row.item_id);
  const blobs = rows.filter((row) => row.is_blob === 1).map((row) => row.item_id);
  if (ids.length === 0) return { count: 0, blobs };
  for (const table of ["queue_recipient", "queue_item"] as const)
    await tx
      .deleteFrom(table)
      .where("client_id", "=", client)
      .where("item_id", "in", ids)
      .execute();
  return { count: ids.length, blobs };
});

/** Before a blob is put: whatever happens then, it will be found and removed. */
export const announceBlob = command<Tables, { readonly blob: string; readonly now: number }, null>(
  "queue.announceBlob",
  async (tx, { blob, now }) => {
    await tx
      .insertInto("queue_blob")
      .values({ blob_id: blob, created: now })
      .onConflict((conflict) => conflict.column("blob_id").doNothing())
      .execute();
    return null;
  },
);

/** After a blob is gone. */
export const forgetBlob = command<Tables, { readonly blob: string }, null>(
  "queue.forgetBlob",
  async (tx, { blob }) => {
    await tx.deleteFrom("queue_blob").where("blob_id", "=", blob).execute();
    return null;
  },
);

export const keepPolicy = command<
  Tables,
  {
    readonly mark: string;
    readonly fetched: number;
    readonly expires: number;
    readonly sealed: Uint8Array;
  },
  null
>("queue.keepPolicy", async (tx, { mark, fetched, expires, sealed }) => {
  await tx
    .insertInto("queue_sts")
    .values({ mark, fetched, expires, sealed })
    .onConflict((conflict) => conflict.column("mark").doUpdateSet({ fetched, expires, sealed }))
    .execute();
  return null;
});

/** What is kept and over: policies, and marks of addresses that refused long ago. Returns how many rows went. */
export const dropOutdated = command<
  Tables,
  { readonly now: number; readonly suppressedBefore: number },
  number
>("queue.dropOutdated", async (tx, { now, suppressedBefore }) => {
  const policies = await tx
    .deleteFrom("queue_sts")
    .where("expires", "<", now)
    .returning("mark")
    .execute();
  const marks = await tx
    .deleteFrom("queue_suppressed")
    .where("last", "<", suppressedBefore)
    .returning("mark")
    .execute();
  return policies.length + marks.length;
});

/** Lifts one mark of a client, or all; returns how many. */
export const liftSuppression = command<
  Tables,
  { readonly client: string; readonly mark: string | null },
  number
>("queue.liftSuppression", async (tx, { client, mark }) => {
  let lifting = tx.deleteFrom("queue_suppressed").where("client_id", "=", client);
  if (mark !== null) lifting = lifting.where("mark", "=", mark);
  return (await lifting.returning("mark").execute()).length;
});

/** What the operator does with an item's recipients; returns how many it touched. Nothing is done to one being tried now. */
export const operate = command<
  Tables,
  { readonly item: string; readonly what: "retry" | "hold" | "drop"; readonly now: number },
  number
>("queue.operate", async (tx, { item, what, now }) => {
  const found = await tx
    .selectFrom("queue_item")
    .select("client_id")
    .where("item_id", "=", item)
    .executeTakeFirst();
  if (found === undefined) return 0;
  const touched = await tx
    .updateTable("queue_recipient")
    .set(
      what === "hold"
        ? { state: "held" }
        : { state: "waiting", due: now, ...(what === "drop" ? { dropping: 1 } : {}) },
    )
    .where("client_id", "=", found.client_id)
    .where("item_id", "=", item)
    .where("state", "in", what === "hold" ? ["waiting"] : ["waiting", "held", "braked", "aside"])
    .returning("recipient_id")
    .execute();
  return touched.length;
});

/** Keeps back what an account submitted since: also what is being tried, where that does not arrive. Returns how many recipients. */
export const holdAccount = command<
  Tables,
  { readonly client: string; readonly account: string; readonly since: number },
  number
>("queue.holdAccount", async (tx, { client, account, since }) => {
  const held = await tx
    .updateTable("queue_recipient")
    .set({ state: "braked" })
    .where("client_id", "=", client)
    .where("state", "in", ["waiting", "trying"])
    .where("item_id", "in", (expression) =>
      expression
        .selectFrom("queue_item")
        .select("item_id")
        .where("client_id", "=", client)
        .where("account_id", "=", account)
        .where("submitted", "=", 1)
        .where("created", ">=", since),
    )
    .returning("recipient_id")
    .execute();
  return held.length;
});

/** What an account's brake held is due now, or is gone without a report; its blobs are swept. Returns how many recipients. */
export const settleHeld = command<
  Tables,
  {
    readonly client: string;
    readonly account: string;
    readonly what: "send" | "destroy";
    readonly now: number;
  },
  number
>("queue.settleHeld", async (tx, { client, account, what, now }) => {
  const rows = await tx
    .selectFrom("queue_recipient as recipient")
    .innerJoin("queue_item as item", (join) =>
      join
        .onRef("item.client_id", "=", "recipient.client_id")
        .onRef("item.item_id", "=", "recipient.item_id"),
    )
    .select(["recipient.item_id as item", "recipient.recipient_id as recipient"])
    .where("item.client_id", "=", client)
    .where("item.account_id", "=", account)
    .where("recipient.state", "=", "braked")
    .execute();
  for (const item of new Set(rows.map((row) => row.item))) {
    if (what === "send")
      await tx
        .updateTable("queue_recipient")
        .set({ state: "waiting", due: now })
        .where("client_id", "=", client)
        .where("item_id", "=", item)
        .where("state", "=", "braked")
        .execute();
    else {
      await tx
        .deleteFrom("queue_recipient")
        .where("client_id", "=", client)
        .where("item_id", "=", item)
        .where("state", "=", "braked")
        .execute();
      await removeIfEmpty(tx, { client, item });
    }
  }
  return rows.length;
});

/**
 * Held items whose time is up: what the operator held is tried once more, what a brake held is not, and comes back. Either way its
 * sender hears of the end.
 */
export const releaseExpired = command<
  Tables,
  { readonly createdBefore: number; readonly now: number },
  number
>("queue.releaseExpired", async (tx, { createdBefore, now }) => {
  await tx
    .updateTable("queue_recipient")
    .set({ dropping: 1 })
    .where("state", "=", "braked")
    .where("item_id", "in", (expression) =>
      expression.selectFrom("queue_item").select("item_id").where("created", "<", createdBefore),
    )
    .execute();
  const released = await tx
    .updateTable("queue_recipient")
    .set({ state: "waiting", due: now })
    .where("state", "in", ["held", "braked"])
    .where("item_id", "in", (expression) =>
      expression.selectFrom("queue_item").select("item_id").where("created", "<", createdBefore),
    )
    .returning("recipient_id")
    .execute();
  return released.length;
});

async function insert(tx: Kysely<Tables>, { item, recipients }: NewItem): Promise<void> {
  await tx.insertInto("queue_item").values(item).execute();
  for (let at = 0; at < recipients.length; at += ROWS_AT_ONCE) {
    await tx
      .insertInto("queue_recipient")
      .values(recipients.slice(at, at + ROWS_AT_ONCE))
      .execute();
  }
}

async function removeIfEmpty(tx: Kysely<Tables>, { client, item }: ItemKey): Promise<boolean> {
  const left = await tx
    .selectFrom("queue_recipient")
    .select("recipient_id")
    .where("client_id", "=", client)
    .where("item_id", "=", item)
    .limit(1)
    .execute();
  if (left.length > 0) return false;
  await tx
    .deleteFrom("queue_item")
    .where("client_id", "=", client)
    .where("item_id", "=", item)
    .execute();
  return true;
}
