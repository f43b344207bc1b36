// What the keeper knows, as its journal told it: people, grants, uses, destroyed keys, entries that are still closed.
// `apply` is the only way in, at a start as while running; nothing here is written back, and nothing here decides.
import { fromHex, fromUtf8, toHex, toUtf8 } from "#base/bytes";
import { parseCanonical } from "#base/canonical";
import { Broken } from "#base/errors";
import { DAY, dayOf, SECOND } from "#base/time";
import type { Entry, PartName } from "#ledger";
import { type CaseBook, openCaseBook } from "./casebook.ts";
import type { CoverRun, Fact, JournalRecord, RecordedLine, RecordedPerson } from "./facts.ts";
import type { Grant } from "./grant.ts";
import type { Person } from "./port.ts";
import { openResetBook, type ResetBook } from "./resetbook.ts";
import { openTally, type StandingTally } from "./tally.ts";

export interface FiledGrant {
  readonly hash: string;
  readonly bytes: Uint8Array;
  readonly grant: Grant;
  /** Seconds. */
  readonly filedAt: number;
  readonly approvals: { readonly approver: string; readonly at: number }[];
  readonly releases: Release[];
}

/** One use of a grant; it counts from its intent on, whatever came of it. */
export interface Release {
  readonly index: number;
  /** Seconds. */
  readonly at: number;
  readonly ids: readonly string[];
  readonly entry: Entry;
  wasNoticed?: true;
  outcome?: { readonly index: number; readonly items: number; readonly failed: boolean };
}

export interface Erasure {
  readonly index: number;
  /** Seconds. */
  readonly at: number;
  readonly order: string;
  readonly entry: Entry;
}

interface ClosedEntry {
  readonly entry: Entry;
  readonly revealBy: number | undefined;
}

export interface State {
  /** By key id. */
  readonly people: ReadonlyMap<string, Person>;
  /** Approvals that a ground with approvers needs; 0 until the genesis. */
  readonly quorum: number;
  readonly policies: {
    /** The digest in force; "" until the genesis. */
    readonly inForce: string;
    /** Digests that were announced, with the second from which each may come into force. */
    readonly announced: ReadonlyMap<string, number>;
  };
  /** SHA-256 of the list of witnesses that was entered last, hex; "" when there was none. */
  readonly witnesses: string;
  readonly days: ReadonlySet<string>;
  /** The desk's public key, hex; "" until it was certified. */
  readonly desk: string;
  /** How many have been enrolled for a day and are not erased: whoever wants a larger share cannot enrol themselves one at once. */
  settledClients(at: number): number;
  readonly erased: ReadonlyMap<string, Erasure>;
  readonly standing: StandingTally;
  readonly cases: CaseBook;
  readonly resets: ResetBook;
  /** Reports tried against a client's messages on a UTC day, and the clients against whose messages any were. */
  matchesOn(client: string, day: string): number;
  matchedOn(day: string): number;
  readonly destroyed: ReadonlySet<string>;
  readonly grants: ReadonlyMap<string, FiledGrant>;
  /** Entries per client so far: of those that the client sees at once, and of those kept closed. */
  counter(client: string, gagged: boolean): number;
  /** Entries by index whose public part is not published yet. */
  readonly closed: ReadonlyMap<number, ClosedEntry>;
  /** Runs of covers that are still closed, oldest first. */
  readonly covers: readonly CoverRun[];
  /** Entries and covers so far: the next index. */
  readonly size: number;
  readonly published: number;
  /** Milliseconds of the latest record. */
  readonly lastAt: number;
}

export interface OpenState extends State {
  apply(record: JournalRecord): void;
}

const DAY_S = DAY / SECOND;

export function openState(): OpenState {
  const people = new Map<string, Person>();
  const policies = { inForce: "", announced: new Map<string, number>() };
  const days = new Set<string>();
  const destroyed = new Set<string>();
  const grants = new Map<string, FiledGrant>();
  const closed = new Map<number, ClosedEntry>();
  const covers: CoverRun[] = [];
  const counters = new Map<string, number>();
  const erased = new Map<string, Erasure>();
  const tally = openTally();
  const cases = openCaseBook();
  const resets = openResetBook();
  // Of the latest day on which there were any; time does not go back.
  let matches = { day: "", counts: new Map<string, number>() };
  let desk = "";
  let witnesses = "";
  let clients = 0;
  // When those of the last day enrolled, in seconds.
  let enrolled: number[] = [];
  const enrolledSince = (since: number): number[] => enrolled.filter((at) => at > since);
  const numbers = { quorum: 0, size: 0, published: 0, lastAt: 0 };
  const grantOf = (hash: string): FiledGrant => {
    const filed = grants.get(hash);
    if (filed === undefined)
      throw new Broken("the journal speaks of a grant that it does not hold");
    return filed;
  };
  const entryAt = (index: number): Entry => {
    const entry = closed.get(index)?.entry;
    if (entry === undefined) throw new Broken("the journal has a fact without its entry");
    return entry;
  };
  const matchesOn = (day: string): ReadonlyMap<string, number> =>
    matches.day === day ? matches.counts : new Map();
  const applyLine = (line: RecordedLine): void => {
    if (line.index !== numbers.size) throw new Broken("the journal skips an entry");
    numbers.size += 1;
    closed.set(line.index, { entry: readEntry(line), revealBy: line.revealBy });
    if (line.of === undefined) return;
    const name = counterName(line.of, line.revealBy !== undefined);
    counters.set(name, (counters.get(name) ?? 0) + 1);
  };
  const applyFact = (fact: Fact, record: JournalRecord): void => {
    const at = Math.floor(record.at / 1000);
    const index = record.line?.index ?? -1;
    switch (fact.kind) {
      case "genesis":
        numbers.quorum = fact.quorum;
        policies.inForce = fact.policy;
        for (const person of fact.people) people.set(person.keyId, readPerson(person));
        return;
      case "person":
        people.set(fact.person.keyId, readPerson(fact.person));
        return;
      case "policy-announced":
        policies.announced.set(fact.policy, fact.from);
        return;
      case "policy":
        policies.inForce = fact.policy;
        return;
      case "day-keys":
        days.add(fact.day);
        return;
      case "reset-asked":
      case "reset-approval":
      case "reset-intent":
      case "reset-cancelled":
      case "reset-handed-over":
        resets.apply(fact, at, index);
        return;
      case "witnesses":
        witnesses = fact.digest;
        return;
      case "desk":
        desk = fact.key;
        return;
      case "client":
        clients += 1;
        if ((enrolled[0] ?? at) <= at - DAY_S) enrolled = enrolledSince(at - DAY_S);
        enrolled.push(at);
        return;
      case "erased":
        clients -= 1;
        erased.set(fact.client, { index, at, order: fact.order, entry: entryAt(index) });
        return;
      case "standing":
      case "standing-summed":
      case "standing-stopped":
        tally.apply(fact, at);
        return;
      case "record":
        cases.apply(fact, index);
        return;
      case "matched": {
        const day = dayOf(record.at);
        if (matches.day !== day) matches = { day, counts: new Map() };
        matches.counts.set(fact.client, (matches.counts.get(fact.client) ?? 0) + 1);
        return;
      }
      case "noticed":
        for (const { releases } of grants.values())
          for (const each of releases)
            if (fact.indexes.includes(each.index)) each.wasNoticed = true;
        return;
      case "destroyed":
        for (const name of fact.names) destroyed.add(name);
        return;
      case "grant": {
        const bytes = fromUtf8(fact.text);
        const grant = parseCanonical(bytes) as unknown as Grant;
        const { hash } = fact;
        grants.set(hash, { hash, bytes, grant, filedAt: at, approvals: [], releases: [] });
        return;
      }
      case "approval":
        grantOf(fact.hash).approvals.push({ approver: fact.approver, at });
        return;
      case "intent":
        grantOf(fact.hash).releases.push({ index, at, ids: fact.ids, entry: entryAt(index) });
        return;
      case "outcome": {
        const { intent, items, failed } = fact;
        const release = grantOf(fact.hash).releases.find((each) => each.index === intent);
        if (release !== undefined) release.outcome = { index, items, failed };
        return;
      }
      case "published":
        numbers.published = fact.size;
        for (const [at, entry] of closed) {
          if (at < fact.size && entry.revealBy === undefined) closed.delete(at);
        }
        for (const revealed of fact.revealed) closed.delete(revealed);
        covers.splice(0, fact.coverRuns);
        return;
      case "covers":
        if (fact.from !== numbers.size) throw new Broken("the journal skips a cover");
        numbers.size += fact.count;
        covers.push(fact);
    }
  };
  return {
    people,
    policies,
    days,
    destroyed,
    grants,
    closed,
    covers,
    erased,
    standing: tally,
    cases,
    resets,
    settledClients: (at) => Math.max(0, clients - enrolledSince(at - DAY_S).length),
    matchesOn: (client, day) => matchesOn(day).get(client) ?? 0,
    matchedOn: (day) => matchesOn(day).size,
    get witnesses() {
      return witnesses;
    },
    get desk() {
      return desk;
    },
    get quorum() {
      return numbers.quorum;
    },
    get size() {
      return numbers.size;
    },
    get published() {
      return numbers.published;
    },
    get lastAt() {
      return numbers.lastAt;
    },
    counter: (client, gagged) => counters.get(counterName(client, gagged)) ?? 0,
    apply(record) {
      numbers.lastAt = Math.max(numbers.lastAt, record.at);
      if (record.line !== undefined) applyLine(record.line);
      if (record.fact !== undefined) applyFact(record.fact, record);
    },
  };
}

/** An entry as the journal keeps it. */
export function recordEntry(entry: Entry): RecordedLine["entry"] {
  const part = (name: PartName) => ({
    nonce: toHex(entry[name].nonce),
    text: toUtf8(entry[name].bytes) ?? "",
  });
  return { public: part("public"), client: part("client"), case: part("case") };
}

export function readEntry(line: RecordedLine): Entry {
  const part = (name: PartName) => {
    const { nonce, text } = line.entry[name];
    return { nonce: fromHex(nonce) ?? new Uint8Array(), bytes: fromUtf8(text) };
  };
  return { public: part("public"), client: part("client"), case: part("case") };
}

function readPerson(person: RecordedPerson): Person {
  return { ...person, key: fromHex(person.key) ?? new Uint8Array() };
}

function counterName(client: string, gagged: boolean): string {
  return `${gagged ? "closed" : "open"} ${client}`;
}
