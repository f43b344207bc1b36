// Whether a message matches a search key, from as little of it as tells: its placement, what is known of it, or its whole text.
// Undefined means that more must be opened to know.
import { containsText, foldText, headerText, searchText } from "#mail/message";
import type { Placement } from "#store";
import { never } from "#base/errors";
import { DAY } from "#base/time";
import type { SearchKey } from "./command.ts";
import type { Known } from "./search-facts.ts";

export interface Candidate {
  readonly placement: Placement;
  readonly number: number;
  readonly recent: boolean;
  readonly known?: Known;
  readonly bytes?: Uint8Array;
}

export interface SearchContext {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Made once per set of the command. */
  readonly inSet: (
    key: Extract<SearchKey, { key: "uids" | "numbers" }>,
  ) => (value: number) => boolean;
  /** The text that a key looks for, folded; made once per key of the command. */
  readonly wanted: (key: ContentKey) => string;
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
      return matchesContent(key, candidate, context);
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
  const { placement, known } = candidate;
  let day = Math.floor((key.date === "saved" ? placement.savedAt : placement.receivedAt) / DAY);
  if (key.date === "sent") {
    if (known === undefined) return undefined;
    // Without a date of its own a message was sent when it came.
    day = known.sentDay() ?? day;
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

function matchesContent(
  key: ContentKey,
  { known, bytes }: Candidate,
  context: SearchContext,
): boolean | undefined {
  if (known === undefined) return undefined;
  const wanted = context.wanted(key);
  if (key.key === "header") {
    const texts = known.field(key.field);
    if (texts !== null) return texts.some((text) => text.includes(wanted));
    if (bytes === undefined) return undefined;
    return headerText(bytes, ...known.head(), key.field).some((text) => containsText(text, wanted));
  }
  if (key.text === "") return true;
  if (bytes === undefined) return undefined;
  return searchText(bytes, known.pieces(key.key)).some((text) => containsText(text, wanted));
}

/** Folds what the keys of one command look for, each once. */
export function openWanted(): SearchContext["wanted"] {
  const folded = new Map<ContentKey, string>();
  return (key) => {
    const held = folded.get(key);
    if (held !== undefined) return held;
    const made = foldText(key.text);
    folded.set(key, made);
    return made;
  };
}
