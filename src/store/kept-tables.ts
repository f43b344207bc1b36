// What an account keeps beside its folders: names it subscribes to, annotations, what it expunged and may have back, and how much
// room its mail takes. Clear: ids, times, sizes, system flags. Sealed: names, entries, values, keywords; looked up by HMAC.
import { sql } from "kysely";
import type { Migration } from "#engine";

export const keptMigration: Migration = {
  name: "4-subscriptions-annotations-expunged-usage",
  async up(db, { bytes, integer, text }) {
    // Filled before the old column goes; its names stay sealed to the folders that they were made for.
    await db.schema
      .createTable("subscription")
      .addColumn("client_id", text, (column) => column.notNull())
      .addColumn("account_id", text, (column) => column.notNull())
      .addColumn("name_mac", bytes, (column) => column.notNull())
      .addColumn("object", text, (column) => column.notNull())
      .addColumn("name", bytes, (column) => column.notNull())
      .addPrimaryKeyConstraint("subscription_pk", ["client_id", "account_id", "name_mac"])
      .execute();
    await sql`insert into subscription (client_id, account_id, name_mac, object, name)
      select client_id, account_id, name_mac, id, name from folder where subscribed = 1`.execute(
      db,
    );
    await db.schema.alterTable("folder").dropColumn("subscribed").execute();
    await db.schema
      .createTable("annotation")
      .addColumn("client_id", text, (column) => column.notNull())
      .addColumn("account_id", text, (column) => column.notNull())
      .addColumn("object", text, (column) => column.notNull())
      .addColumn("entry_mac", bytes, (column) => column.notNull())
      .addColumn("sealed", bytes, (column) => column.notNull())
      .addPrimaryKeyConstraint("annotation_pk", ["client_id", "account_id", "object", "entry_mac"])
      .execute();
    await db.schema
      .createTable("expunged")
      .addColumn("client_id", text, (column) => column.notNull())
      .addColumn("message_id", text, (column) => column.notNull())
      .addColumn("account_id", text, (column) => column.notNull())
      .addColumn("folder_id", text, (column) => column.notNull())
      .addColumn("folder_name", bytes, (column) => column.notNull())
      .addColumn("uid", integer, (column) => column.notNull())
      .addColumn("flags", integer, (column) => column.notNull())
      .addColumn("keywords", bytes)
      .addColumn("expunged_at", integer, (column) => column.notNull())
      .addPrimaryKeyConstraint("expunged_pk", ["client_id", "message_id"])
      .execute();
    for (const column of ["octets", "messages"])
      await db.schema
        .alterTable("account")
        .addColumn(column, integer, (definition) => definition.notNull().defaultTo(0))
        .execute();
    const placed = sql`from placement join folder
      on folder.client_id = placement.client_id and folder.id = placement.folder_id
      where folder.client_id = account.client_id and folder.account_id = account.id`;
    await sql`update account set octets = (select coalesce(sum(size), 0) ${placed}),
      messages = (select count(*) ${placed})`.execute(db);
  },
};
