// The tables of the staff's room. A credential is a verifier and a wrap of the desk's secret key; neither opens anything
// without the password or the token.
import type { Migration } from "#engine";

/** Times are milliseconds since 1970; binary columns hold raw bytes. */
export interface Tables {
  staff: {
    name: string;
    salt: Uint8Array;
    memory: number;
    passes: number;
    verifier: Uint8Array;
    /** The desk's box secret. */
    wrap: Uint8Array;
    created: number;
  };
  /** One row: the public key to which cases are sealed, with the keeper's signature. */
  desk_key: { name: string; public_key: Uint8Array; epoch: number; signature: Uint8Array };
  desk_session: {
    session_id: string;
    name: string;
    verifier: Uint8Array;
    wrap: Uint8Array;
    created: number;
    expires: number;
  };
}

export const migrations: readonly Migration[] = [
  {
    name: "1-desk",
    async up(db, types) {
      await db.schema
        .createTable("staff")
        .addColumn("name", types.text, (column) => column.primaryKey())
        .addColumn("salt", types.bytes, (column) => column.notNull())
        .addColumn("memory", types.integer, (column) => column.notNull())
        .addColumn("passes", types.integer, (column) => column.notNull())
        .addColumn("verifier", types.bytes, (column) => column.notNull())
        .addColumn("wrap", types.bytes, (column) => column.notNull())
        .addColumn("created", types.integer, (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("desk_key")
        .addColumn("name", types.text, (column) => column.primaryKey())
        .addColumn("public_key", types.bytes, (column) => column.notNull())
        .addColumn("epoch", types.integer, (column) => column.notNull())
        .addColumn("signature", types.bytes, (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("desk_session")
        .addColumn("session_id", types.text, (column) => column.primaryKey())
        .addColumn("name", types.text, (column) => column.notNull())
        .addColumn("verifier", types.bytes, (column) => column.notNull())
        .addColumn("wrap", types.bytes, (column) => column.notNull())
        .addColumn("created", types.integer, (column) => column.notNull())
        .addColumn("expires", types.integer, (column) => column.notNull())
        .execute();
    },
  },
];
