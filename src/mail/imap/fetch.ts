// FETCH and UID FETCH (RFC 9051 §6.4.5): message by message to the socket, never a folder in memory, nothing parsed.
import { decodeStructure } from "#mail/message";
import { flagBits, type Placement } from "#store";
import type { FetchCommand, FetchItem, PlainItem } from "./command.ts";
import { facetOf, isStructured, type Outgoing, plainText, sendContent } from "./fetch-items.ts";
import { BATCH } from "./limits.ts";
import type { Facet, Fact } from "./opened.ts";
import { inPlaces } from "./results.ts";
import {
  bad,
  fetchHead,
  mailboxOf,
  ok,
  openedOf,
  outOfRange,
  refuse,
  type Reply,
  resolveSet,
  selectedOf,
  type Session,
  setMatcher,
  tell,
  withModseq,
  enableCondstore,
} from "./session.ts";
import { formatSet } from "./sets.ts";
import { indexOf, replace } from "./view.ts";

/** All but the whole message is found by its structure. */
function needsStructure(item: FetchItem): boolean {
  if (item.kind === "plain") return isStructured(item.item);
  const { path } = item.kind === "section" ? item.section : item;
  return path.length > 0 || (item.kind === "section" && item.section.text !== "");
}

/** What the items need to be opened for a message. */
interface Needs {
  /** Of the items that are made of the structure alone, in their order. */
  readonly facets: readonly Facet[];
  readonly structure: boolean;
  readonly body: boolean;
}

export async function fetchMessages(session: Session, command: FetchCommand): Promise<Reply> {
  const selected = selectedOf(session);
  const { uid, set, changedSince } = command;
  if (command.vanished && !session.enabled.has("QRESYNC")) return bad("QRESYNC is not enabled");
  const meant = resolveSet(selected, set, uid);
  if (meant === "out-of-range") return outOfRange();
  const all = command.partial === undefined ? meant : inPlaces(meant, command.partial);
  const plain = (item: PlainItem): boolean =>
    command.items.some((each) => each.kind === "plain" && each.item === item);
  if (changedSince !== undefined || plain("MODSEQ")) enableCondstore(session);
  if (command.vanished) await tellVanished(session, command);
  const placements =
    changedSince === undefined ? all : all.filter(({ modseq }) => modseq > changedSince);
  const items = [...command.items];
  // RFC 9586 §3.3: where numbers were given up, the head says the UID.
  const saysUid = uid && !session.enabled.has("UIDONLY");
  // RFC 7162 §3.2.4: a QRESYNC client hears the UID in every FETCH.
  if ((saysUid || session.enabled.has("QRESYNC")) && !plain("UID"))
    items.unshift({ kind: "plain", item: "UID" });
  if (changedSince !== undefined && !plain("MODSEQ")) items.push({ kind: "plain", item: "MODSEQ" });
  return sendFetched(session, placements, items);
}

async function tellVanished(session: Session, command: FetchCommand): Promise<void> {
  const { folderId, view, saved } = selectedOf(session);
  const changes = await mailboxOf(session).changesSince(folderId, command.changedSince ?? 0);
  const inSet = setMatcher(command.set, view.placements.at(-1)?.uid ?? 0, saved);
  const uids = (changes?.vanished ?? []).filter(
    (uid) => inSet(uid) && indexOf(view.placements, uid) < 0,
  );
  if (uids.length > 0) tell(session, `VANISHED (EARLIER) ${formatSet(uids)}`);
}

/** Sends items of messages, as FETCH and NOTIFY do. */
export async function sendFetched(
  session: Session,
  placements: readonly Placement[],
  items: readonly FetchItem[],
): Promise<Reply> {
  const { io } = session;
  const selected = selectedOf(session);
  const sees =
    !selected.readOnly &&
    items.some((item) => (item.kind === "section" || item.kind === "binary") && !item.peek);
  const needs: Needs = {
    facets: items.flatMap((item) =>
      item.kind === "plain" && isStructured(item.item) ? [facetOf(session, item.item)] : [],
    ),
    structure: items.some((item) => item.kind !== "plain" && needsStructure(item)),
    body: items.some((item) => item.kind !== "plain"),
  };
  const opens = needs.body || needs.facets.length > 0;
  let unknownEncoding = false;
  let lost = false;
  for (let at = 0; at < placements.length && io.open(); at += BATCH) {
    const batch = placements.slice(at, at + BATCH);
    // What stands in the placement alone is always there to be told.
    const left = new Set(opens ? batch.map(({ uid }) => uid) : []);
    const seen = sees ? await markSeen(session, batch) : undefined;
    const send = (outgoing: Outgoing): void => {
      const { uid } = outgoing.placement;
      const now = seen?.get(uid);
      left.delete(uid);
      const result =
        now === undefined
          ? sendOne(session, outgoing, items)
          : sendOne(session, { ...outgoing, placement: now }, seenItems(session, items));
      if (result === "unknown-encoding") unknownEncoding = true;
    };
    const opened = await withFacts(session, batch, needs.facets);
    // Without bodies nothing is awaited for one message alone.
    for await (const some of needs.body ? withBodies(session, opened, needs) : [opened])
      for (const outgoing of some) {
        send(outgoing);
        if (io.out.full()) await io.out.room();
        if (!io.open()) break;
      }
    if (left.size > 0 && left.difference(selected.view.gone).size > 0) lost = true;
  }
  // Those that do not open are left out and logged; that they are is said (RFC 5530 §3).
  if (lost && io.open())
    return refuse("Some messages could not be opened; the others were sent", "CORRUPTION");
  if (unknownEncoding) return refuse("A part has an unknown transfer encoding", "UNKNOWN-CTE");
  return ok("Fetched");
}

/** A message that this FETCH made \Seen tells its flags too (RFC 9051 §6.4.5). */
function seenItems(session: Session, items: readonly FetchItem[]): readonly FetchItem[] {
  const has = (item: PlainItem): boolean =>
    items.some((each) => each.kind === "plain" && each.item === item);
  const more: FetchItem[] = has("FLAGS") ? [] : [{ kind: "plain", item: "FLAGS" }];
  if (withModseq(session) && !has("MODSEQ")) more.push({ kind: "plain", item: "MODSEQ" });
  return [...items, ...more];
}

async function markSeen(
  session: Session,
  batch: readonly Placement[],
): Promise<ReadonlyMap<number, Placement>> {
  const selected = selectedOf(session);
  const unseen = batch.filter(({ flags }) => (flags & flagBits.seen) === 0).map(({ uid }) => uid);
  if (unseen.length === 0) return new Map();
  const change = { operation: "add", flags: flagBits.seen, keywords: [] } as const;
  const { changed } = await mailboxOf(session).setFlags(selected.folderId, unseen, change);
  selected.view = replace(selected.view, changed);
  return new Map(changed.map((placement) => [placement.uid, placement]));
}

/** The messages with the facts of their structures, in order; one whose structure does not open is left out. */
async function withFacts(
  session: Session,
  batch: readonly Placement[],
  facets: readonly Facet[],
): Promise<readonly Outgoing[]> {
  const { placements } = selectedOf(session).view;
  const ids = batch.map(({ messageId }) => messageId);
  const rows =
    facets.length === 0
      ? undefined
      : await openedOf(session).facts(mailboxOf(session), ids, facets);
  const out: Outgoing[] = [];
  // Mostly one follows the other.
  let next = 0;
  for (const [at, placement] of batch.entries()) {
    if (placements[next]?.uid !== placement.uid) next = indexOf(placements, placement.uid);
    next += 1;
    const facts = rows === undefined ? none : rows[at];
    if (facts !== undefined)
      out.push({ placement, number: next, facts, message: undefined, bytes: undefined });
  }
  return out;
}

const none: readonly Fact[] = [];

/** Opens bodies, and structures where an item is found by them; a message whose content is gone is left out. */
async function* withBodies(
  session: Session,
  batch: readonly Outgoing[],
  needs: Needs,
): AsyncGenerator<readonly Outgoing[], void> {
  const mailbox = mailboxOf(session);
  const ids = batch.map(({ placement }) => placement.messageId);
  const structures = needs.structure ? await mailbox.structures(ids) : undefined;
  let at = 0;
  for await (const { messageId, bytes } of mailbox.bodies(ids)) {
    while (at < batch.length && batch[at]?.placement.messageId !== messageId) at += 1;
    const outgoing = batch[at];
    if (outgoing === undefined) return;
    at += 1;
    const encoded = structures?.get(messageId);
    if (structures !== undefined && encoded === undefined) continue;
    yield [{ ...outgoing, bytes, message: encoded && decodeStructure(encoded) }];
  }
}

function sendOne(
  session: Session,
  outgoing: Outgoing,
  items: readonly FetchItem[],
): "sent" | "unknown-encoding" {
  const { out } = session.io;
  let result: "sent" | "unknown-encoding" = "sent";
  const { number, placement } = outgoing;
  const head = `* ${fetchHead(session, number, placement.uid)} (`;
  let text = head;
  let told = 0;
  let facts = 0;
  for (const item of items) {
    const plain = item.kind === "plain" ? item.item : undefined;
    if (plain !== undefined && isStructured(plain)) {
      text += `${plain} ${outgoing.facts[facts] as string}`;
      facts += 1;
    } else if (plain !== undefined) text += plainText(session, plain, outgoing);
    else if (item.kind !== "plain" && sendContent(session, item, outgoing, text)) text = "";
    else {
      result = "unknown-encoding";
      continue;
    }
    told += 1;
    text += " ";
  }
  const { untold } = selectedOf(session);
  if (untold.size > 0 && saysAll(session, items)) untold.delete(placement.uid);
  // Where nothing could be decoded there is nothing to tell: an empty list is no answer (RFC 9051 §9, msg-att).
  if (told > 0) out.text(`${text.slice(0, -1)})\r\n`);
  return result;
}

/** Changed flags are told with all that a client of CONDSTORE must hear of them; otherwise they stay news (RFC 7162 §3.1). */
function saysAll(session: Session, items: readonly FetchItem[]): boolean {
  const has = (item: PlainItem): boolean =>
    items.some((each) => each.kind === "plain" && each.item === item);
  return has("FLAGS") && (!withModseq(session) || has("MODSEQ"));
}
