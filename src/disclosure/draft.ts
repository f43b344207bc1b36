// A draft of a grant: the desk's form as the canonical JSON that the actor signs elsewhere. Pure; the draft is handed back to
// the browser and stored nowhere, and nothing here can sign, file or open.
import { canonicalBytes } from "#base/canonical";
import { seconds } from "#base/time";
import {
  type DataClass,
  type Demand,
  type Ground,
  groundRow,
  isDataClass,
  isGround,
  policyDigest,
} from "#policy";
import { scopeOf } from "./scope.ts";
import { inNormalForm, unreadable } from "./words.ts";

export const requesterKinds = [
  "authority",
  "court",
  "lawyer",
  "client",
  "provider",
  "staff",
  "other",
] as const;

/** The desk's form, as text. */
export interface DraftForm {
  readonly ground: string;
  readonly class: string;
  readonly client: string;
  readonly account: string;
  readonly ids: readonly string[];
  /** For an interception: mail that is to come from one second (since 1970) to another; then there are no ids. */
  readonly time?:
    | { readonly from: number; readonly until: number; readonly most: number }
    | undefined;
  /** What was asked for, in the requester's words; the scope is what is granted of it. */
  readonly asked: string;
  readonly reason: string;
  /** The actor's key id: 16 hex digits. */
  readonly actor: string;
  readonly requesterName: string;
  readonly requesterKind: string;
  /** X25519 public key to which the package is sealed: 64 hex digits. */
  readonly recipient: string;
  readonly demands: { readonly [name in Demand]?: string };
  /** Hours until it expires, counted from now; no more than the ground's life. */
  readonly hours: string;
  /** A day (2026-11-30) until which an authority's document forbids telling the client; empty for now. */
  readonly noticeUntil: string;
  readonly noticeDocument: string;
}

/** What is wrong, by the form's field; a missing demand stands under "demands.NAME". */
export type DraftMistakes = { readonly [field: string]: string };

export type Draft =
  | { readonly ok: true; readonly value: Uint8Array }
  | { readonly ok: false; readonly mistakes: DraftMistakes };

// What a keeper accepts as one grant (base/canonical.ts has the size); more is "everything" by another name.
const MOST_IDS = 1000;
const MOST_BYTES = 16 * 1024;
// What the keeper takes as the most messages of one interception.
const MOST_INTERCEPTED = 10_000;

/** The canonical bytes of the grant, or everything that keeps it from being one. `now` in milliseconds since 1970. */
export function draftGrant(typed: DraftForm, now: number, nonce: string): Draft {
  const form = inNormalForm(typed);
  const ground = isGround(form.ground) ? form.ground : undefined;
  const dataClass = isDataClass(form.class) ? form.class : undefined;
  const mistakes = {
    ...(ground === undefined ? { ground: "Choose a ground." } : groundMistakes(ground, form)),
    ...(dataClass === undefined ? { class: "Choose a class." } : {}),
    ...plainMistakes(form, now),
  };
  if (ground === undefined || dataClass === undefined || Object.keys(mistakes).length > 0)
    return { ok: false, mistakes };
  const { time } = form;
  const { ids, root } = scopeOf(form.ids);
  const notBefore = seconds(now);
  const value = canonicalBytes({
    version: 1,
    ground,
    purpose: groundRow(ground).purpose,
    class: dataClass,
    client: form.client,
    // Content and log belong to an account; everything else to the client as a whole.
    account: ["content", "clientlog"].includes(dataClass) ? form.account : "",
    scope: time === undefined ? { ids, root } : { from: time.from, until: time.until },
    asked: form.asked,
    reason: form.reason,
    actor: form.actor,
    requester: { name: form.requesterName, kind: form.requesterKind },
    recipient: form.recipient,
    demands: filled(ground, form),
    policy: policyDigest,
    notBefore,
    expires: notBefore + Number(form.hours) * 3600,
    notice:
      form.noticeUntil === ""
        ? "now"
        : {
            until: seconds(Date.parse(`${form.noticeUntil}T00:00:00Z`)),
            document: form.noticeDocument,
          },
    maxItems: time?.most ?? ids.length,
    nonce,
  });
  if (value.byteLength > MOST_BYTES)
    return { ok: false, mistakes: { ids: "More than one grant can hold; make two of it." } };
  return { ok: true, value };
}

/** The classes that a ground reaches, those that an instrument must name included. */
export function classesOf(ground: Ground): readonly DataClass[] {
  const row = groundRow(ground);
  return [...row.classes, ...row.namedClasses];
}

function groundMistakes(ground: Ground, form: DraftForm): DraftMistakes {
  const row = groundRow(ground);
  const mistakes: { [field: string]: string } = {};
  if (isDataClass(form.class) && !classesOf(ground).includes(form.class))
    mistakes["class"] = `${ground} does not reach this class.`;
  for (const demand of row.demands)
    mistakes[`demands.${demand}`] = demandMistake(ground, demand, form.demands[demand] ?? "");
  if (ground === "E4" && form.requesterKind !== "authority")
    mistakes["requesterKind"] = "E4 is for a law enforcement agency only.";
  if (form.noticeUntil !== "" && !mayDelayNotice(ground, form.requesterKind))
    mistakes["noticeUntil"] = "Only legal process of an authority or court can delay notice.";
  const mostHours = row.lifeMs / 3_600_000;
  if (!/^\d{1,4}$/.test(form.hours) || Number(form.hours) < 1 || Number(form.hours) > mostHours)
    mistakes["hours"] = `From 1 to ${mostHours} hours on this ground.`;
  return Object.fromEntries(Object.entries(mistakes).filter(([, words]) => words !== ""));
}

function plainMistakes(form: DraftForm, now: number): DraftMistakes {
  const mistakes: { [field: string]: string } = {};
  if (form.client === "") mistakes["client"] = "Which client?";
  if (form.time !== undefined) mistakes["time"] = timeMistake(form, form.time, seconds(now));
  else if (form.ids.length === 0)
    mistakes["ids"] = "Name what is to be opened. There is no grant over everything.";
  else if (form.ids.length > MOST_IDS) mistakes["ids"] = `No more than ${MOST_IDS}.`;
  else if (!form.ids.every((id) => /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/.test(id)))
    mistakes["ids"] = "An id has letters, digits and . _ : - only. There are no wildcards.";
  for (const name of ["asked", "reason", "requesterName"] as const) {
    if (form[name].trim() === "") mistakes[name] = "This cannot stay empty.";
    else if (unreadable.test(form[name]))
      mistakes[name] = "It has a character that cannot be shown.";
  }
  if (!/^[0-9a-f]{16}$/.test(form.actor))
    mistakes["actor"] = "The key id has 16 hexadecimal digits.";
  if (!/^[0-9a-f]{64}$/.test(form.recipient))
    mistakes["recipient"] = "The recipient’s key has 64 hexadecimal digits.";
  if (!(requesterKinds as readonly string[]).includes(form.requesterKind))
    mistakes["requesterKind"] = "Choose who asks.";
  if (form.noticeUntil !== "") {
    const until = Date.parse(`${form.noticeUntil}T00:00:00Z`);
    if (Number.isNaN(until) || until <= now) mistakes["noticeUntil"] = "A day in the future.";
    if (form.noticeDocument.trim() === "")
      mistakes["noticeDocument"] = "Silence needs the authority’s document.";
  }
  return Object.fromEntries(Object.entries(mistakes).filter(([, words]) => words !== ""));
}

/** The keeper's rule: legal process only, no mail of the past, at most 31 days. "" when it is kept. */
function timeMistake(
  { ground, class: dataClass, ids }: DraftForm,
  { from, until, most }: NonNullable<DraftForm["time"]>,
  now: number,
): string {
  if (ground !== "E3" || dataClass !== "content")
    return "Only legal process (E3) reaches mail that is to come.";
  if (ids.length > 0) return "Either named messages or mail that is to come.";
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(until) || from < now)
    return "It begins now or later: mail of the past is opened by its ids.";
  if (until <= from || until - from > 31 * 24 * 3600)
    return "It ends after it begins, within 31 days.";
  if (!Number.isSafeInteger(most) || most < 1 || most > MOST_INTERCEPTED)
    return `From 1 to ${MOST_INTERCEPTED} messages.`;
  return "";
}

/** The keeper's rule: silence comes with D2 or E3, and from those who can order it. */
function mayDelayNotice(ground: Ground, kind: string): boolean {
  return (ground === "D2" || ground === "E3") && (kind === "authority" || kind === "court");
}

function demandMistake(ground: Ground, demand: Demand, text: string): string {
  if (text.trim() === "") return `${ground} demands this.`;
  if (unreadable.test(text)) return "It has a character that cannot be shown.";
  if (demand === "earlierEntry" && !/^\d{1,15}$/.test(text))
    return "The index of the entry, a number.";
  return "";
}

function filled(ground: Ground, form: DraftForm): { readonly [name: string]: string | number } {
  return Object.fromEntries(
    groundRow(ground).demands.map((demand) => {
      const text = form.demands[demand] ?? "";
      return [demand, demand === "earlierEntry" && /^\d{1,15}$/.test(text) ? Number(text) : text];
    }),
  );
}
