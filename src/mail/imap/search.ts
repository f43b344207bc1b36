// SEARCH and UID SEARCH (RFC 9051 §6.4.4): placements first, then structures, then whole texts, only of those still in doubt.
import { decodeStructure } from "#mail/message";
import type { Placement } from "#store";
import type { SearchCommand, SearchKey, SearchReturn } from "./command.ts";
import { BATCH } from "./limits.ts";
import { type Candidate, matchesKey, type SearchContext } from "./search-match.ts";
import {
  bad,
  isRecent,
  isRev2,
  mailboxOf,
  ok,
  refuse,
  type Reply,
  selectedOf,
  type Session,
  setMatcher,
  tell,
  enableCondstore,
} from "./session.ts";
import { formatSet } from "./sets.ts";

interface Hit {
  readonly placement: Placement;
  readonly number: number;
}

export async function searchMessages(
  session: Session,
  command: SearchCommand,
  tag: string,
): Promise<Reply> {
  const selected = selectedOf(session);
  const { charset, returns } = command;
  if (charset !== undefined && charset !== "UTF-8" && charset !== "US-ASCII") {
    if (returns?.includes("SAVE") === true) selected.saved = [];
    return refuse("Only US-ASCII and UTF-8", "BADCHARSET (US-ASCII UTF-8)");
  }
  if (charset !== undefined && session.enabled.has("UTF8=ACCEPT"))
    return bad("No CHARSET after UTF8=ACCEPT (RFC 6855 §3)");
  const modseq = hasModseq(command.key);
  if (modseq) enableCondstore(session);
  const hits = await find(session, command.key);
  const shown = returns ?? (isRev2(session) ? (["ALL"] as const) : undefined);
  if (shown === undefined) tellSearch(session, command.uid, hits, modseq);
  else tellEsearch(session, { uid: command.uid, tag, shown, hits, modseq });
  if (returns?.includes("SAVE") === true) selected.saved = savedOf(returns, hits);
  return ok("Searched");
}

function hasModseq(key: SearchKey): boolean {
  if (key.key === "and") return key.keys.some((each) => hasModseq(each));
  if (key.key === "or") return hasModseq(key.a) || hasModseq(key.b);
  return key.key === "modseq" || (key.key === "not" && hasModseq(key.a));
}

async function find(session: Session, key: SearchKey): Promise<readonly Hit[]> {
  const selected = selectedOf(session);
  const { placements } = selected.view;
  const sets = new Map<SearchKey, (value: number) => boolean>();
  const context: SearchContext = {
    now: session.house.clock.now(),
    inSet(each) {
      const known = sets.get(each);
      if (known !== undefined) return known;
      const highest = each.key === "uids" ? (placements.at(-1)?.uid ?? 0) : placements.length;
      const made = setMatcher(each.set, highest, selected.saved);
      sets.set(each, made);
      return made;
    },
  };
  const hits: Hit[] = [];
  const doubtful: Candidate[] = [];
  for (const [at, placement] of placements.entries()) {
    const candidate = { placement, number: at + 1, recent: isRecent(selected, placement.uid) };
    const matched = matchesKey(key, candidate, context);
    if (matched === true) hits.push(candidate);
    else if (matched === undefined) doubtful.push(candidate);
  }
  for (let at = 0; at < doubtful.length && session.io.open(); at += BATCH)
    hits.push(...(await findOpened(session, key, doubtful.slice(at, at + BATCH), context)));
  return hits.sort((a, b) => a.number - b.number);
}

async function findOpened(
  session: Session,
  key: SearchKey,
  candidates: readonly Candidate[],
  context: SearchContext,
): Promise<Hit[]> {
  const mailbox = mailboxOf(session);
  const structures = await mailbox.structures(
    candidates.map(({ placement }) => placement.messageId),
  );
  const hits: Hit[] = [];
  const doubtful: Candidate[] = [];
  for (const candidate of candidates) {
    const encoded = structures.get(candidate.placement.messageId);
    if (encoded === undefined) continue;
    const opened = { ...candidate, message: decodeStructure(encoded) };
    const matched = matchesKey(key, opened, context);
    if (matched === true) hits.push(candidate);
    else if (matched === undefined) doubtful.push(opened);
  }
  let at = 0;
  for await (const { messageId, bytes } of mailbox.bodies(
    doubtful.map(({ placement }) => placement.messageId),
  )) {
    while (at < doubtful.length && doubtful[at]?.placement.messageId !== messageId) at += 1;
    const candidate = doubtful[at];
    at += 1;
    if (candidate !== undefined && matchesKey(key, { ...candidate, bytes }, context) === true)
      hits.push(candidate);
    if (!session.io.open()) break;
  }
  return hits;
}

function highestModseq(hits: readonly Hit[]): number {
  return hits.reduce((highest, { placement }) => Math.max(highest, placement.modseq), 0);
}

const numberOf = (uid: boolean, hit: Hit): number => (uid ? hit.placement.uid : hit.number);

function tellSearch(session: Session, uid: boolean, hits: readonly Hit[], modseq: boolean): void {
  const numbers = hits.map((hit) => ` ${numberOf(uid, hit)}`).join("");
  const end = modseq && hits.length > 0 ? ` (MODSEQ ${highestModseq(hits)})` : "";
  tell(session, `SEARCH${numbers}${end}`);
}

/** RFC 4731, RFC 9051 §7.3.4. */
function tellEsearch(
  session: Session,
  search: {
    readonly uid: boolean;
    readonly tag: string;
    readonly shown: readonly SearchReturn[];
    readonly hits: readonly Hit[];
    readonly modseq: boolean;
  },
): void {
  const { uid, tag, shown, hits } = search;
  if (shown.every((each) => each === "SAVE")) return;
  const parts = [`ESEARCH (TAG "${tag.replace(/["\\]/g, "\\$&")}")${uid ? " UID" : ""}`];
  const first = hits[0];
  const last = hits.at(-1);
  if (first !== undefined && last !== undefined) {
    if (shown.includes("MIN")) parts.push(`MIN ${numberOf(uid, first)}`);
    if (shown.includes("MAX")) parts.push(`MAX ${numberOf(uid, last)}`);
    if (shown.includes("ALL"))
      parts.push(`ALL ${formatSet(hits.map((hit) => numberOf(uid, hit)))}`);
  }
  if (shown.includes("COUNT")) parts.push(`COUNT ${hits.length}`);
  if (search.modseq && hits.length > 0) parts.push(`MODSEQ ${highestModseq(told(shown, hits))}`);
  tell(session, parts.join(" "));
}

/** The messages that the answer speaks of: with MIN and MAX alone only those two (RFC 4731 §3.2, RFC 5182 §2.4). */
function told(shown: readonly SearchReturn[], hits: readonly Hit[]): readonly Hit[] {
  const ends = shown.includes("MIN") || shown.includes("MAX");
  if (!ends || shown.includes("ALL") || shown.includes("COUNT")) return hits;
  return [
    ...(shown.includes("MIN") ? hits.slice(0, 1) : []),
    ...(shown.includes("MAX") && (hits.length > 1 || !shown.includes("MIN")) ? hits.slice(-1) : []),
  ];
}

function savedOf(shown: readonly SearchReturn[], hits: readonly Hit[]): readonly number[] {
  return told(shown, hits).map(({ placement }) => placement.uid);
}
