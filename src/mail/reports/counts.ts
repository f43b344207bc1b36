// What is to be reported, counted in memory and nowhere else: a count of who wrote from where would be a list of correspondents on a disk. A
// restart loses what was not reported yet; reports are said to be of what was seen. Holds nothing of a client.
import { DAY } from "#base/time";
import type { DmarcFact, TlsFact } from "./contract.ts";

interface Row<Fact> {
  readonly fact: Fact;
  count: number;
}

/** One day of one domain. */
export interface DayOf<Fact> {
  readonly domain: string;
  /** Milliseconds since 1970, at 00:00 UTC. */
  readonly begin: number;
  /** As it was seen last. */
  readonly latest: Fact;
  readonly rows: readonly Row<Fact>[];
}

export interface Counts<Fact> {
  note(fact: Fact): void;
  /** Takes out the days that were over at an instant. */
  takeOver(at: number): readonly DayOf<Fact>[];
}

// A domain that is forged from everywhere has as many sources; a report of more is read by nobody.
const MAX_ROWS = 10_000;
// Some hundred octets a row: a day of a busy server, bounded at some fifty megabytes.
const MAX_DOMAINS = 20_000;
const MAX_ALL_ROWS = 200_000;

/** `same` gives the text by which two facts are one row. */
function openCounts<Fact extends { readonly at: number }>(
  domainOf: (fact: Fact) => string,
  same: (fact: Fact) => string,
): Counts<Fact> {
  const days = new Map<
    string,
    { domain: string; begin: number; latest: Fact; rows: Map<string, Row<Fact>> }
  >();
  let all = 0;
  return {
    note(fact) {
      const begin = fact.at - (fact.at % DAY);
      const domain = domainOf(fact);
      const name = `${begin} ${domain}`;
      let day = days.get(name);
      if (day === undefined) {
        if (days.size >= MAX_DOMAINS) return;
        day = { domain, begin, latest: fact, rows: new Map() };
        days.set(name, day);
      }
      day.latest = fact;
      const key = same(fact);
      const row = day.rows.get(key);
      if (row !== undefined) row.count += 1;
      else if (day.rows.size < MAX_ROWS && all < MAX_ALL_ROWS) {
        day.rows.set(key, { fact, count: 1 });
        all += 1;
      }
    },
    takeOver(at) {
      const over = [...days].filter(([, { begin }]) => begin + DAY <= at);
      return over.map(([name, { domain, begin, latest, rows }]) => {
        days.delete(name);
        all -= rows.size;
        return { domain, begin, latest, rows: [...rows.values()] };
      });
    },
  };
}

export function openDmarcCounts(): Counts<DmarcFact> {
  return openCounts(
    ({ published }) => published.domain,
    ({ at: _at, published: _published, ...row }) => JSON.stringify(row),
  );
}

export function openTlsCounts(): Counts<TlsFact> {
  return openCounts(
    ({ domain }) => domain,
    ({ at: _at, ...row }) => JSON.stringify(row),
  );
}
