// The client's decisions with their statements of reasons and appeals, and how a decision is shown to anybody. Pure.
import { html } from "hono/html";
import { type Mistakes, field, summary } from "../forms.ts";
import { type Html, moment } from "../layout.ts";
import type { DeskDecisionLine, OwnDecisionLine } from "../ports/abuse.ts";

export const measureWords: { readonly [name in OwnDecisionLine["measure"]]: string } = {
  none: "Nothing is done",
  delete: "Messages are deleted",
  block: "A sender is kept out",
  suspend: "The account is suspended",
};

export const stateTags: { readonly [name in OwnDecisionLine["state"]]: Html } = {
  stands: html`<span class="tag">stands</span>`,
  appealed: html`<span class="tag">appealed, to be decided by another person</span>`,
  upheld: html`<span class="tag">upheld by another person</span>`,
  reversed: html`<span class="tag good">reversed by another person</span>`,
};

function clauseWords(clause: string): Html | string {
  if (clause === "") return "none";
  if (clause === "unlisted") return "unlisted: no clause of the terms says it";
  return html`<a href="/terms#clause-${clause}">${clause}</a> of the terms of use`;
}

export function decisionsPage(
  decisions: readonly OwnDecisionLine[],
  said: { readonly mistakes: Mistakes; readonly of: string | undefined; readonly done: boolean },
): Html {
  const intro = html`<h1>Decisions about you</h1>
    <p class="lede">
      What the abuse desk decided about your account or your messages, with the reasons. You can
      appeal, and another person decides.
    </p>`;
  if (decisions.length === 0)
    return html`${intro}
      <p class="note">None. Nobody here has decided anything about you or your mail.</p>`;
  return html`${intro}
  ${said.done ? html`<p class="note" role="status"><strong>Your appeal is with us.</strong> Somebody else than who decided will read it.</p>` : ""}
  ${summary(said.mistakes)}
  ${decisions.map((decision) => ownDecision(decision, decision.id === said.of ? said.mistakes : {}))}`;
}

function ownDecision(decision: OwnDecisionLine, mistakes: Mistakes): Html {
  return html`<article class="card" id="${decision.id}">
    <h2 class="h3">${measureWords[decision.measure]} ${stateTags[decision.state]}</h2>
    ${facts(decision)}
    <h3>Statement of reasons</h3>
    <p><bdi class="lines">${decision.statement}</bdi></p>
    ${
      decision.answer === ""
        ? ""
        : html`<h3>What the other person decided</h3>
            <p><bdi class="lines">${decision.answer}</bdi></p>`
    }
    ${
      decision.appealBefore === undefined
        ? ""
        : html`<form method="post" action="/portal/decisions/${decision.id}/appeal">
            ${field({ name: "words", label: "Why this should be decided otherwise", hint: "The desk reads this; nothing else about you is opened for it.", lines: 4 }, {}, mistakes)}
            <div class="actions">
              <button>Appeal</button>
              <span class="quiet">until ${moment(decision.appealBefore)}</span>
            </div>
          </form>`
    }
  </article>`;
}

export function facts(decision: OwnDecisionLine | DeskDecisionLine): Html {
  return html`<dl class="facts">
    <div>
      <dt>Decided</dt>
      <dd>${moment(decision.at)}</dd>
    </div>
    <div>
      <dt>Clause</dt>
      <dd>${clauseWords(decision.clause)}</dd>
    </div>
    <div>
      <dt>Until</dt>
      <dd>${decision.until === undefined ? "no set end" : moment(decision.until)}</dd>
    </div>
    <div>
      <dt>Entry</dt>
      <dd>
        ${decision.entry === undefined ? "in the ledger" : html`${decision.entry} of <a href="/ledger">the ledger</a>, made before anything was done`}
      </dd>
    </div>
    ${
      decision.appealAt === undefined
        ? ""
        : html`<div>
            <dt>Appealed</dt>
            <dd>${moment(decision.appealAt)}</dd>
          </div>`
    }
  </dl>`;
}
