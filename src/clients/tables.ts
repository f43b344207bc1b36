// The tables of this room. Clear on disk: ids, addresses of ours, status, plan, times, public keys. Sealed or wrapped:
// contact, log events, keys. A credential is a verifier and a wrap; neither opens anything without the password or token.
import type { ColumnType, Generated, Kysely } from "kysely";
import type { Migration } from "#engine";
import type { AddressKind, ClaimState } from "./addresses/contract.ts";
import type { ClientStatus, HoldKind } from "./contract.ts";
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
    /** When the status was last moved. */
    status_since: number;
  };
  /** One row of each kind; `until` is null while there is no end. A quiet hold goes once the client was told of it. */
  client_hold: {
    client_id: string;
    kind: HoldKind | "quiet-legal-hold";
    since: number;
    until: number | null;
  };
  client_closing: {
    client_id: string;
    account_id: string;
    /** Where they were before, and since when: where coming back leads. */
    was: ClientStatus;
    was_since: number;
    closed_at: number;
    erase_after: number;
    /** The client's signature on the order to erase; null where the ladder closed, and nobody signed. */
    signature: Uint8Array | null;
    receipt_id: string | null;
  };
  /** Names no client. The receipt is sealed to a key that only the link's token unwraps. */
  erasure_receipt: {
    receipt_id: string;
    public_key: Uint8Array;
    wrap: Uint8Array;
    closed_at: number;
    erase_after: number;
    sealed: Uint8Array | null;
    /** Null until it is written. */
    expires: number | null;
  };
  /** An address that nobody else gets for a while, as an HMAC under the key beside it. */
  address_quarantine: { hash: string; until: number };
  address_quarantine_key: { name: string; key: Uint8Array };
  client_account: { client_id: string; account_id: string; created: number };
  domain: { domain: string; created: number };
  /**
   * Every address that leads to an account, of whatever kind: the one table in which delivery, sign-in and the right to send look. A
   * row leads nowhere without the keeper's signature.
   */
  address: {
    address: string;
    client_id: string;
    account_id: string;
    created: number;
    /** "main" when it is left out. */
    kind: Generated<AddressKind>;
    /** 1 or 0; 1 when it is left out. */
    enabled: Generated<number>;
    /** The client's domain that it is of; null for one of the house. */
    domain: string | null;
    /** What the client noted about it, sealed to their own key. */
    note: Uint8Array | null;
    /** The keeper's, over address, client and account. Without one a row leads nowhere. */
    signature: ColumnType<Uint8Array | null, Uint8Array, never>;
  };
  /** How many addresses of a kind a client made in a year, given-up ones too. */
  address_made: { client_id: string; kind: AddressKind; year: number; made: number };
  /** A client's claim to a domain; at most one of a domain is verified or broken. */
  client_domain: {
    domain: string;
    client_id: string;
    account_id: string;
    /** What the proving record holds. */
    token: string;
    state: ClaimState;
    /** When the state was last moved. */
    since: number;
    created: number;
    /** When they last lost it: their names there are kept from others for a while. */
    ended: number | null;
    checked: number | null;
    /** What the last check found of each record, as JSON: public data of the DNS. */
    found: string | null;
  };
  address_reservation: { address: string; client_id: string; until: number };
  credential: {
    client_id: string;
    account_id: string;
    credential_id: string;
    /** A password by Argon2id; an app password and the recovery code by HKDF. */
    kind: "password" | "app" | "recovery";
    version: number;
    salt: Uint8Array;
    memory: number;
    passes: number;
    verifier: Uint8Array;
    wrap: Uint8Array;
    created: number;
    /** What the client calls an app password, sealed to them. */
    name: Generated<Uint8Array | null>;
    /** The day of an app password's last use. */
    used: Generated<string | null>;
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
  {
    name: "4-standing-and-erasure",
    async up(db, types) {
      await db.schema
        .alterTable("client")
        .addColumn("status_since", types.integer, (column) => column.notNull().defaultTo(0))
        .execute();
      // Whoever is suspended as this runs begins the ladder today, not at its end.
      await (db as Kysely<Tables>)
        .updateTable("client")
        .set({ status_since: Date.now() })
        .execute();
      await db.schema
        .createTable("client_hold")
        .addColumn("client_id", types.text, (column) => column.notNull())
        .addColumn("kind", types.text, (column) => column.notNull())
        .addColumn("since", types.integer, (column) => column.notNull())
        .addColumn("until", types.integer)
        .addPrimaryKeyConstraint("client_hold_key", ["client_id", "kind"])
        .execute();
      await db.schema
        .createTable("client_closing")
        .addColumn("client_id", types.text, (column) => column.primaryKey())
        .addColumn("account_id", types.text, (column) => column.notNull())
        .addColumn("was", types.text, (column) => column.notNull())
        .addColumn("was_since", types.integer, (column) => column.notNull())
        .addColumn("closed_at", types.integer, (column) => column.notNull())
        .addColumn("erase_after", types.integer, (column) => column.notNull())
        .addColumn("signature", types.bytes)
        .addColumn("receipt_id", types.text)
        .execute();
      await db.schema
        .createTable("erasure_receipt")
        .addColumn("receipt_id", types.text, (column) => column.primaryKey())
        .addColumn("public_key", types.bytes, (column) => column.notNull())
        .addColumn("wrap", types.bytes, (column) => column.notNull())
        .addColumn("closed_at", types.integer, (column) => column.notNull())
        .addColumn("erase_after", types.integer, (column) => column.notNull())
        .addColumn("sealed", types.bytes)
        .addColumn("expires", types.integer)
        .execute();
      await db.schema
        .createTable("address_quarantine")
        .addColumn("hash", types.text, (column) => column.primaryKey())
        .addColumn("until", types.integer, (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("address_quarantine_key")
        .addColumn("name", types.text, (column) => column.primaryKey())
        .addColumn("key", types.bytes, (column) => column.notNull())
        .execute();
    },
  },
  {
    name: "5-addresses-and-domains",
    async up(db, types) {
      const change = () => db.schema.alterTable("address");
      await change()
        .addColumn("kind", types.text, (column) => column.notNull().defaultTo("main"))
        .execute();
      await change()
        .addColumn("enabled", types.integer, (column) => column.notNull().defaultTo(1))
        .execute();
      await change().addColumn("domain", types.text).execute();
      await change().addColumn("note", types.bytes).execute();
      await db.schema
        .createTable("address_made")
        .addColumn("client_id", types.text, (column) => column.notNull())
        .addColumn("kind", types.text, (column) => column.notNull())
        .addColumn("year", types.integer, (column) => column.notNull())
        .addColumn("made", types.integer, (column) => column.notNull())
        .addPrimaryKeyConstraint("address_made_key", ["client_id", "kind", "year"])
        .execute();
      await db.schema
        .createTable("client_domain")
        .addColumn("domain", types.text, (column) => column.notNull())
        .addColumn("client_id", types.text, (column) => column.notNull())
        .addColumn("account_id", types.text, (column) => column.notNull())
        .addColumn("token", types.text, (column) => column.notNull())
        .addColumn("state", types.text, (column) => column.notNull())
        .addColumn("since", types.integer, (column) => column.notNull())
        .addColumn("created", types.integer, (column) => column.notNull())
        .addColumn("ended", types.integer)
        .addColumn("checked", types.integer)
        .addColumn("found", types.text)
        .addPrimaryKeyConstraint("client_domain_key", ["domain", "client_id"])
        .execute();
      await db.schema
        .createIndex("client_domain_by_client")
        .on("client_domain")
        .columns(["client_id"])
        .execute();
    },
  },
  {
    name: "6-certified-addresses",
    async up(db, types) {
      await db.schema.alterTable("address").addColumn("signature", types.bytes).execute();
    },
  },
  {
    name: "7-app-passwords",
    async up(db, types) {
      const change = () => db.schema.alterTable("credential");
      await change().addColumn("name", types.bytes).execute();
      await change().addColumn("used", types.text).execute();
    },
  },
];
