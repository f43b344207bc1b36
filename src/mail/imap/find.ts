// Which messages of the selected folder match a search program: placements first, then structures, then whole texts, only of those
// still in doubt. Answers nothing.
import { decodeStructure, type ParsedMessage } from "#mail/message";
import type { Placement } from "#store";
import type { SearchKey } from "./command.ts";
import { BATCH } from "./limits.ts";
import { openProgress } from "./progress.ts";
import { facetsOf, knownBy } from "./search-facts.ts";
import { type Candidate, matchesKey, openWanted, type SearchContext } from "./search-match.ts";
import {
  isRecent,
  mailboxOf,
  openedOf,
  type Selected,
  selectedOf,
  type Session,
  setMatcher,
  tell,
} from "./session.ts";

export interface Hit {
  readonly placement: Placement;
  readonly number: number;
}

/** All that match, by message number. */
export async function findHits(
  session: Session,
  key: SearchKey,
  tag: string,
): Promise<readonly Hit[]> {
  const { placements } = selectedOf(session).view;
  const all = placements.map((placement, at) => ({ placement, number: at + 1 }));
  const progress = openProgress(tag, all.length, () => performance.now());
  return findAmong(session, key, all, (done) => {
    const line = progress(done);
    if (line === undefined) return;
    tell(session, line);
    session.io.out.flush();
  });
}

/** Those of `among` that match, by message number. */
export async function findAmong(
  session: Session,
  key: SearchKey,
  among: readonly Hit[],
  looked: (done: number) => void = () => {},
): Promise<readonly Hit[]> {
  const selected = selectedOf(session);
  const context = contextOf(selected, session.house.clock.now());
  const hits: Hit[] = [];
  const doubtful: Candidate[] = [];
  for (const { placement, number } of among) {
    const candidate = { placement, number, recent: isRecent(selected, placement.uid) };
    const matched = matchesKey(key, candidate, context);
    if (matched === true) hits.push(candidate);
    else if (matched === undefined) doubtful.push(candidate);
  }
  const told = among.length - doubtful.length;
  for (let at = 0; at < doubtful.length && session.io.open(); at += BATCH) {
    hits.push(...(await findOpened(session, key, doubtful.slice(at, at + BATCH), context)));
    looked(told + Math.min(doubtful.length, at + BATCH));
  }
  return hits.sort((a, b) => a.number - b.number);
}

function contextOf({ view: { placements }, saved }: Selected, now: number): SearchContext {
  const sets = new Map<SearchKey, (value: number) => boolean>();
  return {
    now,
    wanted: openWanted(),
    inSet(each) {
      const known = sets.get(each);
      if (known !== undefined) return known;
      const highest = each.key === "uids" ? (placements.at(-1)?.uid ?? 0) : placements.length;
      const made = setMatcher(each.set, highest, saved);
      sets.set(each, made);
      return made;
    },
  };
}

async function findOpened(
  session: Session,
  key: SearchKey,
  candidates: readonly Candidate[],
  context: SearchContext,
): Promise<Hit[]> {
  const mailbox = mailboxOf(session);
  const facets = facetsOf(key);
  const rows = await openedOf(session).facts(
    mailbox,
    candidates.map(({ placement }) => placement.messageId),
    facets,
  );
  const hits: Hit[] = [];
  const doubtful: Candidate[] = [];
  for (const [at, candidate] of candidates.entries()) {
    const row = rows[at];
    if (row === undefined) continue;
    const opened = { ...candidate, known: knownBy(facets, row) };
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

/** The hits with what was parsed of them when they came, some hundred at a time; undefined where one does not open. */
export async function* withMessages(
  session: Session,
  hits: readonly Hit[],
): AsyncGenerator<{ readonly hit: Hit; readonly message: ParsedMessage | undefined }, void> {
  const mailbox = mailboxOf(session);
  for (let at = 0; at < hits.length && session.io.open(); at += BATCH) {
    const some = hits.slice(at, at + BATCH);
    const structures = await mailbox.structures(some.map(({ placement }) => placement.messageId));
    for (const hit of some) {
      const encoded = structures.get(hit.placement.messageId);
      yield { hit, message: encoded && decodeStructure(encoded) };
    }
  }
}

/** Whether the answer must tell MODSEQ (RFC 7162 §3.1.5). */
export function hasModseq(key: SearchKey): boolean {
  if (key.key === "and") return key.keys.some((each) => hasModseq(each));
  if (key.key === "or") return hasModseq(key.a) || hasModseq(key.b);
  return key.key === "modseq" || (key.key === "not" && hasModseq(key.a));
}
