// The book: journal and ledger written as one, in one order. An entry is first in the journal (so that it can always be
// opened later), then its leaf in the ledger with a signed checkpoint; only then does anybody act on it. Writers that come
// together share the two fsyncs. After a failed write the book stays shut until a restart has read what is really there.
import { join } from "node:path";
import { equalBytes } from "#base/bytes";
import type { Canonical } from "#base/canonical";
import { Broken } from "#base/errors";
import { type Clock, DAY, dayOf, HOUR, SECOND, seconds } from "#base/time";
import { type Entry, leafOf, type Log, newEntry, openPart } from "#ledger";
import { type CoverAt, indexesOf, openCovers } from "./covers.ts";
import { openJournal } from "./journal.ts";
import type { Fact, JournalRecord } from "./facts.ts";
import { openState, readEntry, recordEntry, type State } from "./state.ts";

/** A ledger entry to be: what everybody, the client and the case may read of it. */
interface Line {
  readonly public: { readonly type: string; readonly [field: string]: Canonical };
  readonly client?: { readonly [field: string]: Canonical };
  readonly case?: { readonly [field: string]: Canonical };
  /** The client whom it tells of: it then bears the client's next number. */
  readonly of?: string;
  readonly fact?: Fact;
  /** Seconds since 1970: the public part stays closed until then. */
  readonly revealBy?: number | undefined;
}

export interface Book extends AsyncDisposable {
  readonly state: State;
  /** Milliseconds; never below the last that was written. */
  now(): number;
  /** From now on it is at least that late, in milliseconds: somebody who is to be believed said so. */
  notBefore(at: number): void;
  /** Returns the entry's index once journal, leaf and signed checkpoint are on the disk. Throws Broken when they are not. */
  write(line: Line): Promise<number>;
  /** Writes to the journal only. */
  note(fact: Fact): Promise<void>;
  publish(): Promise<{ readonly size: number }>;
  /** The tlog-proof of a published entry; undefined while it is not published. */
  proof(index: number): Promise<string | undefined>;
}

// Covers are opened after 400 days: longer than any gag without an extension, so that until then one cannot tell them apart.
const COVER_DAYS = 400;
// How much a publication grows must follow from the entries that it opens. It therefore always has room for this many more, four
// releases under prohibitions in five minutes; what of the room is not taken is covers.
const ROOM_FOR_CLOSED = 8;

interface Waiting {
  readonly at: number;
  readonly entry: Entry | undefined;
  readonly rest: { readonly revealBy?: number; readonly of?: string };
  readonly fact: Fact | undefined;
  readonly done: PromiseWithResolvers<number>;
}

export async function openBook(
  folder: string,
  parts: {
    readonly log: Log;
    readonly journalKey: Uint8Array;
    readonly coverKey: Uint8Array;
    readonly publishedFolder: string;
    readonly clock: Clock;
    /** Whether something is published every hour, though there be nothing to open: witnesses must see what is kept closed, too. */
    readonly isSteady: boolean;
  },
): Promise<Book> {
  const { log, clock } = parts;
  const state = openState();
  const unlogged: Uint8Array[] = [];
  const coverAt = openCovers(parts.coverKey);
  let last: { readonly index: number; readonly leaf: Uint8Array } | undefined;
  await using opening = new AsyncDisposableStack();
  const journal = opening.use(
    await openJournal<JournalRecord>(join(folder, "journal"), parts.journalKey, (record) => {
      state.apply(record);
      for (const { index, leaf } of leavesOf(record, coverAt)) {
        if (index >= log.size) unlogged.push(leaf);
        else last = { index, leaf };
      }
    }),
  );
  if (log.size > state.size)
    throw new Broken("the ledger holds entries that the journal lacks: a backup was put back");
  if (last !== undefined && !equalBytes(last.leaf, log.leaf(last.index)))
    throw new Broken("journal and ledger are not of one history");
  // The journal is ahead by what a crash cut off between the two; the ledger catches up before anything else happens.
  if (unlogged.length > 0) await log.append(unlogged);

  let latest = state.lastAt;
  let waiting: Waiting[] = [];
  let turn: Promise<unknown> = Promise.resolve();
  let failed: unknown;
  const issued = new Map<string, number>();
  const now = (): number => (latest = Math.max(latest, clock.now()));

  /** One thing at a time, and nothing once journal and ledger may differ. */
  const inTurn = <Value>(work: () => Promise<Value>): Promise<Value> => {
    const mine = turn.then(() => {
      if (failed !== undefined) throw new Broken("the ledger cannot be written", failed);
      return work();
    });
    turn = mine.catch(() => undefined);
    return mine;
  };

  /** Journal, then ledger, then memory. */
  const commit = async (records: readonly JournalRecord[]): Promise<void> => {
    try {
      await journal.append(records);
      const leaves = records.flatMap((each) => leavesOf(each, coverAt).map(({ leaf }) => leaf));
      if (leaves.length > 0) await log.append(leaves);
    } catch (error) {
      failed = error;
      throw new Broken("the ledger cannot be written", error);
    }
    for (const record of records) state.apply(record);
  };

  const writeWaiting = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    let index = state.size;
    const records = batch.map(({ at, entry, rest, fact }): JournalRecord => {
      const line = entry && { index: index++, entry: recordEntry(entry), ...rest };
      return { at, ...(line && { line }), ...(fact && { fact }) };
    });
    try {
      await commit(records);
      for (const [at, { done }] of batch.entries()) done.resolve(records[at]?.line?.index ?? -1);
    } catch (error) {
      for (const { done } of batch) done.reject(error);
    }
  };

  const enqueue = (
    entry: Entry | undefined,
    rest: Waiting["rest"],
    fact: Fact | undefined,
  ): Promise<number> => {
    const done = Promise.withResolvers<number>();
    waiting.push({ at: now(), entry, rest, fact, done });
    inTurn(writeWaiting).catch(done.reject);
    return done.promise;
  };

  /** The client's own numbering of entries; those under a prohibition have a second one, so that no gap betrays them. */
  const nextNumber = (client: string, gagged: boolean): number => {
    const name = `${client} ${gagged}`;
    const number = issued.get(name) ?? state.counter(client, gagged);
    issued.set(name, number + 1);
    return number;
  };

  let publishedAt: number | undefined;
  const publishNow = async (): Promise<{ readonly size: number }> => {
    const at = now();
    const isDue = (revealBy: number | undefined): boolean => (revealBy ?? 0) <= seconds(at);
    const due = [...state.closed].filter(([, { revealBy }]) => isDue(revealBy));
    const dueRuns = state.covers.filter(({ revealBy }) => isDue(revealBy));
    // The first publication after a start always happens: the folder may have been lost, or never finished. Later ones happen when
    // there is something to open: one that opened nothing would tell that an entry under a prohibition is in it.
    const isBeat = parts.isSteady && publishedAt !== undefined && at - publishedAt >= HOUR;
    if (publishedAt !== undefined && !isBeat && due.length + dueRuns.length === 0)
      return { size: state.published };
    const hidden = [...state.closed].filter(
      ([index, { revealBy }]) => index >= state.published && !isDue(revealBy),
    ).length;
    // A beat grows the tree by the same number whether or not something closed is in it.
    const isIdle = state.size === state.published && !isBeat;
    const spare = isIdle ? 0 : Math.max(0, ROOM_FOR_CLOSED - hidden);
    const openings = due.map(([index, { entry }]) => openPart(entry, "public", index));
    for (const index of dueRuns.flatMap(indexesOf))
      openings.push(openPart(coverAt(index), "public", index));
    try {
      const makeCovers = async (count: number): Promise<readonly Uint8Array[]> => {
        const revealBy = seconds(at + COVER_DAYS * DAY);
        const run = { kind: "covers", from: state.size, count, revealBy } as const;
        await journal.append([{ at, fact: run }]);
        state.apply({ at, fact: run });
        return indexesOf(run).map((index) => leafOf(coverAt(index)));
      };
      const { size } = await log.publish(parts.publishedFolder, openings, makeCovers, spare);
      const revealed = due.flatMap(([index, { revealBy }]) => (revealBy ? [index] : []));
      const coverRuns = dueRuns.length;
      publishedAt = at;
      await commit([{ at, fact: { kind: "published", size, revealed, coverRuns } }]);
      return { size };
    } catch (error) {
      // Covers that are journalled and not in the ledger: nothing may follow until a restart has put them there.
      if (log.size !== state.size) failed = error;
      throw error;
    }
  };

  const stack = opening.move();
  return {
    state,
    now,
    notBefore: (at) => void (latest = Math.max(latest, at)),
    write({ public: said, client = {}, case: ofCase = {}, of, fact, revealBy }) {
      const at = now();
      const gagged = revealBy !== undefined;
      const number =
        of === undefined ? {} : { [gagged ? "closedNumber" : "number"]: nextNumber(of, gagged) };
      const entry = newEntry({
        public: {
          day: dayOf(at),
          ...said,
          // Read by nobody before that day, and by then it says why it comes so late.
          ...(gagged && { silentUntil: dayOf(revealBy * SECOND) }),
        },
        client: { at: seconds(at), ...number, ...client },
        case: ofCase,
      });
      return enqueue(entry, { ...(gagged && { revealBy }), ...(of && { of }) }, fact);
    },
    async note(fact) {
      await enqueue(undefined, {}, fact);
    },
    publish: () => inTurn(publishNow),
    async proof(index) {
      return log.tlogProof(index);
    },
    async [Symbol.asyncDispose]() {
      await turn;
      failed ??= new Broken("the keeper is closed");
      await stack.disposeAsync();
    },
  };
}

/** The leaves that a record stands for, with their places. */
function leavesOf(
  { line, fact }: JournalRecord,
  coverAt: CoverAt,
): readonly { readonly index: number; readonly leaf: Uint8Array }[] {
  if (line !== undefined) return [{ index: line.index, leaf: leafOf(readEntry(line)) }];
  if (fact?.kind !== "covers") return [];
  return indexesOf(fact).map((index) => ({ index, leaf: leafOf(coverAt(index)) }));
}
