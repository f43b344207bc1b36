// \Recent (RFC 3501 §2.3.2): each message is recent in one session only. Kept in memory per server: the first session that
// selects a folder, or hears of a message in it, takes it. What was there before this server started counts as seen by
// somebody; so the flag is never shown twice for a message, and a restart can cost it.
import type { Placement } from "#store";
import { indexOf } from "./view.ts";

export interface Recents {
  /** Takes all that nobody took: those UIDs and above are the caller's. */
  claim(folderId: string, placements: readonly Placement[]): number;
  /** The first UID that nobody took, if it was asked before; Infinity when `uidNext` shows there can be none. */
  unclaimed(folderId: string, uidNext: number): number | undefined;
  /** As claim, without taking. */
  look(folderId: string, placements: readonly Placement[]): number;
}

export function openRecents(startedAt: number): Recents {
  const marks = new Map<string, number>();
  const look: Recents["look"] = (folderId, placements) => {
    const known = marks.get(folderId);
    if (known !== undefined) return known;
    let at = placements.length;
    while (at > 0 && (placements[at - 1]?.savedAt ?? 0) >= startedAt) at -= 1;
    const from = placements[at]?.uid ?? (placements.at(-1)?.uid ?? 0) + 1;
    marks.set(folderId, from);
    return from;
  };
  return {
    look,
    claim(folderId, placements) {
      const from = look(folderId, placements);
      marks.set(folderId, Math.max(from, (placements.at(-1)?.uid ?? 0) + 1));
      return from;
    },
    unclaimed(folderId, uidNext) {
      const from = marks.get(folderId);
      return from !== undefined && from >= uidNext ? Infinity : from;
    },
  };
}

/** How many placements have this UID or a higher one. */
export function countFrom(placements: readonly Placement[], uid: number): number {
  const at = indexOf(placements, uid, false);
  return at < 0 ? 0 : placements.length - at;
}
