// The client's plan and payments: what is owed and until when, the dates of the ladder, invoices, codes, the choice of a plan, and
// billing information. Pure; never asks for a card number, and says so.
import { html } from "hono/html";
import { type Fields, type Mistakes, field, summary } from "../forms.ts";
import { type Html, counted } from "../layout.ts";
import type { BillingInformation, InvoiceFacts, OwnBilling, PlanOffer } from "../ports/billing.ts";
import { table } from "../table.ts";
import { capital } from "./entrance.ts";
import { awayNote } from "./errors.ts";
import { planFacts, priceWords } from "./plans.ts";
import type { Opened } from "./portal.ts";

type Money = (cents: number) => string;

export interface BillingView {
  readonly own: OwnBilling;
  readonly money: Money;
  /** What a form just did, in words. */
  readonly done: string | undefined;
  readonly mistakes: Mistakes;
  readonly values: Fields;
}

export function billingPage({ own, money, done, mistakes, values }: BillingView): Html {
  const open = own.invoices.filter(({ state }) => state === "open");
  const owed = open.reduce((sum, { cents, paidCents }) => sum + cents - paidCents, 0);
  return html`<h1>Plan and payment</h1>
    ${done === undefined ? "" : html`<p class="note" role="status"><strong>${done}</strong></p>`}
    ${summary(mistakes)}
    <div class="cards of-three">
      <div class="card">
        <h2 class="h3">To pay</h2>
        <span class="figure">${owed === 0 ? "Nothing" : money(owed)}</span>
        <p class="quiet">
          ${
            open.length > 0
              ? `${counted(open.length, "open invoice")}, the first by ${open.map(({ due }) => due).sort()[0] ?? ""}`
              : own.plan?.cents === 0
                ? "Your plan is free"
                : `Invoices begin with ${own.billedFrom}`
          }
        </p>
      </div>
      <div class="card">
        <h2 class="h3">Your credit</h2>
        <span class="figure">${money(own.credit)}</span>
        <p class="quiet">Used for the next invoice by itself</p>
      </div>
      <div class="card">
        <h2 class="h3">Your plan</h2>
        <span class="figure">${own.plan === undefined ? "None" : capital(own.plan.name)}</span>
        <p class="quiet">${own.plan === undefined ? "" : priceWords(own.plan, money)}</p>
      </div>
    </div>
    ${open.map((invoice) => openInvoice(invoice, own, money))}
    <h2>Pay with a prepaid code</h2>
    <div class="narrow">
      <p>
        When a code is credited, everything that says which code it was is destroyed. What stays is
        the amount and the day.
      </p>
      <form method="post" action="/portal/billing/code">
        ${field({ name: "code", label: "Code", hint: "Six groups of four letters and digits." }, values, mistakes)}
        <div class="actions"><button>Credit it</button></div>
      </form>
    </div>
    <h2>Invoices</h2>
    ${invoiceTable(own.invoices, money)}
    <h2>What came in and what it paid</h2>
    ${
      own.moves.length === 0
        ? html`<p>Nothing yet.</p>`
        : table(
            "What came in and what it paid",
            ["Day", "What", { name: "Amount", number: true }],
            own.moves.map(({ day, words, cents }) => [day, words, money(cents)]),
          )
    }
    <h2 id="plan">Choose another plan</h2>
    ${planForm(own, money)}
    <h2>Who invoices are made out to</h2>
    <p>
      Without billing information they name your address alone, and that is enough for us.
      <a href="/portal/billing/information">Look at it or change it</a>
    </p>`;
}

function openInvoice(
  invoice: OwnBilling["invoices"][number],
  { bank }: OwnBilling,
  money: Money,
): Html {
  const facts: readonly (readonly [string, Html | string])[] = [
    ["Amount", money(invoice.cents - invoice.paidCents)],
    ["Account holder", bank.holder],
    ["IBAN", html`<code>${grouped(bank.iban)}</code>`],
    ...(bank.bic === "" ? [] : [["BIC", html`<code>${bank.bic}</code>`] as const]),
    ["Reference", html`<code>${grouped(invoice.reference)}</code>`],
  ];
  return html`<section class="card" aria-labelledby="open-${invoice.number}">
    <h2 class="h3" id="open-${invoice.number}">
      Invoice ${invoice.number}, to be paid by ${invoice.due}
    </h2>
    <dl class="facts">
      ${facts.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    <h3>What happens when</h3>
    <ol class="steps">
      ${invoice.ladder.map(
        ({ day, words, reached }) =>
          html`<li>
            <h4>
              <time datetime="${day}">${day}</time>
              ${reached ? html`<span class="tag bad">reached</span>` : ""}
            </h4>
            <p>${words}</p>
          </li>`,
      )}
    </ol>
  </section>`;
}

/** In groups of four, as people read it out. */
function grouped(text: string): string {
  return text.replaceAll(/(.{4})(?=.)/g, "$1 ");
}

export const stateTags: { readonly [state in InvoiceFacts["state"]]: Html } = {
  draft: html`<span class="tag">draft</span>`,
  open: html`<span class="tag bad">to be paid</span>`,
  paid: html`<span class="tag good">paid</span>`,
  credited: html`<span class="tag">given back</span>`,
  note: html`<span class="tag">credit note</span>`,
};

function invoiceTable(invoices: OwnBilling["invoices"], money: Money): Html {
  if (invoices.length === 0) return html`<p>None yet.</p>`;
  return table(
    "Invoices",
    ["Number", "For", { name: "Amount", number: true }, "State", "Download"],
    invoices.map((invoice) => [
      invoice.number,
      `${invoice.from} until before ${invoice.to}`,
      money(invoice.cents),
      stateTags[invoice.state],
      html`<a
          href="/portal/billing/invoices/${invoice.id}/pdf"
          aria-label="Number ${invoice.number} as PDF"
          >PDF</a
        >
        <a
          href="/portal/billing/invoices/${invoice.id}/html"
          aria-label="Number ${invoice.number} as HTML"
          >HTML</a
        >`,
    ]),
  );
}

function planForm(own: OwnBilling, money: Money): Html {
  if (own.choices.length === 0)
    return html`<p>
      There is no other plan with the same answer to a lost password: that answer belongs to your
      keys, and stays what it was when you signed up.
    </p>`;
  return html`<p>
      Services and limits change at once, the price from your next month. Plans with another answer
      to a lost password are not offered here: that answer belongs to your keys.
    </p>
    <form method="post" action="/portal/billing/plan">
      <fieldset>
        <legend>Plan</legend>
        ${own.choices.map((plan, index) => planChoice(plan, index, money))}
      </fieldset>
      <div class="actions"><button>Change to this plan</button></div>
    </form>`;
}

function planChoice(plan: PlanOffer, index: number, money: Money): Html {
  return html`<label class="choice"
    ><input type="radio" name="plan" value="${plan.name}" ${index === 0 ? "checked" : ""} /><span
      ><strong>${capital(plan.name)}, ${priceWords(plan, money)}</strong
      ><small>${plan.words}</small> ${planFacts(plan, false)}</span
    ></label
  >`;
}

export function informationPage(
  held: Opened<BillingInformation | undefined>,
  values: Fields,
  mistakes: Mistakes,
  done: string | undefined,
): Html {
  const kept = held?.value;
  const shown = Object.keys(values).length > 0 ? values : { ...kept };
  return html`<h1>Who invoices are made out to</h1>
    <p class="lede">
      Sealed before it is stored, and opened for two purposes only: to write your invoices, and to
      show it to you.
    </p>
    ${held === undefined ? awayNote() : ""}
    <div class="narrow">
      ${done === undefined ? "" : html`<p class="note" role="status"><strong>${done}</strong></p>`}
      ${summary(mistakes)}
      <form method="post" action="/portal/billing/information">
        ${field({ name: "name", label: "Name", autocomplete: "name", optional: true }, shown, mistakes)}
        ${field({ name: "company", label: "Company", autocomplete: "organization", optional: true }, shown, mistakes)}
        ${field({ name: "address", label: "Address", lines: 4, autocomplete: "street-address" }, shown, mistakes)}
        ${field({ name: "vatId", label: "VAT id", optional: true }, shown, mistakes)}
        <p class="hint">Never a card number: we have no use for one, and refuse it.</p>
        <div class="actions">
          <button>Keep this</button>
        </div>
      </form>
      ${
        kept === undefined
          ? ""
          : html`<form method="post" action="/portal/billing/information">
              <input type="hidden" name="remove" value="yes" />
              <button class="plain">Remove it</button>
            </form>`
      }
      <p><a href="/portal/billing">Back to plan and payment</a></p>
    </div>`;
}
