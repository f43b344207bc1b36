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

export interface Settlement extends ItemKey {
  /** Done with, for good or ill: their rows go. */
  readonly finished: readonly string[];
  readonly later: readonly {
    readonly recipient: string;
    readonly due: number;
    readonly delayTold: boolean;
  }[];
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
  readonly string[]
>("queue.beginAttempt", async (tx, { client, item, recipients, now, lostAt }) => {
  const taken = await tx
    .updateTable("queue_recipient")
    .set((expression) => ({
      state: "trying",
      due: lostAt,
      attempts: expression("attempts", "+", 1),
    }))
    .where("client_id", "=", client)
    .where("item_id", "=", item)
    .where("recipient_id", "in", [...recipients])
    .where("state", "!=", "aside")
    .where("due", "<=", now)
    .returning("recipient_id")
    .execute();
  return taken.map((row) => row.recipient_id);
});

/** What became of an attempt. Returns true when the item's last recipient left and its body with it. */
export const settleAttempt = command<Tables, Settlement, boolean>(
  "queue.settle",
  async (tx, { client, item, finished, later, reports }) => {
    for (const report of reports) await insert(tx, report);
    for (const { recipient, due, delayTold } of later) {
      await tx
        .updateTable("queue_recipient")
        .set({ state: "waiting", due, ...(delayTold ? { delay_told: 1 } : {}) })
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
      .set({ state: "waiting", due: now })
      .where("state", "=", "trying")
      .returning("recipient_id")
      .execute();
    return resumed.length;
  },
);

/** Removes what was set aside and is older than the queue keeps anything. Returns how many items went. */
export const dropExpiredAside = command<Tables, { readonly createdBefore: number }, number>(
  "queue.dropAside",
  async (tx, { createdBefore }) => {
    const old = await tx
      .selectFrom("queue_item as item")
      .innerJoin("queue_recipient as recipient", (join) =>
        join
          .onRef("recipient.client_id", "=", "item.client_id")
          .onRef("recipient.item_id", "=", "item.item_id"),
      )
      .select(["item.client_id as client", "item.item_id as item"])
      .distinct()
      .where("item.created", "<", createdBefore)
      .where("recipient.state", "=", "aside")
      .execute();
    for (const { client, item } of old) {
      await tx
        .deleteFrom("queue_recipient")
        .where("client_id", "=", client)
        .where("item_id", "=", item)
        .where("state", "=", "aside")
        .execute();
      await removeIfEmpty(tx, { client, item });
    }
    return old.length;
  },
);

/** Removes some of a client's items with their recipients; returns how many went. */
export const forgetItems = command<
  Tables,
  { readonly client: string; readonly atMost: number },
  number
>("queue.forget", async (tx, { client, atMost }) => {
  const rows = await tx
    .selectFrom("queue_item")
    .select("item_id")
    .where("client_id", "=", client)
    .limit(atMost)
    .execute();
  const ids = rows.map((row) => row.item_id);
  if (ids.length === 0) return 0;
  for (const table of ["queue_recipient", "queue_item"] as const)
    await tx
      .deleteFrom(table)
      .where("client_id", "=", client)
      .where("item_id", "in", ids)
      .execute();
  return ids.length;
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
