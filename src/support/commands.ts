// The writes of this room: named commands over plain rows. Each body is one transaction and may be run again.
import { command } from "#engine";
import { Broken } from "#base/errors";
import type { Tables, TicketState } from "./tables.ts";

/** A ticket with its first message. "exists": the number is taken, and nothing is written. */
export const openTicket = command<
  Tables,
  { readonly ticket: Tables["ticket"]; readonly message: Tables["ticket_message"] },
  "opened" | "exists"
>("support.openTicket", async (tx, { ticket, message }) => {
  const added = await tx
    .insertInto("ticket")
    .values(ticket)
    .onConflict((conflict) => conflict.column("ticket").doNothing())
    .returning("ticket")
    .execute();
  if (added.length === 0) return "exists";
  await tx.insertInto("ticket_message").values(message).execute();
  return "opened";
});

/** Throws, and so undoes what was to be written with it, when there is no such ticket. */
export const appendMessage = command<
  Tables,
  { readonly message: Tables["ticket_message"]; readonly state: TicketState },
  void
>("support.appendMessage", async (tx, { message, state }) => {
  const moved = await tx
    .updateTable("ticket")
    .set({ state, changed: message.at })
    .where("ticket", "=", message.ticket)
    .returning("ticket")
    .execute();
  if (moved.length === 0) throw new Broken("there is no such ticket");
  await tx.insertInto("ticket_message").values(message).execute();
});

export const moveTicket = command<
  Tables,
  { readonly ticket: string; readonly state: TicketState; readonly at: number },
  boolean
>("support.moveTicket", async (tx, { ticket, state, at }) => {
  const moved = await tx
    .updateTable("ticket")
    .set({ state, changed: at })
    .where("ticket", "=", ticket)
    .where("state", "!=", state)
    .returning("ticket")
    .execute();
  return moved.length > 0;
});

/** Everything of a client: their tickets, and which notices they had. */
export const forgetClient = command<Tables, { readonly client: string }, number>(
  "support.forget",
  async (tx, { client }) => {
    const tickets = tx.selectFrom("ticket").select("ticket").where("client_id", "=", client);
    await tx.deleteFrom("ticket_message").where("ticket", "in", tickets).execute();
    await tx.deleteFrom("notice_given").where("client_id", "=", client).execute();
    const gone = await tx
      .deleteFrom("ticket")
      .where("client_id", "=", client)
      .returning("ticket")
      .execute();
    return gone.length;
  },
);

/** Throws when the client had it already, so that the letter which would go with it is not written twice. */
export const recordGiven = command<Tables, Tables["notice_given"], void>(
  "support.recordGiven",
  async (tx, row) => {
    await tx.insertInto("notice_given").values(row).execute();
  },
);

/** A notice to all, unless it is known. Returns when it was first sent. */
export const beginNotice = command<Tables, Omit<Tables["service_notice"], "finished">, number>(
  "support.beginNotice",
  async (tx, row) => {
    await tx
      .insertInto("service_notice")
      .values({ ...row, finished: null })
      .onConflict((conflict) => conflict.column("notice").doNothing())
      .execute();
    const kept = await tx
      .selectFrom("service_notice")
      .select("created")
      .where("notice", "=", row.notice)
      .executeTakeFirstOrThrow();
    return kept.created;
  },
);

export const finishNotice = command<Tables, { readonly notice: string; readonly at: number }, void>(
  "support.finishNotice",
  async (tx, { notice, at }) => {
    await tx
      .updateTable("service_notice")
      .set({ finished: at })
      .where("notice", "=", notice)
      .where("finished", "is", null)
      .execute();
  },
);
