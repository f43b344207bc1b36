// Whom a decision keeps out of the mail path: an address or a domain, until a date. In memory for the server that asks with every
// letter, sealed on the disk; ends by itself at its date, whether or not a job has run.
import type { Engine } from "#engine";
import { toUtf8 } from "#base/bytes";
import { logBroken } from "#base/log";
import type { Clock } from "#base/time";
import type { AbusePorts } from "./ports.ts";
import type { Tables } from "./tables.ts";

export interface Blocks extends Disposable {
  isBlocked(sender: string): boolean;
  /** Reads the table anew, here and wherever else the house runs. */
  changed(): Promise<void>;
}

const CHANNEL = "abuse/blocks";

/** The one spelling of a sender: lower case, without spaces. Undefined for what is neither an address nor a domain. */
export function senderName(text: string): string | undefined {
  const name = text.trim().toLowerCase();
  const isDomain = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(name);
  const isAddress = /^[^\s@<>"]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)*$/.test(name);
  return name.length <= 254 && (isDomain || isAddress) ? name : undefined;
}

export async function openBlocks({
  engine,
  clock,
  ports,
}: {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly ports: AbusePorts;
}): Promise<Blocks> {
  let until: ReadonlyMap<string, number> = new Map();
  const load = async (): Promise<void> => {
    const rows = await engine
      .reader<Tables>()
      .selectFrom("abuse_block")
      .select(["decision_id", "until", "sealed"])
      .where("active", "=", 1)
      .execute();
    const fresh = new Map<string, number>();
    for (const row of rows) {
      const opened = await ports.rules.open(row.decision_id, row.sealed);
      const name = opened && toUtf8(opened);
      if (name !== undefined) fresh.set(name, Math.max(row.until, fresh.get(name) ?? 0));
    }
    until = fresh;
  };
  await load();
  const subscription = engine.subscribe(CHANNEL, () => {
    load().catch((error: unknown) => logBroken("abuse.blocks", error));
  });
  const stands = (name: string): boolean => clock.now() < (until.get(name) ?? 0);
  return {
    isBlocked(sender) {
      if (until.size === 0) return false;
      const name = sender.toLowerCase();
      return stands(name) || stands(name.slice(name.lastIndexOf("@") + 1));
    },
    async changed() {
      await load();
      engine.announce(CHANNEL, "");
    },
    [Symbol.dispose]: () => subscription[Symbol.dispose](),
  };
}
