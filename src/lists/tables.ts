// The tables of this room. Clear on disk: a list's address, whose it is, who may write to it, how many are on it. Sealed as rules, which the server may
// open because delivery needs them: its title, and who is on it.
import type { Migration } from "#engine";

/** Times are milliseconds since 1970; binary columns hold sealed objects. */
export interface Tables {
  mailing_list: {
    list_id: string;
    /** Without the domain. */
    name: string;
    domain: string;
    client_id: string;
    account_id: string;
    title: Uint8Array;
    created: number;
    posting: Posting;
  };
  /** Who elsewhere was asked onto a list, and when: nobody is asked again and again. */
  list_asked: {
    /** HMAC of the address, as in list_member. */
    who: string;
    client_id: string;
    at: number;
  };
  list_member: {
    list_id: string;
    member_id: string;
    /**
     * HMAC of whose account it is (or, for somebody elsewhere, of the address), under a key of the rules' pair: finds a member's lists
     * without saying who it is.
     */
    who: string;
    state: MemberState;
    sealed: Uint8Array;
    created: number;
  };
}

export type MemberState = "invited" | "member";

/** Who may write to a list: those on it, or anyone, which makes it a group. */
export type Posting = "members" | "anyone";

export const migrations: readonly Migration[] = [
  {
    name: "1-lists",
    async up(db, types) {
      await db.schema
        .createTable("mailing_list")
        .addColumn("list_id", types.text, (column) => column.primaryKey())
        .addColumn("name", types.text, (column) => column.notNull())
        .addColumn("domain", types.text, (column) => column.notNull())
        .addColumn("client_id", types.text, (column) => column.notNull())
        .addColumn("account_id", types.text, (column) => column.notNull())
        .addColumn("title", types.bytes, (column) => column.notNull())
        .addColumn("created", types.integer, (column) => column.notNull())
        .addUniqueConstraint("mailing_list_address", ["name", "domain"])
        .execute();
      await db.schema
        .createIndex("mailing_list_by_client")
        .on("mailing_list")
        .columns(["client_id"])
        .execute();
      await db.schema
        .createTable("list_member")
        .addColumn("list_id", types.text, (column) => column.notNull())
        .addColumn("member_id", types.text, (column) => column.notNull())
        .addColumn("who", types.text, (column) => column.notNull())
        .addColumn("state", types.text, (column) => column.notNull())
        .addColumn("sealed", types.bytes, (column) => column.notNull())
        .addColumn("created", types.integer, (column) => column.notNull())
        .addPrimaryKeyConstraint("list_member_key", ["list_id", "member_id"])
        .addUniqueConstraint("list_member_once", ["list_id", "who"])
        .execute();
      await db.schema
        .createIndex("list_member_by_who")
        .on("list_member")
        .columns(["who"])
        .execute();
    },
  },
  {
    name: "2-groups",
    async up(db, types) {
      await db.schema
        .alterTable("mailing_list")
        .addColumn("posting", types.text, (column) => column.notNull().defaultTo("members"))
        .execute();
      await db.schema
        .createTable("list_asked")
        .addColumn("who", types.text, (column) => column.notNull())
        .addColumn("client_id", types.text, (column) => column.notNull())
        .addColumn("at", types.integer, (column) => column.notNull())
        .addPrimaryKeyConstraint("list_asked_key", ["who", "client_id"])
        .execute();
    },
  },
];
