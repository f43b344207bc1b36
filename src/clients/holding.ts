// Addresses that are held for what is no client: a mailing list and its two helpers. Nobody can sign up with one while it is held.
import { type Engine, invoke } from "#engine";
import type { Clock } from "#base/time";
import { isNewLocalPart, reservedBecause, splitAddress } from "./address.ts";
import { releaseAddress, reserveAddress } from "./commands.ts";
import type { Quarantine } from "./quarantine.ts";

// Until it is given back: the last second of the year 9999.
const FOR_GOOD = 253_402_300_799_000;

export interface Holding {
  hold(addresses: readonly string[], holder: string): Promise<"held" | "taken" | "bad-address">;
  free(addresses: readonly string[], holder: string): Promise<void>;
}

export function openHolding(parts: {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly quarantine: Quarantine;
}): Holding {
  const { engine, clock, quarantine } = parts;
  const free = async (addresses: readonly string[], holder: string): Promise<void> => {
    await engine.writeTogether(
      addresses.map((address) => invoke(releaseAddress, { address, client_id: holder })),
    );
  };
  return {
    free,
    async hold(addresses, holder) {
      const split = addresses.map((address) => splitAddress(address)?.local ?? "");
      if (!split.every((local) => isNewLocalPart(local))) return "bad-address";
      if (split.some((local) => reservedBecause(local) !== undefined)) return "taken";
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
