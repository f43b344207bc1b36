// STORE, COPY, MOVE and EXPUNGE: what changes messages (RFC 9051 §6.4; UIDPLUS, MOVE, CONDSTORE).
import type { FlagChange, Placed, Placement } from "#store";
import { overQuota } from "./append.ts";
import type { Command, StoreCommand } from "./command.ts";
import { readFlags } from "./flags.ts";
import {
  bad,
  fetchHead,
  findFolder,
  mailboxOf,
  missingTarget,
  noteKeywords,
  notePlaced,
  noteTaken,
  ok,
  outOfRange,
  refuse,
  type Reply,
  resolveSet,
  type Selected,
  selectedOf,
  type Session,
  flagsHere,
  tell,
  tellFlags,
  withModseq,
  enableCondstore,
} from "./session.ts";
import { formatSet } from "./sets.ts";
import { indexOf, replace } from "./view.ts";

const readOnly = (): Reply => refuse("The folder was opened read-only");
const badFlag = (): Reply => bad("No such system flag");

export async function storeFlags(session: Session, command: StoreCommand): Promise<Reply> {
  const selected = selectedOf(session);
  const { uid, silent, operation, unchangedSince } = command;
  if (selected.readOnly) return readOnly();
  const words = readFlags(command.flags, selected.keywords);
  if (words === undefined) return badFlag();
  const placements = resolveSet(selected, command.set, uid);
  if (placements === "out-of-range") return outOfRange();
  if (unchangedSince !== undefined) enableCondstore(session);
  const uids = placements.map((placement) => placement.uid);
  if (uids.length === 0) return ok("Stored nothing");
  const { changed, refused } = await mailboxOf(session).setFlags(selected.folderId, uids, {
    operation,
    ...words,
    ...(unchangedSince === undefined ? {} : { unchangedSince }),
  });
  if (silent) noteSurprises(selected, changed, { operation, ...words });
  selected.view = replace(selected.view, changed);
  if (noteKeywords(selected, changed)) tell(session, `FLAGS ${flagsHere(selected)}`);
  const left = new Set(refused);
  if (!silent) {
    const { view } = selected;
    for (const each of uids) {
      const now = view.placements[indexOf(view.placements, each)];
      if (now !== undefined && !left.has(each)) tellFlags(session, now, uid);
    }
  } else if (withModseq(session)) {
    for (const { uid: each, modseq } of changed) {
      const number = indexOf(selected.view.placements, each) + 1;
      const shown = uid || session.enabled.has("QRESYNC") ? `UID ${each} ` : "";
      tell(session, `${fetchHead(session, number, each)} (${shown}MODSEQ (${modseq}))`);
    }
  }
  if (refused.length === 0) return ok("Stored");
  const numbers = uid
    ? [...refused]
    : refused.map((each) => indexOf(selected.view.placements, each) + 1);
  const code = `MODIFIED ${formatSet(numbers.sort((a, b) => a - b))}`;
  return ok("Some had changed and were left alone", code);
}

/**
 * With .SILENT the client reckons its own change only. What another session changed in the same instant came along with it, and is
 * told like other news.
 */
function noteSurprises(
  { view, untold, justTold }: Selected,
  changed: readonly Placement[],
  change: FlagChange,
): void {
  for (const now of changed) {
    const before = view.placements[indexOf(view.placements, now.uid)];
    if (before === undefined) continue;
    const reckoned = flagsAfter(before, change);
    const keywords = [...reckoned.keywords].sort().join(" ");
    const isReckoned =
      reckoned.flags === now.flags && keywords === [...now.keywords].sort().join(" ");
    // Nor can it tell whether news that it hears now are from before or after its own change.
    if (!isReckoned || justTold.has(now.uid)) untold.add(now.uid);
  }
}

function flagsAfter(
  { flags, keywords }: Placement,
  change: FlagChange,
): { readonly flags: number; readonly keywords: readonly string[] } {
  if (change.operation === "replace") return change;
  if (change.operation === "add")
    return {
      flags: flags | change.flags,
      keywords: [...new Set([...keywords, ...change.keywords])],
    };
  const gone = new Set(change.keywords);
  return {
    flags: flags & ~change.flags,
    keywords: keywords.filter((keyword) => !gone.has(keyword)),
  };
}

type Transfer = Extract<Command, { name: "COPY" | "MOVE" }>;

function copyUid(pairs: readonly { readonly from: number; readonly placed: Placed }[]): string {
  const [first] = pairs;
  const from = formatSet(pairs.map((pair) => pair.from));
  const to = formatSet(pairs.map((pair) => pair.placed.uid));
  return `COPYUID ${first?.placed.uidValidity ?? 0} ${from} ${to}`;
}

export async function copyMessages(session: Session, command: Transfer): Promise<Reply> {
  const prepared = await prepareTransfer(session, command);
  if ("status" in prepared) return prepared;
  const { folderId, uids, target } = prepared;
  if (uids.length === 0) return ok("Copied nothing");
  const copied = await mailboxOf(session).copy(folderId, uids, target);
  if (!copied.ok) return copied.refusal === "over-quota" ? overQuota() : missingTarget();
  session.dirty = true;
  notePlaced(
    session,
    target,
    copied.value.map(({ placed }) => placed),
  );
  return copied.value.length === 0
    ? refuse("The messages are gone", "EXPUNGEISSUED")
    : ok("Copied", copyUid(copied.value));
}

export async function moveMessages(session: Session, command: Transfer): Promise<Reply> {
  if (selectedOf(session).readOnly) return readOnly();
  const prepared = await prepareTransfer(session, command);
  if ("status" in prepared) return prepared;
  const { folderId, uids, target } = prepared;
  if (uids.length === 0) return ok("Moved nothing");
  const moved = await mailboxOf(session).move(folderId, uids, target);
  if (!moved.ok) return missingTarget();
  session.dirty = true;
  notePlaced(
    session,
    target,
    moved.value.moved.map(({ placed }) => placed),
  );
  noteTaken(
    session,
    moved.value.moved.map(({ from }) => from),
  );
  if (moved.value.moved.length === 0) return refuse("The messages are gone", "EXPUNGEISSUED");
  // RFC 6851 §4.3: the code goes in an untagged OK, before the messages are told to be gone.
  tell(session, `OK [${copyUid(moved.value.moved)}] Moved`);
  return session.enabled.has("QRESYNC")
    ? ok("Done", `HIGHESTMODSEQ ${moved.value.modseq}`)
    : ok("Done");
}

async function prepareTransfer(
  session: Session,
  command: Transfer,
): Promise<Reply | { folderId: string; uids: readonly number[]; target: string }> {
  const selected = selectedOf(session);
  const placements = resolveSet(selected, command.set, command.uid);
  if (placements === "out-of-range") return outOfRange();
  const { folder } = await findFolder(session, command.folder);
  if (folder === undefined) return missingTarget();
  return { folderId: selected.folderId, uids: placements.map(({ uid }) => uid), target: folder.id };
}

export async function expunge(
  session: Session,
  command: Extract<Command, { name: "EXPUNGE" }>,
): Promise<Reply> {
  const selected = selectedOf(session);
  if (selected.readOnly) return readOnly();
  let uids: readonly number[] | undefined;
  if (command.uids !== undefined) {
    const placements = resolveSet(selected, command.uids, true);
    uids = placements === "out-of-range" ? [] : placements.map(({ uid }) => uid);
  }
  const { modseq, vanished } = await mailboxOf(session).expunge(selected.folderId, uids);
  noteTaken(session, vanished);
  session.dirty = true;
  return session.enabled.has("QRESYNC")
    ? ok("Expunged", `HIGHESTMODSEQ ${modseq}`)
    : ok("Expunged");
}
