// The desk's page about the jobs: what each is for, when it ran, what it did. Retention that did not run is seen here. Pure.
import { html } from "hono/html";
import { type Html, counted, moment } from "../layout.ts";
import type { JobReport } from "../ports/jobs.ts";
import { type Cell, table } from "../table.ts";

export function jobsPage(reports: readonly JobReport[]): Html {
  return html`<h1>Jobs</h1>
    <p class="lede">
      What the server does by itself, soon after its start and then every hour. None of them can
      hold a grant, and none reads mail.
    </p>
    ${table("Jobs", ["Job", "What it does", "Last run", "What came of it"], reports.map(row))}`;
}

function row({ name, words, at, did, broken }: JobReport): readonly Cell[] {
  return [
    html`<span class="mono">${name}</span>`,
    words,
    at === undefined ? html`<span class="quiet">not yet</span>` : moment(at),
    broken === undefined ? outcome(at, did) : broke(broken),
  ];
}

function broke(id: string): Html {
  return html`<span class="tag bad">broke</span> the server’s log has it as <code>${id}</code>`;
}

function outcome(at: number | undefined, did: JobReport["did"]): Html {
  const done = Object.entries(did).filter(([, count]) => count > 0);
  if (at === undefined) return html``;
  if (done.length === 0) return html`<span class="quiet">nothing was due</span>`;
  return html`${done.map(([what, count]) => counted(count, what, what)).join(", ")}`;
}
