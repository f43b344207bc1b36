// The transparency report as people read it: every number comes from the report.json that the keeper published and that
// anybody recomputes from the log. Counts only; nothing here can name anyone. Pure.
import { html } from "hono/html";
import { groundRow, isDataClass, isGround } from "#policy";
import { shareBar } from "../chart.ts";
import { type Html, counted } from "../layout.ts";
import type { Counts, PublishedReport } from "../ports/report.ts";
import { type Cell, table } from "../table.ts";
import { className } from "./policy.ts";

export function reportPage(report: PublishedReport | undefined, site: string): Html {
  return html`<h1>Transparency report</h1>
    <p class="lede">
      Who asked for what, what came of it, and how much people here have seen. It is not written by
      anybody: it is counted from the public log, and you can count it again.
    </p>
    ${report === undefined ? unpublished : sections(report)}
    <h2>Count it yourself</h2>
    <p class="prose">
      This checks the log and recomputes this report byte for byte, on your machine, without
      trusting us.
    </p>
    <pre tabindex="0"><code>bailee verify ${site}/ledger</code></pre>
    <p class="prose">
      <a href="/ledger/report.json">The report as JSON</a>, <a href="/ledger">the ledger</a>.
    </p>`;
}

const unpublished = html`<p class="note">
  Nothing has been published yet. The first report follows with the first publication, within
  minutes of the first start.
</p>`;

function sections(report: PublishedReport): Html {
  const looks = Object.values(report.releases).flatMap((classes) => Object.values(classes));
  const released = looks.reduce((sum, { count }) => sum + count, 0);
  return html`<div class="cards">
      ${card(counted(released, "look"), `by people, at ${counted(report.accountsAffected, "account")} of ${report.mailboxes}`)}
      ${card(`${report.contentOpeningsPerThousand} in 1,000`, "openings of mail for a thousand mailboxes, rounded down")}
      ${card(String(report.mostContentOpeningsForOneClient), "the most openings of mail for one client")}
      ${card(counted(report.closed, "leaf", "leaves"), "still closed: covers, and whatever a prohibition keeps silent until its day")}
    </div>
    <h2>Requests</h2>
    ${requests(report)}
    <h2>Looks by people</h2>
    ${looksTable(report)}
    <h2>Future mail</h2>
    ${interceptions(report)}
    <h2>Harm</h2>
    ${harm(report)}
    <h2>Does it add up?</h2>
    ${accounting(report)}`;
}

function card(figure: string, words: string): Html {
  return html`<div class="card">
    <span class="figure">${figure}</span>
    <p class="quiet">${words}</p>
  </div>`;
}

function requests({
  requests: { received, requesters, determined, closed },
}: PublishedReport): Html {
  const outcomes = Object.entries(closed).flatMap(([outcome, reasons]) =>
    Object.entries(reasons).map(([because, count]): readonly Cell[] => [
      plain(outcome),
      because === "" ? "" : plain(because),
      count,
    ]),
  );
  if (sum(received) === 0 && outcomes.length === 0)
    return html`<p>No request for anybody’s data has been received.</p>`;
  return html`${countTable("Received, by what was asked for", "Asked for", received)}
  ${countTable("Received, by who asked", "Who", requesters)}
  ${countTable("Determined in writing, by another person", "Verdict", determined)}
  ${outcomes.length === 0 ? html`<p>None has been closed yet.</p>` : table("Closed requests", ["Outcome", "Because", number("Requests")], outcomes, "Closed, and why")}`;
}

function looksTable({ releases, refusedGrants, delayedNotices }: PublishedReport): Html {
  const rows = Object.entries(releases).flatMap(([ground, classes]) =>
    Object.entries(classes).map(([name, { count, items, failed }]): readonly Cell[] => [
      html`<a href="/policy#ground-${ground}">${ground}</a
        >${isGround(ground) ? html`, ${groundRow(ground).words}` : ""}`,
      isDataClass(name) ? className(name) : name,
      count,
      items,
      failed,
    ]),
  );
  return html`${
      rows.length === 0
        ? html`<p>Nobody has looked at anything of anybody’s.</p>`
        : table(
            "Looks by ground and class",
            ["Ground", "Class", number("Looks"), number("Things opened"), number("Tried in vain")],
            rows,
          )
    }
    ${sum(refusedGrants) === 0 ? "" : countTable("Refused by the keeper before anything was opened", "Ground", refusedGrants)}
    <p class="quiet">
      ${counted(delayedNotices, "look")} whose notice to the client an authority had delayed, and
      which ${delayedNotices === 1 ? "is" : "are"} told by now.
    </p>`;
}

function interceptions({
  interceptions: { begun, ended, unreported, items },
}: PublishedReport): Html {
  if (begun + ended === 0)
    return html`<p>No order for future mail has been carried out and told.</p>`;
  return table(
    "Interception orders",
    [number("Begun"), number("Ended"), number("Messages"), number("Ended without a count")],
    [[begun, ended, items, unreported]],
  );
}

function harm({ reviews, decisions, unlisted, appeals, reportMatches }: PublishedReport): Html {
  const rows = Object.entries(decisions).flatMap(([measure, bases]) =>
    Object.entries(bases).map(([basis, count]): readonly Cell[] => [
      plain(measure),
      plain(basis),
      count,
    ]),
  );
  if (rows.length === 0 && reviews + reportMatches.count === 0)
    return html`<p>Nothing has been reviewed, deleted or blocked.</p>`;
  return html`<p>
      ${counted(reviews, "review")} of named messages. ${counted(reportMatches.count, "report")}
      compared with what is stored, of which ${reportMatches.matched} matched.
    </p>
    ${rows.length === 0 ? "" : table("Decisions", ["Measure", "On what basis", number("Decisions")], rows)}
    <p class="quiet">${counted(unlisted, "decision")} named no clause of the terms of use.</p>
    ${countTable("Appeals, decided by another person", "Result", appeals)}`;
}

function accounting({ size, entries, covers, closed }: PublishedReport): Html {
  const rows: readonly (readonly [string, number])[] = [
    ["Entries that are open", entries],
    ["Covers that are open", covers],
    ["Still closed, covers among them", closed],
  ];
  return html`${table(
      "Leaves of the log",
      ["Leaves", number("How many"), "Share"],
      rows.map(([words, count]) => [words, count, shareBar(count, size)]),
    )}
    <p class="quiet">
      ${entries} + ${covers} + ${closed} = ${size}, the size of the published log. Covers are empty
      entries that keep the rhythm; they are opened after 400 days.
    </p>`;
}

function countTable(caption: string, what: string, counts: Counts): Html | "" {
  const rows = Object.entries(counts);
  if (rows.length === 0) return "";
  return table(
    caption,
    [what, number("How many")],
    rows.map(([name, count]) => [plain(name), count]),
    caption,
  );
}

function number(name: string): { readonly name: string; readonly number: true } {
  return { name, number: true };
}

function plain(name: string): string {
  return name === "" ? "not said" : name.replaceAll("-", " ");
}

function sum(counts: Counts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
