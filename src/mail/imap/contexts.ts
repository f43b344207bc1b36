// Searches that are kept up to date (RFC 5267 §4.3): who came to match and who no longer does is told with the news that made it so.
import { findAmong, type Hit } from "./find.ts";
import type { SearchKey, SortCriterion } from "./command.ts";
import { correlator, numberOf } from "./results.ts";
import { bad, ok, type Reply, type Selected, selectedOf, type Session, tell } from "./session.ts";
import { formatSet, type Range, resolveRanges } from "./sets.ts";
import { sortHits, type Sorted } from "./sort.ts";
import { byCriteria } from "./sort-order.ts";
import { added, removed, type Run } from "./sorted-list.ts";
import { indexOf } from "./view.ts";

/** A search with UPDATE, as long as the folder stays selected. */
export interface Context {
  readonly uid: boolean;
  readonly key: SearchKey;
  /** UIDs that the client was told of. */
  readonly matches: Set<number>;
  /** Changes up to here were looked at. */
  modseq: number;
  /** Of SORT: what `matches` holds, in its order. */
  sorting: Sorting | undefined;
}

interface Sorting {
  readonly criteria: readonly SortCriterion[];
  readonly list: readonly Sorted[];
}

// Each is searched again for every message that changes; a mail program keeps one a window.
const MAX_CONTEXTS = 16;
// A sorted one keeps what every message is sorted by: some hundred bytes for each.
const MAX_SORTED = 4;

export function keepContext(
  session: Session,
  tag: string,
  search: {
    readonly uid: boolean;
    readonly key: SearchKey;
    readonly found: readonly Hit[];
    readonly sorting: Sorting | undefined;
  },
): void {
  const selected = selectedOf(session);
  const sorted = [...selected.contexts.values()].filter(({ sorting }) => sorting !== undefined);
  const full = search.sorting !== undefined && sorted.length >= MAX_SORTED;
  if (full || selected.contexts.size >= MAX_CONTEXTS) {
    tell(session, `NO [NOUPDATE "${tag}"] Too many searches are kept up to date`);
    return;
  }
  selected.contexts.set(tag, {
    uid: search.uid,
    key: pinned(search.key, selected),
    matches: new Set(search.found.map(({ placement }) => placement.uid)),
    modseq: selected.view.modseq,
    sorting: search.sorting,
  });
}

export function cancelUpdates(
  session: Session,
  { tags }: { readonly tags: readonly string[] },
): Reply {
  const { contexts } = selectedOf(session);
  if (!tags.every((tag) => contexts.has(tag))) return bad("No such search is kept up to date");
  for (const tag of tags) contexts.delete(tag);
  return ok("No further updates");
}

/** Message numbers mean the messages that had them when the search was asked for (RFC 5267 §4.3). */
function pinned(key: SearchKey, selected: Selected): SearchKey {
  if (key.key === "and")
    return { key: "and", keys: key.keys.map((each) => pinned(each, selected)) };
  if (key.key === "or")
    return { key: "or", a: pinned(key.a, selected), b: pinned(key.b, selected) };
  if (key.key === "not") return { key: "not", a: pinned(key.a, selected) };
  if (key.key !== "numbers" && (key.key !== "uids" || key.set !== "$")) return key;
  const uids = key.set === "$" ? selected.saved : uidsAt(selected, key.set);
  if (uids.length === 0) return { key: "not", a: { key: "all" } };
  return { key: "uids", set: uids.map((uid) => ({ first: uid, last: uid })) };
}

function uidsAt({ view: { placements } }: Selected, set: readonly Range[]): readonly number[] {
  return resolveRanges(set, placements.length).flatMap(({ first, last }) =>
    placements.slice(first - 1, last).map(({ uid }) => uid),
  );
}

/** After EXISTS and FETCH were told: what changed since is searched again. */
export async function tellContexts(session: Session): Promise<void> {
  const { selected } = session;
  if (selected === undefined) return;
  const { placements, modseq, gone } = selected.view;
  for (const [tag, context] of selected.contexts) {
    if (modseq <= context.modseq) continue;
    const changed = placements.flatMap((placement, at): Hit[] =>
      placement.modseq > context.modseq && !gone.has(placement.uid)
        ? [{ placement, number: at + 1 }]
        : [],
    );
    context.modseq = modseq;
    const matching = new Set(await findAmong(session, context.key, changed).then(uidsOf));
    const { matches } = context;
    const come = changed.filter(({ placement: { uid } }) => matching.has(uid) && !matches.has(uid));
    const left = changed.filter(({ placement: { uid } }) => !matching.has(uid) && matches.has(uid));
    for (const { placement } of come) matches.add(placement.uid);
    for (const { placement } of left) matches.delete(placement.uid);
    tellChange(session, tag, context, "REMOVEFROM", left);
    if (context.sorting === undefined) tellChange(session, tag, context, "ADDTO", come);
    else await tellSorted(session, tag, context, context.sorting, come);
  }
}

/** What comes to a sorted list is told with its places. */
async function tellSorted(
  session: Session,
  tag: string,
  context: Context,
  { criteria, list }: Sorting,
  come: readonly Hit[],
): Promise<void> {
  if (come.length === 0) return;
  const more = added(list, await sortHits(session, come, criteria), byCriteria(criteria));
  context.sorting = { criteria, list: more.list };
  tellRuns(session, tag, context.uid, "ADDTO", more.runs);
}

const uidsOf = (hits: readonly Hit[]): readonly number[] =>
  hits.map(({ placement }) => placement.uid);

/** Before EXPUNGE is told, while the numbers still hold. */
export function tellLeaving(session: Session, selected: Selected, uids: Iterable<number>): void {
  if (selected.contexts.size === 0) return;
  const { placements } = selected.view;
  const leaving = [...uids]
    .sort((a, b) => a - b)
    .flatMap((uid): Hit[] => {
      const at = indexOf(placements, uid);
      const placement = placements[at];
      return placement === undefined ? [] : [{ placement, number: at + 1 }];
    });
  for (const [tag, context] of selected.contexts) {
    const left = leaving.filter(({ placement }) => context.matches.delete(placement.uid));
    tellChange(session, tag, context, "REMOVEFROM", left);
  }
}

function tellChange(
  session: Session,
  tag: string,
  context: Context,
  verb: "ADDTO" | "REMOVEFROM",
  hits: readonly Hit[],
): void {
  const { uid, sorting } = context;
  if (hits.length === 0) return;
  if (sorting !== undefined) {
    const gone = new Set(hits.map(({ placement }) => placement.uid));
    const { list, runs } = removed(sorting.list, ({ message }) =>
      gone.has(message.hit.placement.uid),
    );
    context.sorting = { criteria: sorting.criteria, list };
    tellRuns(session, tag, uid, verb, runs);
    return;
  }
  const set = formatSet(hits.map((hit) => numberOf(uid, hit)));
  // Place 0: in the folder's order.
  tell(session, `${correlator(tag, uid)} ${verb} (0 ${set})`);
}

function tellRuns(
  session: Session,
  tag: string,
  uid: boolean,
  verb: "ADDTO" | "REMOVEFROM",
  runs: readonly Run<Sorted>[],
): void {
  const { placements } = selectedOf(session).view;
  // A hit is as old as its search: its number is looked up as it is now.
  const told = ({ message }: Sorted): number =>
    uid ? message.hit.placement.uid : indexOf(placements, message.hit.placement.uid) + 1;
  const pairs = runs.map(({ place, these }) => `${place} ${formatSet(these.map(told))}`);
  tell(session, `${correlator(tag, uid)} ${verb} (${pairs.join(" ")})`);
}
