// The operator's view of the queue: ids, times, sizes and states as they stand in clear on the disk. Opens nothing: neither
// addresses nor their domains, which are sealed with the letter; a letter that is dropped is told to its sender by the queue.
import type { Engine } from "#engine";
import { type Clock, HOUR } from "#base/time";
import { operate } from "./commands.ts";
import type { Tables } from "./tables.ts";

interface ItemFacts {
  readonly item: string;
  /** "" for a letter of the provider's own. */
  readonly client: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly size: number;
  readonly recipients: readonly {
    readonly state: string;
    readonly due: number;
    readonly attempts: number;
    /** RFC 3463; "" before the first outcome. */
    readonly status: string;
    readonly uncertain: number;
  }[];
}

export interface QueueOperator {
  /** The oldest first. */
  list(atMost: number): Promise<readonly ItemFacts[]>;
  /** Undefined when there is no such item, or no more. */
  show(item: string): Promise<ItemFacts | undefined>;
  /** How many recipients it touched; one that is being tried at this moment is left alone by hold. */
  change(item: string, what: "retry" | "hold" | "drop"): Promise<number>;
  /** What a person should look at. */
  stuck(): Promise<{
    readonly aside: number;
    readonly held: number;
    /** Recipients that are long due and not tried: the loop does not run, or cannot keep up. */
    readonly overdue: number;
    readonly oldest: number | undefined;
  }>;
}

/** News that an item was changed from outside, so that a running queue looks at once. */
export const QUEUE_NEWS = "queue";

// A loop that works has tried what is due within seconds; an hour is a queue that stands.
const OVERDUE = HOUR;

export function openQueueOperator(engine: Engine, clock: Clock): QueueOperator {
  const items = () =>
    engine
      .reader<Tables>()
      .selectFrom("queue_item")
      .select(["client_id", "item_id", "created", "size"])
      .orderBy("created");
  const withRecipients = async (
    rows: readonly {
      readonly client_id: string;
      readonly item_id: string;
      readonly created: number;
      readonly size: number;
    }[],
  ): Promise<readonly ItemFacts[]> =>
    Promise.all(
      rows.map(async ({ client_id: client, item_id: item, created, size }) => {
        const recipients = await engine
          .reader<Tables>()
          .selectFrom("queue_recipient")
          .select(["state", "due", "attempts", "last_status as status", "uncertain"])
          .where("client_id", "=", client)
          .where("item_id", "=", item)
          .execute();
        return { item, client, created, size, recipients };
      }),
    );
  const count = async (state: "aside" | "held" | "waiting", dueBefore: number): Promise<number> => {
    const row = await engine
      .reader<Tables>()
      .selectFrom("queue_recipient")
      .select((expression) => expression.fn.countAll<number>().as("count"))
      .where("state", "=", state)
      .where("due", "<", dueBefore)
      .executeTakeFirstOrThrow();
    return row.count;
  };
  return {
    list: async (atMost) => withRecipients(await items().limit(atMost).execute()),
    async show(item) {
      const rows = await items().where("item_id", "=", item).limit(1).execute();
      return (await withRecipients(rows))[0];
    },
    async change(item, what) {
      const touched = await engine.write(operate, { item, what, now: clock.now() });
      engine.announce(QUEUE_NEWS, "");
      return touched;
    },
    async stuck() {
      const [aside, held, overdue] = await Promise.all([
        count("aside", Number.MAX_SAFE_INTEGER),
        count("held", Number.MAX_SAFE_INTEGER),
        count("waiting", clock.now() - OVERDUE),
      ]);
      const [first] = await items().limit(1).execute();
      return { aside, held, overdue, oldest: first?.created };
    },
  };
}
