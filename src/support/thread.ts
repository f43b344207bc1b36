// Reading tickets: the clear rows, and their words with what a session opens. Writes nothing.
import type { Engine } from "#engine";
import type { Ticket, TicketMessage, TicketRow } from "./contract.ts";
import type { ClientReader, DeskReader, Owner } from "./ports.ts";
import type { Tables } from "./tables.ts";
import { decodeWords, type Words } from "./words.ts";

export interface Threads {
  row(ticket: string): Promise<TicketRow | undefined>;
  rowsOf(client: Owner): Promise<readonly TicketRow[]>;
  queue(limit: number): Promise<readonly TicketRow[]>;
  read(
    of: { readonly client: ClientReader } | { readonly desk: DeskReader },
    row: TicketRow,
  ): Promise<Ticket>;
  subjects(
    reader: ClientReader | DeskReader,
    tickets: readonly TicketRow[],
  ): Promise<ReadonlyMap<string, string>>;
  /** Whose ticket a reply address leads to. */
  byToken(hash: string): Promise<TicketRow | undefined>;
  /** Messages of an author since an instant; of one client only where it is named. */
  countSince(author: "client" | "stranger", since: number, client?: string): Promise<number>;
}

export function openThreads(engine: Engine): Threads {
  const reader = engine.reader<Tables>();
  const rows = () =>
    reader
      .selectFrom("ticket")
      .innerJoin("ticket_message", "ticket_message.ticket", "ticket.ticket")
      .select((expression) => [
        "ticket.ticket",
        "ticket.client_id",
        "ticket.account_id",
        "ticket.state",
        "ticket.created",
        "ticket.changed",
        expression.fn.countAll<number>().as("messages"),
      ])
      .groupBy([
        "ticket.ticket",
        "ticket.client_id",
        "ticket.account_id",
        "ticket.state",
        "ticket.created",
        "ticket.changed",
      ]);
  const row = async (ticket: string): Promise<TicketRow | undefined> => {
    const found = await rows().where("ticket.ticket", "=", ticket).executeTakeFirst();
    return found && rowOf(found);
  };
  return {
    row,
    async rowsOf({ client, account }) {
      const found = await rows()
        .where("ticket.client_id", "=", client)
        .where("ticket.account_id", "=", account)
        .orderBy("ticket.changed", "desc")
        .execute();
      return found.map(rowOf);
    },
    async queue(limit) {
      const found = await rows()
        .orderBy((expression) =>
          expression.case().when("ticket.state", "=", "open").then(0).else(1).end(),
        )
        .orderBy("ticket.changed")
        .limit(limit)
        .execute();
      return found.map(rowOf);
    },
    async read(of, ticket) {
      const atDesk = "desk" in of;
      const found = await reader
        .selectFrom("ticket_message")
        .select(["message_id", "author", "at", "for_desk", "for_client"])
        .where("ticket", "=", ticket.ticket)
        .orderBy("at")
        .orderBy("message_id")
        .execute();
      const thread: TicketMessage[] = [];
      let unreadable = 0;
      for (const { message_id: id, author, at, for_desk, for_client } of found) {
        // What a stranger wrote is for the desk to judge; the client's thread has the client's words and ours.
        if (!atDesk && author === "stranger") continue;
        const opened = atDesk
          ? of.desk.open(ticket.ticket, id, for_desk)
          : for_client === null
            ? undefined
            : of.client.open(ticket.ticket, id, for_client);
        const words = decodeWords(opened);
        if (words === undefined) unreadable += 1;
        else thread.push({ id, author, at, ...shown(words) });
      }
      return { ...ticket, thread, unreadable };
    },
    async subjects(session, tickets) {
      const isClient = "client" in session;
      const subjects = new Map<string, string>();
      if (tickets.length === 0) return subjects;
      const found = await reader
        .selectFrom("ticket_message")
        .innerJoin("ticket", (join) =>
          join
            .onRef("ticket.ticket", "=", "ticket_message.ticket")
            .onRef("ticket.created", "=", "ticket_message.at"),
        )
        .select(["ticket.ticket", "message_id", "for_desk", "for_client"])
        .where(
          "ticket.ticket",
          "in",
          tickets.map(({ ticket }) => ticket),
        )
        .execute();
      for (const { ticket, message_id, for_desk, for_client } of found) {
        const sealed = isClient ? for_client : for_desk;
        const words = decodeWords(
          sealed === null ? undefined : session.open(ticket, message_id, sealed),
        );
        if (words !== undefined) subjects.set(ticket, words.subject);
      }
      return subjects;
    },
    async byToken(hash) {
      const found = await reader
        .selectFrom("ticket_message")
        .select("ticket")
        .where("token_hash", "=", hash)
        .executeTakeFirst();
      return found && row(found.ticket);
    },
    async countSince(author, since, client) {
      let query = reader
        .selectFrom("ticket_message")
        .select((expression) => expression.fn.countAll<number>().as("count"))
        .where("author", "=", author)
        .where("at", ">", since);
      if (client !== undefined)
        query = query.where(
          "ticket",
          "in",
          reader.selectFrom("ticket").select("ticket").where("client_id", "=", client),
        );
      return (await query.executeTakeFirstOrThrow()).count;
    },
  };
}

function shown({
  subject,
  text,
  from,
  isPart,
}: Words): Omit<TicketMessage, "id" | "author" | "at"> {
  return { subject, text, from, isPart };
}

function rowOf(found: Tables["ticket"] & { readonly messages: number }): TicketRow {
  const { ticket, client_id: client, account_id: account, state, created, changed } = found;
  return { ticket, client, account, state, created, changed, messages: found.messages };
}
