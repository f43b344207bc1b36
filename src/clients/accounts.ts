// Reading who our clients are: addresses, status, plans. All of it is clear on disk; none of it is written here.
import type { Kysely } from "kysely";
import { type Engine, prepared } from "#engine";
import { Broken } from "#base/errors";
import type { Clock } from "#base/time";
import { splitAddress } from "./address.ts";
import type { AddressKind } from "./addresses/contract.ts";
import { ofHeldDomain } from "./addresses/held.ts";
import { type Candidates, candidates, choose } from "./addresses/resolution.ts";
import type { Certificates } from "./certificates.ts";
import { contactContext, logContext } from "./contexts.ts";
import type { ClientRow, Recipient, SealedObject, Serving } from "./contract.ts";
import { levelOf, servingOf } from "./levels.ts";
import type { CredentialRow } from "./password.ts";
import type { Quarantine } from "./quarantine.ts";
import { readHolds } from "./standing.ts";
import type { LogKind } from "#policy";
import type { Tables } from "./tables.ts";

export interface Resolved extends Recipient {
  readonly kind: AddressKind;
  readonly plan: string;
  readonly planVersion: number;
  readonly serving: Serving;
}

export interface Accounts {
  /** By an address as somebody wrote it: any case, with or without a tag. Throws Broken for a row that the keeper did not sign. */
  resolve(address: string): Promise<Resolved | undefined>;
  /** See `Clients.unsignedAddresses`. */
  unsigned(): Promise<readonly string[]>;
  addressesOf(client: string, account: string): Promise<readonly string[]>;
  credential(client: string, account: string, id: string): Promise<CredentialRow | undefined>;
  list(): Promise<readonly ClientRow[]>;
  /** See `Clients.listLog`. */
  listLog(
    client: string,
  ): Promise<readonly { readonly event: string; readonly kind: LogKind; readonly at: number }[]>;
  /** See `Clients.sealedOf`. */
  sealedOf(
    dataClass: string,
    client: string,
    ids: readonly string[],
  ): Promise<readonly SealedObject[]>;
}

// Twice per message that comes in. The one way from an address to an account, whatever kind of address it is, so that each row's
// signature is checked here and nowhere else.
const ownersOf = prepared((db: Kysely<Tables>, of: Candidates) =>
  db
    .selectFrom("address")
    .innerJoin("client", "client.client_id", "address.client_id")
    .leftJoin("client_domain", (join) =>
      join
        .onRef("client_domain.domain", "=", "address.domain")
        .onRef("client_domain.client_id", "=", "address.client_id"),
    )
    .select([
      "address.address",
      "address.kind",
      "address.enabled",
      "address.domain",
      "client_domain.state as claim",
      "address.client_id",
      "address.account_id",
      "address.signature",
      "client.status",
      "client.plan",
      "client.plan_version",
      "client.status_since",
    ])
    .select((eb) =>
      eb
        .exists(
          eb
            .selectFrom("client_hold")
            .select("client_hold.kind")
            .whereRef("client_hold.client_id", "=", "client.client_id"),
        )
        .as("has_holds"),
    )
    .where((eb) =>
      eb.or([
        eb("address.address", "=", of.exact),
        eb("address.address", "=", of.untagged),
        eb("address.address", "=", of.all),
      ]),
    ),
);

/** Names that a catch-all leaves alone: held for what is no mailbox (a list, a group), or kept from whoever comes next. */
const heldBack = prepared(
  (db: Kysely<Tables>, of: Candidates & { readonly hash: string; readonly now: number }) =>
    db
      .selectFrom("address_reservation")
      .select("address as name")
      .where((eb) => eb.or([eb("address", "=", of.exact), eb("address", "=", of.untagged)]))
      .where("until", ">", of.now)
      .unionAll(
        db
          .selectFrom("address_quarantine")
          .select("hash as name")
          .where("hash", "=", of.hash)
          .where("until", ">", of.now),
      ),
);

interface AccountParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly quarantine: Quarantine;
  readonly certificates: Pick<Certificates, "isTheirs">;
}

export function openAccounts(parts: AccountParts): Accounts {
  const { engine, clock, quarantine, certificates } = parts;
  const reader = engine.reader<Tables>();
  const isSigned = async (row: {
    readonly address: string;
    readonly client_id: string;
    readonly account_id: string;
    readonly signature: Uint8Array | null;
  }): Promise<boolean> => {
    const { address, client_id: client, account_id: account, signature } = row;
    return (
      signature !== null && (await certificates.isTheirs({ address, client, account, signature }))
    );
  };
  return {
    async resolve(text) {
      const split = splitAddress(text);
      if (split === undefined) return undefined;
      const names = candidates(split);
      const row = choose(await ownersOf(reader, names), names);
      if (row === undefined) return undefined;
      // Neither delivered nor refused for good: the row may be put right, and the letter is still with its sender.
      if (!(await isSigned(row)))
        throw new Broken("the row of an address is not as the keeper signed it");
      if (row.kind === "catch-all") {
        const hash = quarantine.nameOf(names.untagged);
        if ((await heldBack(reader, { ...names, hash, now: clock.now() })).length > 0)
          return undefined;
      }
      // Few have any, and each letter comes by here twice.
      const holds = isTrue(row.has_holds) ? await readHolds(engine, row.client_id) : [];
      const now = clock.now();
      const facts = { status: row.status, since: row.status_since, holds };
      const serving = servingOf(facts, now);
      return {
        client: row.client_id,
        account: row.account_id,
        // What a catch-all takes has no row of its own.
        address: row.kind === "catch-all" ? names.exact : row.address,
        kind: row.kind,
        status: row.status,
        level: levelOf(facts, now),
        inbound: serving.inbound,
        serving,
        plan: row.plan,
        planVersion: row.plan_version,
      };
    },

    async unsigned() {
      const rows = await reader
        .selectFrom("address")
        .select(["address", "client_id", "account_id", "signature"])
        .orderBy("address")
        .execute();
      const found: string[] = [];
      for (const row of rows) if (!(await isSigned(row))) found.push(row.address);
      return found;
    },

    async addressesOf(client, account) {
      const rows = await reader
        .selectFrom("address")
        .select("address")
        .where("client_id", "=", client)
        .where("account_id", "=", account)
        .where("kind", "!=", "catch-all")
        .where("enabled", "=", 1)
        .where(ofHeldDomain(client))
        .orderBy("created")
        .orderBy("address")
        .execute();
      return rows.map(({ address }) => address);
    },

    credential(client, account, id) {
      return reader
        .selectFrom("credential")
        .selectAll()
        .where("client_id", "=", client)
        .where("account_id", "=", account)
        .where("credential_id", "=", id)
        .executeTakeFirst();
    },

    async sealedOf(dataClass, client, ids) {
      if (dataClass === "contact") {
        const rows = await reader
          .selectFrom("contact")
          .select("sealed")
          .where("client_id", "=", client)
          .execute();
        const context = contactContext(client);
        return ids.includes(context.object) ? rows.map(({ sealed }) => ({ context, sealed })) : [];
      }
      if (dataClass !== "clientlog" || ids.length === 0) return [];
      const rows = await reader
        .selectFrom("client_log")
        .select(["account_id", "event_id", "kind", "day", "sealed"])
        .where("client_id", "=", client)
        .where("event_id", "in", ids)
        .execute();
      return rows.map(({ account_id, event_id, kind, day, sealed }) => ({
        context: logContext(client, account_id, event_id, kind, day),
        sealed,
      }));
    },

    async listLog(client) {
      const rows = await reader
        .selectFrom("client_log")
        .select(["event_id", "kind", "at"])
        .where("client_id", "=", client)
        .orderBy("at")
        .orderBy("event_id")
        .execute();
      return rows.map(({ event_id, kind, at }) => ({ event: event_id, kind: kind as LogKind, at }));
    },

    async list() {
      const rows = await reader
        .selectFrom("client")
        .innerJoin("address", "address.client_id", "client.client_id")
        .where("address.kind", "=", "main")
        .select([
          "client.client_id",
          "address.account_id",
          "address.address",
          "client.status",
          "client.plan",
          "client.plan_version",
          "client.mode",
          "client.created",
        ])
        .orderBy("client.created")
        .orderBy("address.address")
        .execute();
      return rows.map((row) => ({
        client: row.client_id,
        account: row.account_id,
        address: row.address,
        status: row.status,
        plan: row.plan,
        planVersion: row.plan_version,
        mode: row.mode,
        since: row.created,
      }));
    },
  };
}

/** SQLite has no truth values, and says 1. */
function isTrue(value: unknown): boolean {
  return value === true || value === 1;
}
