// Flags between the wire's words and the store's bits (RFC 9051 §2.3.2). \Recent is the session's, never stored.
import { flagBits } from "#store";

const system = [
  ["\\Answered", flagBits.answered],
  ["\\Flagged", flagBits.flagged],
  ["\\Deleted", flagBits.deleted],
  ["\\Seen", flagBits.seen],
  ["\\Draft", flagBits.draft],
] as const;

const bitOf: ReadonlyMap<string, number> = new Map(
  system.map(([word, bit]) => [word.toLowerCase(), bit]),
);

/** Every combination of the five bits, spelt once. */
const spelt: readonly string[] = Array.from({ length: 32 }, (_, flags) =>
  system
    .filter(([, bit]) => (flags & bit) !== 0)
    .map(([word]) => word)
    .join(" "),
);

/** "(\Seen $Forwarded)". */
export function formatFlags(flags: number, keywords: readonly string[], recent: boolean): string {
  const words = spelt[flags & 31] ?? "";
  if (keywords.length === 0 && !recent) return `(${words})`;
  return `(${[...(words === "" ? [] : [words]), ...keywords, ...(recent ? ["\\Recent"] : [])].join(" ")})`;
}

/**
 * Flags as a mail program names them, to bits and keywords. A keyword that `known` has in another case takes that spelling
 * (keywords do not differ by case); \Recent is dropped; an unknown \flag gives undefined.
 */
export function readFlags(
  words: readonly string[],
  known: ReadonlyMap<string, string> = new Map(),
): { readonly flags: number; readonly keywords: readonly string[] } | undefined {
  let flags = 0;
  const keywords = new Map<string, string>();
  for (const word of words) {
    const lower = word.toLowerCase();
    const bit = bitOf.get(lower);
    if (bit !== undefined) flags |= bit;
    else if (!word.startsWith("\\")) keywords.set(lower, known.get(lower) ?? word);
    else if (lower !== "\\recent") return undefined;
  }
  return { flags, keywords: [...keywords.values()] };
}
