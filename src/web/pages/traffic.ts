// The traffic report: everything that anybody, the operator included, can know of the visitors. Pure.
import { html } from "hono/html";
import type { Report, ReportDays } from "#visitors";
import { barChart, weekChart, weekDays } from "../chart.ts";
import { type Html, scroll } from "../layout.ts";
import { table } from "../table.ts";

export type Period = "today" | "7-days" | "30-days" | "12-months";

export const periods: {
  readonly [Key in Period]: { readonly words: string; readonly days: ReportDays };
} = {
  today: { words: "Today", days: 1 },
  "7-days": { words: "7 days", days: 7 },
  "30-days": { words: "30 days", days: 30 },
  "12-months": { words: "12 months", days: 365 },
};

export function isPeriod(text: string): text is Period {
  return Object.hasOwn(periods, text);
}

export function trafficPage(period: Period, traffic: Report): Html {
  const { total } = traffic;
  const series = seriesOf(traffic);
  return html`<h1>Traffic</h1>
    <p class="lede">
      Everything that anybody, the operator included, can know of who visits this site: pages by
      hour and providers by day, as counters.
    </p>
    <nav class="tabs" aria-label="Period">
      ${Object.entries(periods).map(
        ([key, { words }]) =>
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
            ${scroll("Chart of page views", barChart(`Page views, ${periods[period].words}`, series), "newest")}
          </figure>`
    }
    ${pair(
      "Views by time",
      "Time (UTC)",
      series.filter((point) => point.views > 0).map(({ label, views }) => [label, views]),
    )}
    <h2>Pages</h2>
    ${pair(
      "Views by page",
      "Page",
      traffic.pages.map(({ name, count }) => [
        name === "/*" ? "pages that are not there" : name,
        count,
      ]),
    )}
    <h2>Providers</h2>
    <p class="prose">Domains with fewer than ten views in a day stand together as “other”.</p>
    ${pair(
      "Views by internet provider",
      "Provider",
      traffic.isps.map(({ name, count }) => [name, count]),
    )}
    <h2>Hours of the week</h2>
    ${scroll("Chart of the hours of the week", weekChart(traffic.hoursOfWeek.flat()))}
    <details>
      <summary>The same as a table</summary>
      ${weekTable(traffic.hoursOfWeek.flat())}
    </details>
    <p>
      Take it with you: <a href="/traffic.csv?period=${period}">CSV</a> ·
      <a href="/traffic.json?period=${period}">JSON</a>
    </p>`;
}

function pair(caption: string, first: string, rows: readonly (readonly [string, number])[]): Html {
  if (rows.length === 0) return html`<p class="quiet">Nothing yet.</p>`;
  return table(
    caption,
    [first, { name: "Views", number: true }],
    rows.map(([name, views]) => [name, views.toLocaleString("en-GB")]),
    caption,
  );
}

/** Hours of one day, days of a month, or months of a year. */
function seriesOf(traffic: Report): { readonly label: string; readonly views: number }[] {
  if (traffic.days === 1)
    return traffic.byHour.map((views, hour) => ({ label: String(hour).padStart(2, "0"), views }));
  if (traffic.days < 365)
    return traffic.byDay.map(({ name, count }) => ({ label: dayAndMonth(name), views: count }));
  const months = new Map<string, number>();
  for (const { name, count } of traffic.byDay) {
    const month = name.slice(0, 7);
    months.set(month, (months.get(month) ?? 0) + count);
  }
  return [...months].map(([label, views]) => ({ label, views }));
}

function dayAndMonth(day: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    timeZone: "UTC",
  }).format(new Date(day));
}

function weekTable(hours: readonly number[]): Html {
  const row = (day: string, at: number): Html =>
    html`<tr>
      <th scope="row">${day}</th>
      ${hours.slice(at * 24, at * 24 + 24).map((views) => html`<td class="${views === 0 ? "quiet" : ""}">${views}</td>`)}
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
export function trafficCsv(traffic: Report): string {
  const rows: (readonly [string, string, number])[] = [
    ...seriesOf(traffic).map(({ label, views }) => ["time", label, views] as const),
    ...traffic.pages.map(({ name, count }) => ["page", name, count] as const),
    ...traffic.isps.map(({ name, count }) => ["provider", name, count] as const),
    ["automated", "", traffic.automated],
  ];
  const quoted = (text: string): string =>
    `"${text.replace(/^[=+\-@\t]/, "'$&").replaceAll('"', '""')}"`;
  return ["fact,value,views", ...rows.map(([a, b, n]) => `${a},${quoted(b)},${n}`), ""].join(
    "\r\n",
  );
}
