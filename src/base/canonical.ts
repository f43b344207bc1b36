// Canonical JSON: one spelling for one value, so that hashes and signatures mean something. Objects with sorted keys,
// arrays, NFC strings, safe integers and true/false; nothing else. The parser accepts the canonical spelling only.
import { fromUtf8, toUtf8 } from "./bytes.ts";

export type Canonical =
  | string
  | number
  | boolean
  | readonly Canonical[]
  | { readonly [key: string]: Canonical };

// 16 KiB is four times the largest grant that a lawyer's list of demands has needed in drafting; deeper than 8 is no grant.
const MAX_BYTES = 16 * 1024;
const MAX_DEPTH = 8;

/** The canonical bytes of a value. Throws a TypeError on what has none (fractions, -0, NFD, lone surrogates, null). */
export function canonicalBytes(value: Canonical): Uint8Array {
  return fromUtf8(canonicalText(value));
}

export function canonicalText(value: Canonical): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value) || Object.is(value, -0))
      throw new TypeError(`not a canonical integer: ${value}`);
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonicalText(item)).join(",")}]`;
  if (typeof value !== "object" || value === null)
    throw new TypeError(`not a canonical value: ${String(value)}`);
  const fields = Object.entries(value as { [key: string]: Canonical }).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return `{${fields.map(([key, item]) => `${quoted(key)}:${canonicalText(item)}`).join(",")}}`;
}

/** Parses canonical bytes; undefined when they are too long, too deep or not the one canonical spelling. */
export function parseCanonical(
  bytes: Uint8Array,
  maxBytes: number = MAX_BYTES,
): Canonical | undefined {
  if (bytes.byteLength > maxBytes) return undefined;
  const text = toUtf8(bytes);
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text) as Canonical;
    return depth(value) <= MAX_DEPTH && canonicalText(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

function quoted(text: string): string {
  if (!text.isWellFormed()) throw new TypeError("a lone surrogate has no canonical form");
  if (text.normalize("NFC") !== text)
    throw new TypeError("text is not in Unicode normalization form C");
  return JSON.stringify(text);
}

function depth(value: Canonical): number {
  if (typeof value !== "object") return 0;
  let deepest = 0;
  for (const item of Object.values(value)) deepest = Math.max(deepest, depth(item));
  return deepest + 1;
}
