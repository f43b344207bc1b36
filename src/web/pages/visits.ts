// What the site knows of its visitors: the cookie register, the counters of this very request, and the traffic report. Pure.
import { html } from "hono/html";
import { classes } from "#policy";
import { barChart, weekChart, weekDays } from "../chart.ts";
import { type Html, counted, scroll } from "../layout.ts";
import type { CookieEntry, Counted, Period, Traffic } from "../ports.ts";

export function cookiesPage(register: readonly CookieEntry[]): Html {
  return html`<h1>Cookies</h1>
    <p class="lede">
      These are all the cookies there are. Nothing asks for your consent here because nothing needs
      it: each is set only by something that you do.
    </p>
    ${scroll(
      "Register of cookies",
      html`<table>
        <caption>
          The register. One piece of code sets cookies, and it refuses a name that is not here.
        </caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">What it is for</th>
            <th scope="col">Set when</th>
            <th scope="col">Lives</th>
          </tr>
        </thead>
        <tbody>
          ${register.map(
            (entry) =>
              html`<tr>
                <th scope="row"><code>${entry.name}</code></th>
                <td>${entry.purpose}</td>
                <td>${entry.set}</td>
                <td>${entry.life}</td>
              </tr>`,
          )}
        </tbody>
      </table>`,
    )}
    <p class="prose">
      All of them stay on this site, cannot be read by scripts, and hold no fact about you: a random
      token, or the choice that you made.
    </p>`;
}

export function leftHerePage(view: Counted): Html {
  const hour = new Date(view.hour).toISOString();
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
        <span class="figure">${hour.slice(11, 13)}:00</span>
        <p class="quiet">
          ${hour.slice(0, 10)}, UTC. This page in this hour:
          ${counted(view.views, "view")}${
            view.automated ? ", and yours is counted with the automated ones" : ""
          }.
        </p>
      </div>
      <div class="card">
        <h2 class="h3">Your provider</h2>
        <span class="figure">${view.provider ?? "being looked up"}</span>
        <p class="quiet">
          ${
            view.provider === undefined
              ? "Your address waits in memory for its name, and is dropped when it is found. Load the page again to see it."
              : "the domain that your internet provider is registered under, counted by day"
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

export const periods: { readonly [Key in Period]: string } = {
  today: "Today",
  "7-days": "7 days",
  "30-days": "30 days",
  "12-months": "12 months",
};

export function isPeriod(text: string): text is Period {
  return Object.hasOwn(periods, text);
}

export function trafficPage(period: Period, traffic: Traffic): Html {
  const total = traffic.series.reduce((sum, point) => sum + point.views, 0);
  return html`<h1>Traffic</h1>
    <p class="lede">
      Everything that we know about the people who visit this site, the operator included. Pages by
      hour and providers by day, as counters.
    </p>
    <nav class="tabs" aria-label="Period">
      ${Object.entries(periods).map(
        ([key, words]) =>
          html`<a href="/traffic?period=${key}" ${key === period ? html`aria-current="page"` : ""}
            >${words}</a
          >`,
      )}
    </nav>
    <div class="cards of-three">
      <div class="card"><span class="figure">${total.toLocaleString("en-GB")}</span>page views</div>
      <div class="card">
        <span class="figure">${traffic.pages.length}</span>${
          traffic.pages.length === 1 ? "page" : "different pages"
        }
      </div>
      <div class="card">
        <span class="figure">${traffic.automated.toLocaleString("en-GB")}</span>automated requests,
        counted apart
      </div>
    </div>
    <h2>Page views</h2>
    ${
      total === 0
        ? html`<p>Nothing was counted in this period yet. Open a page, then come back.</p>`
        : html`<figure>
            ${scroll("Chart of page views", barChart(`Page views, ${periods[period]}`, traffic.series))}
          </figure>`
    }
    ${pair(
      "Views by time",
      "Time (UTC)",
      traffic.series.filter((point) => point.views > 0).map(({ label, views }) => [label, views]),
    )}
    <h2>Pages</h2>
    ${pair(
      "Views by page",
      "Page",
      traffic.pages.map(({ page, views }) => [page, views]),
    )}
    <h2>Providers</h2>
    <p class="prose">Domains with fewer than ten views in a day stand together as “other”.</p>
    ${pair(
      "Views by internet provider",
      "Provider",
      traffic.providers.map(({ provider, views }) => [provider, views]),
    )}
    <h2>Hours of the week</h2>
    ${scroll("Chart of the hours of the week", weekChart(traffic.hoursOfWeek))}
    ${weekTable(traffic.hoursOfWeek)}
    <p>
      Take it with you: <a href="/traffic.csv?period=${period}">CSV</a> ·
      <a href="/traffic.json?period=${period}">JSON</a>
    </p>`;
}

function pair(caption: string, first: string, rows: readonly (readonly [string, number])[]): Html {
  if (rows.length === 0) return html`<p class="quiet">Nothing yet.</p>`;
  return scroll(
    caption,
    html`<table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          <th scope="col">${first}</th>
          <th scope="col" class="number">Views</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([name, views]) =>
            html`<tr>
              <td>${name}</td>
              <td class="number">${views.toLocaleString("en-GB")}</td>
            </tr>`,
        )}
      </tbody>
    </table>`,
  );
}

function weekTable(hours: readonly number[]): Html {
  const row = (day: string, at: number): Html =>
    html`<tr>
      <th scope="row">${day}</th>
      ${hours.slice(at * 24, at * 24 + 24).map((views) => html`<td>${views}</td>`)}
    </tr>`;
  return scroll(
    "Views by hour of the week",
    html`<table class="tight">
      <caption>
        Views by hour of the week (UTC)
      </caption>
      <thead>
        <tr>
          <td></td>
          ${Array.from({ length: 24 }, (_, hour) => html`<th scope="col">${hour}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${weekDays.map((day, at) => row(day, at))}
      </tbody>
    </table>`,
  );
}

/** Three columns, RFC 4180; a text that a spreadsheet would take for a formula gets an apostrophe in front. */
export function trafficCsv(traffic: Traffic): string {
  const rows: (readonly [string, string, number])[] = [
    ...traffic.series.map(({ label, views }) => ["time", label, views] as const),
    ...traffic.pages.map(({ page, views }) => ["page", page, views] as const),
    ...traffic.providers.map(({ provider, views }) => ["provider", provider, views] as const),
    ["automated", "", traffic.automated],
  ];
  const quoted = (text: string): string =>
    `"${text.replace(/^[=+\-@\t]/, "'$&").replaceAll('"', '""')}"`;
  return ["fact,value,views", ...rows.map(([a, b, n]) => `${a},${quoted(b)},${n}`), ""].join(
    "\r\n",
  );
}
