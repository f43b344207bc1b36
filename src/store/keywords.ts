// Keywords: a set of words on one placement, sealed to folder and UID, so that a row moved elsewhere does not open.
import { toUtf8 } from "#base/bytes";
import { Broken } from "#base/errors";
import type { Opener, Sealer } from "#vault";
import type { FlagChange, Owner } from "./contract.ts";
import { content, openContent, whatOpens } from "./names.ts";

const part = (uid: number): string => `keywords/${uid}`;

/** Null for none: most placements have none, and nothing sealed says so. Words are separated by LF, which no keyword holds. */
export function sealKeywords(
  owner: Owner,
  sealer: Sealer,
  folderId: string,
  uid: number,
  keywords: readonly string[],
): Uint8Array | null {
  if (keywords.length === 0) return null;
  return sealer.seal(content(owner, folderId, part(uid)), Buffer.from(keywords.join("\n")));
}

const none: readonly string[] = Object.freeze([]);

export function openKeywords(
  owner: Owner,
  opener: Opener,
  folderId: string,
  uid: number,
  sealed: Uint8Array | null,
): readonly string[] {
  if (sealed === null) return none;
  const opened = whatOpens(() => openContent(owner, opener, folderId, part(uid), sealed));
  // Keywords that were tampered with do not keep anybody from the message.
  if (opened === undefined) return none;
  const text = toUtf8(opened);
  if (text === undefined) throw new Broken("keywords are not UTF-8");
  return text.split("\n");
}

/** Sorted, without repetition: the same set is the same text. Case tells no two keywords apart (RFC 9051 §2.3.2). */
export function keywordSet(keywords: readonly string[]): readonly string[] {
  const byLower = new Map<string, string>();
  for (const keyword of keywords) {
    if (keyword === "" || keyword.includes("\n")) throw new Broken("a keyword is one word");
    const lower = keyword.toLowerCase();
    if (!byLower.has(lower)) byLower.set(lower, keyword);
  }
  return [...byLower.values()].sort();
}

export function changedKeywords(old: readonly string[], change: FlagChange): readonly string[] {
  if (change.operation === "replace") return keywordSet(change.keywords);
  if (change.operation === "add") return keywordSet([...old, ...change.keywords]);
  const gone = new Set(change.keywords.map((keyword) => keyword.toLowerCase()));
  return keywordSet(old.filter((keyword) => !gone.has(keyword.toLowerCase())));
}
