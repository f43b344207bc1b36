// A request as it was typed in, and as it is sealed: canonical JSON. Pure; total on whatever is typed.
import { canonicalBytes, parseCanonical } from "#base/canonical";
import { requesterKinds } from "./draft.ts";
import { type CaseKind, isCaseKind } from "./kinds.ts";
import { inNormalForm, unreadable } from "./words.ts";

/** All text, as a form gives it. */
export interface RequestForm {
  readonly kind: string;
  readonly requesterName: string;
  readonly requesterKind: string;
  /** How it came, and the way back that the request itself names: which is not the way to call back. */
  readonly cameBy: string;
  /** The address of ours that it is about. */
  readonly about: string;
  /** In the requester's own words. */
  readonly asked: string;
  /** Kind, issuer, reference and date of the instrument; "" where there is none. */
  readonly instrument: string;
  /** The document that forbids telling the client; "" where there is none. */
  readonly prohibition: string;
}

export interface Request extends RequestForm {
  readonly kind: CaseKind;
}

export type RequestMistakes = { readonly [field in keyof RequestForm]?: string };

export type ReadRequest =
  | { readonly ok: true; readonly value: Request }
  | { readonly ok: false; readonly mistakes: RequestMistakes };

// A letter of some pages; what is longer is an enclosure, and its summary stands here.
const MOST_LETTERS = 6000;

export function readRequest(typed: RequestForm): ReadRequest {
  const form = inNormalForm(typed);
  const mistakes: { -readonly [field in keyof RequestForm]?: string } = {};
  if (!isCaseKind(form.kind)) mistakes.kind = "Choose what it is.";
  if (!(requesterKinds as readonly string[]).includes(form.requesterKind))
    mistakes.requesterKind = "Choose who asks.";
  for (const name of ["requesterName", "cameBy", "about", "asked"] as const)
    if (form[name].trim() === "") mistakes[name] = "This cannot stay empty.";
  const needsInstrument = ["order", "warrant", "interception"].includes(form.kind);
  if (needsInstrument && form.instrument.trim() === "")
    mistakes.instrument =
      "Name the instrument: kind, issuer, reference, date. Without one it is no legal process.";
  for (const name of Object.keys(form) as (keyof RequestForm)[]) {
    if (unreadable.test(form[name])) mistakes[name] = "It has a character that cannot be shown.";
    else if (form[name].length > MOST_LETTERS) mistakes[name] = "Longer than can be kept here.";
  }
  if (!isCaseKind(form.kind) || Object.keys(mistakes).length > 0) return { ok: false, mistakes };
  return { ok: true, value: { ...form, kind: form.kind } };
}

export function encodeRequest(request: Request): Uint8Array {
  const { kind, requesterName, requesterKind, cameBy, about, asked, instrument, prohibition } =
    request;
  return canonicalBytes({
    version: 1,
    kind,
    requesterName,
    requesterKind,
    cameBy,
    about,
    asked,
    instrument,
    prohibition,
  });
}

/** Undefined for what we did not seal. */
export function decodeRequest(bytes: Uint8Array): Request | undefined {
  // Eight fields of six thousand letters, four octets each.
  const value = parseCanonical(bytes, 256 * 1024);
  return value === undefined ? undefined : (value as unknown as Request);
}

/** What was noted with a step, by whom, and with what came of it. */
export interface Note {
  readonly step: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly words: string;
  /** Index of the ledger entry, where the step is one; -1 else. */
  readonly entry: number;
}

export function encodeNote({ step, at, words, entry }: Note): Uint8Array {
  // Canonical JSON has no negative zero and no null; -1 is an integer.
  return canonicalBytes({ version: 1, step, at, words: inNormalForm({ words }).words, entry });
}

export function decodeNote(bytes: Uint8Array): Note | undefined {
  const value = parseCanonical(bytes, 256 * 1024);
  return value === undefined ? undefined : (value as unknown as Note);
}
