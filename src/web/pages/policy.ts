// The policy page: every word of it comes from the table that the program obeys. Pure.
import { html } from "hono/html";
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
import { DAY, HOUR } from "#base/time";
import type { Html } from "../layout.ts";
import { type Cell, table } from "../table.ts";

const classNames: { readonly [Class in DataClass]: string } = {
  visit: "Visits",
  cookie: "Cookies",
  contact: "Contact",
  payment: "Payment",
  standing: "Standing",
  clientlog: "Client log",
  content: "Mail",
  rule: "Rules",
  credential: "Credentials",
  staff: "Staff",
  case: "Cases",
};

export function policyPage(): Html {
  return html`<h1>The policy</h1>
    <p class="lede">
      What we may do with what is yours. These words, the tables below them and the checks in the
      program come from one source, so that they cannot say different things.
    </p>
    <p class="quiet">
      Version <code>${policyDigest.slice(0, 16)}</code>. The full digest,
      <code>${policyDigest}</code>, is bound into every sealed letter and every entry of the ledger.
      <a href="/policy.json">The same as JSON</a>.
    </p>
    ${clauses.map(
      (clause) =>
        html`<section class="clause" id="${clause.id}">
          <h2>${clause.title}</h2>
          <div>
            <p>${clause.words}</p>
            <p class="enforced">${clause.enforcedBy}</p>
          </div>
        </section>`,
    )}
    <h2 id="classes">What is kept, what for, how long</h2>
    <p class="prose">
      Nothing of a person exists outside this table. A purpose that a row does not list opens
      nothing.
    </p>
    ${classTable()}
    <h2 id="grounds">The grounds</h2>
    <p class="prose">
      The only reasons for which somebody other than you may be shown something of yours, what each
      must prove, and how many people must agree. Emergencies without legal process, marketing, the
      consent of somebody else, and signing in as a client are not among them.
    </p>
    ${groundTable()}`;
}

function classTable(): Html {
  return table(
    "Classes of data",
    ["Class", "Holds", "May be opened for", "Kept"],
    dataClasses.map((name) => [
      className(name),
      classes[name].holds,
      purposeWords(name),
      classes[name].kept.rule,
    ]),
  );
}

function groundTable(): Html {
  return table(
    "Grounds",
    ["Ground", "Reason", "Reaches", "Approved by", "Must prove", "Lasts"],
    (Object.keys(grounds) as Ground[]).map((ground) => ({
      id: `ground-${ground}`,
      cells: groundCells(ground),
    })),
  );
}

function groundCells(ground: Ground): readonly Cell[] {
  const row = groundRow(ground);
  const reaches = row.classes.map(className).join(", ");
  const named = row.namedClasses.map(className).join(", ");
  const uses = row.uses === 1 ? "once" : `${row.uses} times`;
  const cap = row.perClientIn30Days;
  return [
    ground,
    row.words,
    named === "" ? reaches : `${reaches}; ${named} if the instrument names it`,
    approvers(ground),
    html`<ul>
      ${row.demands.map((demand) => html`<li>${demands[demand]}</li>`)}
    </ul>`,
    `${duration(row.lifeMs)}, ${uses}${cap === undefined ? "" : `; at most ${cap} for one client in 30 days`}`,
  ];
}

/** Who must agree to a ground, in words. */
export function approvers(ground: Ground): string {
  const row = groundRow(ground);
  if (row.clientApproves) return "you, the client";
  if (row.approvals === 0) return "nobody else; signed by who asks";
  return `${row.approvals} other people`;
}

/** A life in hours, or in days from four days on. */
export function duration(milliseconds: number): string {
  return milliseconds > 3 * DAY ? `${milliseconds / DAY} days` : `${milliseconds / HOUR} hours`;
}

export function className(name: DataClass): string {
  return classNames[name];
}

/** A purpose in words: "own" means the client's own session. */
export function purposeWords(name: DataClass): string {
  return classes[name].purposes
    .map((purpose) => (purpose === "own" ? "you yourself" : purpose.replaceAll("-", " ")))
    .join(", ");
}
