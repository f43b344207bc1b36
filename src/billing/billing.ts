// Billing: information, invoices, payments, the ladder. Holds no key: it seals and opens through its ports, and never sees mail.
import type { Room } from "#engine";
import { newId } from "#base/ids";
import { no, yes } from "#base/errors";
import { dayOf } from "#base/time";
import { newCode, codeHash } from "./codes.ts";
import {
  addCodes,
  forgetClient,
  importEntries,
  keepInformation,
  redeemCode,
  settleEntry,
} from "./commands.ts";
import type { Billing, ImportReport, Progress } from "./contract.ts";
import { creditNote } from "./creditnote.ts";
import { checkInformation, decodeInformation, encodeInformation } from "./information.ts";
import { decodeInvoice, type InvoiceText } from "./invoice.ts";
import { climb } from "./dunning.ts";
import type { BillingOptions, BillingParts } from "./parts.ts";
import { INFORMATION, paymentContext } from "./ports.ts";
import { openRows } from "./rows.ts";
import { billingRun } from "./run.ts";
import { parseStatement, type StatementMistake } from "./statement.ts";
import { migrations } from "./tables.ts";

export type {
  Billing,
  ImportReport,
  InvoiceFacts,
  LadderReport,
  Move,
  OwnBilling,
  RunReport,
  WaitingEntry,
} from "./contract.ts";
export type { BillingInformation, InformationField, InformationMistakes } from "./information.ts";
export { type InvoiceText, rateWords } from "./invoice.ts";
export { type Rung, type Step, stepWords } from "./ladder.ts";
export { moneyWords } from "./money.ts";
export type {
  BilledClient,
  BillingPorts,
  NoticeFields,
  NoticeKind,
  OpenOwn,
  PaymentObject,
  PlanPrice,
} from "./ports.ts";
export { INFORMATION } from "./ports.ts";
export { referenceWords } from "./reference.ts";
export { parseSeller, type Seller, trialSeller } from "./seller.ts";
export { MAX_STATEMENT_OCTETS, type StatementMistake } from "./statement.ts";
export { invoiceHtml } from "./html.ts";
export type { EntryOutcome } from "./tables.ts";

export const billingRoom: Room = {
  name: "billing",
  migrations,
  commands: new URL("commands.ts", import.meta.url).href,
};

// Few enough that one transaction stays short, many enough that a month's statement needs no thousand fsyncs.
const ENTRIES_AT_ONCE = 100;

/** The PDF of an invoice. Its library is loaded when the first one is asked for. */
export async function invoicePdf(text: InvoiceText): Promise<Uint8Array> {
  return (await import("./pdf.ts")).invoicePdf(text);
}

/** The engine must have run this room's migrations. */
export function openBilling(options: BillingOptions): Billing {
  const { engine, clock, ports, currency, seller } = options;
  const rows = openRows(engine);
  const today = (): string => dayOf(clock.now());
  const parts: BillingParts = { ...options, rows, today };
  return {
    run: (progress) => billingRun(parts, progress),
    climb: () => climb(parts),
    async importStatement(bytes, progress) {
      const report = await importStatement(parts, bytes, progress);
      if (report.ok) await climb(parts);
      return report;
    },
    waiting: () => rows.waiting(),
    async settle(entry_id, number) {
      const settled = await engine.write(settleEntry, {
        entry_id,
        number,
        currency,
        today: today(),
      });
      if (settled.done !== "assigned" && settled.done !== "set-aside") return no(settled.done);
      if (settled.client !== undefined) await climb(parts);
      return yes(settled.done);
    },
    async makeCodes(count, cents) {
      const codes = Array.from({ length: count }, newCode);
      await engine.write(addCodes, {
        rows: codes.map((code) => ({ hash: codeHash(code) ?? "", cents, made: today() })),
      });
      return codes;
    },
    codesOut: () => rows.codesOut(),
    async redeem(client_id, typed) {
      const hash = codeHash(typed);
      const cents = hash && (await engine.write(redeemCode, { hash, client_id, day: today() }));
      if (cents === undefined || cents === "") return no("no-such-code");
      await climb(parts);
      return yes(cents);
    },
    invoices: () => rows.invoices(),
    creditNote: (number, because) => creditNote(parts, number, because, newId()),
    async own(client) {
      const found = (await ports.clients()).find((row) => row.client === client);
      return found && rows.own(found, seller, currency);
    },
    async information(client, open) {
      const [sealed] = await rows.sealedOf(client, [INFORMATION]);
      const [bytes] = sealed === undefined ? [] : await open([sealed]);
      return bytes && decodeInformation(bytes);
    },
    async keepInformation(client, given) {
      const mistaken = (refusal: "mistakes" | "key-not-certified", mistakes = {}) =>
        ({ ok: false, refusal, mistakes }) as const;
      const checked = given === undefined ? undefined : checkInformation(given);
      if (checked?.ok === false) return mistaken("mistakes", checked.mistakes);
      const sealed =
        checked &&
        (await ports.seal(paymentContext(client, INFORMATION), encodeInformation(checked.value)));
      if (checked !== undefined && sealed === undefined) return mistaken("key-not-certified");
      await engine.write(keepInformation, { client_id: client, sealed });
      return { ok: true };
    },
    async invoiceText(client, id, open) {
      const [sealed] = id === INFORMATION ? [] : await rows.sealedOf(client, [id]);
      const [bytes] = sealed === undefined ? [] : await open([sealed]);
      return bytes && decodeInvoice(bytes);
    },
    sealedOf: (client, ids) => rows.sealedOf(client, ids),
    forget: (client_id) => engine.write(forgetClient, { client_id }),
    objectsOf: (client) => rows.objectsOf(client),
  };
}

async function importStatement(
  { engine, currency, today, rows, ports }: BillingParts,
  bytes: Uint8Array,
  progress: Progress = () => {},
): Promise<
  | { readonly ok: true; readonly value: ImportReport }
  | { readonly ok: false; readonly mistake: StatementMistake }
> {
  const statement = parseStatement(bytes);
  if (!statement.ok) return statement;
  const { entries, passedOver } = statement.value;
  const outcomes: { -readonly [outcome in keyof ImportReport["outcomes"]]: number } = {};
  let credited = 0;
  for (let at = 0; at < entries.length; at += ENTRIES_AT_ONCE) {
    const some = entries.slice(at, at + ENTRIES_AT_ONCE);
    const done = await engine.write(importEntries, { entries: some, currency, today: today() });
    for (const [index, { outcome, client }] of done.entries()) {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      const cents = some[index]?.cents ?? 0;
      if (client === undefined) continue;
      credited += cents;
      await ports.notify(client, "payment-received", { cents, currency }, some[index]?.id ?? "");
    }
    progress(Math.min(at + ENTRIES_AT_ONCE, entries.length), entries.length);
  }
  const waiting = (await rows.waiting()).length;
  return { ok: true, value: { outcomes, credited, passedOver, waiting } };
}
