// Addresses that are held for what is no client: a mailing list and its two helpers. Nobody can sign up with one while it is held.
import { type Engine, invoke } from "#engine";
import type { Clock } from "#base/time";
import { isNewLocalPart, reservedBecause, splitAddress } from "./address.ts";
import { releaseAddress, reserveAddress } from "./commands.ts";
import { FOR_GOOD, type Quarantine } from "./quarantine.ts";

export interface Holding {
  /** `client` is whose own domain it may be; without it only ours will do. */
  hold(
    addresses: readonly string[],
    holder: string,
    client?: string,
  ): Promise<"held" | "taken" | "bad-address">;
  free(addresses: readonly string[], holder: string): Promise<void>;
}

export function openHolding(parts: {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly quarantine: Quarantine;
  readonly isOfHouse: (domain: string) => boolean;
  readonly holdsDomain: (client: string, domain: string) => Promise<boolean>;
}): Holding {
  const { engine, clock, quarantine, isOfHouse, holdsDomain } = parts;
  const free = async (addresses: readonly string[], holder: string): Promise<void> => {
    await engine.writeTogether(
      addresses.map((address) => invoke(releaseAddress, { address, client_id: holder })),
    );
  };
  return {
    free,
    async hold(addresses, holder, client) {
      const split = addresses.map(splitAddress).filter((address) => address !== undefined);
      if (split.length < addresses.length) return "bad-address";
      if (!split.every(({ local }) => isNewLocalPart(local))) return "bad-address";
      for (const { local, domain } of split) {
        if (isOfHouse(domain)) {
          if (reservedBecause(local) !== undefined) return "taken";
        } else if (client === undefined || !(await holdsDomain(client, domain)))
          return "bad-address";
      }
      const now = clock.now();
      const outcomes = await engine.writeTogether(
        addresses.map((address) =>
          invoke(reserveAddress, {
            address,
            client_id: holder,
            until: FOR_GOOD,
            now,
            quarantine: quarantine.nameOf(address),
          }),
        ),
      );
      if (outcomes.every((outcome) => outcome === "reserved")) return "held";
      const held = addresses.filter((_, at) => outcomes[at] === "reserved");
      if (held.length > 0) await free(held, holder);
      return "taken";
    },
  };
}
