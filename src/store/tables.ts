// The store's tables. Keys begin with client_id, so that one client's rows lie together and can move to another machine.
// Clear: ids, sizes, times, system flags, roles. Sealed: names, keywords, structures, bodies. There is no hash of any plaintext;
// name_mac is an HMAC under the account's own name key.
import { sql } from "kysely";
import type { Room } from "#engine";
import { copiesMigration } from "./copies-table.ts";
import { keptMigration } from "./kept-tables.ts";
import { withheldMigration } from "./withheld-table.ts";

export interface Tables {
  account: AccountRow;
  folder: FolderRow;
  message: MessageRow;
  placement: PlacementRow;
  tombstone: TombstoneRow;
  withheld: WithheldRow;
  second_copy: CopyRow;
  subscription: SubscriptionRow;
  annotation: AnnotationRow;
  expunged: ExpungedRow;
}

export interface AccountRow {
  client_id: string;
  id: string;
  /** The last MODSEQ given in this account. */
  counter: number;
  last_uid_validity: number;
  /** Counts creations, renames and deletions of folders, so that who read all names can tell whether they still stand. */
  folder_changes: number;
  /** Octets of all placements, and how many there are: kept by every write that makes or removes one. */
  octets: number;
  messages: number;
}

export interface FolderRow {
  client_id: string;
  id: string;
  account_id: string;
  name: Uint8Array;
  name_mac: Uint8Array;
  role: string | null;
  uid_validity: number;
  uid_next: number;
  highest_modseq: number;
}

export interface MessageRow {
  client_id: string;
  id: string;
  account_id: string;
  size: number;
  prefix_size: number;
  received_at: number;
  /** When it lost its last placement; null while it has one. */
  unplaced_at: number | null;
  structure: Uint8Array;
  /** Null when the body is a blob named by the message's id. Last, so that reading the structure does not walk over it. */
  body: Uint8Array | null;
  /** Null for messages from before there were any. Behind the body, since it is read for reports only. */
  fingerprint: Uint8Array | null;
}

export interface PlacementRow {
  client_id: string;
  folder_id: string;
  uid: number;
  message_id: string;
  /** Size and date of the message again, so that a folder is one range of one table. */
  size: number;
  received_at: number;
  saved_at: number;
  flags: number;
  keywords: Uint8Array | null;
  modseq: number;
}

interface TombstoneRow {
  client_id: string;
  folder_id: string;
  modseq: number;
  uid: number;
}

/** A placement that a decision took away, as it stood. */
export interface WithheldRow {
  client_id: string;
  message_id: string;
  folder_id: string;
  uid: number;
  account_id: string;
  decision: string;
  size: number;
  received_at: number;
  flags: number;
  withheld_at: number;
}

/** A name that the account subscribes to, whether or not a folder has it. */
export interface SubscriptionRow {
  client_id: string;
  account_id: string;
  name_mac: Uint8Array;
  /** The id that the name is sealed to. */
  object: string;
  name: Uint8Array;
}

/** An entry and its value, sealed together; `object` is the folder's id, or the account's for what belongs to no folder. */
interface AnnotationRow {
  client_id: string;
  account_id: string;
  object: string;
  entry_mac: Uint8Array;
  sealed: Uint8Array;
}

/** The last placement of a message that its owner may have back, as it stood. */
export interface ExpungedRow {
  client_id: string;
  message_id: string;
  account_id: string;
  folder_id: string;
  /** Sealed to the folder's id: the folder may be gone. */
  folder_name: Uint8Array;
  uid: number;
  flags: number;
  keywords: Uint8Array | null;
  expunged_at: number;
}

/** A second copy; `gone` is one that was handed out, and is counted. */
export interface CopyRow {
  grant_hash: string;
  copy_id: string;
  at: number;
  direction: "in" | "out";
  octets: number;
  place: "row" | "blob" | "gone";
  body: Uint8Array | null;
}

export const migrations: Room["migrations"] = [
  {
    name: "1-tables",
    async up(db, { bytes, integer, text }) {
      // SQLite keeps such a table in the order of its key; PostgreSQL knows no such thing.
      const clustered = bytes === "blob" ? sql`without rowid` : sql``;
      await db.schema
        .createTable("account")
        .addColumn("client_id", text, (column) => column.notNull())
        .addColumn("id", text, (column) => column.notNull())
        .addColumn("counter", integer, (column) => column.notNull())
        .addColumn("last_uid_validity", integer, (column) => column.notNull())
        .addColumn("folder_changes", integer, (column) => column.notNull())
        .addPrimaryKeyConstraint("account_pk", ["client_id", "id"])
        .execute();
      await db.schema
        .createTable("folder")
        .addColumn("client_id", text, (column) => column.notNull())
        .addColumn("id", text, (column) => column.notNull())
        .addColumn("account_id", text, (column) => column.notNull())
        .addColumn("name", bytes, (column) => column.notNull())
        .addColumn("name_mac", bytes, (column) => column.notNull())
        .addColumn("role", text)
        .addColumn("uid_validity", integer, (column) => column.notNull())
        .addColumn("uid_next", integer, (column) => column.notNull())
        .addColumn("highest_modseq", integer, (column) => column.notNull())
        .addColumn("subscribed", integer, (column) => column.notNull())
        .addPrimaryKeyConstraint("folder_pk", ["client_id", "id"])
        .addUniqueConstraint("folder_name", ["client_id", "account_id", "name_mac"])
        .addUniqueConstraint("folder_role", ["client_id", "account_id", "role"])
        .execute();
      await db.schema
        .createTable("message")
        .addColumn("client_id", text, (column) => column.notNull())
        .addColumn("id", text, (column) => column.notNull())
        .addColumn("account_id", text, (column) => column.notNull())
        .addColumn("size", integer, (column) => column.notNull())
        .addColumn("prefix_size", integer, (column) => column.notNull())
        .addColumn("received_at", integer, (column) => column.notNull())
        .addColumn("unplaced_at", integer)
        .addColumn("structure", bytes, (column) => column.notNull())
        .addColumn("body", bytes)
        .addPrimaryKeyConstraint("message_pk", ["client_id", "id"])
        .execute();
      await db.schema
        .createIndex("message_unplaced")
        .on("message")
        .columns(["client_id", "unplaced_at"])
        .where(sql.ref("unplaced_at"), "is not", null)
        .execute();
      await db.schema
        .createTable("placement")
        .addColumn("client_id", text, (column) => column.notNull())
        .addColumn("folder_id", text, (column) => column.notNull())
        .addColumn("uid", integer, (column) => column.notNull())
        .addColumn("message_id", text, (column) => column.notNull())
        .addColumn("size", integer, (column) => column.notNull())
        .addColumn("received_at", integer, (column) => column.notNull())
        .addColumn("saved_at", integer, (column) => column.notNull())
        .addColumn("flags", integer, (column) => column.notNull())
        .addColumn("keywords", bytes)
        .addColumn("modseq", integer, (column) => column.notNull())
        .addPrimaryKeyConstraint("placement_pk", ["client_id", "folder_id", "uid"])
        .modifyEnd(clustered)
        .execute();
      await db.schema
        .createIndex("placement_modseq")
        .on("placement")
        .columns(["client_id", "folder_id", "modseq"])
        .execute();
      await db.schema
        .createIndex("placement_message")
        .on("placement")
        .columns(["client_id", "message_id"])
        .execute();
      await db.schema
        .createTable("tombstone")
        .addColumn("client_id", text, (column) => column.notNull())
        .addColumn("folder_id", text, (column) => column.notNull())
        .addColumn("modseq", integer, (column) => column.notNull())
        .addColumn("uid", integer, (column) => column.notNull())
        .addPrimaryKeyConstraint("tombstone_pk", ["client_id", "folder_id", "modseq", "uid"])
        .modifyEnd(clustered)
        .execute();
    },
  },
  withheldMigration,
  copiesMigration,
  keptMigration,
];
