// The job that climbs the ladder: tells each client once of each step that was reached, moves their status, and moves it back
// when nothing is overdue any more. Undoes only what it did itself: a status that others gave stays.
import { dayOf } from "#base/time";
import type { BillingParts } from "./parts.ts";
import { markMoved, markStep } from "./commands.ts";
import type { InvoiceFacts, LadderReport } from "./contract.ts";
import { isAtLeast, ladderOf, type Step, stepReached, steps, stepWords } from "./ladder.ts";
import type { BilledClient, NoticeKind } from "./ports.ts";

const notices: { readonly [step in Step]: NoticeKind } = {
  due: "payment-due",
  reminder: "payment-reminder",
  "past-due": "payment-past-due",
  suspended: "payment-suspension",
};

export async function climb(parts: BillingParts): Promise<LadderReport> {
  const { rows, ports, clock, seller } = parts;
  const today = dayOf(clock.now());
  const open = Map.groupBy(await rows.open(), ({ client }) => client);
  const moved = await rows.moved();
  let [told, moves] = [0, 0];
  for (const client of await ports.clients()) {
    const invoices = open.get(client.client) ?? [];
    if (client.status === "closed" || client.status === "erased") continue;
    for (const invoice of invoices) if (await tell(parts, invoice, today)) told += 1;
    const reached = invoices.map(({ due }) => stepReached(due, today, seller.ladder));
    if (await move(parts, client, highest(reached), moved.get(client.client))) moves += 1;
  }
  return { told, moved: moves };
}

/** One notice of the highest step that is new; those that passed unnoticed between are in it. */
async function tell(parts: BillingParts, invoice: InvoiceFacts, today: string): Promise<boolean> {
  const { engine, ports, seller } = parts;
  const step = stepReached(invoice.due, today, seller.ladder);
  if (step === undefined || isAtLeast(invoice.step, step)) return false;
  const before = invoice.step ?? null;
  if (!(await engine.write(markStep, { invoice_id: invoice.id, step, before }))) return false;
  const next = ladderOf(invoice.due, seller.ladder)[steps.indexOf(step) + 1];
  await ports.notify(
    invoice.client,
    notices[step],
    {
      number: invoice.number,
      cents: invoice.cents - invoice.paidCents,
      currency: invoice.currency,
      due: invoice.due,
      ...(next === undefined ? {} : { next: stepWords[next.step], on: next.day }),
    },
    invoice.number,
  );
  return true;
}

async function move(
  { engine, ports }: BillingParts,
  { client, status }: BilledClient,
  step: Step | undefined,
  movedTo: string | undefined,
): Promise<boolean> {
  const to = ((): "active" | "past-due" | "suspended" | undefined => {
    if (isAtLeast(step, "suspended"))
      return status === "active" || status === "past-due" ? "suspended" : undefined;
    // Back up: only from where the ladder itself had put it.
    const isOurs = movedTo === status && status !== "active";
    if (!isAtLeast(step, "past-due")) return isOurs ? "active" : undefined;
    return status === "active" || (isOurs && status === "suspended") ? "past-due" : undefined;
  })();
  if (to === undefined) return false;
  // Marked first: a crash between the two leaves a mark that says less than nothing, and the next climb does the rest.
  if (to !== "active") await engine.write(markMoved, { client_id: client, moved_to: to });
  const done = await ports.moveStatus(client, to);
  if (done.ok && to === "active")
    await engine.write(markMoved, { client_id: client, moved_to: undefined });
  return done.ok;
}

function highest(reached: readonly (Step | undefined)[]): Step | undefined {
  return steps.findLast((step) => reached.includes(step));
}
