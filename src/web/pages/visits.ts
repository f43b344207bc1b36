// What a visit leaves: the cookie register, and the counters of this very request. Pure.
import { html } from "hono/html";
import { classes } from "#policy";
import { type CookieEntry, cookieRegister, type Left } from "#visitors";
import type { Html } from "../html.ts";
import { table } from "../table.ts";
import { type Texts, tableWords } from "../texts/texts.ts";

export function cookiesPage(t: Texts): Html {
  const { cookies } = t;
  return html`<h1>${cookies.title}</h1>
    <p class="lede">${cookies.lede}</p>
    ${table(
      cookies.register,
      [cookies.name, cookies.purpose, cookies.setWhen, cookies.lives],
      Object.entries<CookieEntry>(cookieRegister).map(([name, entry]) => [
        html`<code>${name}</code>`,
        tableWords(t, entry.purpose),
        tableWords(t, entry.setWhen),
        entry.life === undefined
          ? cookies.untilClosed
          : cookies.days(Math.round(entry.life / 86_400)),
      ]),
      cookies.caption,
    )}
    <p class="prose">${cookies.after}</p>`;
}

export function leftHerePage(t: Texts, view: Left): Html {
  const { left } = t;
  const day = t.formats.date(Date.parse(view.day));
  return html`<h1>${left.title}</h1>
    <p class="lede">${view.automated ? left.ledeAutomated : left.lede}</p>
    <div class="cards of-three">
      <div class="card">
        <h2 class="h3">${left.page}</h2>
        <span class="figure"><bdi>${view.page}</bdi></span>
        <p class="quiet">${left.pageWords}</p>
      </div>
      <div class="card">
        <h2 class="h3">${left.hour}</h2>
        <span class="figure">${String(view.hour).padStart(2, "0")}:00</span>
        <p class="quiet">${left.hourWords(day, view.pageCount)}</p>
      </div>
      <div class="card">
        <h2 class="h3">${left.provider}</h2>
        <span class="figure"
          ><bdi>${view.isp === undefined ? left.pending : ispName(t, view.isp)}</bdi></span
        >
        <p class="quiet">${providerWords(t, view)}</p>
      </div>
    </div>
    <h2>${left.before}</h2>
    <p class="prose">${left.beforeWords}</p>
    <h2>${left.notKept}</h2>
    <p class="prose">
      ${left.notKeptWords} ${sentence(tableWords(t, classes.visit.kept.rule))} ${left.sums}
    </p>`;
}

function providerWords({ left }: Texts, { isp, ispCount = 0 }: Left): string {
  switch (isp) {
    case undefined:
      return left.pendingWords;
    case "local network":
      return left.localWords(ispCount);
    case "unknown":
      return left.unknownWords(ispCount);
    default:
      return left.providerWords(ispCount);
  }
}

/** A provider's domain as it is, and the three that are none in the reader's words. */
export function ispName({ left }: Texts, isp: string): string {
  const names = new Map([
    ["local network", left.local],
    ["unknown", left.unknown],
    ["other", left.other],
  ]);
  return names.get(isp) ?? isp;
}

function sentence(words: Html | string): Html | string {
  return typeof words === "string" ? `${words.charAt(0).toUpperCase()}${words.slice(1)}.` : words;
}
