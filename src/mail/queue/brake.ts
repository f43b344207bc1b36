// Keeps an account's letters from leaving while somebody finds out whether they are its owner's, and lets them go or destroys them.
// Knows whose they are and when they came; opens nothing.
import { type Engine, type Invocation, invoke } from "#engine";
import type { Clock } from "#base/time";
import { holdAccount, settleHeld } from "./commands.ts";
import { QUEUE_NEWS } from "./operate.ts";
import type { Tables } from "./tables.ts";

interface Owner {
  readonly client: string;
  readonly account: string;
}

export interface QueueBrake {
  /**
   * Holds what the account submitted since (milliseconds since 1970) and has not left; what is being tried just now, too, where it
   * does not arrive. Reports, and what waits for a mailbox of theirs, go on. Bears being asked again.
   */
  hold(owner: Owner, since: number): Promise<void>;
  /** Lets go or destroys what is held; a report goes to nobody. */
  held(owner: Owner, what: "send" | "destroy"): Invocation;
  /** After `held` was carried out: the queue looks at once. */
  released(): void;
  /** Letters held. */
  count(owner: Owner): Promise<number>;
}

export function openQueueBrake(engine: Engine, clock: Clock): QueueBrake {
  return {
    async hold({ client, account }, since) {
      await engine.write(holdAccount, { client, account, since });
    },
    held: ({ client, account }, what) =>
      invoke(settleHeld, { client, account, what, now: clock.now() }),
    released: () => engine.announce(QUEUE_NEWS, ""),
    async count({ client, account }) {
      const rows = await engine
        .reader<Tables>()
        .selectFrom("queue_item as item")
        .innerJoin("queue_recipient as recipient", (join) =>
          join
            .onRef("recipient.client_id", "=", "item.client_id")
            .onRef("recipient.item_id", "=", "item.item_id"),
        )
        .select("item.item_id")
        .distinct()
        .where("item.client_id", "=", client)
        .where("item.account_id", "=", account)
        .where("recipient.state", "=", "braked")
        .execute();
      return rows.length;
    },
  };
}
