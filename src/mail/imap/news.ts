// What happened in the selected folder since it was last looked at, told where it may be told (RFC 9051 §7.5, RFC 7162, RFC 5465).
import type { Changes } from "#store";
import { tellContexts, tellLeaving } from "./contexts.ts";
import {
  claimRecent,
  countRecent,
  flagsHere,
  isRev2,
  mailboxOf,
  noteKeywords,
  type Selected,
  type Session,
  tell,
  tellFlags,
  tellModseq,
} from "./session.ts";
import { formatSet } from "./sets.ts";
import { forget, indexOf, learn } from "./view.ts";

/**
 * Tells what happened in the selected folder since the last look. `expunges` is false where message numbers must hold
 * (RFC 9051 §7.5.1); then the gone stay until they may be told.
 */
export async function tellNews(
  session: Session,
  expunges: boolean,
  flags: "tell" | "hold" = "tell",
): Promise<void> {
  const { selected } = session;
  session.dirty = false;
  if (selected === undefined) return;
  const changes = await mailboxOf(session).changesSince(selected.folderId, selected.view.modseq);
  if (changes === undefined) {
    // Another session deleted the folder; RFC 9051 has no softer word that old programs know.
    tell(session, "BYE The selected folder was deleted");
    session.over = true;
    return;
  }
  const tells = session.watch?.selected.tells ?? "all";
  if (tells === "none") {
    tellOwn(session, selected, changes, expunges);
    return;
  }
  tellChanges(session, selected, changes, expunges);
  if (tells === "no-flags") selected.untold.clear();
  if (flags === "tell") tellUntold(session, selected);
  if (flags === "tell") await tellContexts(session);
  if (selected.view.gone.size === 0) selected.toldModseq = selected.view.modseq;
  // Held-back expunges would be lost to a program that takes the newest MODSEQ it saw for its own (RFC 7162 §5).
  else if (flags === "tell" && session.enabled.has("QRESYNC"))
    tellModseq(session, selected.toldModseq);
}

function tellUntold(session: Session, selected: Selected): void {
  const { placements } = selected.view;
  for (const uid of selected.untold) {
    const placement = placements[indexOf(placements, uid)];
    // Unasked, it says whose flags they are: IMAP4rev2 demands it (RFC 9051 §7.5.2), and others may hear it.
    if (placement !== undefined) tellFlags(session, placement, true);
    selected.justTold.add(uid);
  }
  selected.untold.clear();
}

function tellChanges(
  session: Session,
  selected: Selected,
  changes: Changes,
  expunges: boolean,
): void {
  const news = learn(selected.view, changes);
  selected.view = news.view;
  if (expunges) tellGone(session, selected, selected.view.gone);
  if (noteKeywords(selected, changes.placements)) tell(session, `FLAGS ${flagsHere(selected)}`);
  if (news.added.length > 0) {
    claimRecent(session, selected);
    tell(session, `${selected.view.placements.length} EXISTS`);
    if (!isRev2(session)) tell(session, `${countRecent(selected)} RECENT`);
    for (const { uid } of news.added)
      if (session.watch !== undefined && !selected.own.has(uid)) selected.fresh.add(uid);
  }
  for (const { uid } of news.changed) selected.untold.add(uid);
}

/**
 * For a client that wants to hear nothing of what others do (NOTIFY without SELECTED): flags are learnt in silence, new messages stay
 * out of the view, and only what the client took away itself is told as gone.
 */
function tellOwn(session: Session, selected: Selected, changes: Changes, expunges: boolean): void {
  const { placements, modseq } = selected.view;
  const known = changes.placements.filter(({ uid }) => indexOf(placements, uid) >= 0);
  // The view's MODSEQ stays, so that all else is found again when the client wants to hear of it.
  const { view } = learn(selected.view, { ...changes, placements: known, highestModseq: modseq });
  selected.view = view;
  if (expunges) tellGone(session, selected, selected.own);
}

function tellGone(session: Session, selected: Selected, among: ReadonlySet<number>): void {
  tellLeaving(session, selected, selected.view.gone.intersection(among));
  const { view, numbers, uids } = forget(selected.view, among);
  if (uids.length === 0) return;
  selected.view = view;
  const dropped = new Set(uids);
  selected.saved = selected.saved.filter((uid) => !dropped.has(uid));
  for (const uid of uids) {
    selected.recent.delete(uid);
    selected.untold.delete(uid);
    selected.own.delete(uid);
    selected.fresh.delete(uid);
  }
  if (session.enabled.has("QRESYNC") || session.enabled.has("UIDONLY"))
    tell(session, `VANISHED ${formatSet(uids)}`);
  else for (const number of numbers) tell(session, `${number} EXPUNGE`);
}
