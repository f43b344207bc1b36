// The ledger as people look at it: its size, its checkpoint, what was opened last, and how to check it without us. Pure.
import { html } from "hono/html";
import type { Canonical } from "#base/canonical";
import { type Html, counted, scroll } from "../layout.ts";
import type { PublishedCheckpoint, PublishedOpening } from "../published.ts";

export interface LedgerView {
  readonly checkpoint: PublishedCheckpoint | undefined;
  readonly verifierKey: string | undefined;
  readonly openings: readonly PublishedOpening[];
  /** Where this page was reached: "https://example.org". */
  readonly site: string;
}

export function ledgerPage(view: LedgerView): Html {
  return html`<h1>The ledger</h1>
    <p class="lede">
      A public log that can grow and cannot be rewritten. Before anybody but a client opens anything
      of that client, the entry is here, closed at first and opened later.
    </p>
    ${view.checkpoint === undefined ? unpublished : published(view, view.checkpoint)}`;
}

const unpublished = html`<p class="note">
  Nothing has been published yet. The first publication follows within minutes of the first start;
  then its checkpoint stands here.
</p>`;

function published(view: LedgerView, checkpoint: PublishedCheckpoint): Html {
  return html`<div class="cards">
      <div class="card">
        <span class="figure">${counted(checkpoint.size, "entry", "entries")}</span>
        <p class="quiet">
          published, covers included. Covers are empty entries that keep the rhythm, so that the
          time of a publication says nothing.
        </p>
      </div>
      <div class="card">
        <span class="figure">${checkpoint.origin}</span>
        <p class="quiet">the log’s name. <a href="/ledger/checkpoint">Its signed checkpoint</a></p>
      </div>
    </div>
    <h2>Opened last</h2>
    ${
      view.openings.length === 0
        ? html`<p>
            No entry has been opened yet. The public part of ordinary entries is opened within a
            day.
          </p>`
        : openingsTable(view.openings)
    }
    <h2>Check it yourself</h2>
    <p class="prose">
      With a clone of Bailee, on any machine. It recomputes every hash and the public report, and
      trusts nothing that this site says beside the log itself.
    </p>
    <pre tabindex="0"><code>bailee verify ${view.site}/ledger</code></pre>
    <p class="prose">
      Or with other people’s tools: the files are C2SP <code>tlog-tiles</code> with a checkpoint
      that is a signed note. The key that signs it:
    </p>
    <pre tabindex="0"><code>${view.verifierKey?.trim() ?? "not published yet"}</code></pre>
    <p class="prose">
      Keep a copy of the checkpoint. If a later one is not a continuation of yours, the log was
      forked, and you hold the proof.
    </p>
    <pre tabindex="0"><code>${checkpoint.note.trim()}</code></pre>
    <p class="prose quiet">
      The log proves that an act with this description was recorded before the key moved, in an
      order nobody can change. It cannot prove that the description is true.
    </p>`;
}

function openingsTable(openings: readonly PublishedOpening[]): Html {
  return scroll(
    "Openings",
    html`<table>
      <thead>
        <tr>
          <th scope="col" class="number">Entry</th>
          <th scope="col">Part</th>
          <th scope="col">What it says</th>
        </tr>
      </thead>
      <tbody>
        ${openings.map(
          ({ index, part, entry }) =>
            html`<tr>
              <td class="number">${index}</td>
              <td>${part}</td>
              <td>${facts(entry)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`,
  );
}

function facts(entry: Canonical): Html {
  return html`${Object.entries(entry).map(
    ([name, value]) =>
      html`<span class="quiet">${name}</span> <bdi>${brief(value as Canonical)}</bdi> `,
  )}`;
}

// A line of the table; the whole entry stands in the published file.
const MOST = 80;

function brief(value: Canonical): string {
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
}
