// The ledger as people look at it: its size, its checkpoint, what was opened last, and how to check it without us. Pure.
import { html } from "hono/html";
import type { Canonical } from "#base/canonical";
import { type Html, counted } from "../layout.ts";
import type { PublishedCheckpoint, PublishedOpening } from "../published.ts";
import { table } from "../table.ts";

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
            No entry has been opened yet. The public part of ordinary entries is opened with the
            next publications.
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
  return table(
    "Entries opened last",
    ["Entry", "What was recorded", "In its words"],
    openings.map(({ index, entry }) => {
      const { type, ...rest } = entry as { readonly [name: string]: Canonical };
      const name = typeof type === "string" ? type : "";
      return [index, entryWords[name] ?? name, facts(rest)];
    }),
  );
}

/** What the types of entry mean; one that is not here is shown by its own name. */
const entryWords: { readonly [type: string]: string } = {
  genesis: "The log begins",
  enrol: "A client came",
  "enrol-person": "A person was enrolled",
  "day-keys": "A day’s log keys were made",
  "queue-key": "A day’s queue key was made",
  "keys-destroyed": "Keys were destroyed",
  "grant-refused": "A grant was refused",
  "release-intent": "Somebody is about to look",
  "release-outcome": "What came of a look",
  "own-summary": "Clients read their own data",
  "standing-summary": "Data opened for a published automatic purpose",
  "standing-stopped": "An automatic purpose had used up its share of an hour",
  "desk-key": "The desk’s key was certified",
  "root-key": "The root key was made anew",
  "class-keys": "Old keys of classes were destroyed",
  "rule-key": "The key of clients’ rules was handed to the server",
  "request-received": "Somebody asked for a client’s data",
  "request-determined": "A request was judged, in writing",
  "request-closed": "A request was closed",
  "report-matched": "A reported message was compared with what is stored",
  decision: "A decision about harmful communications",
  "appeal-decided": "An appeal was decided by another person",
  "interception-intent": "Future mail of one account is about to be copied",
  "interception-outcome": "The copying of future mail has ended",
  erasure: "A client was erased",
};

function facts(entry: { readonly [name: string]: Canonical }): Html {
  return html`${Object.entries(entry).map(
    ([name, value]) =>
      html`<span class="pair"
        ><span class="quiet">${name}</span> <bdi>${brief(value)}</bdi></span
      > `,
  )}`;
}

// Enough to tell two of a kind apart; the whole entry stands in the published file.
const MOST = 48;

function brief(value: Canonical): string {
  if (Array.isArray(value)) return counted(value.length, "item");
  const text = typeof value === "object" ? Object.keys(value).join(", ") : String(value);
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
}
