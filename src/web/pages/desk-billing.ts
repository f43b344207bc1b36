// Billing at the staff desk: what waits for a person, statements in, invoices by number and state. Pure; shows no text of an
// invoice and nobody's billing information, which the desk cannot open.
import { html } from "hono/html";
import { field } from "../forms.ts";
import { type Html, counted } from "../layout.ts";
import type { DeskBilling, InvoiceFacts, Said, WaitingEntry } from "../ports/billing.ts";
import { table } from "../table.ts";
import { stateTags } from "./billing.ts";

export function deskBillingPage(
  view: DeskBilling,
  money: (cents: number) => string,
  said: Said | undefined,
): Html {
  const open = view.invoices.filter(({ state }) => state === "open");
  const owed = open.reduce((sum, { cents, paidCents }) => sum + cents - paidCents, 0);
  return html`<h1>Billing</h1>
    ${said === undefined ? "" : html`<p class="${said.ok ? "note" : "alert"}" role="status">${said.words}</p>`}
    ${
      view.isTrialSeller
        ? html`<p class="note">
            Nobody has said yet who sells: invoices name a trial provider. Write
            <code>seller.json</code> into the data folder, as the documentation shows, and start
            again.
          </p>`
        : ""
    }
    <div class="cards of-three">
      <div class="card">
        <h2 class="h3">Open invoices</h2>
        <span class="figure">${String(open.length)}</span>
        <p class="quiet">${money(owed)} to come</p>
      </div>
      <div class="card">
        <h2 class="h3">Waiting for a person</h2>
        <span class="figure">${String(view.waiting.length)}</span>
        <p class="quiet">payments that matched nothing</p>
      </div>
      <div class="card">
        <h2 class="h3">Prepaid codes out</h2>
        <span class="figure">${String(view.codes.count)}</span>
        <p class="quiet">worth ${money(view.codes.cents)}; <code>bailee billing codes</code></p>
      </div>
    </div>
    <h2>Waiting for a person</h2>
    ${
      view.waiting.length === 0
        ? html`<p>Nothing. What a statement holds and no reference explains will stand here.</p>`
        : html`<p>
              Who paid is in the bank’s own pages, under the bank’s reference: it is not kept here.
            </p>
            ${view.waiting.map((entry) => waitingCard(entry, money))}`
    }
    <h2>Bank statement</h2>
    <form
      method="post"
      action="/desk/billing/statement"
      enctype="multipart/form-data"
      class="narrow"
    >
      <div class="field">
        <label for="statement">Statement</label>
        <p class="hint" id="statement-hint">
          ISO 20022 camt.053. The same entry is never credited twice, so it may be handed in again.
        </p>
        <input
          id="statement"
          name="statement"
          type="file"
          accept=".xml,application/xml,text/xml"
          aria-describedby="statement-hint"
          required
        />
      </div>
      <div class="actions"><button>Credit what it holds</button></div>
    </form>
    <h2>Invoices</h2>
    <form method="post" action="/desk/billing/run">
      <p>Drafts become invoices by themselves every hour. ${draftWords(view.invoices)}</p>
      <button class="plain">Run it now</button>
    </form>
    ${invoiceTable(view.invoices, money)}
    <h2>Give an invoice back</h2>
    <form method="post" action="/desk/billing/credit-note" class="narrow">
      ${field({ name: "number", label: "Number of the invoice" }, {}, {})}
      ${field({ name: "because", label: "Why", hint: "The client reads this on the credit note." }, {}, {})}
      <div class="actions"><button>Make the credit note</button></div>
    </form>`;
}

function draftWords(invoices: readonly InvoiceFacts[]): string {
  const drafts = invoices.filter(({ state }) => state === "draft").length;
  return drafts === 0 ? "" : `${counted(drafts, "draft")} wait for the next run.`;
}

function waitingCard(entry: WaitingEntry, money: (cents: number) => string): Html {
  const amount = entry.mayCredit
    ? money(entry.cents)
    : `${(entry.cents / 100).toFixed(2)} ${entry.currency}`;
  return html`<section class="card">
    <h3>${entry.words}: ${amount}</h3>
    <dl class="facts">
      <div>
        <dt>Booked</dt>
        <dd>${entry.day}</dd>
      </div>
      <div>
        <dt>Reference</dt>
        <dd>${entry.reference === "" ? "none" : html`<code>${entry.reference}</code>`}</dd>
      </div>
      <div>
        <dt>The bank’s reference</dt>
        <dd>${entry.bankReference === "" ? "none" : html`<code>${entry.bankReference}</code>`}</dd>
      </div>
    </dl>
    ${
      entry.mayCredit
        ? html`<form method="post" action="/desk/billing/settle">
            <input type="hidden" name="entry" value="${entry.id}" />
            <div class="field">
              <label for="number-${entry.id}">It pays invoice number</label>
              <input id="number-${entry.id}" name="number" required autocomplete="off" />
            </div>
            <button>Credit it to that</button>
          </form>`
        : ""
    }
    <form method="post" action="/desk/billing/settle">
      <input type="hidden" name="entry" value="${entry.id}" />
      <button class="plain">Dealt with elsewhere</button>
    </form>
  </section>`;
}

function invoiceTable(invoices: readonly InvoiceFacts[], money: (cents: number) => string): Html {
  if (invoices.length === 0) return html`<p>None yet: the first month of each client is free.</p>`;
  return table(
    "Invoices",
    ["Number", "Client", "Issued", "Due", { name: "Amount", number: true }, "State", "Reference"],
    invoices.map((row) => [
      row.number === "" ? "not yet" : row.number,
      html`<code>${row.client.slice(0, 8)}…</code>`,
      row.issued,
      row.due,
      money(row.cents),
      stateTags[row.state],
      html`<code>${row.reference}</code>`,
    ]),
  );
}
