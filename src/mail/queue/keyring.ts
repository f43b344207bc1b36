// The queue keys in memory, one per day: the newest seals, each opens what it sealed. A key is destroyed when its day is
// over and its last item has left; without any key nothing can be queued, which is a 451 to whoever submits.
import { Broken } from "#base/errors";
import { logBroken } from "#base/log";
import { type Clock, dayOf, HOUR } from "#base/time";
import { type Opener, openOpener, openSealer, type Sealer } from "#vault";
import type { QueueKey } from "./contract.ts";

interface HeldKey {
  readonly day: string;
  readonly sealer: Sealer;
  readonly opener: Opener;
}

export interface Keyring {
  /** Asks for today's key where it is not held yet. */
  renew(): Promise<void>;
  /** The key for what is queued now. Throws Broken when there is none. */
  newest(): Promise<HeldKey>;
  /** Undefined when the day's key is not here. */
  openerOf(day: string): Opener | undefined;
  /** Days that are over and whose key is not in use for sealing. */
  finishedDays(): readonly string[];
  forget(day: string): void;
}

export function openKeyring(
  clock: Clock,
  keys: readonly QueueKey[],
  renew: (() => Promise<readonly QueueKey[]>) | undefined,
): Keyring {
  const held = new Map<string, HeldKey>();
  const take = (more: readonly QueueKey[]): void => {
    for (const { day, publicKey, secretKey } of more) {
      if (held.has(day)) continue;
      const sealer = openSealer(publicKey, clock);
      held.set(day, { day, sealer, opener: openOpener(secretKey) });
    }
  };
  take(keys);
  const last = (): HeldKey | undefined => held.get([...held.keys()].sort().at(-1) ?? "");
  let renewing: Promise<void> | undefined;
  const renewIfNew = async (): Promise<void> => {
    if (held.has(dayOf(clock.now())) || renew === undefined) return;
    renewing ??= renew()
      .then(take)
      .catch((error: unknown) => void logBroken("queue.keys", error)) // the last key serves on
      .finally(() => {
        renewing = undefined;
      });
    await renewing;
  };
  return {
    renew: renewIfNew,
    async newest() {
      await renewIfNew();
      const key = last();
      if (key === undefined) throw new Broken("there is no queue key");
      return key;
    },
    openerOf: (day) => held.get(day)?.opener,
    finishedDays() {
      // An hour's grace for what was sealed just before midnight and is not in the table yet.
      const today = dayOf(clock.now() - HOUR);
      const sealing = last()?.day;
      return [...held.keys()].filter((day) => day < today && day !== sealing);
    },
    forget(day) {
      held.delete(day);
    },
  };
}
