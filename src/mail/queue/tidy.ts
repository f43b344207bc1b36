// The queue's housekeeping, once an hour and when a day has ended: drops what is long over, removes blobs that a crash left, and
// destroys the keys of days that hold nothing any more.
import { log } from "#base/log";
import { HOUR } from "#base/time";
import { EXPIRY } from "./backoff.ts";
import type { Bodies } from "./bodies.ts";
import { dropExpiredAside, dropOutdated, releaseExpired } from "./commands.ts";
import type { QueueOptions } from "./contract.ts";
import type { Keyring } from "./keyring.ts";
import { SUPPRESSED_FOR } from "./suppression.ts";
import type { Tables } from "./tables.ts";

export function openTidy(
  { engine, clock, destroyKey }: QueueOptions,
  keyring: Keyring,
  bodies: Bodies,
): (now: number) => Promise<void> {
  let tidied = clock.now();
  return async (now) => {
    await keyring.renew();
    for (const day of keyring.finishedDays()) {
      const used = await engine
        .reader<Tables>()
        .selectFrom("queue_item")
        .select("item_id")
        .where("day", "=", day)
        .limit(1)
        .executeTakeFirst();
      if (used !== undefined) continue;
      await destroyKey(day);
      keyring.forget(day);
      log("queue.key-destroyed", { day });
    }
    if (now - tidied < HOUR) return;
    tidied = now;
    const dropped = await engine.write(dropExpiredAside, { createdBefore: now - EXPIRY });
    for (const item of dropped) await removeIfGone(item);
    if (dropped.length > 0) log("queue.aside-expired", { items: dropped.length });
    await engine.write(releaseExpired, { createdBefore: now - EXPIRY, now });
    await engine.write(dropOutdated, { now, suppressedBefore: now - SUPPRESSED_FOR });
    await bodies.sweep(now);
  };

  async function removeIfGone(item: string): Promise<void> {
    const row = await engine
      .reader<Tables>()
      .selectFrom("queue_item")
      .select("item_id")
      .where("item_id", "=", item)
      .executeTakeFirst();
    if (row === undefined) await bodies.remove(item);
  }
}
