// The end of what was set aside: after five days its sender hears that it was not delivered, as far as sender and recipients can still
// be read; then it is destroyed. Nothing of the letter goes back: it is the letter that could not be opened.
import { newId } from "#base/ids";
import { log } from "#base/log";
import { EXPIRY } from "./backoff.ts";
import type { Bodies } from "./bodies.ts";
import { type ItemKey, type NewItem, settleAttempt } from "./commands.ts";
import type { Keyring } from "./keyring.ts";
import { signedReport, wantsReport } from "./report.ts";
import { openEnvelope, openRecipient, sealItem } from "./sealed.ts";
import type { Tables } from "./tables.ts";
import type { Ways } from "./transmit.ts";
import { failed } from "./verdict.ts";

// Items ended in one look: an hour later it looks again.
const ENDED_AT_ONCE = 100;

const damaged = failed("5.3.0", "the copy of your message that waited here could not be read");

interface Parts {
  readonly ways: Pick<Ways, "options">;
  readonly keyring: Keyring;
  readonly bodies: Bodies;
}

/** Ends all whose time is up; returns how many items that was about. */
export async function endAside(parts: Parts, now: number): Promise<number> {
  const rows = await parts.ways.options.engine
    .reader<Tables>()
    .selectFrom("queue_item as item")
    .innerJoin("queue_recipient as recipient", (join) =>
      join
        .onRef("recipient.client_id", "=", "item.client_id")
        .onRef("recipient.item_id", "=", "item.item_id"),
    )
    .select(["item.client_id as client", "item.item_id as item"])
    .distinct()
    .where("item.created", "<", now - EXPIRY)
    .where("recipient.state", "=", "aside")
    .limit(ENDED_AT_ONCE)
    .execute();
  for (const row of rows) await endItem(parts, row, now);
  if (rows.length > 0) log("queue.aside-expired", { items: rows.length });
  return rows.length;
}

/** Tells the sender about an item's recipients that are set aside and removes them, in one transaction. */
export async function endItem(
  { ways: { options }, keyring, bodies }: Parts,
  { client, item }: ItemKey,
  now: number,
): Promise<void> {
  const reader = options.engine.reader<Tables>();
  const { finished, reports } = await ending();
  const settlement = { client, item, finished, later: [], reports, suppressed: [] };
  if (await options.engine.write(settleAttempt, settlement)) await bodies.remove(item);

  async function ending() {
    const kept = await reader
      .selectFrom("queue_item")
      .select(["account_id", "day", "created", "envelope"])
      .where("client_id", "=", client)
      .where("item_id", "=", item)
      .executeTakeFirstOrThrow();
    const aside = await reader
      .selectFrom("queue_recipient")
      .select(["recipient_id", "address"])
      .where("client_id", "=", client)
      .where("item_id", "=", item)
      .where("state", "=", "aside")
      .execute();
    const finished = aside.map(({ recipient_id }) => recipient_id);
    const opener = keyring.openerOf(kept.day);
    const name = { client, account: kept.account_id, item };
    const envelope = opener && openEnvelope(opener, name, kept.envelope);
    if (opener === undefined || envelope === undefined || envelope.sender === "")
      return { finished, reports: [] };
    const reported = aside.flatMap(({ recipient_id, address }) => {
      const recipient = openRecipient(opener, name, recipient_id, address);
      if (recipient === undefined || !wantsReport(recipient.notify, "failed")) return [];
      return [{ recipient, action: "failed", reason: damaged } as const];
    });
    const reports: NewItem[] = [];
    if (reported.length > 0) {
      const { hostname } = options;
      const times = { at: now, arrived: kept.created, givesUp: kept.created + EXPIRY };
      const original = { ...name, ...envelope, ret: "headers" as const, raw: new Uint8Array() };
      const facts = { id: newId(), hostname, ...times, original, reported };
      const report = sealItem(await keyring.newest(), await signedReport(options, facts), now);
      reports.push(await bodies.put(report, now));
    }
    return { finished, reports };
  }
}
