// Message ids in header text (RFC 5322 §3.6.4), in one spelling each: RFC 5256 §3 (REFERENCES) has quoting make no difference.
import type { RawText } from "./shape.ts";

// A thread that mailers did not cut is some tens of ids long; beyond this the oldest are left out, which breaks no link that matters.
const MAX_IDS = 1000;
// No line of mail is longer (RFC 5322 §2.1.1), and looking further would not be linear.
const MAX_ID = 998;

const one = /<\s*(?:"((?:[^"\\]|\\.)*)"|([^<>@"\s]+))\s*@\s*(\[[^\]\s]*\]|[^<>@\s]+)\s*>/y;

/** The ids of a field's value in order, without their brackets: `left@right` with quotes undone. What is no id is passed over. */
export function messageIds(text: RawText): readonly string[] {
  const ids: string[] = [];
  for (let at = text.indexOf("<"); at >= 0; at = text.indexOf("<", at + 1)) {
    one.lastIndex = 0;
    const match = one.exec(text.slice(at, at + MAX_ID));
    if (match === null) continue;
    const left = match[1]?.replaceAll(/\\(.)/g, "$1") ?? match[2] ?? "";
    ids.push(`${left}@${match[3] ?? ""}`);
    at += match[0].length - 1;
  }
  return ids.slice(-MAX_IDS);
}

/**
 * What a message refers to, oldest first (RFC 5256 §3): the ids of References, and where there is none the first of In-Reply-To.
 */
export function referencesOf(
  references: RawText | null,
  inReplyTo: RawText | null,
): readonly string[] {
  const ids = references === null ? [] : messageIds(references);
  if (ids.length > 0 || inReplyTo === null) return ids;
  return messageIds(inReplyTo).slice(0, 1);
}
