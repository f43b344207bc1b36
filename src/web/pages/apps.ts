// Passwords for mail programs: what there is, one made and shown once, one ended. Pure.
import { html } from "hono/html";
import { type Html, moment } from "../layout.ts";
import type { AppPassword } from "../ports/apps.ts";
import { table } from "../table.ts";

export interface AppsPage {
  readonly passwords: readonly AppPassword[];
  /** Of the one that was just made. */
  readonly made: { readonly name: string; readonly text: string } | undefined;
  readonly ended: boolean;
  readonly refusal: "too-many" | "bad-name" | "no-such-password" | undefined;
}

const refusals = {
  "too-many": "There are as many as there may be. End one that you do not use.",
  "bad-name": "Give it a name of at most sixty letters.",
  "no-such-password": "There is no such password any more.",
} as const;

export function appsPage({ passwords, made, ended, refusal }: AppsPage): Html {
  return html`<h1>App passwords</h1>
    ${ended ? html`<p class="note" role="status"><strong>Ended.</strong> Programs that used it are signed out within a minute.</p>` : ""}
    ${refusal === undefined ? "" : html`<p class="note" role="alert">${refusals[refusal]}</p>`}
    ${made === undefined ? "" : shownOnce(made)}
    <p class="prose">
      A password for one mail program, in the place of your own. It reads and sends mail and does
      nothing else: it does not sign in here. Whoever finds it on a lost phone has that phone's mail
      and not your account, and you end it without touching the others.
    </p>
    <form method="post" action="/portal/apps" class="actions">
      <label for="name">What it is for</label>
      <input id="name" name="name" required maxlength="60" autocomplete="off" placeholder="phone" />
      <button>Make an app password</button>
    </form>
    ${
      passwords.length === 0
        ? html`<p class="quiet">
            There is none yet. Your own password works in mail programs, too.
          </p>`
        : table(
            "App passwords",
            ["For", "Made", "Last used", "End"],
            passwords.map(({ id, name, created, used }) => [
              html`<bdi>${name}</bdi>`,
              moment(created),
              used ?? "never",
              html`<form method="post" action="/portal/apps/end">
                <button name="id" value="${id}" class="plain">End it</button>
              </form>`,
            ]),
          )
    }`;
}

function shownOnce({ name, text }: NonNullable<AppsPage["made"]>): Html {
  return html`<section class="card" aria-labelledby="made">
    <h2 id="made">For <bdi>${name}</bdi></h2>
    <p><code>${text}</code></p>
    <p class="prose">
      Type it into the program now, with your address as the user name; blanks do not matter. It is
      shown this once, and nobody can show it again.
    </p>
  </section>`;
}
