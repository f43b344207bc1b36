// Fits the billing room to its pages: sessions pass through as they came, refusals become words.
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type Billing,
  type EntryOutcome,
  invoiceHtml,
  invoicePdf,
  type InvoiceText,
  MAX_STATEMENT_OCTETS,
  moneyWords,
  type Move,
  stepWords,
} from "#billing";
import { type Clock, dayOf } from "#base/time";
import { type Clients, CURRENCY, findPlan, type Plan, plansOffered, type Session } from "#clients";
import type { WebServerOptions } from "#web";
import { creditNoteWords, ownOpener, SELLER_FILE, statementWords } from "./billing.ts";

type BillingPages = WebServerOptions["ports"]["billing"];
type Offer = ReturnType<BillingPages["offers"]>[number];

interface Rooms {
  readonly data: string;
  readonly clock: Clock;
  readonly clients: Clients;
  readonly billing: Billing;
}

export function fitBillingPages({ data, clock, clients, billing }: Rooms): BillingPages {
  const whole = (session: object): Session => session as Session;
  const money = (cents: number): string => moneyWords({ cents, currency: CURRENCY });
  const textOf = (session: object, id: string): Promise<InvoiceText | undefined> =>
    billing.invoiceText(whole(session).client, id, ownOpener(clients, whole(session)));
  return {
    offers: () => plansOffered.map(offerOf),
    money,
    async own({ client }) {
      const [own, facts] = [
        await billing.own(client),
        (await clients.list()).find((row) => row.client === client),
      ];
      if (own === undefined || facts === undefined) return undefined;
      const today = dayOf(clock.now());
      const plan = findPlan(facts.plan, facts.planVersion);
      return {
        ...own,
        plan: plan && offerOf(plan),
        choices: plansOffered
          .filter((choice) => choice.mode === facts.mode && choice !== plan)
          .map(offerOf),
        invoices: own.invoices.map((invoice) => ({
          ...invoice,
          ladder: invoice.ladder.map(({ step, day }) => ({
            day,
            words: stepWords[step],
            reached: step === "due" ? day < today : day <= today,
          })),
        })),
        moves: own.moves.map(({ day, cents, ...move }) => ({ day, cents, words: moveWords(move) })),
      };
    },
    information: (session) =>
      billing.information(session.client, ownOpener(clients, whole(session))),
    keepInformation: ({ client }, given) => billing.keepInformation(client, given),
    changePlan: ({ client }, plan) => clients.changePlan(client, plan),
    redeem: ({ client }, code) => billing.redeem(client, code),
    async invoiceHtml(session, id) {
      const text = await textOf(session, id);
      return (
        text && {
          name: fileName(text, "html"),
          bytes: new TextEncoder().encode(await invoiceHtml(text)),
        }
      );
    },
    async invoicePdf(session, id) {
      const text = await textOf(session, id);
      return text && { name: fileName(text, "pdf"), bytes: new Uint8Array(await invoicePdf(text)) };
    },
    desk: fitDesk(data, billing, money),
  };
}

function fitDesk(
  data: string,
  billing: Billing,
  money: (cents: number) => string,
): BillingPages["desk"] {
  return {
    largestStatement: MAX_STATEMENT_OCTETS,
    async view() {
      const [invoices, waiting, codes] = await Promise.all([
        billing.invoices(),
        billing.waiting(),
        billing.codesOut(),
      ]);
      return {
        invoices,
        waiting: waiting.map((entry) => ({
          ...entry,
          words: outcomeWords[entry.outcome],
          mayCredit: entry.outcome === "unknown-reference",
        })),
        codes,
        currency: CURRENCY,
        isTrialSeller: !existsSync(join(data, SELLER_FILE)),
      };
    },
    async run() {
      const { drafted, issued, left } = await billing.run();
      return {
        ok: left.length === 0,
        words: `${drafted} drafted, ${issued} issued, ${left.length} left for the next run.`,
      };
    },
    async importStatement(bytes) {
      const report = await billing.importStatement(bytes);
      if (!report.ok) return { ok: false, words: `Not taken: ${statementWords[report.mistake]}.` };
      const { outcomes, credited, waiting } = report.value;
      const said = Object.entries(outcomes).map(
        ([outcome, count]) =>
          `${count} ${outcome === "seen-before" ? "seen before" : outcomeWords[outcome as EntryOutcome].toLowerCase()}`,
      );
      return {
        ok: true,
        words: `${said.length === 0 ? "No credits in it" : said.join(", ")}. Credited: ${money(credited)}. ${waiting} wait for a person.`,
      };
    },
    async settle(entry, number) {
      const settled = await billing.settle(entry, number);
      if (!settled.ok) return { ok: false, words: settleWords[settled.refusal] };
      return {
        ok: true,
        words: settled.value === "assigned" ? "Credited." : "Set aside.",
      };
    },
    async creditNote(number, because) {
      const made = await billing.creditNote(number, because);
      return made.ok
        ? { ok: true, words: `Credit note ${made.value.number} is made.` }
        : { ok: false, words: `Not made: ${creditNoteWords[made.refusal]}.` };
    },
  };
}

const outcomeWords: { readonly [outcome in EntryOutcome]: string } = {
  exact: "Paid exactly",
  over: "Paid too much",
  under: "Paid in part",
  "unknown-reference": "No known reference",
  "wrong-currency": "Another currency",
  returned: "Taken back by the bank",
  assigned: "Assigned by a person",
  "set-aside": "Set aside by a person",
};

const settleWords = {
  "not-waiting": "This entry waits no more.",
  "no-such-invoice": "There is no invoice of this number.",
  "not-to-be-credited": "This entry cannot be credited here.",
} as const;

const moveKinds: { readonly [kind in Move["kind"]]: (invoice: string) => string } = {
  transfer: (invoice) => `Bank transfer for invoice ${invoice}`,
  code: () => "Prepaid code",
  invoice: (invoice) => `Paid invoice ${invoice}`,
  "credit-note": (invoice) => `Back from invoice ${invoice}`,
};

function moveWords({ kind, invoice }: Pick<Move, "kind" | "invoice">): string {
  return moveKinds[kind](invoice);
}

function fileName({ kind, number }: InvoiceText, extension: string): string {
  return `${kind}-${number}.${extension}`;
}

function offerOf(plan: Plan): Offer {
  const { name, words, mode, services, limits, cents } = plan;
  return { name, words, mode, services, limits, cents, currency: CURRENCY };
}
