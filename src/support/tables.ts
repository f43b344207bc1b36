// The tables of this room. Clear on disk: numbers, whose, states, times, which notice went to whom. Every word of a ticket is
// sealed, twice where a client wrote it: to the client's own key and to the desk's.
import type { Migration } from "#engine";

/** Times are milliseconds since 1970; binary columns hold sealed objects. */
export interface Tables {
  ticket: {
    ticket: string;
    /** "" for somebody who is no client, or did not prove to be one. */
    client_id: string;
    account_id: string;
    state: TicketState;
    created: number;
    changed: number;
  };
  ticket_message: {
    ticket: string;
    message_id: string;
    author: Author;
    at: number;
    /** Of a desk's answer: SHA-256 (hex) of the token in its reply address. */
    token_hash: string | null;
    for_desk: Uint8Array;
    for_client: Uint8Array | null;
    /** The letter as it came, for the desk. */
    letter: Uint8Array | null;
  };
  service_notice: {
    notice: string;
    kind: string;
    /** Canonical JSON: the same words for everybody, and nothing about anybody. */
    fields: string;
    created: number;
    /** When the last client had it, or it was given up; null while it is under way. */
    finished: number | null;
  };
  notice_given: { client_id: string; notice: string; at: number };
}

/** `open`: the provider's turn. `answered`: the client's. */
export type TicketState = "open" | "answered" | "closed";

/** `stranger`: whoever wrote without proof of being the client, whatever name the letter bears. */
export type Author = "client" | "desk" | "stranger";

export const migrations: readonly Migration[] = [
  {
    name: "1-support",
    async up(db, types) {
      await db.schema
        .createTable("ticket")
        .addColumn("ticket", types.text, (column) => column.primaryKey())
        .addColumn("client_id", types.text, (column) => column.notNull())
        .addColumn("account_id", types.text, (column) => column.notNull())
        .addColumn("state", types.text, (column) => column.notNull())
        .addColumn("created", types.integer, (column) => column.notNull())
        .addColumn("changed", types.integer, (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex("ticket_by_client")
        .on("ticket")
        .columns(["client_id", "account_id"])
        .execute();
      await db.schema.createIndex("ticket_by_state").on("ticket").columns(["state"]).execute();
      await db.schema
        .createTable("ticket_message")
        .addColumn("ticket", types.text, (column) => column.notNull())
        .addColumn("message_id", types.text, (column) => column.notNull())
        .addColumn("author", types.text, (column) => column.notNull())
        .addColumn("at", types.integer, (column) => column.notNull())
        .addColumn("token_hash", types.text)
        .addColumn("for_desk", types.bytes, (column) => column.notNull())
        .addColumn("for_client", types.bytes)
        .addColumn("letter", types.bytes)
        .addPrimaryKeyConstraint("ticket_message_key", ["ticket", "message_id"])
        .execute();
      await db.schema
        .createIndex("ticket_message_by_token")
        .on("ticket_message")
        .columns(["token_hash"])
        .execute();
      await db.schema
        .createIndex("ticket_message_by_author")
        .on("ticket_message")
        .columns(["author", "at"])
        .execute();
      await db.schema
        .createTable("service_notice")
        .addColumn("notice", types.text, (column) => column.primaryKey())
        .addColumn("kind", types.text, (column) => column.notNull())
        .addColumn("fields", types.text, (column) => column.notNull())
        .addColumn("created", types.integer, (column) => column.notNull())
        .addColumn("finished", types.integer)
        .execute();
      await db.schema
        .createTable("notice_given")
        .addColumn("client_id", types.text, (column) => column.notNull())
        .addColumn("notice", types.text, (column) => column.notNull())
        .addColumn("at", types.integer, (column) => column.notNull())
        .addPrimaryKeyConstraint("notice_given_key", ["client_id", "notice"])
        .execute();
    },
  },
];
