// The tables of this room. Clear on disk: ids, addresses of ours, status, plan, times, public keys. Sealed or wrapped:
// contact, log events, keys. A credential is a verifier and a wrap; neither opens anything without the password or token.
import type { Migration } from "#engine";
import type { ClientStatus } from "./contract.ts";
import type { Mode } from "./ports.ts";

/** Times are milliseconds since 1970; binary columns hold raw bytes. */
export interface Tables {
  client: {
    client_id: string;
    status: ClientStatus;
    plan: string;
    plan_version: number;
    mode: Mode;
    created: number;
  };
  client_account: { client_id: string; account_id: string; created: number };
  domain: { domain: string; created: number };
  address: { address: string; client_id: string; account_id: string; created: number };
  address_reservation: { address: string; client_id: string; until: number };
  credential: {
    client_id: string;
    account_id: string;
    credential_id: string;
    kind: "password";
    version: number;
    salt: Uint8Array;
    memory: number;
    passes: number;
    verifier: Uint8Array;
    wrap: Uint8Array;
    created: number;
  };
  key_certificate: {
    client_id: string;
    account_id: string;
    class: string;
    part: string;
    epoch: number;
    public_key: Uint8Array;
    signature: Uint8Array;
  };
  contact: { client_id: string; sealed: Uint8Array };
  client_log: {
    client_id: string;
    account_id: string;
    event_id: string;
    kind: string;
    day: string;
    at: number;
    sealed: Uint8Array;
  };
  client_log_key: {
    day: string;
    kind: string;
    client_id: string;
    account_id: string;
    epoch: number;
    public_key: Uint8Array;
    signature: Uint8Array;
  };
  web_session: {
    client_id: string;
    account_id: string;
    session_id: string;
    address: string;
    verifier: Uint8Array;
    wrap: Uint8Array;
    remembered: number;
    created: number;
    expires: number;
  };
}

export const migrations: readonly Migration[] = [
  {
    name: "1-clients",
    async up(db, types) {
      await db.schema
        .createTable("client")
        .addColumn("client_id", types.text, (column) => column.primaryKey())
        .addColumn("status", types.text, (column) => column.notNull())
        .addColumn("plan", types.text, (column) => column.notNull())
        .addColumn("plan_version", types.integer, (column) => column.notNull())
        .addColumn("mode", types.text, (column) => column.notNull())
        .addColumn("created", types.integer, (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("client_account")
        .addColumn("client_id", types.text, (column) => column.notNull())
        .addColumn("account_id", types.text, (column) => column.notNull())
        .addColumn("created", types.integer, (column) => column.notNull())
        .addPrimaryKeyConstraint("client_account_key", ["client_id", "account_id"])
        .execute();
      await db.schema
        .createTable("domain")
        .addColumn("domain", types.text, (column) => column.primaryKey())
        .addColumn("created", types.integer, (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("address")
        .addColumn("address", types.text, (column) => column.primaryKey())
        .addColumn("client_id", types.text, (column) => column.notNull())
        .addColumn("account_id", types.text, (column) => column.notNull())
        .addColumn("created", types.integer, (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex("address_by_client")
        .on("address")
        .columns(["client_id", "account_id"])
        .execute();
      await db.schema
        .createTable("address_reservation")
        .addColumn("address", types.text, (column) => column.primaryKey())
        .addColumn("client_id", types.text, (column) => column.notNull())
        .addColumn("until", types.integer, (column) => column.notNull())
        .execute();
    },
  },
  {
    name: "2-credentials",
    async up(db, types) {
      await db.schema
        .createTable("credential")
        .addColumn("client_id", types.text, (column) => column.notNull())
        .addColumn("account_id", types.text, (column) => column.notNull())
        .addColumn("credential_id", types.text, (column) => column.notNull())
        .addColumn("kind", types.text, (column) => column.notNull())
        .addColumn("version", types.integer, (column) => column.notNull())
        .addColumn("salt", types.bytes, (column) => column.notNull())
        .addColumn("memory", types.integer, (column) => column.notNull())
        .addColumn("passes", types.integer, (column) => column.notNull())
        .addColumn("verifier", types.bytes, (column) => column.notNull())
        .addColumn("wrap", types.bytes, (column) => column.notNull())
        .addColumn("created", types.integer, (column) => column.notNull())
        .addPrimaryKeyConstraint("credential_key", ["client_id", "account_id", "credential_id"])
        .execute();
      await db.schema
        .createTable("key_certificate")
        .addColumn("client_id", types.text, (column) => column.notNull())
        .addColumn("account_id", types.text, (column) => column.notNull())
        .addColumn("class", types.text, (column) => column.notNull())
        .addColumn("part", types.text, (column) => column.notNull())
        .addColumn("epoch", types.integer, (column) => column.notNull())
        .addColumn("public_key", types.bytes, (column) => column.notNull())
        .addColumn("signature", types.bytes, (column) => column.notNull())
        .addPrimaryKeyConstraint("key_certificate_key", [
          "client_id",
          "account_id",
          "class",
          "part",
          "epoch",
        ])
        .execute();
      await db.schema
        .createTable("web_session")
        .addColumn("client_id", types.text, (column) => column.notNull())
        .addColumn("account_id", types.text, (column) => column.notNull())
        .addColumn("session_id", types.text, (column) => column.primaryKey())
        .addColumn("address", types.text, (column) => column.notNull())
        .addColumn("verifier", types.bytes, (column) => column.notNull())
        .addColumn("wrap", types.bytes, (column) => column.notNull())
        .addColumn("remembered", types.integer, (column) => column.notNull())
        .addColumn("created", types.integer, (column) => column.notNull())
        .addColumn("expires", types.integer, (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex("web_session_by_client")
        .on("web_session")
        .columns(["client_id", "account_id"])
        .execute();
    },
  },
  {
    name: "3-contact-and-log",
    async up(db, types) {
      await db.schema
        .createTable("contact")
        .addColumn("client_id", types.text, (column) => column.primaryKey())
        .addColumn("sealed", types.bytes, (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("client_log")
        .addColumn("client_id", types.text, (column) => column.notNull())
        .addColumn("account_id", types.text, (column) => column.notNull())
        .addColumn("event_id", types.text, (column) => column.notNull())
        .addColumn("kind", types.text, (column) => column.notNull())
        .addColumn("day", types.text, (column) => column.notNull())
        .addColumn("at", types.integer, (column) => column.notNull())
        .addColumn("sealed", types.bytes, (column) => column.notNull())
        .addPrimaryKeyConstraint("client_log_pk", ["client_id", "account_id", "event_id"])
        .execute();
      await db.schema
        .createIndex("client_log_newest")
        .on("client_log")
        .columns(["client_id", "account_id", "at"])
        .execute();
      await db.schema
        .createIndex("client_log_by_day")
        .on("client_log")
        .columns(["kind", "day"])
        .execute();
      await db.schema
        .createTable("client_log_key")
        .addColumn("day", types.text, (column) => column.notNull())
        .addColumn("kind", types.text, (column) => column.notNull())
        .addColumn("client_id", types.text, (column) => column.notNull())
        .addColumn("account_id", types.text, (column) => column.notNull())
        .addColumn("epoch", types.integer, (column) => column.notNull())
        .addColumn("public_key", types.bytes, (column) => column.notNull())
        .addColumn("signature", types.bytes, (column) => column.notNull())
        .addPrimaryKeyConstraint("client_log_key_pk", ["day", "kind"])
        .execute();
    },
  },
];
