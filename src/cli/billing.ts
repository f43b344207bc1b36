// `bailee billing …`: the billing run, bank statements, prepaid codes, invoices. Shows numbers, amounts and states; opens no text
// of an invoice.
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { ask, type CliCommand, report, UsageError } from "./command.ts";
import { needed } from "./grant.ts";

export const billingRun: CliCommand = {
  summary: "write the invoices that are due",
  help: `
bailee billing run [--json]

Drafts an invoice for each client's month that has begun, and makes each draft final under the next number. May run at any time
and as often as you like: a month is invoiced once. The server does it by itself every hour.
`,
  options: {},
  positionals: [0, 0],
  run: async (call) => report(call, await ask(call, "billing.run", {})),
};

export const billingImport: CliCommand = {
  summary: "credit the payments of a bank statement",
  help: `
bailee billing import FILE [--json]

Reads a bank statement (ISO 20022 camt.053, versions .02 and later) and credits each payment to the invoice whose reference it
names. The same entry is never credited twice, so a statement may be handed in again. What matches no invoice is listed by
bailee billing waiting and on the desk's billing page.
`,
  options: {},
  positionals: [1, 1],
  async run(call) {
    const path = call.positionals[0] ?? "";
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
      throw new UsageError(`there is no file ${path}`);
    return report(call, await ask(call, "billing.import", { path: resolve(path) }));
  },
};

export const billingCodes: CliCommand = {
  summary: "make prepaid codes",
  help: `
bailee billing codes --count N --cents C [--json]

Makes N prepaid codes worth C cents each and prints them, this once: only their hashes are kept. A client redeems a code on the
billing page of the portal; its hash is deleted then, and nothing says which code it was.
`,
  options: { count: { type: "string" }, cents: { type: "string" } },
  positionals: [0, 0],
  async run(call) {
    const [count, cents] = [whole(needed(call, "count")), whole(needed(call, "cents"))];
    return report(call, await ask(call, "billing.codes", { count, cents }));
  },
};

export const billingInvoices: CliCommand = {
  summary: "list invoices",
  help: `
bailee billing invoices [--json]

Lists invoices with what is clear on disk: number, client id, amount, due day, state.
`,
  options: {},
  positionals: [0, 0],
  run: async (call) => report(call, await ask(call, "billing.invoices", {})),
};

export const billingWaiting: CliCommand = {
  summary: "list payments that matched no invoice",
  help: `
bailee billing waiting [--json]

Lists entries of bank statements that a person must look at: no known reference, another currency, or taken back by the bank. The
desk's billing page has the form to settle them.
`,
  options: {},
  positionals: [0, 0],
  run: async (call) => report(call, await ask(call, "billing.waiting", {})),
};

export const billingCreditNote: CliCommand = {
  summary: "give an invoice back by a credit note",
  help: `
bailee billing credit-note NUMBER --because WORDS [--json]

Makes a credit note over the whole of invoice NUMBER, under a number of its own. What was paid of it becomes the client's credit.
The client reads WORDS on the note.
`,
  options: { because: { type: "string" } },
  positionals: [1, 1],
  async run(call) {
    const number = whole(call.positionals[0] ?? "");
    const because = needed(call, "because");
    return report(call, await ask(call, "billing.credit-note", { number, because }));
  },
};

function whole(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new UsageError(`${text} is no whole number`);
  return Number(text);
}
