// What a visit leaves: the cookie register, and the counters of this very request. Pure.
import { html } from "hono/html";
import { classes } from "#policy";
import { type Html, counted } from "../layout.ts";
import { table } from "../table.ts";
import { type CookieEntry, cookieRegister, type Left } from "#visitors";

export function cookiesPage(): Html {
  return html`<h1>Cookies</h1>
    <p class="lede">
      These are all the cookies there are. Nothing asks for your consent here because nothing needs
      it: each is set only by something that you do.
    </p>
    ${table(
      "Register of cookies",
      ["Name", "What it is for", "Set when", "Lives"],
      Object.entries<CookieEntry>(cookieRegister).map(([name, entry]) => [
        html`<code>${name}</code>`,
        entry.purpose,
        entry.setWhen,
        life(entry),
      ]),
      "The register. One piece of code sets cookies, and it refuses a name that is not here.",
    )}
    <p class="prose">
      All of them stay on this site, cannot be read by scripts, and hold no fact about you: a random
      token, or the choice that you made.
    </p>`;
}

export function leftHerePage(view: Left): Html {
  return html`<h1>What you just left here</h1>
    <p class="lede">
      Opening this page raised counters by one. That is all that remains of your visit: there is no
      row that stands for you.
    </p>
    <div class="cards of-three">
      <div class="card">
        <h2 class="h3">The page</h2>
        <span class="figure">${view.page}</span>
        <p class="quiet">as a pattern, without anything that stood behind a question mark</p>
      </div>
      <div class="card">
        <h2 class="h3">The hour</h2>
        <span class="figure">${view.hour.slice(11)}:00</span>
        <p class="quiet">
          ${view.hour.slice(0, 10)}, UTC. This page in this hour:
          ${counted(view.pageCount, "view")}.
        </p>
      </div>
      <div class="card">
        <h2 class="h3">Your provider</h2>
        <span class="figure">${view.isp ?? "being looked up"}</span>
        <p class="quiet">
          ${
            view.isp === undefined
              ? "Your address waits in memory for its name, and is dropped when it is found. Load the page again to see it."
              : html`your internet provider’s registered domain, counted by day. Today:
                ${counted(view.ispCount ?? 0, "view")}.`
          }
        </p>
      </div>
    </div>
    <h2>What is not kept</h2>
    <p class="prose">
      Your address, your browser’s name, where you came from, what you searched for, how long you
      stayed, and any way to tell that two visits are yours.
      ${classes.visit.kept.rule.charAt(0).toUpperCase()}${classes.visit.kept.rule.slice(1)}. The
      sums are
      <a href="/traffic">public</a>.
    </p>`;
}

function life({ life }: CookieEntry): string {
  if (life === undefined) return "until you close the browser";
  return `${Math.round(life / 86_400)} days`;
}
