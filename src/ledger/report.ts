// The public report: a pure function of what was opened, so that everybody computes the same bytes. Counts only.
import { type Canonical, parseCanonical } from "#base/canonical";
import { MAX_PART, type Opening } from "./entry.ts";

/** Counts by type, and by ground within a type, of the public parts among these openings; covers are counted apart. */
export function reportOf(openings: readonly Opening[]): Canonical {
  const parts: Canonical[] = [];
  for (const { part, bytes } of openings) {
    const value = part === "public" ? parseCanonical(bytes, MAX_PART) : undefined;
    if (value !== undefined) parts.push(value);
  }
  return reportOfParts(parts);
}

/** The same over public parts: {"covers": n, "entries": n, "types": {type: {"count": n, "grounds": {ground: n}}}}. */
export function reportOfParts(parts: readonly Canonical[]): Canonical {
  const types = new Map<string, Canonical[]>();
  let covers = 0;
  for (const part of parts) {
    if (isCover(part)) {
      covers += 1;
      continue;
    }
    const type = textField(part, "type") ?? "";
    const same = types.get(type);
    if (same === undefined) types.set(type, [part]);
    else same.push(part);
  }
  return {
    covers,
    entries: parts.length - covers,
    types: Object.fromEntries(
      [...types].map(([type, same]) => [type, { count: same.length, grounds: groundsOf(same) }]),
    ),
  };
}

export function isCover(part: Canonical): boolean {
  return textField(part, "type") === "cover";
}

function groundsOf(parts: readonly Canonical[]): Canonical {
  const counts = new Map<string, number>();
  for (const part of parts) {
    const ground = textField(part, "ground");
    if (ground !== undefined) counts.set(ground, (counts.get(ground) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

function textField(part: Canonical, name: string): string | undefined {
  if (typeof part !== "object" || Array.isArray(part) || !Object.hasOwn(part, name)) {
    return undefined;
  }
  const value = (part as { readonly [name: string]: Canonical })[name];
  return typeof value === "string" ? value : undefined;
}
