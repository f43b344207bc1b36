// Reading this room's tables: facts that are clear, and sealed objects as they stand. Writes nothing and opens nothing.
import type { Selectable } from "kysely";
import type { Engine } from "#engine";
import type { InvoiceFacts, Move, OwnBilling, WaitingEntry } from "./contract.ts";
import { numberWords } from "./invoice.ts";
import { ladderOf } from "./ladder.ts";
import { firstBilledDay } from "./period.ts";
import { type BilledClient, INFORMATION, type PaymentObject, paymentContext } from "./ports.ts";
import type { Seller } from "./seller.ts";
import { type Tables, waitingOutcomes } from "./tables.ts";

export interface Rows {
  invoices(): Promise<readonly InvoiceFacts[]>;
  drafts(): Promise<readonly Selectable<Tables["invoice"]>[]>;
  open(): Promise<readonly InvoiceFacts[]>;
  byNumber(number: number): Promise<InvoiceFacts | undefined>;
  byId(id: string): Promise<InvoiceFacts | undefined>;
  /** The next number of the series; what is sealed with it counts only if it still is. */
  nextNumber(): Promise<number>;
  own(client: BilledClient, seller: Seller, currency: string): Promise<OwnBilling>;
  waiting(): Promise<readonly WaitingEntry[]>;
  codesOut(): Promise<{ readonly count: number; readonly cents: number }>;
  sealedOf(client: string, ids: readonly string[]): Promise<readonly PaymentObject[]>;
  objectsOf(client: string): Promise<readonly string[]>;
  moved(): Promise<ReadonlyMap<string, Tables["dunned_client"]["moved_to"]>>;
}

// A client of eight years has a hundred invoices; their page shows those and the moves of as many months.
const MOST_SHOWN = 200;
// The desk's list: the newest thousand are what a person scrolls through; `--json` is for programs.
const MOST_LISTED = 1000;

export function openRows(engine: Engine): Rows {
  const reader = engine.reader<Tables>();
  const invoices = () => reader.selectFrom("invoice").selectAll();
  return {
    async invoices() {
      const drafts = await invoices().where("state", "=", "draft").execute();
      const final = await invoices()
        .where("number", "is not", null)
        .orderBy("number", "desc")
        .limit(MOST_LISTED)
        .execute();
      return [...drafts, ...final].map(factsOf);
    },
    drafts: () => invoices().where("state", "=", "draft").orderBy("about").execute(),
    open: async () =>
      (await invoices().where("state", "=", "open").orderBy("number").execute()).map(factsOf),
    async byNumber(number) {
      const row = await invoices().where("number", "=", number).executeTakeFirst();
      return row && factsOf(row);
    },
    async byId(id) {
      const row = await invoices().where("invoice_id", "=", id).executeTakeFirst();
      return row && factsOf(row);
    },
    async nextNumber() {
      const row = await reader.selectFrom("billing_series").select("next").executeTakeFirst();
      return row?.next ?? 1;
    },
    own: (client, seller, currency) => own(engine, client, seller, currency),
    async waiting() {
      const rows = await reader
        .selectFrom("bank_entry")
        .selectAll()
        .where("outcome", "in", [...waitingOutcomes])
        .orderBy("day")
        .orderBy("entry_id")
        .execute();
      return rows.map((row) => ({
        id: row.entry_id,
        day: row.day,
        outcome: row.outcome,
        cents: row.cents,
        currency: row.currency,
        reference: row.reference ?? "",
        bankReference: row.bank_reference,
      }));
    },
    async codesOut() {
      const rows = await reader.selectFrom("prepaid_code").select("cents").execute();
      return { count: rows.length, cents: rows.reduce((sum, { cents }) => sum + cents, 0) };
    },
    sealedOf: (client, ids) => sealedOf(engine, client, ids),
    async objectsOf(client) {
      const information = await reader
        .selectFrom("billing_information")
        .select("client_id")
        .where("client_id", "=", client)
        .execute();
      const final = await invoices()
        .where("client_id", "=", client)
        .where("number", "is not", null)
        .orderBy("number")
        .execute();
      return [...information.map(() => INFORMATION), ...final.map((row) => row.invoice_id)];
    },
    async moved() {
      const rows = await reader.selectFrom("dunned_client").selectAll().execute();
      return new Map(rows.map((row) => [row.client_id, row.moved_to]));
    },
  };
}

async function own(
  engine: Engine,
  { client, since }: BilledClient,
  seller: Seller,
  currency: string,
): Promise<OwnBilling> {
  const reader = engine.reader<Tables>();
  const [invoices, moves, balance, information] = await Promise.all([
    reader
      .selectFrom("invoice")
      .selectAll()
      .where("client_id", "=", client)
      .where("number", "is not", null)
      .orderBy("number", "desc")
      .limit(MOST_SHOWN)
      .execute(),
    reader
      .selectFrom("billing_move")
      .leftJoin("invoice", "invoice.invoice_id", "billing_move.invoice_id")
      .select(["billing_move.day", "billing_move.kind", "billing_move.cents", "invoice.number"])
      .where("billing_move.client_id", "=", client)
      .orderBy("billing_move.day", "desc")
      .orderBy("billing_move.cents", "desc")
      .limit(MOST_SHOWN)
      .execute(),
    reader
      .selectFrom("billing_balance")
      .select("cents")
      .where("client_id", "=", client)
      .executeTakeFirst(),
    reader
      .selectFrom("billing_information")
      .select("client_id")
      .where("client_id", "=", client)
      .executeTakeFirst(),
  ]);
  return {
    currency,
    credit: balance?.cents ?? 0,
    invoices: invoices.map(factsOf).map((facts) => ({
      ...facts,
      ladder: facts.state === "open" ? ladderOf(facts.due, seller.ladder) : [],
    })),
    moves: moves.map(({ day, kind, cents, number }): Move => ({
      day,
      kind,
      cents,
      invoice: number === null ? "" : numberWords(number),
    })),
    hasInformation: information !== undefined,
    billedFrom: firstBilledDay(since),
    bank: seller.bank,
  };
}

async function sealedOf(
  engine: Engine,
  client: string,
  ids: readonly string[],
): Promise<readonly PaymentObject[]> {
  if (ids.length === 0) return [];
  const reader = engine.reader<Tables>();
  const information = ids.includes(INFORMATION)
    ? await reader
        .selectFrom("billing_information")
        .select("sealed")
        .where("client_id", "=", client)
        .execute()
    : [];
  const invoices = await reader
    .selectFrom("invoice")
    .select(["invoice_id", "sealed"])
    .where("client_id", "=", client)
    .where("invoice_id", "in", ids)
    .execute();
  return [
    ...information.map(({ sealed }) => ({ context: paymentContext(client, INFORMATION), sealed })),
    ...invoices.flatMap(({ invoice_id, sealed }) =>
      sealed === null ? [] : [{ context: paymentContext(client, invoice_id), sealed }],
    ),
  ];
}

function factsOf(row: Selectable<Tables["invoice"]>): InvoiceFacts {
  return {
    id: row.invoice_id,
    client: row.client_id,
    kind: row.kind,
    state: row.state,
    number: row.number === null ? "" : numberWords(row.number),
    reference: row.reference ?? "",
    issued: row.issued ?? "",
    due: row.due ?? "",
    from: row.period_from,
    to: row.period_to,
    plan: row.plan,
    cents: row.cents,
    paidCents: row.paid_cents,
    currency: row.currency,
    step: row.step ?? undefined,
  };
}
