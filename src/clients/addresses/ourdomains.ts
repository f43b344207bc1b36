// Which domains' mail is ours to take, kept in memory because every letter asks: the house's own, and those that clients hold now.
import type { Engine } from "#engine";
import type { Tables } from "../tables.ts";
import { heldStates } from "./resolution.ts";

/** Names here are as they are kept: lower case, A-labels. */
export interface OurDomains {
  readonly isOurs: (domain: string) => boolean;
  readonly isOfHouse: (domain: string) => boolean;
  readonly holdsDomain: (client: string, domain: string) => Promise<boolean>;
  /** Reads again who holds what: after a change here, and now and then for changes by another process. */
  readonly refresh: () => Promise<void>;
}

/** The engine must hold the house's own domain already. */
export async function openOurDomains(engine: Engine): Promise<OurDomains> {
  const reader = engine.reader<Tables>();
  const rows = await reader.selectFrom("domain").select("domain").execute();
  const house = new Set(rows.map(({ domain }) => domain));
  let held: ReadonlySet<string> = new Set();
  const refresh = async (): Promise<void> => {
    const claims = await reader
      .selectFrom("client_domain")
      .select("domain")
      .where("state", "in", [...heldStates])
      .execute();
    held = new Set(claims.map(({ domain }) => domain));
  };
  await refresh();
  return {
    isOurs: (domain) => house.has(domain) || held.has(domain),
    isOfHouse: (domain) => house.has(domain),
    async holdsDomain(client, domain) {
      const row = await reader
        .selectFrom("client_domain")
        .select("domain")
        .where("domain", "=", domain)
        .where("client_id", "=", client)
        .where("state", "in", [...heldStates])
        .executeTakeFirst();
      return row !== undefined;
    },
    refresh,
  };
}
