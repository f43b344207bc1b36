// The page that a provider puts in front of people: what this mail service does, and how anybody can check it. Pure.
import { html } from "hono/html";
import type { Html } from "../html.ts";
import type { Texts } from "../texts/texts.ts";

export interface HomeFacts {
  readonly domain: string;
  readonly signedIn: boolean;
  /** Entries in the published ledger; undefined before the first publication. */
  readonly ledgerSize: number | undefined;
}

export function homePage({ home }: Texts, facts: HomeFacts): Html {
  return html`<div class="hero">
      <div>
        <h1>${home.heading}</h1>
        <p class="lede">${home.lede}</p>
        <div class="actions">
          ${
            facts.signedIn
              ? html`<a class="button" href="/portal">${home.portal}</a>`
              : html`<a class="button" href="/sign-up">${home.getAddress(facts.domain)}</a>`
          }
          <a class="button plain" href="/policy">${home.readPolicy}</a>
        </div>
      </div>
      ${letter}
    </div>
    <ul class="three">
      <li>
        <h2 class="h3">${home.sealed}</h2>
        <p>${home.sealedWords}</p>
      </li>
      <li>
        <h2 class="h3">${home.noEntry}</h2>
        <p>${home.noEntryWords}</p>
      </li>
      <li>
        <h2 class="h3">${home.threeFacts}</h2>
        <p>${home.threeFactsWords}</p>
      </li>
    </ul>
    <h2>${home.life}</h2>
    <ol class="steps">
      ${step(home.arrives, home.arrivesWords)} ${step(home.isSealed, home.isSealedWords)}
      ${step(home.youRead, home.youReadWords)} ${step(home.others, home.othersWords)}
    </ol>
    <h2>${home.check}</h2>
    <p class="prose">
      ${facts.ledgerSize === undefined ? home.unpublished : home.published(facts.ledgerSize)}
      ${home.checkWords}
    </p>`;
}

function step(heading: string, words: Html | string): Html {
  return html`<li>
    <h3>${heading}</h3>
    <p>${words}</p>
  </li>`;
}

const letter = html`<svg class="art" viewBox="0 0 400 300" aria-hidden="true" focusable="false">
  <rect class="paper" x="40" y="50" width="320" height="210" rx="10" />
  <path class="stroke" d="M42 56 188 168a20 20 0 0 0 24 0L358 56" />
  <path class="stroke" d="M42 254 156 146M358 254 244 146" />
  <circle class="seal" cx="200" cy="172" r="47" />
  <circle class="ring" cx="200" cy="172" r="37" />
  <path
    class="on-seal"
    d="M200 152a11 11 0 0 0-5.6 20.5L191 192h18l-3.4-19.5A11 11 0 0 0 200 152z"
  />
</svg>`;
