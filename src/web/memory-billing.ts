// The billing port kept in memory, for tests of the pages alone: one open invoice, one entry that waits. Never part of the program.
import { no, yes } from "#base/errors";
import type { BillingInformation, BillingPages, PlanOffer } from "./ports/billing.ts";

const personal: PlanOffer = {
  name: "personal",
  words: "Mail for one person.",
  mode: "quorum",
  services: ["imap", "submission", "web"],
  limits: { storage: 10 * 1024 ** 3, recipientsPerDay: 500 },
  cents: 300,
  currency: "EUR",
};

export function memoryBilling(): BillingPages {
  const kept = new Map<string, BillingInformation>();
  const invoice = {
    id: "i",
    client: "c",
    kind: "invoice",
    state: "open",
    number: "000001",
    reference: "RF74000001",
    issued: "2026-11-23",
    due: "2026-12-07",
    from: "2026-11-23",
    to: "2026-12-23",
    cents: 300,
    paidCents: 0,
    currency: "EUR",
  } as const;
  const money = (cents: number): string => `${(cents / 100).toFixed(2)} EUR`;
  const done = async () => ({ ok: true, words: "Done." });
  return {
    offers: () => [personal],
    money,
    own: async () => ({
      plan: personal,
      choices: [{ ...personal, name: "plus", cents: 600 }],
      credit: 0,
      currency: "EUR",
      billedFrom: "2026-12-23",
      invoices: [
        { ...invoice, ladder: [{ day: "2026-12-07", words: "Payment is due", reached: false }] },
      ],
      moves: [],
      bank: { holder: "Provider", iban: "GB82WEST12345698765432", bic: "" },
    }),
    information: async ({ client }) => kept.get(client),
    keepInformation: async ({ client }, given) => {
      if (given === undefined) kept.delete(client);
      else kept.set(client, given);
      return { ok: true };
    },
    changePlan: async () => yes(true),
    redeem: async () => no("no-such-code"),
    invoiceHtml: async () => undefined,
    invoicePdf: async () => undefined,
    desk: {
      view: async () => ({
        invoices: [invoice],
        waiting: [
          {
            id: "e",
            day: "2026-11-23",
            words: "No known reference",
            cents: 300,
            currency: "EUR",
            reference: "",
            bankReference: "B1",
            mayCredit: true,
          },
        ],
        codes: { count: 0, cents: 0 },
        currency: "EUR",
        isTrialSeller: true,
      }),
      run: done,
      importStatement: done,
      settle: done,
      creditNote: done,
      largestStatement: 1024 * 1024,
    },
  };
}
