// The desk's abuse cases: the reporter's copy, its match, the review and the decision. Pure. There is no field anywhere in which to
// look for words in somebody's mail.
import { html } from "hono/html";
import { groundRow, terms } from "#policy";
import { type Fields, type Mistakes, field, summary } from "../forms.ts";
import { type Html, counted, moment } from "../layout.ts";
import type { DeskDecisionLine, ReportLine, ReportView } from "../ports/abuse.ts";
import { table } from "../table.ts";
import { measureWords, stateTags, facts } from "./decisions.ts";

const kindWords: { readonly [kind in ReportLine["kind"]]: string } = {
  form: "by form",
  arf: "by mail, ARF",
  letter: "by letter",
};

export function deskReportsPage(
  reports: readonly ReportLine[],
  addresses: ReadonlyMap<string, string>,
): Html {
  return html`<h1>Abuse reports</h1>
    <p class="note">
      There is no search over clients’ mail, here or anywhere. A report comes with the reporter’s
      copy; the keeper says whether that message is there; to read it takes a grant. However many
      reports there are, they do nothing by themselves.
    </p>
    ${
      reports.length === 0
        ? html`<p>None yet.</p>`
        : table(
            "Abuse reports",
            ["Report", "State", "How", "About", "Times", "Came", "Matched"],
            reports.map((row) => [
              html`<a href="/desk/abuse/${row.id}"><code>${row.id.slice(0, 8)}…</code></a>`,
              html`<span class="tag ${row.state === "open" ? "bad" : ""}">${row.state}</span>`,
              kindWords[row.kind],
              addresses.get(row.client) ?? "nobody here",
              String(row.times),
              moment(row.at),
              row.matched === undefined ? "not tried" : counted(row.matched.length, "message"),
            ]),
          )
    }`;
}

export interface CaseSaid {
  readonly words: string | undefined;
  readonly mistakes: Mistakes;
  readonly values: Fields;
}

export function deskReportPage(view: ReportView, said: CaseSaid): Html {
  return html`<p><a href="/desk/abuse">All reports</a></p>
    <h1>Report <code>${view.id.slice(0, 8)}…</code></h1>
    ${said.words === undefined ? "" : html`<p class="note" role="status">${said.words}</p>`}
    ${summary(said.mistakes)} ${reportFacts(view)}
    <h2>The reporter’s copy</h2>
    ${
      view.copy === ""
        ? html`<p>None came with it.</p>`
        : html`<pre tabindex="0"><code>${view.copy}</code></pre>`
    }
    ${matching(view)} ${review(view)} ${deciding(view, said)}
    ${view.decisions.length === 0 ? "" : html`<h2>Decided</h2>`}
    ${view.decisions.map((decision) => deskDecision(view.id, decision))}`;
}

function reportFacts(view: ReportView): Html {
  return html`<dl class="facts">
    <div>
      <dt>Number</dt>
      <dd><code>${view.id}</code></dd>
    </div>
    <div>
      <dt>About</dt>
      <dd>
        ${view.known === undefined ? "nobody here" : html`<bdi>${view.known.address}</bdi>`}
        ${view.about === "" ? "" : html`; the reporter says <bdi>${view.about}</bdi>`}
      </dd>
    </div>
    <div>
      <dt>What</dt>
      <dd><bdi class="lines">${view.what}</bdi></dd>
    </div>
    <div>
      <dt>From</dt>
      <dd>
        ${view.contact === "" ? "somebody who gave no name" : html`<bdi>${view.contact}</bdi>`}
      </dd>
    </div>
    <div>
      <dt>Came</dt>
      <dd>
        ${moment(view.at)},
        ${kindWords[view.kind]}${view.feedback === "" ? "" : `, as ${view.feedback}`};
        ${counted(view.times, "time")}${view.beyond === 0 ? "" : `; ${counted(view.beyond, "further report")} about this client today were counted and not kept`}
      </dd>
    </div>
  </dl>`;
}

function matching(view: ReportView): Html {
  const outcome =
    view.matched === undefined
      ? ""
      : view.matched.length === 0
        ? html`<p class="note">
            <strong>No message matches.</strong> Nothing that is kept of this client around that
            date is the message of this copy.
          </p>`
        : html`<p class="note">
            <strong>${counted(view.matched.length, "message")}</strong> of this client is this one:
            ${view.matched.map((id) => html`<code>${id}</code> `)}
          </p>`;
  return html`<h2>Is it here?</h2>
    ${outcome}
    ${
      view.canMatch
        ? html`<p>
              The keeper compares a fingerprint of the copy with those of the client’s messages
              around its date, and says ids and nothing else. It makes an entry.
            </p>
            <form method="post" action="/desk/abuse/${view.id}/match">
              <div class="actions"><button class="plain">Compare</button></div>
            </form>`
        : html`<p>Without a whole copy and a client of ours there is nothing to compare.</p>`
    }`;
}

/** The form of the desk's drafts, filled in for ground A. */
function review(view: ReportView): Html {
  const { known, matched = [] } = view;
  if (known === undefined || matched.length === 0) return html``;
  const hours = groundRow("A").lifeMs / 3_600_000;
  return html`<details>
    <summary>The copy is not enough: draft a review of the message</summary>
    <p>
      Ground A, two approvals, three uses within ${hours} hours, three reviews of one client in 30
      days. What comes out is a file to be signed with your own key.
    </p>
    <form method="post" action="/desk/draft/${known.account}" class="prose">
      ${Object.entries({ ground: "A", class: "content", asked: `review of the message of report ${view.id}`, requesterName: "Abuse desk", requesterKind: "staff", hours: String(hours), ids: matched.join("\n") }).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
      ${field({ name: "demands.reportOrClause", label: "The report, or the clause of the terms" }, { "demands.reportOrClause": `report ${view.id}` }, {})}
      ${field({ name: "reason", label: "Why the copy is not enough", hint: "The client reads this.", lines: 2 }, {}, {})}
      ${field({ name: "recipient", label: "Recipient’s key", hint: "X25519, 64 hexadecimal digits. What is opened is sealed to it." }, {}, {})}
      ${field({ name: "actor", label: "Your key’s id", hint: "16 hexadecimal digits." }, {}, {})}
      <div class="actions"><button class="plain">Make the draft</button></div>
    </form>
  </details>`;
}

function deciding(view: ReportView, { values, mistakes }: CaseSaid): Html {
  const chosen = (name: string, value: string, otherwise = ""): Html | "" =>
    (values[name] ?? otherwise) === value ? html`selected` : "";
  const ids = values["ids"] ?? (view.matched ?? []).join("\n");
  return html`<h2>Decide</h2>
    <p>
      What comes out is a file: sign it with <code>bailee case record FILE --key YOUR-KEY</code>.
      The keeper makes the entry, and then it is done and the client is told.
    </p>
    <form method="post" action="/desk/abuse/${view.id}/decision" class="prose">
      <div class="field">
        <label for="measure">Measure</label>
        <select id="measure" name="measure">
          ${Object.entries(measureWords).map(([name, words]) => html`<option value="${name}" ${chosen("measure", name)}>${words}</option>`)}
        </select>
      </div>
      <div class="field">
        <label for="basis">On what</label>
        <select id="basis" name="basis">
          <option value="report" ${chosen("basis", "report", "report")}>This report</option>
          <option value="terms" ${chosen("basis", "terms")}>
            A violation that we came upon ourselves
          </option>
        </select>
      </div>
      <div class="field">
        <label for="clause">Clause</label>
        <select id="clause" name="clause">
          <option value="">None: nothing is done</option>
          ${terms.flatMap((section) => section.clauses.map((clause) => html`<option value="${clause.id}" ${chosen("clause", clause.id)}>${clause.id} ${clause.words.slice(0, 70)}</option>`))}
          <option value="unlisted" ${chosen("clause", "unlisted")}>Unlisted, counted apart</option>
        </select>
      </div>
      ${field({ name: "facts", label: "Facts, and why they fall under it", hint: "The client reads this. Who reported it is not for them.", lines: 4 }, values, mistakes)}
      ${field({ name: "ids", label: "Messages to delete", hint: "One id in each line; for a deletion only.", lines: 3, optional: true }, { ids }, mistakes)}
      ${field({ name: "sender", label: "Whom to keep out", hint: "An address or a domain; for that measure only.", optional: true }, values, mistakes)}
      ${field({ name: "days", label: "For how many days", type: "number", hint: "Keeping a sender out must end. Empty: no set end.", optional: true }, values, mistakes)}
      ${field({ name: "scope", label: "Where it holds" }, { scope: "this service, everywhere", ...values }, mistakes)}
      <div class="actions"><button>Make the record</button></div>
    </form>`;
}

function deskDecision(report: string, decision: DeskDecisionLine): Html {
  return html`<article class="card">
    <h3>${measureWords[decision.measure]} ${stateTags[decision.state]}</h3>
    ${facts(decision)}
    <p><bdi class="lines">${decision.statement}</bdi></p>
    ${
      decision.appeal === ""
        ? ""
        : html`<h4>The client’s appeal</h4>
            <p><bdi class="lines">${decision.appeal}</bdi></p>`
    }
    ${
      decision.state === "appealed"
        ? html`<p>
              Somebody else than who signed the decision signs the answer; the keeper compares the
              people.
            </p>
            <form method="post" action="/desk/abuse/${report}/appeal/${decision.id}" class="prose">
              <div class="field">
                <label for="result-${decision.id}">The decision is</label>
                <select id="result-${decision.id}" name="result">
                  <option value="upheld">upheld</option>
                  <option value="reversed">reversed</option>
                </select>
              </div>
              ${field({ name: "statement", label: "Reasons for the client", lines: 3 }, {}, {})}
              <div class="actions"><button>Make the record</button></div>
            </form>`
        : ""
    }
  </article>`;
}
