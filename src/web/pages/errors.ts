// The pages that say no, or that something broke. They name an id to ask about and nothing from inside. Pure.
import { html } from "hono/html";
import type { Exposure } from "../guard.ts";
import type { Html } from "../html.ts";
import { type Texts, original } from "../texts/texts.ts";

export function notFoundPage({ errors }: Texts = original): Html {
  return html`<h1>${errors.notFound}</h1>
    <p class="lede">${errors.notFoundWords}</p>
    <p><a href="/">${errors.toStart}</a></p>`;
}

export function brokenPage(id: string, { errors }: Texts = original): Html {
  return html`<h1>${errors.broken}</h1>
    <p class="lede">${errors.brokenWords(id)}</p>
    <p class="prose">${errors.brokenAsk}</p>`;
}

export function otherSitePage({ errors }: Texts = original): Html {
  return html`<h1>${errors.otherSite}</h1>
    <p class="lede">${errors.otherSiteWords}</p>
    <p><a href="/">${errors.toStart}</a></p>`;
}

export function tooLargePage({ errors }: Texts = original): Html {
  return html`<h1>${errors.tooLarge}</h1>
    <p class="lede">${errors.tooLargeWords}</p>`;
}

export function exposedPage(why: Exposure, { errors }: Texts = original): Html {
  return why === "no-tls"
    ? html`<h1>${errors.noTls}</h1>
        <p class="lede">${errors.noTlsWords}</p>`
    : html`<h1>${errors.forwarded}</h1>
        <p class="lede">${errors.forwardedWords}</p>`;
}

export function awayNote({ errors }: Texts = original): Html {
  return html`<div class="alert" role="status">
    <h2>${errors.away}</h2>
    <p>${errors.awayWords}</p>
  </div>`;
}
