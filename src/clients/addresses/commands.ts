// The writes about addresses and domains: named commands over plain rows. Each body is one transaction and may be run again.
import type { Insertable, Kysely } from "kysely";
import { command } from "#engine";
import { Broken } from "#base/errors";
import type { Tables } from "../tables.ts";
import type { ClaimState } from "./contract.ts";
import { heldStates } from "./resolution.ts";

type Row<Table extends keyof Tables> = Insertable<Tables[Table]>;

/** Throws, and so undoes the log line beside it, when the name was taken or the count reached since it was looked at. */
export const addAddress = command<
  Tables,
  {
    readonly row: Row<"address">;
    /** As many of the kind at once, and as many made in the year. */
    readonly most: { readonly atOnce: number; readonly year: number; readonly inYear: number };
  },
  void
>("clients.addAddress", async (tx, { row, most }) => {
  const { client_id, kind = "alias" } = row;
  const there = await tx
    .selectFrom("address")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("client_id", "=", client_id)
    .where("kind", "=", kind)
    .executeTakeFirstOrThrow();
  if (there.count >= most.atOnce) throw new Broken("too many addresses");
  const { year } = most;
  await tx
    .insertInto("address_made")
    .values({ client_id, kind, year, made: 1 })
    .onConflict((conflict) =>
      conflict
        .columns(["client_id", "kind", "year"])
        .doUpdateSet((eb) => ({ made: eb("address_made.made", "+", 1) })),
    )
    .execute();
  const made = await tx
    .selectFrom("address_made")
    .select("made")
    .where("client_id", "=", client_id)
    .where("kind", "=", kind)
    .where("year", "=", year)
    .executeTakeFirstOrThrow();
  if (made.made > most.inYear) throw new Broken("too many addresses made");
  await tx
    .deleteFrom("address_made")
    .where("client_id", "=", client_id)
    .where("year", "<", year)
    .execute();
  await tx.insertInto("address").values(row).execute();
  // Looked for after the row is in: where somebody reserves it at the same moment, they wait on the row's key and see it.
  const reserved = await tx
    .selectFrom("address_reservation")
    .select("until")
    .where("address", "=", row.address)
    .where("until", ">", row.created)
    .executeTakeFirst();
  if (reserved !== undefined) throw new Broken("the address is reserved");
});

interface OneOf {
  readonly client_id: string;
  readonly account_id: string;
  readonly address: string;
}

/** Throws when it is not theirs any more. */
export const changeAddress = command<
  Tables,
  OneOf & { readonly set: { readonly enabled: number } | { readonly note: Uint8Array | null } },
  void
>("clients.changeAddress", async (tx, { set, ...one }) => {
  const done = await tx
    .updateTable("address")
    .set(set)
    .where("address", "=", one.address)
    .where("client_id", "=", one.client_id)
    .where("account_id", "=", one.account_id)
    .executeTakeFirst();
  if (done.numUpdatedRows === 0n) throw new Broken("the address has gone");
});

export const removeAddress = command<
  Tables,
  OneOf & { readonly quarantine: Row<"address_quarantine"> | undefined },
  void
>("clients.removeAddress", async (tx, { quarantine, ...one }) => {
  const done = await tx
    .deleteFrom("address")
    .where("address", "=", one.address)
    .where("client_id", "=", one.client_id)
    .where("account_id", "=", one.account_id)
    .where("kind", "in", ["alias", "mask", "own", "catch-all"])
    .executeTakeFirst();
  if (done.numDeletedRows === 0n) throw new Broken("the address has gone");
  if (quarantine !== undefined)
    await tx
      .insertInto("address_quarantine")
      .values(quarantine)
      .onConflict((conflict) => conflict.column("hash").doUpdateSet({ until: quarantine.until }))
      .execute();
});

/** A new claim, or a new try at one that had ended. Throws when there are `most` already, or when it is under way. */
export const claimDomain = command<
  Tables,
  { readonly row: Row<"client_domain">; readonly most: number },
  void
>("clients.claimDomain", async (tx, { row, most }) => {
  const rows = await tx
    .selectFrom("client_domain")
    .select(["domain", "state"])
    .where("client_id", "=", row.client_id)
    .where("state", "!=", "ended")
    .execute();
  if (rows.length >= most) throw new Broken("too many domains");
  if (rows.some(({ domain }) => domain === row.domain)) throw new Broken("the claim is there");
  const { domain: _domain, client_id: _client, account_id: _account, ...fresh } = row;
  await tx
    .insertInto("client_domain")
    .values(row)
    .onConflict((conflict) => conflict.columns(["domain", "client_id"]).doUpdateSet(fresh))
    .execute();
});

interface Claim {
  readonly domain: string;
  readonly client_id: string;
}

/** Throws when the claim has moved on meanwhile. */
export const moveClaim = command<
  Tables,
  Claim & { readonly from: ClaimState; readonly to: ClaimState; readonly at: number },
  void
>("clients.moveClaim", async (tx, { domain, client_id, from, to, at }) => {
  await move(tx, { domain, client_id }, from, to, at);
});

export const keepFindings = command<
  Tables,
  Claim & { readonly at: number; readonly found: string },
  void
>("clients.keepFindings", async (tx, { domain, client_id, at, found }) => {
  await tx
    .updateTable("client_domain")
    .set({ checked: at, found })
    .where("domain", "=", domain)
    .where("client_id", "=", client_id)
    .execute();
});

/**
 * The domain is this client's from here on, and with it postmaster and abuse. `before` is who held it and is to lose it with this.
 * Throws when anybody else holds it by now.
 */
export const proveClaim = command<
  Tables,
  Claim & {
    readonly account_id: string;
    readonly at: number;
    readonly duties: readonly Row<"address">[];
    readonly before: { readonly client_id: string; readonly state: ClaimState } | undefined;
  },
  void
>("clients.proveClaim", async (tx, { domain, client_id, at, duties, before }) => {
  if (before !== undefined)
    await move(tx, { domain, client_id: before.client_id }, before.state, "ended", at);
  const holder = await tx
    .selectFrom("client_domain")
    .select("client_id")
    .where("domain", "=", domain)
    .where("client_id", "!=", client_id)
    .where("state", "in", [...heldStates])
    .executeTakeFirst();
  if (holder !== undefined) throw new Broken("the domain is another client's");
  await move(tx, { domain, client_id }, "pending", "verified", at);
  await tx.deleteFrom("address").where("domain", "=", domain).where("kind", "=", "duty").execute();
  for (const duty of duties) {
    // Whatever stands in the way must not keep the domain from being proved.
    await tx
      .insertInto("address")
      .values(duty)
      .onConflict((conflict) => conflict.column("address").doNothing())
      .execute();
  }
});

/** Forgets a claim that is over, and every address that its client had there. */
export const forgetClaim = command<Tables, Claim, void>(
  "clients.forgetClaim",
  async (tx, { domain, client_id }) => {
    await tx
      .deleteFrom("address")
      .where("domain", "=", domain)
      .where("client_id", "=", client_id)
      .execute();
    await tx
      .deleteFrom("client_domain")
      .where("domain", "=", domain)
      .where("client_id", "=", client_id)
      .where("state", "in", ["pending", "ended"])
      .execute();
  },
);

async function move(
  tx: Kysely<Tables>,
  { domain, client_id }: Claim,
  from: ClaimState,
  to: ClaimState,
  at: number,
): Promise<void> {
  const ended = to === "ended" ? { ended: at } : to === "verified" ? { ended: null } : {};
  const done = await tx
    .updateTable("client_domain")
    .set({ state: to, since: at, ...ended })
    .where("domain", "=", domain)
    .where("client_id", "=", client_id)
    .where("state", "=", from)
    .executeTakeFirst();
  if (done.numUpdatedRows === 0n) throw new Broken("the claim has moved on");
}
