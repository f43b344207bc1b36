// The traffic report: everything that anybody, the operator included, can know of the visitors. Pure.
import { html } from "hono/html";
import type { Counted, Report, ReportDays } from "#visitors";
import { barChart, shareBar, weekChart } from "../chart.ts";
import type { Html } from "../html.ts";
import { scroll } from "../layout.ts";
import { table } from "../table.ts";
import type { Texts } from "../texts/texts.ts";
import { ispName } from "./visits.ts";

export type Period = "today" | "7-days" | "30-days" | "12-months";

export const periods: {
  readonly [Key in Period]: {
    readonly days: ReportDays;
    readonly words: "today" | "days7" | "days30" | "months12";
  };
} = {
  today: { days: 1, words: "today" },
  "7-days": { days: 7, words: "days7" },
  "30-days": { days: 30, words: "days30" },
  "12-months": { days: 365, words: "months12" },
};

export function isPeriod(text: string): text is Period {
  return Object.hasOwn(periods, text);
}

export function trafficPage(t: Texts, period: Period, report: Report): Html {
  const { traffic } = t;
  return html`<h1>${traffic.title}</h1>
    <p class="lede">${traffic.lede}</p>
    <nav class="tabs" aria-label="${traffic.period}">
      ${Object.entries(periods).map(
        ([key, { words }]) =>
          html`<a href="/traffic?period=${key}" ${key === period ? html`aria-current="page"` : ""}
            >${traffic[words]}</a
          >`,
      )}
    </nav>
    <div class="cards of-three">
      <div class="card">${traffic.views(report.total)}</div>
      <div class="card">${traffic.pages(report.pages.length)}</div>
      <div class="card">${traffic.automated(report.automated)}</div>
    </div>
    ${viewsByTime(t, period, report)}
    <h2>${traffic.pagesHeading}</h2>
    ${ranking(t, traffic.byPage, traffic.page, report.pages, (name) =>
      name === "/*" ? traffic.elsewhere : html`<bdi>${name}</bdi>`,
    )}
    <h2>${traffic.providers}</h2>
    <p class="prose">${traffic.folded}</p>
    ${ranking(t, traffic.byProvider, traffic.provider, report.isps, (name) => ispName(t, name))}
    ${hoursOfWeek(t, report.hoursOfWeek.flat())}
    <p>
      ${traffic.take} <a href="/traffic.csv?period=${period}">CSV</a> ·
      <a href="/traffic.json?period=${period}">JSON</a>
    </p>
    <p class="prose quiet">${traffic.kept}</p>`;
}

function viewsByTime(t: Texts, period: Period, report: Report): Html {
  const { traffic } = t;
  const series = seriesOf(report).map(({ key, views }) => ({ label: timeLabel(t, key), views }));
  const title = traffic.chartOf(traffic[periods[period].words]);
  return html`<h2>${traffic.pageViews}</h2>
    ${
      report.total === 0
        ? html`<p>${traffic.nothing}</p>`
        : html`<figure>${scroll(title, barChart(title, series), "newest")}</figure>
            ${table(
              traffic.byTime,
              [traffic.time, { name: traffic.viewsColumn, number: true }],
              series
                .filter(({ views }) => views > 0)
                .map(({ label, views }) => [label, t.formats.number(views)]),
              traffic.byTime,
            )}`
    }`;
}

// A page stays under 30 KB, and nobody reads further; the exports have them all.
const MOST_ROWS = 20;

/** What was counted, most first, with a bar under each name. */
function ranking<Name extends string>(
  t: Texts,
  caption: string,
  first: string,
  rows: readonly Counted<Name>[],
  shown: (name: Name) => Html | string,
): Html {
  if (rows.length === 0) return html`<p class="quiet">${t.traffic.empty}</p>`;
  const most = Math.max(...rows.map(({ count }) => count));
  const more = rows.length - MOST_ROWS;
  return html`${table(
    caption,
    [first, { name: t.traffic.viewsColumn, number: true }],
    rows
      .slice(0, MOST_ROWS)
      .map(({ name, count }) => [
        html`${shown(name)}${shareBar(count, most)}`,
        t.formats.number(count),
      ]),
    caption,
  )}
  ${more > 0 ? html`<p class="quiet">${t.traffic.more(more)}</p>` : ""}`;
}

function hoursOfWeek(t: Texts, hours: readonly number[]): Html {
  const { traffic } = t;
  const days = Array.from({ length: 7 }, (_, row) => t.formats.weekDay(row));
  const title = traffic.hoursChart(Math.max(0, ...hours));
  return html`<h2>${traffic.hours}</h2>
    ${scroll(title, weekChart(title, days, hours))}
    <details>
      <summary>${traffic.asTable}</summary>
      ${weekTable(traffic.byHour, days, hours)}
    </details>`;
}

function weekTable(caption: string, days: readonly string[], hours: readonly number[]): Html {
  const row = (day: string, at: number): Html =>
    html`<tr>
      <th scope="row">${day}</th>
      ${hours.slice(at * 24, at * 24 + 24).map((views) => html`<td class="${views === 0 ? "quiet" : ""}">${views}</td>`)}
    </tr>`;
  return scroll(
    caption,
    html`<table class="tight">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          <td></td>
          ${Array.from({ length: 24 }, (_, hour) => html`<th scope="col">${hour}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${days.map((day, at) => row(day, at))}
      </tbody>
    </table>`,
  );
}

interface Point {
  /** "14:00", "2026-11-23" or "2026-11". */
  readonly key: string;
  readonly views: number;
}

/** Hours of one day, days of a month, or months of a year. */
function seriesOf(report: Report): readonly Point[] {
  if (report.days === 1) return report.byHour.map((views, hour) => ({ key: clock(hour), views }));
  if (report.days < 365)
    return report.byDay.map(({ name, count }) => ({ key: name, views: count }));
  const months = new Map<string, number>();
  for (const { name, count } of report.byDay) {
    const month = name.slice(0, 7);
    months.set(month, (months.get(month) ?? 0) + count);
  }
  return [...months].map(([key, views]) => ({ key, views }));
}

function clock(hour: number): string {
  return `${String(hour).padStart(2, "0")}:00`;
}

function timeLabel({ formats }: Texts, key: string): string {
  if (key.includes(":")) return key;
  return key.length === 7 ? formats.month(key) : formats.shortDay(key);
}

const csvDays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/**
 * Three columns, RFC 4180, the same in every language: a row for each time, page, provider and hour of the week that was seen.
 * A text that a spreadsheet would take for a formula gets an apostrophe in front.
 */
export function trafficCsv(report: Report): string {
  const rows: (readonly [string, string, number])[] = [
    ...seriesOf(report).map(({ key, views }) => ["time", key, views] as const),
    ...report.pages.map(({ name, count }) => ["page", name, count] as const),
    ...report.isps.map(({ name, count }) => ["provider", name, count] as const),
    ...report.hoursOfWeek.flatMap((hours, day) =>
      hours.flatMap((views, hour) =>
        views === 0 ? [] : [["hour-of-week", `${csvDays[day]} ${clock(hour)}`, views] as const],
      ),
    ),
    ["automated", "", report.automated],
  ];
  const quoted = (text: string): string =>
    `"${text.replace(/^[=+\-@\t]/, "'$&").replaceAll('"', '""')}"`;
  return ["fact,value,views", ...rows.map(([a, b, n]) => `${a},${quoted(b)},${n}`), ""].join(
    "\r\n",
  );
}
