// Lets costly work through two at a time, and one at a time for each name, so that one login cannot hold up the others.

export interface Turnstile {
  /** Runs the work when its turn comes; undefined when too many wait already. */
  pass<Value>(name: string, work: () => Promise<Value>): Promise<Value | undefined>;
}

// Two: Argon2id takes 46 MiB and a whole core each, and the machine has two.
const AT_ONCE = 2;
// Sixty-four waiters of 64 ms over two cores are two seconds, which mail programs bear; more would only time out.
const MAX_WAITING = 64;

interface Waiter {
  readonly name: string;
  readonly enter: () => void;
}

export function openTurnstile(atOnce = AT_ONCE, maxWaiting = MAX_WAITING): Turnstile {
  const waiting: Waiter[] = [];
  const inside = new Set<string>();
  const admit = (): void => {
    for (let at = 0; at < waiting.length && inside.size < atOnce;) {
      const next = waiting[at];
      if (next === undefined || inside.has(next.name)) {
        at += 1;
        continue;
      }
      waiting.splice(at, 1);
      inside.add(next.name);
      next.enter();
    }
  };
  return {
    async pass(name, work) {
      if (waiting.length >= maxWaiting) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ name, enter: resolve });
      admit();
      await promise;
      try {
        return await work();
      } finally {
        inside.delete(name);
        admit();
      }
    },
  };
}
