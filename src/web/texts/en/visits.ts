// English: cookies, what a visit left, and the traffic report.
import { html } from "hono/html";
import type { Html } from "../../html.ts";
import { formats } from "../formats.ts";

const { counted, number } = formats("en-GB");
const views = (count: number): string => counted(count, { one: "view", other: "views" });

export const cookies = {
  title: "Cookies",
  lede: "These are all the cookies there are. Nothing asks for your consent here because nothing needs it: each is set only by something that you do.",
  register: "Register of cookies",
  name: "Name",
  purpose: "What it is for",
  setWhen: "Set when",
  lives: "Lives",
  caption: "The register. One piece of code sets cookies, and it refuses a name that is not here.",
  untilClosed: "until you close the browser",
  days: (count: number): string => counted(count, { one: "day", other: "days" }),
  after: html`All of them stay on this site, cannot be read by scripts, and hold no fact about you:
    a random token, or the choice that you made <a href="/preferences">here</a>.`,
};

export const left = {
  title: "What you just left here",
  lede: "Opening this page raised the counters below by one. That is all that remains of it: there is no row that stands for you.",
  ledeAutomated:
    "Opening this page raised the counters below by one. It came the way programs ask, fast or for what is not there, so it was counted apart, among the automated requests.",
  page: "The page",
  pageWords: "as a pattern, without anything that stood behind a question mark",
  hour: "The hour",
  hourWords: (day: string, count: number): string =>
    `${day}, UTC. This page in this hour: ${views(count)}.`,
  provider: "Your provider",
  pending: "being looked up",
  pendingWords:
    "Your address waits in memory for its name, and is dropped when that is found. Load the page again to see it.",
  providerWords: (count: number): string =>
    `your internet provider’s registered domain, counted by day. Today: ${views(count)}.`,
  localWords: (count: number): string =>
    `your address belongs to a private network, behind which no provider stands. Today: ${views(count)}.`,
  unknownWords: (count: number): string =>
    `your address has no name under a public domain, so it is counted with all such. Today: ${views(count)}.`,
  local: "local network",
  unknown: "unknown",
  other: "other",
  before: "And the pages before this one?",
  beforeWords: html`Each page that you opened raised two counters in the same way: its own in the
  hour, and your provider’s in the day. We cannot list them for you, because nothing ties one
  request to the next. Pictures and style sheets are not counted, nor are files that you take away.`,
  notKept: "What is not kept",
  notKeptWords:
    "Your address, your browser’s name and language, where you came from, what you searched for, how long you stayed, and any way to tell that two visits are yours.",
  sums: html`The sums are <a href="/traffic">public</a>.`,
};

export const traffic = {
  title: "Traffic",
  lede: "Everything that anybody, the operator included, can know of who visits this site: pages by hour and providers by day, as counters.",
  period: "Period",
  today: "Today",
  days7: "7 days",
  days30: "30 days",
  months12: "12 months",
  views: (count: number): Html => html`<span class="figure">${number(count)}</span>page views`,
  pages: (count: number): Html =>
    html`<span class="figure">${number(count)}</span>${count === 1 ? "page" : "different pages"}`,
  automated: (count: number): Html =>
    html`<span class="figure">${number(count)}</span>automated requests, counted apart`,
  pageViews: "Page views",
  nothing: "Nothing was counted in this period yet. Open a page, then come back.",
  chartOf: (period: string): string => `Page views: ${period}`,
  byTime: "Views by time",
  time: "Time (UTC)",
  pagesHeading: "Pages",
  byPage: "Views by page",
  page: "Page",
  elsewhere: "pages that are not there",
  providers: "Internet providers",
  folded: "Domains with fewer than ten views in a day stand together as “other”.",
  byProvider: "Views by internet provider",
  provider: "Provider",
  hours: "Hours of the week",
  hoursChart: (most: number): string =>
    `Views by day of the week and hour, UTC; most in one hour: ${number(most)}`,
  asTable: "The same as a table",
  byHour: "Views by hour of the week (UTC)",
  viewsColumn: "Views",
  empty: "Nothing yet.",
  more: (count: number): string =>
    counted(count, { one: "more is in the export.", other: "more are in the export." }),
  take: "Take it with you:",
  kept: html`No row in any table is a visit, and a day of counters is deleted after 400 days.
    <a href="/left-here">See what your own request raised</a>.`,
};
