// Searches that are kept up to date (RFC 5267 §4.3): who came to match and who no longer does is told with the news that made it so.
import { findAmong, type Hit } from "./find.ts";
import type { SearchKey } from "./command.ts";
import { correlator, numberOf } from "./results.ts";
import { bad, ok, type Reply, type Selected, selectedOf, type Session, tell } from "./session.ts";
import { formatSet, type Range, resolveRanges } from "./sets.ts";
import { indexOf } from "./view.ts";

/** A search with UPDATE, as long as the folder stays selected. */
export interface Context {
  readonly uid: boolean;
  readonly key: SearchKey;
  /** UIDs that the client was told of. */
  readonly matches: Set<number>;
  /** Changes up to here were looked at. */
  modseq: number;
}

// Each is searched again for every message that changes; a mail program keeps one a window.
const MAX_CONTEXTS = 16;

export function keepContext(
  session: Session,
  tag: string,
  search: { readonly uid: boolean; readonly key: SearchKey; readonly found: readonly Hit[] },
): void {
  const selected = selectedOf(session);
  if (selected.contexts.size >= MAX_CONTEXTS) {
    tell(session, `NO [NOUPDATE "${tag}"] Too many searches are kept up to date`);
    return;
  }
  selected.contexts.set(tag, {
    uid: search.uid,
    key: pinned(search.key, selected),
    matches: new Set(search.found.map(({ placement }) => placement.uid)),
    modseq: selected.view.modseq,
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
    tellChange(session, tag, context, "ADDTO", come);
  }
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
  { uid }: Context,
  verb: "ADDTO" | "REMOVEFROM",
  hits: readonly Hit[],
): void {
  if (hits.length === 0) return;
  const set = formatSet(hits.map((hit) => numberOf(uid, hit)));
  // Place 0: in the folder's order.
  tell(session, `${correlator(tag, uid)} ${verb} (0 ${set})`);
}
