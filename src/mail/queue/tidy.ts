// The queue's housekeeping, once an hour and when a day has ended: drops what is long over, removes blobs that a crash left, and
// destroys the keys of days that hold nothing any more.
import { log } from "#base/log";
import { HOUR } from "#base/time";
import { EXPIRY } from "./backoff.ts";
import { endAside } from "./aside.ts";
import type { Bodies } from "./bodies.ts";
import { dropOutdated, releaseExpired } from "./commands.ts";
import type { Keyring } from "./keyring.ts";
import { SUPPRESSED_FOR } from "./suppression.ts";
import type { Tables } from "./tables.ts";
import type { Ways } from "./transmit.ts";

export function openTidy(
  { options, clock }: Pick<Ways, "options" | "clock">,
  keyring: Keyring,
  bodies: Bodies,
): (now: number) => Promise<boolean> {
  const { engine, destroyKey } = options;
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
    if (now - tidied < HOUR) return false;
    tidied = now;
    const ended = await endAside({ ways: { options }, keyring, bodies }, now);
    const released = await engine.write(releaseExpired, { createdBefore: now - EXPIRY, now });
    await engine.write(dropOutdated, { now, suppressedBefore: now - SUPPRESSED_FOR });
    await bodies.sweep(now);
    return ended + released > 0;
  };
}
