// Fits the billing room: who sells, who the clients are, their payment keys, the keeper's opening for payment, and what a client
// is told. The session of a client passes through as it came.
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Billing,
  type BillingPorts,
  MAX_STATEMENT_OCTETS,
  moneyWords,
  type NoticeFields,
  type NoticeKind,
  openBilling,
  type OpenOwn,
  parseSeller,
  type Seller,
  type StatementMistake,
  trialSeller,
} from "#billing";
import { Broken } from "#base/errors";
import { log, logBroken } from "#base/log";
import type { Clock } from "#base/time";
import { type Clients, CURRENCY, findPlan, type Session } from "#clients";
import { billingOperations, type Operations } from "#control";
import type { Engine } from "#engine";
import type { Keeper } from "#keeper";
import type { Support } from "#support";
import type { Job } from "./schedule.ts";

/** The file in the data folder that says who sells. */
export const SELLER_FILE = "seller.json";

interface Rooms {
  readonly data: string;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly keeper: Pick<Keeper, "standing">;
  readonly clients: Clients;
  readonly support: Pick<Support, "notify">;
}

export async function fitBilling({ data, ...rooms }: Rooms): Promise<Billing> {
  const seller = await readSeller(data);
  return openBilling({
    engine: rooms.engine,
    clock: rooms.clock,
    seller,
    currency: CURRENCY,
    ports: portsOf(rooms),
  });
}

function portsOf({
  keeper,
  clients,
  clock,
  support,
}: Omit<Rooms, "data" | "engine">): BillingPorts {
  return {
    clients: () => clients.list(),
    price(name, version) {
      const plan = findPlan(name, version);
      return plan && { cents: plan.cents, currency: CURRENCY };
    },
    async seal(context, bytes) {
      const sealer = await clients.paymentSealer(context.client);
      return sealer?.seal(context, bytes);
    },
    openForPayment: (objects) => keeper.standing("process-payment", objects),
    moveStatus: (client, to) =>
      clients.moveStatus(client, to, { reason: "invoices", by: "ladder" }),
    async notify(client, kind, fields, about) {
      const row = (await clients.list()).find((one) => one.client === client);
      if (row === undefined) return;
      const { cents, currency, ...rest } = fields;
      const amount =
        typeof cents === "number" && typeof currency === "string"
          ? { amount: moneyWords({ cents, currency }) }
          : {};
      await clients.log(client, row.account, {
        kind: "change",
        at: clock.now(),
        fields: { what: noticeWords[kind], ...amount, ...rest },
      });
      await writeTo(support, client, kind, { ...amount, ...rest }, about);
    },
  };
}

/** A letter that cannot be delivered now is not worth an invoice: the log and the portal say the same. */
async function writeTo(
  support: Pick<Support, "notify">,
  client: string,
  kind: NoticeKind,
  fields: NoticeFields,
  about: string,
): Promise<void> {
  const { number = "", amount = "", due = "", corrects = "", next, on } = fields;
  const comes = next === undefined || on === undefined ? "nothing more" : `${on}: ${next}`;
  const filled = { number, amount, due, corrects, next: comes };
  try {
    const given = await support.notify(client, kind, filled, `${kind} ${about}`);
    if (!given.ok) log("billing.letter-refused", { kind, refusal: given.refusal });
  } catch (error) {
    logBroken("billing.letter", error);
  }
}

const noticeWords: { readonly [kind in NoticeKind]: string } = {
  invoice: "invoice",
  "credit-note": "credit note",
  "payment-received": "payment received",
  "payment-due": "invoice is due",
  "payment-reminder": "invoice: reminder",
  "payment-past-due": "invoice: past due",
  "payment-suspension": "invoice: suspension",
};

/** Why a statement is not taken, for people. */
export const statementWords: { readonly [mistake in StatementMistake]: string } = {
  "too-large": `the file has more than ${MAX_STATEMENT_OCTETS / 1024 / 1024} MiB`,
  "not-utf8": "the file is not UTF-8",
  "declares-entities": "the file declares a document type or entities, which no bank does",
  "not-xml": "the file is not well-formed XML, or nested too deep",
  "not-camt-053": "the file is no camt.053 statement",
  "bad-entry": "an entry of the file cannot be read; nothing of it was credited",
  "too-many-entries": "the file has more entries than can be taken at once",
};

export const creditNoteWords = {
  "not-open": "this invoice is credited already",
  "no-such-invoice": "there is no invoice of this number",
  "key-not-certified": "the client's payment key is not the one that was certified",
  "keeper-refuses": "the keeper does not open the billing information now; try again later",
} as const;

export function operationsOfBilling(billing: Billing): Operations {
  const money = (cents: number): string => moneyWords({ cents, currency: CURRENCY });
  return billingOperations({
    run: (progress) => billing.run(progress),
    async importFile(path, progress) {
      const bytes = await readBounded(path);
      if (bytes === undefined) return { ok: false, why: statementWords["too-large"] };
      const report = await billing.importStatement(bytes, progress);
      return report.ok ? report : { ok: false, why: statementWords[report.mistake] };
    },
    makeCodes: (count, cents) => billing.makeCodes(count, cents),
    async invoices() {
      const rows = await billing.invoices();
      return rows.map((row) => ({
        facts: { ...row },
        line: `${row.number === "" ? "draft " : row.number}  ${row.kind}  ${row.state}  ${money(row.cents)}  due ${row.due}  client ${row.client}`,
      }));
    },
    async waiting() {
      const rows = await billing.waiting();
      return rows.map((row) => ({
        facts: { ...row },
        line: `${row.day}  ${row.outcome}  ${moneyWords(row)}  ${row.reference}  bank ${row.bankReference}`,
      }));
    },
    async creditNote(number, because) {
      const made = await billing.creditNote(number, because);
      return made.ok
        ? { ok: true, value: { number: made.value.number } }
        : { ok: false, why: creditNoteWords[made.refusal] };
    },
    money,
  });
}

/** Undefined when there is more than a statement may have: it is not read then. */
async function readBounded(path: string): Promise<Uint8Array | undefined> {
  await using file = await open(path, "r");
  const { size } = await file.stat();
  return size > MAX_STATEMENT_OCTETS ? undefined : await file.readFile();
}

/** What the keeper opens for the client of a session. */
export function ownOpener(clients: Pick<Clients, "openOwn">, session: Session): OpenOwn {
  return (objects) => clients.openOwn(session, objects);
}

export function billingJobs(billing: Billing): readonly Job[] {
  return [
    {
      name: "billing",
      words: "writes an invoice for each client's month that has begun",
      async run() {
        const { drafted, issued, left } = await billing.run();
        return { drafted, issued, left: left.length };
      },
    },
    {
      name: "payment-ladder",
      words:
        "reminds of invoices that are due, and moves the status of who does not pay or has paid",
      run: async () => ({ ...(await billing.climb()) }),
    },
  ];
}

/** Throws Broken, with every mistake, when the file is there and cannot be used: no invoice is better than a wrong one. */
async function readSeller(data: string): Promise<Seller> {
  const path = join(data, SELLER_FILE);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return trialSeller;
    throw new Broken(`${path} cannot be read`, error);
  }
  const parsed = parseSeller(text);
  if (!parsed.ok) throw new Broken(`${path}: ${parsed.mistakes.join("; ")}`);
  return parsed.value;
}
