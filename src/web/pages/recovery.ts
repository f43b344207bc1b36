// The recovery code: made in the portal and shown once; used on a page of its own by who lost their password. Pure.
import { html } from "hono/html";
import { type Fields, field, type Mistakes, summary } from "../forms.ts";
import { type Html, moment } from "../layout.ts";

export function recoveryPage(made: number | undefined, text: string | undefined): Html {
  return html`<h1>Recovery code</h1>
    <p class="prose">
      Who loses their password sets a new one with this code: write it on paper, and keep it where
      you keep other papers. It opens your mail like your password does. It works once; every
      session and every app password ends with it.
    </p>
    ${
      text === undefined
        ? html`<p class="quiet">
            ${made === undefined ? "There is no code yet." : html`There is one, made ${moment(made)}. Nobody can show it again.`}
          </p>`
        : html`<section class="card" aria-labelledby="code">
            <h2 id="code">Your code</h2>
            <p><code>${text}</code></p>
            <p class="prose">It is shown this once. Blanks do not matter.</p>
          </section>`
    }
    <form method="post" action="/portal/recovery" class="actions">
      <button class="${made === undefined && text === undefined ? "" : "plain"}">
        ${made === undefined && text === undefined ? "Make a recovery code" : "Make a new one; the one before is void"}
      </button>
    </form>`;
}

export function recoverPage(values: Fields, mistakes: Mistakes): Html {
  return html`<div class="narrow">
    <h1>Set a new password</h1>
    <p class="lede">With the recovery code that you wrote down.</p>
    ${summary(mistakes)}
    <form method="post" action="/recover">
      ${field({ name: "login", label: "Address", type: "text", autocomplete: "username" }, values, mistakes)}
      ${field({ name: "code", label: "Recovery code", type: "text", autocomplete: "off" }, values, mistakes)}
      ${field({ name: "password", label: "New password", type: "password", autocomplete: "new-password" }, values, mistakes)}
      <div class="actions"><button>Set it</button></div>
    </form>
    <p class="quiet">
      Without a code: what can be done for you depends on your plan, and is on
      <a href="/plans">its page</a>. We never read or set a password for you.
    </p>
  </div>`;
}
