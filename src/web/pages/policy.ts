// The policy page: every word of it comes from the table that the program obeys, and each clause leads to where it can be
// seen at work. Pure.
import { html } from "hono/html";
import { DAY, HOUR } from "#base/time";
import {
  type DataClass,
  type Ground,
  classes,
  clauses,
  dataClasses,
  demands,
  groundRow,
  grounds,
  policyDigest,
} from "#policy";
import type { Html } from "../html.ts";
import type { Link } from "../navigation.ts";
import { type Cell, table } from "../table.ts";
import { type Texts, original, tableWords } from "../texts/texts.ts";

/** Where a clause can be seen at work, by the clause's id. */
const evidence: { readonly [clause: string]: readonly Link[] } = {
  visitors: [
    { path: "/left-here", label: "leftHere" },
    { path: "/traffic", label: "traffic" },
  ],
  cookies: [{ path: "/cookies", label: "cookies" }],
  contact: [{ path: "/portal/held", label: "held" }],
  payment: [{ path: "/portal/held", label: "held" }],
  account: [{ path: "/portal/log", label: "log" }],
  content: [{ path: "/source", label: "source" }],
  "account-disclosure": [{ path: "/ledger", label: "ledger" }],
  "content-disclosure": [{ path: "/ledger", label: "ledger" }],
  review: [{ path: "/ledger", label: "ledger" }],
  seen: [{ path: "/portal/looks", label: "looks" }],
};

export function policyPage(t: Texts): Html {
  const { policy } = t;
  return html`<h1>${policy.heading}</h1>
    <p class="lede">${policy.lede}</p>
    ${policy.binding === undefined ? "" : html`<p class="note">${policy.binding}</p>`}
    <p class="quiet">${policy.version(policyDigest)}</p>
    ${clauses.map(
      (clause) =>
        html`<section class="clause" id="${clause.id}">
          <h2>${tableWords(t, clause.title)}</h2>
          <div>
            <p>${tableWords(t, clause.words)}</p>
            <p class="enforced">${tableWords(t, clause.enforcedBy)} ${evidenceOf(t, clause.id)}</p>
          </div>
        </section>`,
    )}
    <h2 id="classes">${policy.classesHeading}</h2>
    <p class="prose">${policy.classesWords}</p>
    ${classTable(t)}
    <h2 id="grounds">${policy.groundsHeading}</h2>
    <p class="prose">${policy.groundsWords}</p>
    ${groundTable(t)}`;
}

function evidenceOf(t: Texts, clause: string): Html | "" {
  const links = evidence[clause] ?? [];
  if (links.length === 0) return "";
  return html`${t.policy.evidence}
  ${links.map(({ path, label }, at) => html`${at === 0 ? "" : ", "}<a href="${path}">${t.links[label]}</a>`)}`;
}

function classTable(t: Texts): Html {
  return table(
    t.policy.classesTable,
    t.policy.classColumns,
    dataClasses.map((name) => [
      className(name, t),
      tableWords(t, classes[name].holds),
      purposeWords(name, t),
      tableWords(t, classes[name].kept.rule),
    ]),
  );
}

function groundTable(t: Texts): Html {
  return table(
    t.policy.groundsTable,
    t.policy.groundColumns,
    (Object.keys(grounds) as Ground[]).map((ground) => ({
      id: `ground-${ground}`,
      cells: groundCells(t, ground),
    })),
  );
}

function groundCells(t: Texts, ground: Ground): readonly Cell[] {
  const { policy } = t;
  const row = groundRow(ground);
  const reaches = row.classes.map((name) => className(name, t)).join(", ");
  const named = row.namedClasses.map((name) => className(name, t)).join(", ");
  const uses = row.uses === 1 ? policy.once : policy.times(row.uses);
  const cap = row.perClientIn30Days;
  return [
    ground,
    tableWords(t, row.words),
    named === "" ? reaches : policy.ifNamed(reaches, named),
    approvers(ground, t),
    html`<ul>
      ${row.demands.map((demand) => html`<li>${tableWords(t, demands[demand])}</li>`)}
    </ul>`,
    `${duration(row.lifeMs, t)}, ${uses}${cap === undefined ? "" : policy.cap(cap)}`,
  ];
}

/** Who must agree to a ground, in words. */
export function approvers(ground: Ground, { policy }: Texts = original): string {
  const row = groundRow(ground);
  if (row.clientApproves) return policy.clientApproves;
  if (row.approvals === 0) return policy.nobodyApproves;
  return policy.othersApprove(row.approvals);
}

/** A life in hours, or in days from four days on. */
export function duration(milliseconds: number, { policy }: Texts = original): string {
  return milliseconds > 3 * DAY
    ? policy.days(milliseconds / DAY)
    : policy.hours(milliseconds / HOUR);
}

export function className(name: DataClass, { policy }: Texts = original): string {
  return policy.classes[name];
}

/** A purpose in words: "own" means the client's own session. */
export function purposeWords(name: DataClass, t: Texts = original): string {
  return classes[name].purposes
    .map((purpose) => {
      const words = purpose.replaceAll("-", " ");
      return purpose === "own" ? t.policy.ownPurpose : (t.tables[words] ?? words);
    })
    .join(", ");
}
