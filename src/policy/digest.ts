// The digest that stands for one version of the policy. It is bound into each sealed object, each grant and the ledger.
import { createHash } from "node:crypto";
import { type Canonical, canonicalText } from "#base/canonical";
import { toHex } from "#base/bytes";
import { classes, logKinds } from "./classes.ts";
import { clauses } from "./clauses.ts";
import { demands, grounds } from "./grounds.ts";
import { standingPurposes } from "./standing.ts";

/** The whole policy as one value: what is published as JSON, and what the digest is made over. */
export function policyDocument(): Canonical {
  return withoutUndefined({
    version: 1,
    classes,
    logKinds,
    grounds,
    demands,
    standingPurposes,
    clauses,
  }) as Canonical;
}

/** SHA-256 of the canonical document, lower-case hex. */
export const policyDigest: string = sha256Hex(canonicalText(policyDocument()));

export function sha256Hex(text: string): string {
  return toHex(createHash("sha256").update(text).digest());
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutUndefined(item)]));
}
