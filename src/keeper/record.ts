// Records of cases: the steps of the desks that outsiders count. Each is signed by a person on their own machine and becomes one
// entry: what may be counted is public, the client's words are the client's, the rest is the case's. Canonical JSON, at most 16 KiB:
//
//   {version: 1, type, case, policy, at, nonce, actor, …} and, by type,
//   request-received     requester {name, kind}, asks: account | content | interception | emergency
//   request-determined   verdict: valid | invalid | incomplete
//   request-closed       outcome: fulfilled | part | rejected | withdrawn, because: one of `closeReasons`
//   decision             measure: none | delete | block | suspend, basis: report | terms, clause: "3.2" | "unlisted" ("" with none),
//                        client ("" for a sender who is none), ids, statement, until (0 for no end)
//   appeal-decided       of: index of the decision, result: upheld | reversed, client, statement
//
// This file reads forms; whether the person may is for records.ts.
import { parseCanonical } from "#base/canonical";
import { DAY, SECOND } from "#base/time";
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

interface CaseRecordHead {
  readonly version: 1;
  /** The desk's number of the case. */
  readonly case: string;
  /** Digest of the policy in force. */
  readonly policy: string;
  /** Seconds since 1970. */
  readonly at: number;
  readonly nonce: string;
  /** Key id of who signs it. */
  readonly actor: string;
}

export type CaseRecord = CaseRecordHead &
  (
    | {
        readonly type: "request-received";
        readonly requester: { readonly name: string; readonly kind: RequesterKind };
        readonly asks: (typeof asksFor)[number];
      }
    | { readonly type: "request-determined"; readonly verdict: (typeof verdicts)[number] }
    | {
        readonly type: "request-closed";
        readonly outcome: (typeof outcomes)[number];
        readonly because: (typeof closeReasons)[number];
      }
    | {
        readonly type: "decision";
        readonly measure: (typeof measures)[number];
        readonly basis: (typeof bases)[number];
        readonly clause: string;
        readonly client: string;
        readonly ids: readonly string[];
        readonly statement: string;
        readonly until: number;
      }
    | {
        readonly type: "appeal-decided";
        readonly of: number;
        readonly result: (typeof results)[number];
        readonly client: string;
        readonly statement: string;
      }
  );

export type RecordType = CaseRecord["type"];

const asksFor = ["account", "content", "interception", "emergency"] as const;
const verdicts = ["valid", "invalid", "incomplete"] as const;
const outcomes = ["fulfilled", "part", "rejected", "withdrawn"] as const;
const measures = ["none", "delete", "block", "suspend"] as const;
const bases = ["report", "terms"] as const;
const results = ["upheld", "reversed"] as const;

/** Why a request ended as it did, in a word that can be counted; the words are in the case. */
export const closeReasons = [
  /** All that was asked for was given, or the requester took it back: nothing to explain. */
  "as-asked",
  "narrowed",
  "not-valid",
  "incomplete",
  "not-authenticated",
  "no-legal-process",
  "no-ground",
  "no-such-client",
  "nothing-held",
  "impossible",
  "not-approved",
] as const;

const heads: { readonly [name in keyof CaseRecordHead | "type"]: Field } = {
  version: (value) => value === 1,
  type: text,
  case: (value) => typeof value === "string" && /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/.test(value),
  policy: hex(64),
  at: integer,
  nonce: (value) => typeof value === "string" && /^[\w-]{16,64}$/.test(value),
  actor: hex(16),
};

// What is to last longer has no end.
const LONGEST_S = (10 * 366 * DAY) / SECOND;

const id = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;
const isClause: Field = (value) =>
  typeof value === "string" && /^(?:unlisted|[1-9]\d?(?:\.[1-9]\d?){0,2})$/.test(value);

const forms: { readonly [type in RecordType]: { readonly [name: string]: Field } } = {
  "request-received": {
    requester: exactly({ name: words, kind: oneOf(requesterKinds) }),
    asks: oneOf(asksFor),
  },
  "request-determined": { verdict: oneOf(verdicts) },
  "request-closed": { outcome: oneOf(outcomes), because: oneOf(closeReasons) },
  decision: {
    measure: oneOf(measures),
    basis: oneOf(bases),
    clause: (value) => value === "" || isClause(value),
    client: text,
    ids: (value) =>
      Array.isArray(value) &&
      value.every(
        (each, at) =>
          typeof each === "string" && id.test(each) && (at === 0 || value[at - 1] < each),
      ),
    statement: readable,
    until: integer,
  },
  "appeal-decided": { of: integer, result: oneOf(results), client: text, statement: words },
};

export type RecordForm =
  | { readonly ok: true; readonly record: CaseRecord }
  | { readonly ok: false; readonly refusal: "not-canonical" | "bad-record"; readonly why: string };

/** Reads a record's bytes; says which field is not as it must be. Total. */
export function parseRecord(bytes: Uint8Array): RecordForm {
  const value = parseCanonical(bytes);
  if (!isRecord(value))
    return { ok: false, refusal: "not-canonical", why: "no canonical JSON object, or over 16 KiB" };
  const bad = (why: string): RecordForm => ({ ok: false, refusal: "bad-record", why });
  const { type } = value;
  if (typeof type !== "string" || !Object.hasOwn(forms, type))
    return bad("no record has that type");
  const fields: { readonly [name: string]: Field } = { ...heads, ...forms[type as RecordType] };
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
  if (unknown !== undefined) return bad(`${type} has no field ${unknown.slice(0, 40)}`);
  const wrong = Object.entries(fields).find(([name, fits]) => !fits(value[name]));
  if (wrong !== undefined) return bad(`the field ${wrong[0]} is missing or malformed`);
  const record = value as unknown as CaseRecord;
  const mistake = record.type === "decision" ? mistakeIn(record) : undefined;
  return mistake === undefined ? { ok: true, record } : bad(mistake);
}

/** What only several fields together can get wrong. */
function mistakeIn(
  decision: Extract<CaseRecord, { readonly type: "decision" }>,
): string | undefined {
  const { measure, clause, client, ids, statement, until, at } = decision;
  if (until !== 0 && (until <= at || until > at + LONGEST_S))
    return "it ends after it was signed and within ten years, or 0 says that it does not";
  if (measure === "none") return undefined;
  if (clause === "") return "a measure names the clause of the terms of use, or says unlisted";
  if (measure === "delete" && ids.length === 0) return "a deletion names what is deleted";
  // A sender who is no client can be kept out, and that is all.
  if (client === "" && measure !== "block") return `to ${measure} something it must be a client's`;
  if (client !== "" && statement.trim() === "") return "a client is given the reasons";
  return undefined;
}
