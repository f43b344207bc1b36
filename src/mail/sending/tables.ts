// The counts of sending. Clear on disk: whose, how many in each five minutes, until when. No recipient and no network stands here: what
// must be told apart is a mark under a key that the database does not hold. Every row has an end.
import type { CreateTableBuilder } from "kysely";
import type { Migration } from "#engine";
import type { Cause } from "./brake.ts";

/** Times are milliseconds since 1970. */
export interface Tables {
  sending_step: {
    client_id: string;
    account_id: string;
    /** Steps of five minutes since 1970. */
    step: number;
    recipients: number;
    outside: number;
    refused: number;
    suppressed: number;
    ends: number;
  };
  /** An HMAC of an address elsewhere (for the client), or of a network that an account sent from. */
  sending_mark: {
    client_id: string;
    /** "" for recipients, which are counted for the whole client. */
    account_id: string;
    kind: "recipient" | "network";
    mark: string;
    /** Letters that it stands for: with the last one given back it goes. */
    letters: number;
    first: number;
    ends: number;
  };
  /** Recipients of an account's busiest hour of a day. */
  sending_day: {
    client_id: string;
    account_id: string;
    /** Days since 1970, UTC. */
    day: number;
    busiest: number;
    ends: number;
  };
  /** One row for each account whose brake was ever set, until sixty days after it was lifted. */
  sending_brake: {
    client_id: string;
    account_id: string;
    /** 0 while it is not set. */
    since: number;
    why: Cause["why"];
    seen: number;
    usual: number;
    /** 1 once its letters are held and the client has the notice. */
    told: number;
    /** The step from which on the rules count. */
    counts_from: number;
    trusted_until: number;
    /** When the owner last said that it was them. */
    confirmed: number;
    /** When the password was last changed while the brake was set. */
    new_password: number;
    ends: number;
  };
}

export const migrations: readonly Migration[] = [
  {
    name: "1-sending",
    async up(db, types) {
      const owned = async (
        name: string,
        texts: readonly string[],
        integers: readonly string[],
        key: readonly string[],
      ): Promise<void> => {
        let table: CreateTableBuilder<string, string> = db.schema.createTable(name);
        for (const column of ["client_id", "account_id", ...texts])
          table = table.addColumn(column, types.text, (made) => made.notNull());
        for (const column of [...integers, "ends"])
          table = table.addColumn(column, types.integer, (made) => made.notNull());
        await table.addPrimaryKeyConstraint(`${name}_key`, ["client_id", ...key]).execute();
        await db.schema.createIndex(`${name}_ends`).on(name).column("ends").execute();
      };
      await owned(
        "sending_step",
        [],
        ["step", "recipients", "outside", "refused", "suppressed"],
        ["account_id", "step"],
      );
      await owned(
        "sending_mark",
        ["kind", "mark"],
        ["letters", "first"],
        ["kind", "account_id", "mark"],
      );
      await owned("sending_day", [], ["day", "busiest"], ["account_id", "day"]);
      const counts = ["since", "seen", "usual", "told", "counts_from", "trusted_until"];
      const said = ["confirmed", "new_password"];
      await owned("sending_brake", ["why"], [...counts, ...said], ["account_id"]);
    },
  },
];
