// The writes of this room: adding to counters, and taking them away when their time is over.
import { command } from "#engine";
import type { Tables } from "./tables.ts";

export interface Increments {
  readonly pages: readonly Tables["visit_page"][];
  readonly isps: readonly Tables["visit_isp"][];
}

/** Rows come sorted by their keys, so that two processes never wait for each other in a ring. */
export const addCounts = command<Tables, Increments, void>(
  "visitors.addCounts",
  async (tx, { pages, isps }) => {
    for (const row of pages) {
      await tx
        .insertInto("visit_page")
        .values(row)
        .onConflict((conflict) =>
          conflict
            .columns(["day", "hour", "page", "automated"])
            .doUpdateSet((now) => ({ count: now("visit_page.count", "+", row.count) })),
        )
        .execute();
    }
    for (const row of isps) {
      await tx
        .insertInto("visit_isp")
        .values(row)
        .onConflict((conflict) =>
          conflict
            .columns(["day", "isp", "automated"])
            .doUpdateSet((now) => ({ count: now("visit_isp.count", "+", row.count) })),
        )
        .execute();
    }
  },
);

/** Deletes the counters of days before `before`; returns how many rows went. */
export const expireCounts = command<Tables, { readonly before: string }, number>(
  "visitors.expireCounts",
  async (tx, { before }) => {
    const pages = await tx
      .deleteFrom("visit_page")
      .where("day", "<", before)
      .executeTakeFirstOrThrow();
    const isps = await tx
      .deleteFrom("visit_isp")
      .where("day", "<", before)
      .executeTakeFirstOrThrow();
    return Number(pages.numDeletedRows + isps.numDeletedRows);
  },
);
