// The billing run: a draft for each client's month that has begun, then each draft made final. Opens billing information by the
// keeper, for payment; where the keeper refuses or is away the draft stays and the next run takes it up.
import { newId } from "#base/ids";
import { logBroken } from "#base/log";
import { policyDigest } from "#policy";
import type { BillingParts } from "./parts.ts";
import { draftInvoice, finaliseInvoice } from "./commands.ts";
import type { Progress, RunReport } from "./contract.ts";
import { type BillingInformation, decodeInformation } from "./information.ts";
import { encodeInvoice, invoiceText, type Line } from "./invoice.ts";
import { daysLater, periodToBill } from "./period.ts";
import { type BilledClient, type ClientState, INFORMATION, paymentContext } from "./ports.ts";
import type { Tables } from "./tables.ts";

/** Who is suspended gets no new invoice: there is nothing to pay for. */
const billed: ReadonlySet<ClientState> = new Set(["active", "past-due"]);
// Another run of the same moment takes a number now and then; more often than this in a row something is wrong.
const MAX_TRIES = 20;

export async function billingRun(
  parts: BillingParts,
  progress: Progress = () => {},
): Promise<RunReport> {
  const clients = await parts.ports.clients();
  const drafted = await draftAll(parts, clients);
  const byId = new Map(clients.map((client) => [client.client, client]));
  const drafts = await parts.rows.drafts();
  const left: { client: string; why: string }[] = [];
  let issued = 0;
  for (const [index, draft] of drafts.entries()) {
    const client = byId.get(draft.client_id);
    const why =
      client === undefined
        ? "there is no such client any more"
        : await finalise(parts, client, draft).catch((error: unknown) => {
            logBroken("billing.finalise", error);
            return "it broke, or the keeper is away";
          });
    if (why === undefined) issued += 1;
    else left.push({ client: draft.client_id, why });
    progress(index + 1, drafts.length);
  }
  return { drafted, issued, left };
}

async function draftAll(parts: BillingParts, clients: readonly BilledClient[]): Promise<number> {
  const { engine, ports, clock } = parts;
  let drafted = 0;
  for (const { client, status, since, plan, planVersion } of clients) {
    const price = ports.price(plan, planVersion);
    const period = periodToBill(since, clock.now());
    if (!billed.has(status) || period === undefined || price === undefined || price.cents === 0)
      continue;
    const isNew = await engine.write(draftInvoice, {
      invoice_id: newId(),
      client_id: client,
      kind: "invoice",
      about: `${client} ${period.from}`,
      period_from: period.from,
      period_to: period.to,
      plan,
      plan_version: planVersion,
      cents: price.cents,
      currency: price.currency,
      state: "draft",
      number: null,
      reference: null,
      issued: null,
      due: null,
      policy: null,
      sealed: null,
      paid_cents: 0,
      step: null,
    });
    if (isNew) drafted += 1;
  }
  return drafted;
}

/** Undefined when it is final; else why it stays a draft. */
async function finalise(
  parts: BillingParts,
  client: BilledClient,
  draft: Tables["invoice"],
): Promise<string | undefined> {
  const { engine, ports, rows, seller, today } = parts;
  const information = await informationOf(parts, client.client);
  if (typeof information === "string") return information;
  const buyer = { ...information, account: client.address };
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const number = await rows.nextNumber();
    const issued = today();
    const text = invoiceText({
      number,
      issued,
      due: daysLater(issued, seller.dueDays),
      period: { from: draft.period_from, to: draft.period_to },
      policy: policyDigest,
      seller,
      buyer,
      lines: [lineOf(draft)],
      currency: draft.currency,
    });
    const context = paymentContext(client.client, draft.invoice_id);
    const sealed = await ports.seal(context, encodeInvoice(text));
    if (sealed === undefined) return "the client's payment key is not the one that was certified";
    const { reference, due, policy } = text;
    const done = await engine.write(finaliseInvoice, {
      invoice_id: draft.invoice_id,
      number,
      reference,
      issued,
      due,
      policy,
      sealed,
    });
    if (done === "moved-on") continue;
    if (done === "final")
      await ports.notify(
        client.client,
        "invoice",
        { number: text.number, cents: text.cents, currency: text.currency, due },
        text.number,
      );
    return undefined;
  }
  return "another run takes every number first";
}

/** What a month of a plan is called on paper. */
export function lineOf({ plan, cents }: { readonly plan: string; readonly cents: number }): Line {
  return { words: `Plan “${plan}”, one month`, quantity: 1, cents };
}

const nobody: BillingInformation = { name: "", company: "", address: "", vatId: "" };

/** Billing information, opened by the keeper for payment; nobody's where the client gave none; a text says why it stays closed. */
export async function informationOf(
  { rows, ports }: BillingParts,
  client: string,
): Promise<BillingInformation | string> {
  const [sealed] = await rows.sealedOf(client, [INFORMATION]);
  if (sealed === undefined) return nobody;
  const opened = await ports.openForPayment([sealed]);
  if (!opened.ok) return `the keeper refuses: ${opened.refusal}: ${opened.why}`;
  const [bytes] = opened.value;
  return bytes === undefined ? nobody : decodeInformation(bytes);
}
