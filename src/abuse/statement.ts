// The desk's forms as records to be signed elsewhere, and the statement of reasons that the client reads: the fields of Article 17 of
// the EU's Digital Services Act. Pure; nothing here signs, decides or carries out.
import { canonicalBytes } from "#base/canonical";
import { DAY, SECOND, seconds } from "#base/time";
import { policyDigest, termsClause } from "#policy";
import { printable } from "./arf.ts";
import type { DecisionForm, DecisionRecord, Mistakes } from "./contract.ts";
import { senderName } from "./blocks.ts";

const measures = ["none", "delete", "block", "suspend"] as const;
type Measure = (typeof measures)[number];

/** How long a client can appeal, and a deletion can be undone. */
export const APPEAL_WINDOW = 30 * DAY;
// What keeps somebody out for longer is decided anew.
const LONGEST_DAYS = 365;
// The letter's field holds 4,000 characters, and the statement has its own words around these.
const MAX_FACTS = 2000;
const MAX_SCOPE = 200;

export const measureWords: { readonly [name in Measure]: string } = {
  none: "nothing is done",
  delete: "messages are deleted",
  block: "a sender is kept out",
  suspend: "the account is suspended",
};

/** Case id, nonce and instant of a record, and whom it is about. */
export interface About {
  readonly case: string;
  readonly nonce: string;
  readonly now: number;
  readonly client: string;
}

export type Made =
  | { readonly ok: true; readonly value: Uint8Array; readonly record: DecisionRecord }
  | { readonly ok: false; readonly mistakes: Mistakes };

/** The record of a decision with an empty actor, which whoever signs it fills in. */
export function makeDecision(form: DecisionForm, about: About): Made {
  const mistakes: { [field: string]: string } = {};
  const measure = measures.find((name) => name === form.measure);
  const basis = form.basis === "report" || form.basis === "terms" ? form.basis : undefined;
  const clause = form.clause.trim();
  const facts = printable(form.facts).trim();
  const scope = printable(form.scope).trim();
  const days = form.days.trim() === "" ? 0 : Number(form.days);
  if (measure === undefined) mistakes["measure"] = "Choose a measure.";
  if (basis === undefined) mistakes["basis"] = "A report, or a violation of the terms?";
  if (clause !== "unlisted" && clause !== "" && termsClause(clause) === undefined)
    mistakes["clause"] = "The terms have no such clause.";
  if (clause === "" && measure !== "none")
    mistakes["clause"] = "A measure cites a clause, or says that it is unlisted.";
  if (facts === "") mistakes["facts"] = "The client is given the facts.";
  if (facts.length > MAX_FACTS) mistakes["facts"] = `At most ${MAX_FACTS} characters.`;
  if (scope === "" || scope.length > MAX_SCOPE) mistakes["scope"] = "Where does it hold?";
  if (!Number.isInteger(days) || days < 0 || days > LONGEST_DAYS)
    mistakes["days"] = `A number of days up to ${LONGEST_DAYS}.`;
  if (measure === "block" && days === 0) mistakes["days"] = "Keeping a sender out has an end.";
  if (measure === "block" && senderName(form.sender) === undefined)
    mistakes["sender"] = "An address, or a domain.";
  if (measure === "delete" && form.ids.length === 0)
    mistakes["ids"] = "Which messages? There is no deletion of everything.";
  if (about.client === "" && (measure === "delete" || measure === "suspend"))
    mistakes["measure"] = "That needs a client; this report names none.";
  if (measure === undefined || basis === undefined || Object.keys(mistakes).length > 0)
    return { ok: false, mistakes };
  const until = days === 0 ? 0 : seconds(about.now) + (days * DAY) / SECOND;
  const record: DecisionRecord = {
    case: about.case,
    nonce: about.nonce,
    measure,
    basis,
    clause,
    client: about.client,
    ids: measure === "delete" ? [...new Set(form.ids)].sort() : [],
    statement: statementOf({ measure, basis, clause, facts, scope, until }),
    until,
  };
  return { ok: true, record, value: signable("decision", about, { ...record }) };
}

export function makeAppealAnswer(
  about: About,
  of: number,
  form: { readonly result: string; readonly statement: string },
):
  | { readonly ok: true; readonly value: Uint8Array }
  | { readonly ok: false; readonly mistakes: Mistakes } {
  const statement = printable(form.statement).trim();
  const mistakes: { [field: string]: string } = {};
  if (form.result !== "upheld" && form.result !== "reversed")
    mistakes["result"] = "Upheld, or reversed?";
  if (statement === "" || statement.length > MAX_FACTS)
    mistakes["statement"] = `Reasons for the client, at most ${MAX_FACTS} characters.`;
  if (Object.keys(mistakes).length > 0) return { ok: false, mistakes };
  const { client } = about;
  const fields = { of, result: form.result, client, statement };
  return { ok: true, value: signable("appeal-decided", about, fields) };
}

function signable(
  type: "decision" | "appeal-decided",
  { case: id, nonce, now }: About,
  fields: { readonly [name: string]: string | number | readonly string[] },
): Uint8Array {
  const head = { version: 1, type, case: id, policy: policyDigest, at: seconds(now), nonce };
  return canonicalBytes({ ...fields, ...head, actor: "" });
}

/** What the client reads. */
function statementOf(of: {
  readonly measure: Measure;
  readonly basis: "report" | "terms";
  readonly clause: string;
  readonly facts: string;
  readonly scope: string;
  readonly until: number;
}): string {
  const { measure, basis, clause, facts, scope, until } = of;
  const cited = termsClause(clause);
  const ground =
    cited === undefined
      ? "no listed clause of our terms of use; it is counted apart as unlisted"
      : `clause ${cited.id} of our terms of use: “${cited.words}”`;
  const lasts =
    until === 0
      ? measure === "delete"
        ? "for good, once the time for an appeal is over"
        : "without a set end"
      : `until ${new Date(until * SECOND).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  return [
    `Decision: ${measureWords[measure]}.`,
    `Facts: ${facts}`,
    `Ground: ${ground}.`,
    `How we came to it: ${basis === "report" ? "a report was made to us" : "we came upon it ourselves, without a report"}.`,
    "Automated means: none, neither to find it nor to decide.",
    `Where it holds: ${scope}`,
    `How long: ${lasts}.`,
    "What you can do: appeal by the form on your page, within 30 days; another person decides. You can also go to a court, or to an out-of-court dispute settlement body.",
  ].join("\n");
}
