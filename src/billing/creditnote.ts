// Credit notes: the only way in which an invoice is corrected. The invoice's own text stays shut, since no purpose but the client's
// own view opens it: the note is made from what is clear, and from billing information as it is now.
import { no, type Result, yes } from "#base/errors";
import { policyDigest } from "#policy";
import type { BillingParts } from "./parts.ts";
import { addCreditNote } from "./commands.ts";
import type { InvoiceFacts } from "./contract.ts";
import { creditNoteText, encodeInvoice, invoiceText } from "./invoice.ts";
import { paymentContext } from "./ports.ts";
import { informationOf, lineOf } from "./run.ts";

// As the billing run has it: somebody else may take the number a few times.
const MAX_TRIES = 20;
// A sentence or two.
const LONGEST_REASON = 400;

export async function creditNote(
  parts: BillingParts,
  number: number,
  because: string,
  id: string,
): Promise<
  Result<InvoiceFacts, "not-open" | "no-such-invoice" | "key-not-certified" | "keeper-refuses">
> {
  const { engine, rows, ports, today } = parts;
  const invoice = await rows.byNumber(number);
  if (invoice?.kind !== "invoice") return no("no-such-invoice");
  if (invoice.state === "credited") return no("not-open");
  const information = await informationOf(parts, invoice.client);
  if (typeof information === "string") return no("keeper-refuses");
  const account = (await ports.clients()).find((row) => row.client === invoice.client)?.address;
  const original = invoiceText({
    ...invoice,
    number,
    period: invoice,
    policy: policyDigest,
    seller: parts.seller,
    buyer: { ...information, account: account ?? "" },
    lines: [lineOf(invoice)],
  });
  const reason = because.trim().toWellFormed().normalize("NFC").slice(0, LONGEST_REASON);
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const issued = today();
    const next = await rows.nextNumber();
    const text = creditNoteText(original, { number: next, issued, because: reason });
    const sealed = await ports.seal(paymentContext(invoice.client, id), encodeInvoice(text));
    if (sealed === undefined) return no("key-not-certified");
    const done = await engine.write(addCreditNote, {
      of: invoice.id,
      invoice_id: id,
      number: next,
      reference: invoice.reference,
      issued,
      due: issued,
      policy: text.policy,
      sealed,
    });
    if (done === "not-open") return no("not-open");
    if (done === "moved-on") continue;
    await ports.notify(
      invoice.client,
      "credit-note",
      {
        number: text.number,
        corrects: text.corrects,
        cents: text.cents,
        currency: text.currency,
      },
      text.number,
    );
    const made = await rows.byId(id);
    if (made !== undefined) return yes(made);
  }
  return no("not-open");
}
