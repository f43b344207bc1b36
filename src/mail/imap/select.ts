// SELECT, EXAMINE and leaving a folder (RFC 9051 §6.3.2), with what CONDSTORE and QRESYNC add (RFC 7162 §3.1.8, §3.2.5).
import { flagBits, type Placement } from "#store";
import type { Command, QresyncParameters } from "./command.ts";
import { nameText } from "./listing.ts";
import { decodeName, DELIMITER } from "./names.ts";
import { leaveWatched } from "./notify.ts";
import type { HeldFolder } from "./opened.ts";
import {
  accessOf,
  bad,
  claimRecent,
  countRecent,
  enableCondstore,
  flagsHere,
  isRev2,
  mailboxOf,
  missing,
  openedOf,
  ok,
  type Reply,
  type Selected,
  type Session,
  setMatcher,
  spelling,
  tell,
  tellFlags,
  tellModseq,
} from "./session.ts";
import { formatSet } from "./sets.ts";
import { indexOf } from "./view.ts";

/** Leaves the selected folder; CLOSED parts its answers from the next folder's (RFC 9051 §7.1). */
export function unselect(session: Session, closed: boolean): void {
  if (session.selected === undefined) return;
  leaveWatched(session);
  session.selected = undefined;
  session.dirty = false;
  if (closed) tell(session, "OK [CLOSED] Left the folder");
}

export async function select(
  session: Session,
  command: Extract<Command, { name: "SELECT" | "EXAMINE" }>,
): Promise<Reply> {
  const { qresync } = command;
  if (qresync !== undefined && !session.enabled.has("QRESYNC"))
    return bad("QRESYNC is not enabled");
  if (qresync?.matched === true && session.enabled.has("UIDONLY"))
    return bad("Message numbers were given up", "UIDREQUIRED");
  unselect(session, true);
  if (command.condstore) enableCondstore(session);
  const held = await look(session, command.folder);
  if (held === undefined) return missing();
  const { folder, placements } = held;
  const readOnly = command.name === "EXAMINE" || (await accessOf(session)) === "read-only";
  const selected: Selected = {
    folderId: folder.id,
    name: folder.name,
    uidValidity: folder.uidValidity,
    readOnly,
    view: { placements, modseq: folder.highestModseq, gone: new Set() },
    toldModseq: folder.highestModseq,
    recent: new Set(),
    keywords: new Map(held.keywords.map((keyword) => [keyword.toLowerCase(), keyword])),
    untold: new Set(),
    justTold: new Set(),
    saved: [],
    own: new Set(),
    contexts: new Map(),
    fresh: new Set(),
  };
  claimRecent(session, selected);
  session.selected = selected;
  tellSelected(session, selected, held);
  if (qresync?.uidValidity === folder.uidValidity) await resynchronise(session, selected, qresync);
  return readOnly ? ok("Opened to read", "READ-ONLY") : ok("Opened", "READ-WRITE");
}

/** The folder as it is now; of one that a session of the account had open, only what changed since is read. */
async function look(session: Session, octets: Uint8Array): Promise<HeldFolder | undefined> {
  const name = decodeName(octets, spelling(session).utf8);
  if (name === undefined) return undefined;
  const opened = openedOf(session);
  const now = await mailboxOf(session).snapshotNamed(name, opened.folder);
  if (now === undefined) return undefined;
  const { folder, placements } = now;
  const before = opened.folder(folder.id);
  const held =
    before?.placements === placements
      ? { ...before, folder }
      : {
          folder,
          placements,
          keywords: keywordsOf(placements),
          unseen: placements.findIndex(({ flags }) => (flags & flagBits.seen) === 0) + 1,
        };
  opened.hold(held);
  return held;
}

/** Each once, however it is spelt. */
function keywordsOf(placements: readonly Placement[]): readonly string[] {
  const found = new Map<string, string>();
  for (const { keywords } of placements)
    for (const keyword of keywords) {
      const lower = keyword.toLowerCase();
      if (!found.has(lower)) found.set(lower, keyword);
    }
  return [...found.values()];
}

function tellSelected(
  session: Session,
  selected: Selected,
  { folder, placements, unseen }: HeldFolder,
): void {
  tell(session, `FLAGS ${flagsHere(selected)}`);
  tell(session, `${placements.length} EXISTS`);
  if (!isRev2(session)) {
    tell(session, `${countRecent(selected)} RECENT`);
    if (unseen > 0) tell(session, `OK [UNSEEN ${unseen}] First unseen`);
  }
  tell(session, `OK [UIDVALIDITY ${folder.uidValidity}] UIDs hold`);
  tell(session, `OK [UIDNEXT ${folder.uidNext}] Next UID`);
  const permanent = selected.readOnly ? "()" : flagsHere(selected, true);
  tell(session, `OK [PERMANENTFLAGS ${permanent}] What can be kept`);
  tellModseq(session, folder.highestModseq);
  tell(session, `OK [MAILBOXID (${folder.id})] Id`);
  if (isRev2(session)) tell(session, `LIST () "${DELIMITER}" ${nameText(session, folder.name)}`);
}

/** What changed while the mail program was away (RFC 7162 §3.2.5.1): as UID FETCH known (FLAGS) (CHANGEDSINCE … VANISHED). */
async function resynchronise(
  session: Session,
  selected: Selected,
  { modseq, known }: QresyncParameters,
): Promise<void> {
  const changes = await mailboxOf(session).changesSince(selected.folderId, modseq);
  if (changes === undefined) return;
  const { placements } = selected.view;
  const isKnown =
    known === undefined ? () => true : setMatcher(known, placements.at(-1)?.uid ?? 0, []);
  // What happened after the snapshot that EXISTS told of is news for later, not part of it.
  const vanished = changes.vanished.filter((uid) => isKnown(uid) && indexOf(placements, uid) < 0);
  if (vanished.length > 0) tell(session, `VANISHED (EARLIER) ${formatSet(vanished)}`);
  for (const placement of placements)
    if (placement.modseq > modseq && isKnown(placement.uid)) tellFlags(session, placement, true);
}
