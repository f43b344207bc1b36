// How what was found is told: the lists of old, or ESEARCH with what RETURN asked for (RFC 4731, RFC 5267, RFC 9394).
import type { ResultRange, SearchReturn } from "./command.ts";
import type { Hit } from "./find.ts";
import { type Session, tell } from "./session.ts";
import { formatSet } from "./sets.ts";

export interface Results {
  readonly uid: boolean;
  readonly tag: string;
  readonly shown: readonly SearchReturn[];
  /** In the order asked for: by number, or sorted. */
  readonly hits: readonly Hit[];
  readonly modseq: boolean;
}

export const numberOf = (uid: boolean, { placement, number }: Hit): number =>
  uid ? placement.uid : number;

/** `* SEARCH` and `* SORT` (RFC 3501 §7.2.5, RFC 5256 §4), with RFC 7162's MODSEQ. */
export function tellList(
  session: Session,
  name: "SEARCH" | "SORT",
  { uid, hits, modseq }: Pick<Results, "uid" | "hits" | "modseq">,
): void {
  const numbers = hits.map((hit) => ` ${numberOf(uid, hit)}`).join("");
  const end = modseq && hits.length > 0 ? ` (MODSEQ ${highestModseq(hits)})` : "";
  tell(session, `${name}${numbers}${end}`);
}

export function correlator(tag: string, uid: boolean): string {
  return `ESEARCH (TAG "${tag.replace(/["\\]/g, "\\$&")}")${uid ? " UID" : ""}`;
}

/** RFC 4731, RFC 9051 §7.3.4. */
export function tellEsearch(session: Session, results: Results): void {
  const { uid, tag, shown, hits } = results;
  if (shown.every((each) => each === "SAVE")) return;
  const parts = [correlator(tag, uid)];
  const first = hits[0];
  const last = hits.at(-1);
  const set = (some: readonly Hit[]): string => formatSet(some.map((hit) => numberOf(uid, hit)));
  if (first !== undefined && last !== undefined) {
    if (shown.includes("MIN")) parts.push(`MIN ${numberOf(uid, first)}`);
    if (shown.includes("MAX")) parts.push(`MAX ${numberOf(uid, last)}`);
    if (shown.includes("ALL")) parts.push(`ALL ${set(hits)}`);
  }
  if (shown.includes("COUNT")) parts.push(`COUNT ${hits.length}`);
  const partial = partialOf(shown);
  if (partial !== undefined) {
    const some = inPlaces(hits, partial);
    parts.push(`PARTIAL (${rangeText(partial)} ${some.length > 0 ? set(some) : "NIL"})`);
  }
  if (results.modseq && hits.length > 0) parts.push(`MODSEQ ${highestModseq(told(shown, hits))}`);
  tell(session, parts.join(" "));
}

/** What `$` stands for afterwards (RFC 5182 §2.4, RFC 9394 §3.2). */
export function savedOf(shown: readonly SearchReturn[], hits: readonly Hit[]): readonly number[] {
  return told(shown, hits).map(({ placement }) => placement.uid);
}

/** Those of a list at the places asked for: from 1, or back from -1; what is beyond the ends is nobody. */
export function inPlaces<Each>(
  all: readonly Each[],
  { first, last }: ResultRange,
): readonly Each[] {
  const [low, high] = [Math.min(first, last), Math.max(first, last)];
  if (low > 0) return all.slice(low - 1, high);
  return all.slice(Math.max(0, all.length + low), Math.max(0, all.length + high + 1));
}

/** 500:400 is 400:500 (RFC 5267 §5); from the end, as it was asked. */
function rangeText({ first, last }: ResultRange): string {
  return first > 0 ? `${Math.min(first, last)}:${Math.max(first, last)}` : `${first}:${last}`;
}

function partialOf(shown: readonly SearchReturn[]): ResultRange | undefined {
  for (const each of shown) if (typeof each === "object") return each.partial;
  return undefined;
}

function highestModseq(hits: readonly Hit[]): number {
  return hits.reduce((highest, { placement }) => Math.max(highest, placement.modseq), 0);
}

/** The messages that the answer speaks of: with MIN, MAX and PARTIAL alone only those (RFC 4731 §3.2, RFC 5182 §2.4). */
function told(shown: readonly SearchReturn[], hits: readonly Hit[]): readonly Hit[] {
  const partial = partialOf(shown);
  const some = shown.includes("MIN") || shown.includes("MAX") || partial !== undefined;
  if (!some || shown.includes("ALL") || shown.includes("COUNT")) return hits;
  const among = new Set<Hit | undefined>(partial === undefined ? [] : inPlaces(hits, partial));
  if (shown.includes("MIN")) among.add(hits[0]);
  if (shown.includes("MAX")) among.add(hits.at(-1));
  return hits.filter((hit) => among.has(hit));
}
