// What one session knows of its selected folder: message numbers to placements, and which are gone but not yet told. Pure:
// news come in, and what to tell the mail program comes out (RFC 9051 §7.4.1, §7.5.1).
import type { Changes, Placement } from "#store";

export interface View {
  readonly placements: readonly Placement[];
  /** Folder's MODSEQ up to which this view is complete. */
  readonly modseq: number;
  /** UIDs told to the mail program that the folder no longer has. */
  readonly gone: ReadonlySet<number>;
}

export interface News {
  readonly view: View;
  readonly added: readonly Placement[];
  /** Known before, and different now. */
  readonly changed: readonly Placement[];
}

/** Index of a UID, or of the first above it when `exact` is false; -1 when there is none. */
export function indexOf(placements: readonly Placement[], uid: number, exact = true): number {
  let low = 0;
  let high = placements.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((placements[middle]?.uid ?? 0) < uid) low = middle + 1;
    else high = middle;
  }
  const found = placements[low];
  if (found === undefined) return -1;
  return !exact || found.uid === uid ? low : -1;
}

/** Takes in what changed. Vanished messages stay in place, as gone, until `forget` is allowed to drop them. */
export function learn(view: View, changes: Changes): News {
  const added: Placement[] = [];
  const changed: Placement[] = [];
  const vanished = new Set(changes.vanished);
  let placements = view.placements as Placement[];
  for (const placement of changes.placements) {
    if (vanished.has(placement.uid)) continue;
    const at = indexOf(view.placements, placement.uid);
    if (at < 0) {
      added.push(placement);
      continue;
    }
    if (view.placements[at]?.modseq === placement.modseq) continue;
    if (placements === view.placements) placements = [...view.placements];
    placements[at] = placement;
    changed.push(placement);
  }
  added.sort((a, b) => a.uid - b.uid);
  if (added.length > 0) {
    const highest = view.placements.at(-1)?.uid ?? 0;
    const first = added[0]?.uid ?? 0;
    placements = [...placements, ...added];
    // New UIDs are higher than all before; a store that breaks this would break numbers, so order is kept regardless.
    if (first < highest) placements.sort((a, b) => a.uid - b.uid);
  }
  const gone = new Set(view.gone);
  for (const uid of changes.vanished) if (indexOf(placements, uid) >= 0) gone.add(uid);
  return {
    view: { placements, modseq: Math.max(view.modseq, changes.highestModseq), gone },
    added,
    changed,
  };
}

/**
 * Drops what is gone (of that, only what `among` has): the numbers of their EXPUNGE answers, in an order that holds one by one, and
 * the UIDs ascending.
 */
export function forget(
  view: View,
  among: ReadonlySet<number> = view.gone,
): {
  view: View;
  numbers: readonly number[];
  uids: readonly number[];
} {
  if (view.gone.size === 0) return { view, numbers: [], uids: [] };
  const numbers: number[] = [];
  const uids: number[] = [];
  const placements = view.placements.filter((placement, at) => {
    if (!view.gone.has(placement.uid) || !among.has(placement.uid)) return true;
    numbers.push(at + 1);
    uids.push(placement.uid);
    return false;
  });
  // From the highest down, so that no number shifts before it is told.
  const gone = new Set(view.gone);
  for (const uid of uids) gone.delete(uid);
  return { view: { ...view, placements, gone }, numbers: numbers.reverse(), uids };
}

/** The same view with some placements as they are now. */
export function replace(view: View, changed: readonly Placement[]): View {
  if (changed.length === 0) return view;
  const placements = [...view.placements];
  for (const placement of changed) {
    const at = indexOf(placements, placement.uid);
    if (at >= 0) placements[at] = placement;
  }
  return { ...view, placements };
}
