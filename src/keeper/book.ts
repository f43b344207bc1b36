// The book: journal and ledger written as one, in one order. An entry is first in the journal (so that it can always be
// opened later), then its leaf in the ledger with a signed checkpoint; only then does anybody act on it. Writers that come
// together share the two fsyncs. After a failed write the book stays shut until a restart has read what is really there.
import { join } from "node:path";
import { equalBytes } from "#base/bytes";
import type { Canonical } from "#base/canonical";
import { Broken } from "#base/errors";
import { type Clock, DAY, dayOf, seconds } from "#base/time";
import { type Entry, leafOf, type Log, newCover, newEntry, openPart } from "#ledger";
import { openJournal } from "./journal.ts";
import {
  type Fact,
  type JournalRecord,
  openState,
  readEntry,
  type RecordedLine,
  recordEntry,
  type State,
} from "./state.ts";

/** A ledger entry to be: what everybody, the client and the case may read of it. */
export interface Line {
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
    readonly publishedFolder: string;
    readonly clock: Clock;
  },
): Promise<Book> {
  const { log, clock } = parts;
  const state = openState();
  const unlogged: Uint8Array[] = [];
  let last: RecordedLine | undefined;
  await using opening = new AsyncDisposableStack();
  const journal = opening.use(
    await openJournal<JournalRecord>(join(folder, "journal"), parts.journalKey, (record) => {
      state.apply(record);
      if (record.line === undefined) return;
      if (record.line.index >= log.size) unlogged.push(leafOf(readEntry(record.line)));
      else last = record.line;
    }),
  );
  if (log.size > state.size)
    throw new Broken("the ledger holds entries that the journal lacks: a backup was put back");
  if (last !== undefined && !equalBytes(leafOf(readEntry(last)), log.leaf(last.index)))
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
      const leaves = records.flatMap(({ line }) => (line ? [leafOf(readEntry(line))] : []));
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

  const publishNow = async (): Promise<{ readonly size: number }> => {
    const at = now();
    const due = [...state.closed].filter(([, { revealBy }]) => (revealBy ?? 0) <= seconds(at));
    const openings = due.map(([index, { entry }]) => openPart(entry, "public", index));
    const revealBy = seconds(at + COVER_DAYS * DAY);
    const covers: JournalRecord[] = [];
    try {
      const { size } = await log.publish(parts.publishedFolder, openings, async (count) => {
        const entries = Array.from({ length: count }, () => newCover());
        for (const [offset, entry] of entries.entries())
          covers.push({
            at,
            line: { index: state.size + offset, entry: recordEntry(entry), revealBy },
          });
        await journal.append(covers);
        return entries.map(leafOf);
      });
      for (const cover of covers) state.apply(cover);
      const revealed = due.flatMap(([index, { revealBy }]) => (revealBy ? [index] : []));
      await commit([{ at, fact: { kind: "published", size, revealed } }]);
      return { size };
    } catch (error) {
      if (log.size !== state.size) failed = error;
      throw error;
    }
  };

  const stack = opening.move();
  return {
    state,
    now,
    write({ public: said, client = {}, case: ofCase = {}, of, fact, revealBy }) {
      const at = now();
      const gagged = revealBy !== undefined;
      const number =
        of === undefined ? {} : { [gagged ? "closedNumber" : "number"]: nextNumber(of, gagged) };
      const entry = newEntry({
        public: { day: dayOf(at), ...said },
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
