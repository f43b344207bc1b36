// The pages that say no, or that something broke. They name an id to ask about and nothing from inside. Pure.
import { html } from "hono/html";
import type { Exposure } from "../guard.ts";
import type { Html } from "../layout.ts";

export function notFoundPage(): Html {
  return html`<h1>There is nothing here</h1>
    <p class="lede">The address may be mistyped, or the page may have gone.</p>
    <p><a href="/">To the start</a></p>`;
}

export function brokenPage(id: string): Html {
  return html`<h1>Something broke on our side</h1>
    <p class="lede">
      It is in our log under <code>${id}</code>. Trying again in a moment often helps.
    </p>
    <p class="prose">
      If you write to us about it, that id is all we need: the log holds nothing about you.
    </p>`;
}

export function otherSitePage(): Html {
  return html`<h1>This came from another site</h1>
    <p class="lede">
      A form on another site tried to do something here in your name. Nothing was done.
    </p>
    <p><a href="/">To the start</a></p>`;
}

export function tooLargePage(): Html {
  return html`<h1>That is more than a form holds</h1>
    <p class="lede">Nothing was done. Go back and send less.</p>`;
}

export function exposedPage(why: Exposure): Html {
  return why === "no-tls"
    ? html`<h1>Not without TLS</h1>
        <p class="lede">
          Your password would cross the network in clear, so this page refuses to take it. Open the
          same address with <code>https://</code>.
        </p>`
    : html`<h1>Not through another server</h1>
        <p class="lede">
          This is a trial that trusts only connections made on this machine itself, and this one
          came through a proxy that somebody else may share. Open the address directly, or give the
          server a domain and a certificate.
        </p>`;
}

export function awayNote(): Html {
  return html`<div class="alert" role="status">
    <h2>The key holder does not answer</h2>
    <p>
      What belongs here is sealed, and the keeper that opens it for you is away. Your mail is not
      affected. Try again in a moment.
    </p>
  </div>`;
}
