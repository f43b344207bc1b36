// The writes of this room: named commands over plain rows. Each body is one transaction and may be run again.
import { command } from "#engine";
import type { MemberState, Tables } from "./tables.ts";

/** Makes a list unless its owner has `most` already, or the address is a list's. */
export const createList = command<
  Tables,
  { readonly row: Tables["mailing_list"]; readonly most: number },
  "made" | "exists" | "too-many"
>("lists.create", async (tx, { row, most }) => {
  const owned = await tx
    .selectFrom("mailing_list")
    .select((expression) => expression.fn.countAll<number>().as("count"))
    .where("client_id", "=", row.client_id)
    .executeTakeFirstOrThrow();
  if (owned.count >= most) return "too-many";
  const made = await tx
    .insertInto("mailing_list")
    .values(row)
    .onConflict((conflict) => conflict.columns(["name", "domain"]).doNothing())
    .returning("list_id")
    .execute();
  return made.length === 0 ? "exists" : "made";
});

/** "there": the account is on it or invited already, and nothing changes. */
export const addMember = command<
  Tables,
  { readonly row: Tables["list_member"]; readonly most: number },
  "added" | "there" | "too-many"
>("lists.addMember", async (tx, { row, most }) => {
  const rows = await tx
    .selectFrom("list_member")
    .select("who")
    .where("list_id", "=", row.list_id)
    .execute();
  if (rows.some(({ who }) => who === row.who)) return "there";
  if (rows.length >= most) return "too-many";
  await tx.insertInto("list_member").values(row).execute();
  return "added";
});

/**
 * Notes that somebody elsewhere is asked on behalf of a client: "lately" when this client had them asked since `since`, "too-many" when
 * they asked `most` people since `today`. What is older is forgotten.
 */
export const noteAsked = command<
  Tables,
  {
    readonly row: Tables["list_asked"];
    readonly since: number;
    readonly today: number;
    readonly most: number;
  },
  "noted" | "lately" | "too-many"
>("lists.noteAsked", async (tx, { row, since, today, most }) => {
  await tx.deleteFrom("list_asked").where("at", "<", since).execute();
  const asked = await tx
    .selectFrom("list_asked")
    .select(["who", "at"])
    .where("client_id", "=", row.client_id)
    .execute();
  if (asked.some(({ who }) => who === row.who)) return "lately";
  if (asked.filter(({ at }) => at >= today).length >= most) return "too-many";
  await tx.insertInto("list_asked").values(row).execute();
  return "noted";
});

export const moveMember = command<
  Tables,
  { readonly list: string; readonly member: string; readonly state: MemberState },
  boolean
>("lists.moveMember", async (tx, { list, member, state }) => {
  const moved = await tx
    .updateTable("list_member")
    .set({ state })
    .where("list_id", "=", list)
    .where("member_id", "=", member)
    .where("state", "!=", state)
    .returning("member_id")
    .execute();
  return moved.length > 0;
});

export const removeMember = command<
  Tables,
  { readonly list: string; readonly member: string },
  boolean
>("lists.removeMember", async (tx, { list, member }) => {
  const gone = await tx
    .deleteFrom("list_member")
    .where("list_id", "=", list)
    .where("member_id", "=", member)
    .returning("member_id")
    .execute();
  return gone.length > 0;
});

export const deleteList = command<Tables, { readonly list: string }, boolean>(
  "lists.delete",
  async (tx, { list }) => {
    await tx.deleteFrom("list_member").where("list_id", "=", list).execute();
    const gone = await tx
      .deleteFrom("mailing_list")
      .where("list_id", "=", list)
      .returning("list_id")
      .execute();
    return gone.length > 0;
  },
);

/** Takes an account off every list; their own lists are deleted one by one before, since their addresses are to be freed. */
export const forgetMember = command<
  Tables,
  { readonly who: string; readonly client: string },
  void
>("lists.forgetMember", async (tx, { who, client }) => {
  await tx.deleteFrom("list_member").where("who", "=", who).execute();
  await tx.deleteFrom("list_asked").where("client_id", "=", client).execute();
});
