// The grant: one person's request to open named things of one client, as canonical JSON of at most 16 KiB. This file reads
// its form and nothing else; whether it may be is for rules.ts. Total: what is no grant comes back as a reason.
import { fromHex } from "#base/bytes";
import { parseCanonical } from "#base/canonical";
import type { Demand } from "#policy";
import { openSealer } from "#vault";
import {
  exactly,
  type Field,
  hex,
  integer,
  isRecord,
  oneOf,
  readable,
  type RequesterKind,
  requesterKinds,
  text,
  words,
} from "./fields.ts";

export interface Grant {
  readonly version: 1;
  readonly ground: string;
  readonly purpose: string;
  readonly class: string;
  readonly client: string;
  /** "" for what belongs to the client as a whole; an account's id for content. */
  readonly account: string;
  readonly scope: Scope;
  /** The scope as it was asked for, in words. */
  readonly asked: string;
  /** Shown to the client. */
  readonly reason: string;
  /** Key id of who files it. */
  readonly actor: string;
  readonly requester: { readonly name: string; readonly kind: RequesterKind };
  /** X25519 public key, hex: the package is sealed to it. */
  readonly recipient: string;
  /** Exactly what the ground demands; all text but `earlierEntry`, an index. */
  readonly demands: { readonly [demand in Demand]?: string | number };
  /** Digest of the policy under which it is asked. */
  readonly policy: string;
  /** Seconds since 1970. */
  readonly notBefore: number;
  readonly expires: number;
  /** When the client hears of it: at once, or not before the instant (seconds) until which an authority's document forbids it. */
  readonly notice: "now" | { readonly until: number; readonly document: string };
  /** The most objects; of a scope of time the most messages. */
  readonly maxItems: number;
  readonly nonce: string;
}

/** What is there: ids of objects, sorted and without repetition, with their Merkle root. Or what is to come: mail of a time (seconds). */
export type Scope =
  | { readonly ids: readonly string[]; readonly root: string }
  | { readonly from: number; readonly until: number };

/** The ids that may be opened; of a time there are none. */
export function idsOf(scope: Scope): readonly string[] {
  return "ids" in scope ? scope.ids : [];
}

export type GrantForm =
  | { readonly ok: true; readonly grant: Grant }
  | { readonly ok: false; readonly why: string };

const fields: { readonly [name in keyof Grant]: Field } = {
  version: (value) => value === 1,
  ground: text,
  purpose: text,
  class: text,
  client: text,
  account: text,
  scope: (value) =>
    exactly({ ids: (ids) => Array.isArray(ids) && ids.every(text), root: hex(64) })(value) ||
    exactly({ from: integer, until: integer })(value),
  asked: words,
  reason: words,
  actor: hex(16),
  requester: exactly({
    name: words,
    kind: oneOf(requesterKinds),
  }),
  recipient: (value) => hex(64)(value) && isBoxKey(fromHex(String(value))),
  demands: (value) =>
    isRecord(value) && Object.values(value).every((each) => readable(each) || integer(each)),
  policy: hex(64),
  notBefore: integer,
  expires: integer,
  notice: (value) => value === "now" || exactly({ until: integer, document: words })(value),
  maxItems: integer,
  nonce: (value) => typeof value === "string" && /^[\w-]{16,64}$/.test(value),
};

/** Reads a grant's bytes; says which field is not as it must be. */
export function parseGrant(bytes: Uint8Array): GrantForm {
  const value = parseCanonical(bytes);
  if (value === undefined)
    return { ok: false, why: "not the canonical JSON of a grant, or over 16 KiB" };
  if (!isRecord(value)) return { ok: false, why: "a grant is an object" };
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
  if (unknown !== undefined)
    return { ok: false, why: `a grant has no field ${unknown.slice(0, 40)}` };
  const wrong = Object.entries(fields).find(([name, fits]) => !fits(value[name]));
  if (wrong !== undefined)
    return { ok: false, why: `the field ${wrong[0]} is missing or malformed` };
  return { ok: true, grant: value as unknown as Grant };
}

/** True for a public key that can be sealed to: 32 bytes, and no point of low order. */
export function isBoxKey(key: Uint8Array | undefined): boolean {
  try {
    const context = { class: "case", client: "", account: "", object: "", part: "" } as const;
    openSealer(key ?? new Uint8Array()).seal(context, new Uint8Array());
    return true;
  } catch {
    return false;
  }
}
