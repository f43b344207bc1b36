// How much was opened for standing purposes: in the hour that runs, for the share, and since the last summary, for the public
// count. Fed from the journal only, so that a restart forgets nothing of either.
import type { Fact } from "./facts.ts";

type StandingFact = Extract<Fact, { readonly kind: `standing${string}` }>;

export interface StandingTally {
  /** Clients of whom something was opened for a purpose in the hour of the clock in which `at` (seconds) lies. */
  inHour(purpose: string, at: number): ReadonlySet<string>;
  /** True when it stands in the ledger that the purpose had its share of that hour. */
  wasStopped(purpose: string, at: number): boolean;
  /** By purpose: how often for each client since the last summary. */
  readonly pending: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

export interface OpenTally extends StandingTally {
  apply(fact: StandingFact, at: number): void;
}

interface Hour {
  readonly hour: number;
  readonly clients: Set<string>;
  wasStopped: boolean;
}

const HOUR_S = 3600;
const nobody: ReadonlySet<string> = new Set();

export function openTally(): OpenTally {
  const hours = new Map<string, Hour>();
  const pending = new Map<string, Map<string, number>>();
  const held = (purpose: string, at: number): Hour | undefined => {
    const found = hours.get(purpose);
    return found?.hour === Math.floor(at / HOUR_S) ? found : undefined;
  };
  const begun = (purpose: string, at: number): Hour => {
    const hour = held(purpose, at) ?? {
      hour: Math.floor(at / HOUR_S),
      clients: new Set(),
      wasStopped: false,
    };
    hours.set(purpose, hour);
    return hour;
  };
  return {
    pending,
    inHour: (purpose, at) => held(purpose, at)?.clients ?? nobody,
    wasStopped: (purpose, at) => held(purpose, at)?.wasStopped ?? false,
    apply(fact, at) {
      if (fact.kind === "standing-summed") pending.delete(fact.purpose);
      else if (fact.kind === "standing-stopped") begun(fact.purpose, at).wasStopped = true;
      else {
        const { clients } = begun(fact.purpose, at);
        const counts = pending.get(fact.purpose) ?? new Map<string, number>();
        pending.set(fact.purpose, counts);
        for (const client of fact.clients) {
          clients.add(client);
          counts.set(client, (counts.get(client) ?? 0) + 1);
        }
      }
    },
  };
}
