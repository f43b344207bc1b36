// The state of one conversation and the means to answer in it. What the commands do stands in the files named after them.
import type { Clock } from "#base/time";
import type { Folder, Mailbox, Placed, Placement } from "#store";
import { capabilities, type Enableable } from "./capabilities.ts";
import { formatFlags } from "./flags.ts";
import type { Context } from "./contexts.ts";
import type { Spelling } from "./format.ts";
import type { Io } from "./io.ts";
import { decodeName } from "./names.ts";
import type { Opened, OpenedAccounts } from "./opened.ts";
import type { Access, SignIn } from "./ports.ts";
import type { Recents } from "./recents.ts";
import { inRanges, resolveRanges, type SequenceSet } from "./sets.ts";
import { indexOf, type View } from "./view.ts";
import type { Watch } from "./watch.ts";

export interface Reply {
  readonly status: "OK" | "NO" | "BAD";
  /** Response code without its brackets. */
  readonly code?: string;
  readonly text: string;
}

export const ok = (text: string, code?: string): Reply => reply("OK", text, code);
export const refuse = (text: string, code?: string): Reply => reply("NO", text, code);
export const bad = (text: string, code?: string): Reply => reply("BAD", text, code);

function reply(status: Reply["status"], text: string, code: string | undefined): Reply {
  return code === undefined ? { status, text } : { status, text, code };
}

export interface Selected {
  readonly folderId: string;
  readonly name: string;
  readonly uidValidity: number;
  /** By EXAMINE, or by the account's standing. */
  readOnly: boolean;
  view: View;
  /** MODSEQ up to which everything was told, expunges too. */
  toldModseq: number;
  /** UIDs that are \Recent in this session. */
  readonly recent: Set<number>;
  /** Keywords seen here, by their lower case. */
  readonly keywords: Map<string, string>;
  /** UIDs whose flags were told as news since the last command was answered. */
  readonly justTold: Set<number>;
  /** UIDs whose flags changed and were not told yet: a FETCH under way may tell them itself. */
  readonly untold: Set<number>;
  /** UIDs that SEARCH RETURN (SAVE) kept. */
  saved: readonly number[];
  /** UIDs that this session itself put here or took away: NOTIFY tells them otherwise than what others did. */
  readonly own: Set<number>;
  /** Searches that are kept up to date, by the tags they were asked for with (RFC 5267). */
  readonly contexts: Map<string, Context>;
  /** New messages of which NOTIFY's items are still to be sent. */
  readonly fresh: Set<number>;
}

interface Account {
  /** Names it among the house's accounts. */
  readonly key: string;
  readonly mailbox: Mailbox;
  readonly address: string;
  readonly watch: Disposable;
  /** As of the last minute. */
  readonly access: () => Promise<Access>;
}

/** What all conversations of one server share. */
export interface House {
  readonly hostname: string;
  readonly clock: Clock;
  readonly signIn: SignIn;
  readonly allowPlaintext: boolean;
  readonly appendLimit: number;
  readonly recents: Recents;
  readonly opened: OpenedAccounts;
  /** Live sessions per account. */
  readonly connections: Map<string, number>;
  /** Milliseconds between two looks whether who is signed in may still be here. */
  readonly recheck: number;
}

export interface Session {
  readonly io: Io;
  readonly house: House;
  readonly enabled: Set<Enableable>;
  account: Account | undefined;
  selected: Selected | undefined;
  failedSignIns: number;
  strangerCommands: number;
  /** The store told of a change in the selected folder since the last look. */
  dirty: boolean;
  /** What NOTIFY set; undefined before the first. */
  watch: Watch | undefined;
  /** LOGOUT or a reason of ours: the conversation ends after the answer. */
  over: boolean;
}

export type State = "stranger" | "signed-in" | "selected";

export function stateOf(session: Session): State {
  if (session.account === undefined) return "stranger";
  return session.selected === undefined ? "signed-in" : "selected";
}

export function tell(session: Session, line: string): void {
  session.io.out.text(`* ${line}\r\n`);
}

export function answer(session: Session, tag: string, { status, code, text }: Reply): void {
  session.io.out.text(`${tag} ${status} ${code === undefined ? "" : `[${code}] `}${text}\r\n`);
}

export const isRev2 = (session: Session): boolean => session.enabled.has("IMAP4REV2");

export function spelling(session: Session): Spelling {
  return { utf8: isRev2(session) || session.enabled.has("UTF8=ACCEPT") };
}

export function mayLogin(session: Session): boolean {
  return session.io.secure() || session.house.allowPlaintext;
}

export function capabilityLine(session: Session): string {
  return `CAPABILITY ${capabilities({
    signedIn: session.account !== undefined,
    mayLogin: mayLogin(session),
    mayStartTls: session.io.mayStartTls(),
    appendLimit: session.house.appendLimit,
  })}`;
}

/** What is open of the account; it may be let go of between two commands. */
export function openedOf(session: Session): Opened {
  if (session.account === undefined) throw new Error("a command ran before its state");
  return session.house.opened.of(session.account.key);
}

/** The mailbox of a signed-in session; the command table lets nobody else come here. */
export function mailboxOf(session: Session): Mailbox {
  if (session.account === undefined) throw new Error("a command ran before its state");
  return session.account.mailbox;
}

export async function accessOf(session: Session): Promise<Access> {
  return session.account === undefined ? "off" : session.account.access();
}

export function selectedOf(session: Session): Selected {
  if (session.selected === undefined) throw new Error("a command ran before its state");
  return session.selected;
}

/** The folder that the octets name; undefined when they are no name or no folder has it. */
export async function findFolder(
  session: Session,
  octets: Uint8Array,
): Promise<{ name: string | undefined; folder: Folder | undefined }> {
  const name = decodeName(octets, spelling(session).utf8);
  if (name === undefined) return { name, folder: undefined };
  return { name, folder: await mailboxOf(session).folderNamed(name) };
}

export const missing = (): Reply => refuse("No such folder", "NONEXISTENT");
export const missingTarget = (): Reply => refuse("No such folder; create it first", "TRYCREATE");

/** Placements that a set means, ascending; "out-of-range" for a message number that is not there (RFC 9051 §9, seq-number). */
export function resolveSet(
  selected: Selected,
  set: SequenceSet,
  uid: boolean,
): readonly Placement[] | "out-of-range" {
  const { placements } = selected.view;
  if (set === "$") {
    return selected.saved.flatMap((each) => placements[indexOf(placements, each)] ?? []);
  }
  if (uid) {
    const ranges = resolveRanges(set, placements.at(-1)?.uid ?? 0);
    return ranges.flatMap(({ first, last }) => {
      const from = indexOf(placements, first, false);
      if (from < 0) return [];
      const to = indexOf(placements, last + 1, false);
      return placements.slice(from, to < 0 ? undefined : to);
    });
  }
  const ranges = resolveRanges(set, placements.length);
  if ((ranges.at(-1)?.last ?? 0) > placements.length || (ranges[0]?.first ?? 0) < 1)
    return "out-of-range";
  return ranges.flatMap(({ first, last }) => placements.slice(first - 1, last));
}

export const outOfRange = (): Reply => bad("A message number that this folder does not have");

/** Whether a number stands in a set as numbers: SEARCH's keys, which match nothing where nothing is. */
export function setMatcher(set: SequenceSet, highest: number, saved: readonly number[]) {
  if (set === "$") {
    const uids = new Set(saved);
    return (value: number) => uids.has(value);
  }
  const ranges = resolveRanges(set, highest);
  return (value: number) => inRanges(ranges, value);
}

export function isRecent(selected: Selected, uid: number): boolean {
  return selected.recent.has(uid);
}

/** CONDSTORE was enabled by ENABLE or by a command that implies it (RFC 7162 §3.1). */
export function withModseq(session: Session): boolean {
  return session.enabled.has("CONDSTORE") || session.enabled.has("QRESYNC");
}

/** The first command that enables it while a folder is selected is told where the folder stands (RFC 7162 §3.1). */
export function enableCondstore(session: Session): void {
  const { enabled, selected } = session;
  if (enabled.has("CONDSTORE")) return;
  enabled.add("CONDSTORE");
  if (selected !== undefined) tellModseq(session, selected.view.modseq);
}

export function tellModseq(session: Session, modseq: number): void {
  tell(session, `OK [HIGHESTMODSEQ ${Math.max(1, modseq)}] Newest change`);
}

/** One message's flags as an untagged FETCH. */
export function tellFlags(session: Session, placement: Placement, uid = false): void {
  const selected = selectedOf(session);
  const number = indexOf(selected.view.placements, placement.uid) + 1;
  if (number === 0) return;
  const recent = !isRev2(session) && isRecent(selected, placement.uid);
  const items = [`FLAGS ${formatFlags(placement.flags, placement.keywords, recent)}`];
  if (uid || session.enabled.has("QRESYNC")) items.unshift(`UID ${placement.uid}`);
  if (withModseq(session)) items.push(`MODSEQ (${placement.modseq})`);
  tell(session, `${fetchHead(session, number, placement.uid)} (${items.join(" ")})`);
}

/** "3 FETCH", or "257 UIDFETCH" where numbers were given up (RFC 9586 §3.3). */
export function fetchHead(session: Session, number: number, uid: number): string {
  return session.enabled.has("UIDONLY") ? `${uid} UIDFETCH` : `${number} FETCH`;
}

/** Notes what this session put into a folder, by APPEND, COPY and their kin: NOTIFY leaves out what its own client did. */
export function notePlaced(session: Session, folderId: string, placed: readonly Placed[]): void {
  const { selected, watch } = session;
  if (selected?.folderId === folderId) for (const { uid } of placed) selected.own.add(uid);
  const last = placed.at(-1);
  if (watch === undefined || last === undefined) return;
  const added = (watch.own.get(folderId)?.added ?? 0) + placed.length;
  watch.own.set(folderId, { added, modseq: last.modseq });
}

/** Notes what this session took out of the selected folder. */
export function noteTaken(session: Session, uids: readonly number[]): void {
  for (const uid of uids) session.selected?.own.add(uid);
}

/** Notes keywords; a new one is told by a new FLAGS answer before it is used. */
export function noteKeywords(selected: Selected, placements: readonly Placement[]): boolean {
  let found = false;
  for (const { keywords } of placements) {
    for (const keyword of keywords) {
      if (selected.keywords.has(keyword.toLowerCase())) continue;
      selected.keywords.set(keyword.toLowerCase(), keyword);
      found = true;
    }
  }
  return found;
}

/** Takes the recent messages that no session has taken yet. */
export function claimRecent(session: Session, selected: Selected): void {
  const { placements } = selected.view;
  const { recents } = session.house;
  // Who only reads is shown them and takes none (RFC 3501 §2.3.2, §6.3.2).
  const from = selected.readOnly
    ? recents.look(selected.folderId, placements)
    : recents.claim(selected.folderId, placements);
  for (let at = placements.length - 1; at >= 0; at -= 1) {
    const uid = placements[at]?.uid ?? 0;
    if (uid < from) break;
    selected.recent.add(uid);
  }
}

export function countRecent(selected: Selected): number {
  return selected.recent.size;
}

export function flagsHere(selected: Selected, any = false): string {
  const keywords = [...selected.keywords.values()];
  return formatFlags(31, any ? [...keywords, "\\*"] : keywords, false);
}
