// Whether a message matches a search key, from as little of it as tells: its placement, its structure, or its whole text.
// Undefined means that more must be opened to know.
import {
  type Address,
  containsText,
  decodeWords,
  type Envelope,
  foldText,
  headerText,
  type ParsedMessage,
  searchText,
} from "#mail/message";
import type { Placement } from "#store";
import { never } from "#base/errors";
import { DAY } from "#base/time";
import type { SearchKey } from "./command.ts";
import { months } from "./grammar-date.ts";

export interface Candidate {
  readonly placement: Placement;
  readonly number: number;
  readonly recent: boolean;
  readonly message?: ParsedMessage;
  readonly bytes?: Uint8Array;
}

export interface SearchContext {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Made once per set of the command. */
  readonly inSet: (
    key: Extract<SearchKey, { key: "uids" | "numbers" }>,
  ) => (value: number) => boolean;
}

export function matchesKey(
  key: SearchKey,
  candidate: Candidate,
  context: SearchContext,
): boolean | undefined {
  switch (key.key) {
    case "and":
      return every(key.keys, candidate, context);
    case "or": {
      const a = matchesKey(key.a, candidate, context);
      if (a === true) return true;
      const b = matchesKey(key.b, candidate, context);
      return b === true ? true : a === undefined || b === undefined ? undefined : false;
    }
    case "not": {
      const a = matchesKey(key.a, candidate, context);
      return a === undefined ? undefined : !a;
    }
    case "header":
    case "body":
    case "text":
      return matchesContent(key, candidate);
    case "uids":
      return context.inSet(key)(candidate.placement.uid);
    case "numbers":
      // "$" keeps UIDs, so the saved result is looked up by UID whatever the command counts in.
      return context.inSet(key)(key.set === "$" ? candidate.placement.uid : candidate.number);
    case "day":
      return matchesDay(key, candidate);
    case "all":
    case "flag":
    case "keyword":
    case "recent":
    case "size":
    case "age":
    case "modseq":
    case "emailid":
      return matchesPlacement(key, candidate, context);
    default:
      return never(key);
  }
}

function every(
  keys: readonly SearchKey[],
  candidate: Candidate,
  context: SearchContext,
): boolean | undefined {
  let result: boolean | undefined = true;
  for (const key of keys) {
    const each = matchesKey(key, candidate, context);
    if (each === false) return false;
    if (each === undefined) result = undefined;
  }
  return result;
}

type PlacementKey = Extract<
  SearchKey,
  { key: "all" | "flag" | "keyword" | "recent" | "size" | "age" | "modseq" | "emailid" }
>;

function matchesPlacement(
  key: PlacementKey,
  { placement, recent }: Candidate,
  { now }: SearchContext,
): boolean {
  switch (key.key) {
    case "all":
      return true;
    case "flag":
      return ((placement.flags & key.bit) !== 0) === key.set;
    case "keyword": {
      const wanted = key.keyword.toLowerCase();
      return placement.keywords.some((keyword) => keyword.toLowerCase() === wanted);
    }
    case "recent":
      return recent;
    case "size":
      return key.larger ? placement.size > key.octets : placement.size < key.octets;
    case "age": {
      const younger = placement.receivedAt >= now - key.seconds * 1000;
      return key.younger ? younger : !younger;
    }
    case "modseq":
      return placement.modseq >= key.modseq;
    case "emailid":
      return placement.messageId === key.id;
    default:
      return never(key);
  }
}

function matchesDay(
  key: Extract<SearchKey, { key: "day" }>,
  candidate: Candidate,
): boolean | undefined {
  const { placement, message } = candidate;
  let day = Math.floor((key.date === "saved" ? placement.savedAt : placement.receivedAt) / DAY);
  if (key.date === "sent") {
    if (message === undefined) return undefined;
    // Without a date of its own a message was sent when it came.
    day = sentDay(message.envelope.date) ?? day;
  }
  switch (key.when) {
    case "before":
      return day < key.day;
    case "on":
      return day === key.day;
    case "since":
      return day >= key.day;
    default:
      return never(key.when);
  }
}

/** The day a Date field names, whatever its time and zone (RFC 9051 §6.4.4 SENTON). */
function sentDay(date: string | null): number | undefined {
  const match = /(?:^|[\s,])(\d{1,2})\s+([A-Za-z]{3})[a-z]*\s+(\d{2,4})(?:\s|$)/.exec(date ?? "");
  if (match === null) return undefined;
  const month = months.findIndex((name) => name.toLowerCase() === match[2]?.toLowerCase());
  const digits = Number(match[3]);
  // RFC 5322 §4.3: two digits are 2000 to 2049 or 1950 to 1999, three are counted from 1900.
  const year =
    digits >= 1000 ? digits : digits < 50 && match[3]?.length === 2 ? 2000 + digits : 1900 + digits;
  return month < 0 ? undefined : Math.floor(Date.UTC(year, month, Number(match[1])) / DAY);
}

type ContentKey = Extract<SearchKey, { key: "header" | "body" | "text" }>;

function matchesContent(key: ContentKey, { message, bytes }: Candidate): boolean | undefined {
  if (message === undefined) return undefined;
  if (key.key === "header") {
    const known = envelopeText(message.envelope, key.field);
    if (known !== undefined) return known.some((text) => containsText(text, foldText(key.text)));
    if (bytes === undefined) return undefined;
    const { headerStart, bodyStart } = message.root;
    for (const text of headerText(bytes, headerStart, bodyStart, key.field))
      if (containsText(text, foldText(key.text))) return true;
    return false;
  }
  if (key.text === "") return true;
  if (bytes === undefined) return undefined;
  for (const text of searchText(bytes, message, key.key))
    if (containsText(text, foldText(key.text))) return true;
  return false;
}

/** A field's text from the envelope; undefined for fields that the envelope lacks. Sender and Reply-To are not told apart there. */
function envelopeText(envelope: Envelope, field: string): readonly string[] | undefined {
  switch (field) {
    case "subject":
      return one(envelope.subject);
    case "message-id":
      return one(envelope.messageId);
    case "in-reply-to":
      return one(envelope.inReplyTo);
    case "from":
    case "to":
    case "cc":
    case "bcc":
      return people(envelope[field]);
    default:
      return undefined;
  }
}

const one = (text: string | null): readonly string[] => (text === null ? [] : [decodeWords(text)]);

/** As one reads them: Name <mailbox@host>, one string, so that a search can run across what the field showed. */
function people(list: readonly Address[] | null): readonly string[] {
  if (list === null) return [];
  const shown = list.map(({ name, mailbox, host }) => {
    const address =
      host === null ? decodeWords(mailbox ?? "") : decodeWords(`${mailbox ?? ""}@${host}`);
    return name === null || name === "" ? address : `${decodeWords(name)} <${address}>`;
  });
  return [shown.join(", ")];
}
