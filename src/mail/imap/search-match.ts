// Whether a message matches a search key, from as little of it as tells: its placement, its structure, or its whole text.
// Undefined means that more must be opened to know.
import {
  addressText,
  containsText,
  dayOfDate,
  decodeWords,
  fieldTexts,
  foldText,
  headerText,
  type ParsedMessage,
  searchText,
} from "#mail/message";
import type { Placement } from "#store";
import { never } from "#base/errors";
import { DAY } from "#base/time";
import type { SearchKey } from "./command.ts";

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
    day = dayOfDate(message.envelope.date ?? "") ?? day;
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

type ContentKey = Extract<SearchKey, { key: "header" | "body" | "text" }>;

function matchesContent(key: ContentKey, { message, bytes }: Candidate): boolean | undefined {
  if (message === undefined) return undefined;
  const wanted = foldText(key.text);
  const has = (text: string): boolean => containsText(text, wanted);
  if (key.key === "header") {
    const known = knownText(message, key.field);
    if (known !== undefined) return known.some(has);
    if (bytes === undefined) return undefined;
    const { headerStart, bodyStart } = message.root;
    return headerText(bytes, headerStart, bodyStart, key.field).some(has);
  }
  if (key.text === "") return true;
  if (bytes === undefined) return undefined;
  return searchText(bytes, message, key.key).some(has);
}

/**
 * A field's text in every occurrence as the structure tells it; undefined where the message must be opened. Addresses are told as they
 * stood, and once more as one reads them, without the quotes that only the grammar needs.
 */
function knownText(message: ParsedMessage, field: string): readonly string[] | undefined {
  const raw = fieldTexts(message, field);
  if (raw === undefined || raw.length === 0) return raw;
  const texts = raw.map((text) => decodeWords(text));
  switch (field) {
    case "from":
    case "to":
    case "cc":
    case "bcc":
      return [...texts, decodeWords(addressText(message.envelope[field]))];
    default:
      return texts;
  }
}
