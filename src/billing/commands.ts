// The writes of this room. Each body is one transaction and may be run again: numbers, credits and codes are taken in it or not
// at all.
import type { Insertable, Kysely } from "kysely";
import { newId } from "#base/ids";
import { command } from "#engine";
import type { Step } from "./ladder.ts";
import type { BankEntry } from "./statement.ts";
import type { EntryOutcome, Tables } from "./tables.ts";
import { waitingOutcomes } from "./tables.ts";
import type { ClientState } from "./ports.ts";

type Row<Table extends keyof Tables> = Insertable<Tables[Table]>;
type Tx = Kysely<Tables>;

/** The one series of numbers: invoices and credit notes alike. */
const SERIES = "documents";

export const keepInformation = command<
  Tables,
  { readonly client_id: string; readonly sealed: Uint8Array | undefined },
  void
>("billing.keepInformation", async (tx, { client_id, sealed }) => {
  await tx.deleteFrom("billing_information").where("client_id", "=", client_id).execute();
  if (sealed !== undefined)
    await tx.insertInto("billing_information").values({ client_id, sealed }).execute();
});

/** False when this month of this client has its invoice already. */
export const draftInvoice = command<Tables, Row<"invoice">, boolean>(
  "billing.draftInvoice",
  async (tx, row) => {
    const made = await tx
      .insertInto("invoice")
      .values(row)
      .onConflict((conflict) => conflict.column("about").doNothing())
      .returning("invoice_id")
      .execute();
    return made.length > 0;
  },
);

interface Final {
  /** The number that the sealed text carries; it counts only if it is still the next. */
  readonly number: number;
  readonly reference: string;
  readonly issued: string;
  readonly due: string;
  readonly policy: string;
  readonly sealed: Uint8Array;
}

/**
 * Makes a draft final: takes the next number of the series and keeps the sealed text in one transaction. "moved-on" when another
 * took the number first (the text must be made anew), "not-a-draft" when it is final already. Then pays it from the client's credit.
 */
export const finaliseInvoice = command<
  Tables,
  Final & { readonly invoice_id: string },
  "final" | "moved-on" | "not-a-draft"
>("billing.finaliseInvoice", async (tx, { invoice_id, ...final }) => {
  const draft = await tx
    .selectFrom("invoice")
    .select(["client_id", "state"])
    .where("invoice_id", "=", invoice_id)
    .executeTakeFirst();
  if (draft?.state !== "draft") return "not-a-draft";
  if (!(await takeNumber(tx, final.number))) return "moved-on";
  await tx
    .updateTable("invoice")
    .set({ ...final, state: "open" })
    .where("invoice_id", "=", invoice_id)
    .execute();
  await payFromCredit(tx, draft.client_id, final.issued);
  return "final";
});

/** A credit note under the next number: the invoice is void, and what was paid for it is the client's credit. */
export const addCreditNote = command<
  Tables,
  Final & { readonly invoice_id: string; readonly of: string },
  "final" | "moved-on" | "not-open"
>("billing.addCreditNote", async (tx, { of, invoice_id, ...final }) => {
  const original = await tx
    .selectFrom("invoice")
    .selectAll()
    .where("invoice_id", "=", of)
    .where("kind", "=", "invoice")
    .where("state", "in", ["open", "paid"])
    .executeTakeFirst();
  if (original === undefined) return "not-open";
  if (!(await takeNumber(tx, final.number))) return "moved-on";
  await tx
    .insertInto("invoice")
    .values({
      ...original,
      ...final,
      invoice_id,
      kind: "credit-note",
      about: `credit ${of}`,
      cents: -original.cents,
      state: "note",
      paid_cents: 0,
      step: null,
    })
    .execute();
  await tx
    .updateTable("invoice")
    .set({ state: "credited", paid_cents: 0 })
    .where("invoice_id", "=", of)
    .execute();
  const { client_id, paid_cents } = original;
  if (paid_cents > 0)
    await addCredit(tx, {
      client_id,
      cents: paid_cents,
      day: final.issued,
      kind: "credit-note",
      invoice_id: of,
    });
  await payFromCredit(tx, client_id, final.issued);
  return "final";
});

export interface Imported {
  readonly entry: string;
  readonly outcome: EntryOutcome | "seen-before";
  readonly client: string | undefined;
}

/** Credits entries of a statement, each once for ever: one whose id was seen is left alone. */
export const importEntries = command<
  Tables,
  { readonly entries: readonly BankEntry[]; readonly currency: string; readonly today: string },
  readonly Imported[]
>("billing.importEntries", async (tx, { entries, currency, today }) => {
  const done: Imported[] = [];
  for (const entry of entries) done.push(await importEntry(tx, entry, currency, today));
  return done;
});

async function importEntry(
  tx: Tx,
  entry: BankEntry,
  currency: string,
  today: string,
): Promise<Imported> {
  const { id, direction, day, cents, reference } = entry;
  const invoice = reference === undefined ? undefined : await invoiceOf(tx, "reference", reference);
  const outcome = ((): EntryOutcome => {
    if (direction === "returned") return "returned";
    if (entry.currency !== currency) return "wrong-currency";
    if (invoice === undefined) return "unknown-reference";
    const open = invoice.state === "open" ? invoice.cents - invoice.paid_cents : 0;
    return cents === open ? "exact" : cents > open ? "over" : "under";
  })();
  const fresh = await tx
    .insertInto("bank_entry")
    .values({
      entry_id: id,
      day,
      direction,
      cents,
      currency: entry.currency,
      reference: reference ?? null,
      bank_reference: entry.bankReference,
      outcome,
      invoice_id: invoice?.invoice_id ?? null,
    })
    .onConflict((conflict) => conflict.column("entry_id").doNothing())
    .returning("entry_id")
    .execute();
  if (fresh.length === 0) return { entry: id, outcome: "seen-before", client: undefined };
  const isCredited = outcome === "exact" || outcome === "over" || outcome === "under";
  if (invoice === undefined || !isCredited) return { entry: id, outcome, client: undefined };
  await credit(tx, invoice, cents, day, today);
  return { entry: id, outcome, client: invoice.client_id };
}

/** What a person decides about an entry that waits: whose invoice it pays, or that it is dealt with elsewhere. */
export const settleEntry = command<
  Tables,
  {
    readonly entry_id: string;
    /** Undefined: set aside. */
    readonly number: number | undefined;
    readonly currency: string;
    readonly today: string;
  },
  | { readonly done: "assigned" | "set-aside"; readonly client: string | undefined }
  | { readonly done: "not-waiting" | "no-such-invoice" | "not-to-be-credited" }
>("billing.settleEntry", async (tx, { entry_id, number, currency, today }) => {
  const entry = await tx
    .selectFrom("bank_entry")
    .selectAll()
    .where("entry_id", "=", entry_id)
    .where("outcome", "in", [...waitingOutcomes])
    .executeTakeFirst();
  if (entry === undefined) return { done: "not-waiting" };
  if (number === undefined) {
    await setOutcome(tx, entry_id, "set-aside", entry.invoice_id);
    return { done: "set-aside", client: undefined };
  }
  if (entry.direction === "returned" || entry.currency !== currency)
    return { done: "not-to-be-credited" };
  const invoice = await invoiceOf(tx, "number", number);
  if (invoice === undefined) return { done: "no-such-invoice" };
  await setOutcome(tx, entry_id, "assigned", invoice.invoice_id);
  await credit(tx, invoice, entry.cents, entry.day, today);
  return { done: "assigned", client: invoice.client_id };
});

export const addCodes = command<Tables, { readonly rows: readonly Row<"prepaid_code">[] }, void>(
  "billing.addCodes",
  async (tx, { rows }) => {
    for (const row of rows) await tx.insertInto("prepaid_code").values(row).execute();
  },
);

/** Credits a code and destroys its row: nothing is left that says which code it was. Undefined when there is no such code. */
export const redeemCode = command<
  Tables,
  { readonly hash: string; readonly client_id: string; readonly day: string },
  number | undefined
>("billing.redeemCode", async (tx, { hash, client_id, day }) => {
  const [code] = await tx
    .deleteFrom("prepaid_code")
    .where("hash", "=", hash)
    .returning("cents")
    .execute();
  if (code === undefined) return undefined;
  const { cents } = code;
  await addCredit(tx, { client_id, cents, day, kind: "code", invoice_id: null });
  await payFromCredit(tx, client_id, day);
  return cents;
});

/** The step of which the client was told. False when another told them first. */
export const markStep = command<
  Tables,
  { readonly invoice_id: string; readonly step: Step; readonly before: Step | null },
  boolean
>("billing.markStep", async (tx, { invoice_id, step, before }) => {
  const marked = await tx
    .updateTable("invoice")
    .set({ step })
    .where("invoice_id", "=", invoice_id)
    .where("state", "=", "open")
    .where((where) => (before === null ? where("step", "is", null) : where("step", "=", before)))
    .executeTakeFirst();
  return marked.numUpdatedRows > 0n;
});

export const markMoved = command<
  Tables,
  { readonly client_id: string; readonly moved_to: ClientState | undefined },
  void
>("billing.markMoved", async (tx, { client_id, moved_to }) => {
  await tx.deleteFrom("dunned_client").where("client_id", "=", client_id).execute();
  if (moved_to !== undefined)
    await tx.insertInto("dunned_client").values({ client_id, moved_to }).execute();
});

export const forgetClient = command<Tables, { readonly client_id: string }, void>(
  "billing.forgetClient",
  async (tx, { client_id }) => {
    for (const table of [
      "billing_information",
      "billing_balance",
      "billing_move",
      "dunned_client",
    ] as const)
      await tx.deleteFrom(table).where("client_id", "=", client_id).execute();
    await tx
      .deleteFrom("invoice")
      .where("client_id", "=", client_id)
      .where("state", "=", "draft")
      .execute();
  },
);

async function takeNumber(tx: Tx, number: number): Promise<boolean> {
  await tx
    .insertInto("billing_series")
    .values({ name: SERIES, next: 1 })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .execute();
  const taken = await tx
    .updateTable("billing_series")
    .set({ next: number + 1 })
    .where("name", "=", SERIES)
    .where("next", "=", number)
    .executeTakeFirst();
  return taken.numUpdatedRows === 1n;
}

type Invoice = Pick<
  Tables["invoice"],
  "invoice_id" | "client_id" | "state" | "cents" | "paid_cents"
>;

function invoiceOf(
  tx: Tx,
  by: "reference" | "number",
  value: string | number,
): Promise<Invoice | undefined> {
  return tx
    .selectFrom("invoice")
    .select(["invoice_id", "client_id", "state", "cents", "paid_cents"])
    .where(by, "=", value)
    .where("kind", "=", "invoice")
    .where("state", "!=", "draft")
    .executeTakeFirst();
}

/** First the invoice that was meant; what is left is the client's credit, which pays what else is open. */
async function credit(
  tx: Tx,
  invoice: Invoice,
  cents: number,
  day: string,
  today: string,
): Promise<void> {
  const { client_id, invoice_id } = invoice;
  await addCredit(tx, { client_id, cents, day, kind: "transfer", invoice_id });
  await payInvoice(tx, invoice, cents, today);
  await payFromCredit(tx, client_id, today);
}

async function payFromCredit(tx: Tx, client_id: string, day: string): Promise<void> {
  const open = await tx
    .selectFrom("invoice")
    .select(["invoice_id", "client_id", "state", "cents", "paid_cents"])
    .where("client_id", "=", client_id)
    .where("state", "=", "open")
    .orderBy("due")
    .orderBy("number")
    .execute();
  for (const invoice of open) {
    const balance = await tx
      .selectFrom("billing_balance")
      .select("cents")
      .where("client_id", "=", client_id)
      .executeTakeFirst();
    await payInvoice(tx, invoice, balance?.cents ?? 0, day);
  }
}

async function payInvoice(tx: Tx, invoice: Invoice, most: number, day: string): Promise<void> {
  const { invoice_id, client_id, state, cents, paid_cents } = invoice;
  const owed = cents - paid_cents;
  if (state !== "open") return;
  const paid = Math.min(owed, most);
  if (paid > 0) await addCredit(tx, { client_id, cents: -paid, day, kind: "invoice", invoice_id });
  await tx
    .updateTable("invoice")
    .set({ paid_cents: paid_cents + paid, ...(paid === owed ? { state: "paid" as const } : {}) })
    .where("invoice_id", "=", invoice_id)
    .execute();
}

async function addCredit(tx: Tx, move: Omit<Tables["billing_move"], "move_id">): Promise<void> {
  await tx
    .insertInto("billing_move")
    .values({ ...move, move_id: newId() })
    .execute();
  const { client_id, cents } = move;
  await tx
    .insertInto("billing_balance")
    .values({ client_id, cents })
    .onConflict((conflict) =>
      conflict
        .column("client_id")
        .doUpdateSet((now) => ({ cents: now("billing_balance.cents", "+", cents) })),
    )
    .execute();
}

async function setOutcome(
  tx: Tx,
  entry_id: string,
  outcome: EntryOutcome,
  invoice_id: string | null,
): Promise<void> {
  await tx
    .updateTable("bank_entry")
    .set({ outcome, invoice_id })
    .where("entry_id", "=", entry_id)
    .execute();
}
