// SEARCH, SORT and THREAD (RFC 9051 §6.4.4, RFC 5256), by message number and by UID: what is found, in the order asked for.
import { baseSubject, canDecode, decodeWords, messageIds, type ParsedMessage } from "#mail/message";
import type { SearchCommand, SearchReturn, SortCommand, ThreadCommand } from "./command.ts";
import { keepContext } from "./contexts.ts";
import { findHits, hasModseq, type Hit, withMessages } from "./find.ts";
import { numberOf, savedOf, tellEsearch, tellList } from "./results.ts";
import {
  bad,
  enableCondstore,
  isRev2,
  ok,
  refuse,
  type Reply,
  selectedOf,
  type Session,
  tell,
} from "./session.ts";
import { sortHits, type Sorted } from "./sort.ts";
import { sentDate } from "./sort-order.ts";
import type { Threadable } from "./thread-node.ts";
import { byOrderedSubject, byReferences, formatThreads } from "./thread-tree.ts";

export async function searchMessages(
  session: Session,
  command: SearchCommand,
  tag: string,
): Promise<Reply> {
  const { charset } = command;
  if (charset !== undefined) {
    const refused = refusedCharset(session, charset, command.returns);
    if (refused !== undefined) return refused;
    if (session.enabled.has("UTF8=ACCEPT"))
      return bad("No CHARSET after UTF8=ACCEPT (RFC 6855 §3)");
  }
  return answerWith(session, command, tag, undefined);
}

export async function sortMessages(
  session: Session,
  command: SortCommand,
  tag: string,
): Promise<Reply> {
  const { charset, criteria, returns } = command;
  const refused = refusedCharset(session, charset, returns);
  if (refused !== undefined) return refused;
  const sort = (hits: readonly Hit[]): Promise<readonly Sorted[]> =>
    sortHits(session, hits, criteria);
  return answerWith(session, command, tag, sort);
}

async function answerWith(
  session: Session,
  command: SearchCommand | SortCommand,
  tag: string,
  sort: ((hits: readonly Hit[]) => Promise<readonly Sorted[]>) | undefined,
): Promise<Reply> {
  const selected = selectedOf(session);
  const { name, uid, key, returns } = command;
  if (returns !== undefined && selected.contexts.has(tag))
    return bad("The tag of a search that is kept");
  const modseq = hasModseq(key);
  if (modseq) enableCondstore(session);
  const found = await findHits(session, key, tag);
  const sorted = await sort?.(found);
  const hits = sorted?.map(({ message }) => message.hit) ?? found;
  const shown: readonly SearchReturn[] | undefined =
    returns ?? (name === "SEARCH" && isRev2(session) ? ["ALL"] : undefined);
  if (shown === undefined) tellList(session, name, { uid, hits, modseq });
  else tellEsearch(session, { uid, tag, shown, hits, modseq });
  if (returns?.includes("SAVE") === true)
    selected.saved = savedOf(returns, hits).toSorted((a, b) => a - b);
  if (returns?.includes("UPDATE") === true) {
    const criteria = name === "SORT" ? command.criteria : [];
    const sorting = sorted && { criteria, list: sorted };
    keepContext(session, tag, { uid, key, found, sorting });
  }
  return ok("Searched");
}

function refusedCharset(
  session: Session,
  charset: string,
  returns: readonly SearchReturn[] | undefined,
): Reply | undefined {
  if (canDecode(charset)) return undefined;
  // RFC 5182 §2.1: a search that fails leaves nothing saved.
  if (returns?.includes("SAVE") === true) selectedOf(session).saved = [];
  return refuse("That charset is not known here", "BADCHARSET (US-ASCII UTF-8)");
}

// Ids that one THREAD holds in memory: twenty of each in a folder of a hundred thousand. A stranger can send a thousand in each letter.
const MAX_REFERENCES = 2_000_000;
// Beyond that the nearest, by which a thread still hangs together.
const LAST_REFERENCES = 4;

export async function threadMessages(
  session: Session,
  command: ThreadCommand,
  tag: string,
): Promise<Reply> {
  const { charset, key, uid, algorithm } = command;
  const refused = refusedCharset(session, charset, undefined);
  if (refused !== undefined) return refused;
  const messages: Threadable[] = [];
  let left = MAX_REFERENCES;
  for await (const { hit, message } of withMessages(session, await findHits(session, key, tag))) {
    const each = threadable(hit, message, uid, left > 0);
    left -= each.references.length;
    messages.push(each);
  }
  const threads = (algorithm === "REFERENCES" ? byReferences : byOrderedSubject)(messages);
  tell(session, threads.length === 0 ? "THREAD" : `THREAD ${formatThreads(threads)}`);
  return ok("Threaded");
}

function threadable(
  hit: Hit,
  message: ParsedMessage | undefined,
  uid: boolean,
  all: boolean,
): Threadable {
  const envelope = message?.envelope;
  const references = message?.references ?? [];
  return {
    told: numberOf(uid, hit),
    number: hit.number,
    sentAt: sentDate(envelope, hit.placement.receivedAt),
    subject: baseSubject(decodeWords(envelope?.subject ?? "")),
    id: messageIds(envelope?.messageId ?? "")[0],
    references: all ? references : references.slice(-LAST_REFERENCES),
  };
}
