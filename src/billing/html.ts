// An invoice as one file of HTML that stands by itself: no script, nothing from elsewhere, readable in a browser in ten years.
import { html } from "hono/html";
import { type InvoiceText, rateWords } from "./invoice.ts";
import { moneyWords } from "./money.ts";
import { referenceWords } from "./reference.ts";

const style = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1.25rem; }
h1 { font: 500 1.8rem/1.2 Georgia, serif; margin: 0 0 1.5rem; }
.two { display: grid; gap: 1.5rem; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); margin-bottom: 1.5rem; }
.lines { white-space: pre-line; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin: 1.5rem 0; }
th, td { text-align: start; vertical-align: top; padding: .5rem .5rem .5rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
th { font-weight: 500; }
.number { text-align: end; font-variant-numeric: tabular-nums; padding-right: 0; white-space: nowrap; }
tfoot tr:last-child { font-weight: 600; }
small, .quiet { color: color-mix(in srgb, currentColor 65%, transparent); }
code { font: .92em ui-monospace, monospace; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .2rem 1.25rem; margin: 0; }
dd { margin: 0; } dt { color: color-mix(in srgb, currentColor 65%, transparent); }
@media print { body { margin: 0; } }
`;

/** A whole document, escaped. */
export async function invoiceHtml(text: InvoiceText): Promise<string> {
  const { seller, tax, currency } = text;
  const money = (cents: number): string => moneyWords({ cents, currency });
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${documentTitle(text)}</title>
        <style>
          ${style}
        </style>
      </head>
      <body>
        <h1>${documentTitle(text)}</h1>
        <div class="two">
          <div>
            <small>From</small>
            <div class="lines"><strong>${seller.name}</strong>${`\n${seller.address}`}</div>
            ${seller.vatId === "" ? "" : html`<div>VAT id ${seller.vatId}</div>`}
            ${seller.email === "" ? "" : html`<div>${seller.email}</div>`}
          </div>
          <div>
            <small>To</small>
            <div class="lines">${buyerLines(text).join("\n")}</div>
          </div>
        </div>
        <dl>
          ${factsOf(text).map(
            ([name, value]) =>
              html`<dt>${name}</dt>
                <dd>${value}</dd>`,
          )}
        </dl>
        <table>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col" class="number">Number</th>
              <th scope="col" class="number">Amount</th>
            </tr>
          </thead>
          <tbody>
            ${text.lines.map(
              (line) =>
                html`<tr>
                  <td>${line.words}</td>
                  <td class="number">${line.quantity}</td>
                  <td class="number">${money(line.cents * line.quantity)}</td>
                </tr>`,
            )}
          </tbody>
          <tfoot>
            <tr>
              <td colspan="2">Net</td>
              <td class="number">${money(tax.netCents)}</td>
            </tr>
            <tr>
              <td colspan="2">${tax.name} ${rateWords(tax.rate)}, included</td>
              <td class="number">${money(tax.taxCents)}</td>
            </tr>
            <tr>
              <td colspan="2">Total</td>
              <td class="number">${money(text.cents)}</td>
            </tr>
          </tfoot>
        </table>
        ${tax.note === "" ? "" : html`<p>${tax.note}</p>`}
        <p>${payWords(text)}</p>
        ${
          text.kind === "invoice"
            ? html`<dl>
                ${payFacts(text).map(
                  ([name, value]) =>
                    html`<dt>${name}</dt>
                      <dd><code>${value}</code></dd>`,
                )}
              </dl>`
            : ""
        }
        <p class="quiet">
          <small>Policy in force: <code>${text.policy}</code></small>
        </p>
      </body>
    </html>`;
  return String(await document);
}

export function documentTitle({ kind, number }: InvoiceText): string {
  return `${kind === "invoice" ? "Invoice" : "Credit note"} ${number}`;
}

export function buyerLines({ buyer }: InvoiceText): readonly string[] {
  const vat = buyer.vatId === "" ? "" : `VAT id ${buyer.vatId}`;
  return [buyer.company, buyer.name, buyer.address, vat, buyer.account].filter(
    (line) => line !== "",
  );
}

export function factsOf(text: InvoiceText): readonly (readonly [string, string])[] {
  const correction: readonly (readonly [string, string])[] = [
    ["Corrects invoice", text.corrects],
    ["Because", text.because],
  ];
  return [
    ["Date", text.issued],
    ["For", `${text.period.from} until before ${text.period.to}`],
    ...(text.kind === "invoice" ? [["To be paid by", text.due] as const] : correction),
  ];
}

export function payFacts({
  seller: { bank },
  reference,
}: InvoiceText): readonly (readonly [string, string])[] {
  return [
    ["Account holder", bank.holder],
    ["IBAN", referenceWords(bank.iban)],
    ...(bank.bic === "" ? [] : [["BIC", bank.bic] as const]),
    ["Reference", referenceWords(reference)],
  ];
}

export function payWords({ kind, cents, currency }: InvoiceText): string {
  return kind === "invoice"
    ? `Please pay ${moneyWords({ cents, currency })} by bank transfer with exactly this reference, or by a prepaid code on your account’s page. What you have to your credit there is used first.`
    : `${moneyWords({ cents: -cents, currency })} are no longer owed. What was paid of it is your credit.`;
}
