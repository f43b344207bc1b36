// The writes of this room: named commands over plain rows. Each body is one transaction and may be run again.
import { command } from "#engine";
import type { Tables } from "./tables.ts";

/** The desk's first person and its key, together; "exists" leaves everything as it was. */
export const beginDesk = command<
  Tables,
  { readonly staff: Tables["staff"]; readonly key: Tables["desk_key"] },
  "begun" | "exists"
>("desk.begin", async (tx, { staff, key }) => {
  const added = await tx
    .insertInto("staff")
    .values(staff)
    .onConflict((conflict) => conflict.column("name").doNothing())
    .returning("name")
    .execute();
  if (added.length === 0) return "exists";
  await tx.insertInto("desk_key").values(key).execute();
  return "begun";
});

export const openSession = command<Tables, Tables["desk_session"], void>(
  "desk.openSession",
  async (tx, row) => {
    // Old sessions go here, so that the table stays as small as the living ones.
    await tx.deleteFrom("desk_session").where("expires", "<", row.created).execute();
    await tx.insertInto("desk_session").values(row).execute();
  },
);

export const endSession = command<Tables, { readonly session_id: string }, void>(
  "desk.endSession",
  async (tx, { session_id }) => {
    await tx.deleteFrom("desk_session").where("session_id", "=", session_id).execute();
  },
);
