// What is due, read from the tables page by page and put into jobs: one message to one destination. Opens recipients' addresses to
// know their domains and keeps them in memory no longer than they wait.
import type { Engine } from "#engine";
import { EXPIRY } from "./backoff.ts";
import type { OutgoingRecipient } from "./contract.ts";
import type { Keyring } from "./keyring.ts";
import { type ItemName, openRecipient } from "./sealed.ts";
import type { Tables } from "./tables.ts";

export interface DueRecipient {
  readonly id: string;
  readonly attempts: number;
  readonly delayTold: boolean;
  readonly to: OutgoingRecipient;
}

/** One message for recipients of one domain who asked for the same reports, so that one transaction serves them. */
export interface Job {
  readonly name: ItemName;
  readonly day: string;
  readonly created: number;
  readonly domain: string;
  readonly recipients: readonly DueRecipient[];
}

/** How far the reading has come. */
export interface Cursor {
  readonly due: number;
  readonly recipient: string;
}

export interface Page {
  readonly jobs: readonly Job[];
  /** Recipients whose sealed address does not open. */
  readonly poisoned: readonly { readonly name: ItemName; readonly recipient: string }[];
  /** Recipients whose day's key is not here. */
  readonly keyless: readonly { readonly name: ItemName; readonly recipient: string }[];
  /** The last row read; undefined when there was none. */
  readonly last: Cursor | undefined;
}

// One page takes so many rows: some milliseconds of opening, more than all connections can work off meanwhile.
const ROWS_AT_ONCE = 400;
// RFC 5321 §4.5.3.1.8: every server takes a hundred recipients.
const RECIPIENTS_PER_JOB = 100;
// Addresses remembered between pages; some megabytes at most.
const MAX_REMEMBERED = 10_000;

export interface Reader {
  /** What is due after the cursor, oldest first, without recipients that are `inHand`. */
  read(now: number, after: Cursor | undefined, inHand: ReadonlySet<string>): Promise<Page>;
  /** When the next recipient that is not due yet will be; undefined when there is none. */
  nextDue(now: number): Promise<number | undefined>;
  forget(recipients: readonly string[]): void;
}

export function openDueReader(engine: Engine, keyring: Keyring): Reader {
  const remembered = new Map<string, OutgoingRecipient>();
  return {
    async read(now, after, inHand) {
      const rows = await dueRows(engine, now, after);
      const jobs = new Map<string, Job & { recipients: DueRecipient[] }>();
      const poisoned: { name: ItemName; recipient: string }[] = [];
      const keyless: { name: ItemName; recipient: string }[] = [];
      for (const row of rows) {
        if (inHand.has(row.recipient_id)) continue;
        const name = { client: row.client_id, account: row.account_id, item: row.item_id };
        const opener = keyring.openerOf(row.day);
        if (opener === undefined) {
          // A key that is still away when the letter's time is up does not come back.
          if (row.created < now - EXPIRY) poisoned.push({ name, recipient: row.recipient_id });
          else keyless.push({ name, recipient: row.recipient_id });
          continue;
        }
        const to =
          remembered.get(row.recipient_id) ??
          openRecipient(opener, name, row.recipient_id, row.address);
        if (to === undefined) {
          poisoned.push({ name, recipient: row.recipient_id });
          continue;
        }
        if (remembered.size >= MAX_REMEMBERED) remembered.clear();
        remembered.set(row.recipient_id, to);
        const recipient = {
          id: row.recipient_id,
          attempts: row.attempts,
          delayTold: row.delay_told === 1,
          to,
        };
        addTo(jobs, name, row, recipient);
      }
      const end = rows.at(-1);
      const last = end === undefined ? undefined : { due: end.due, recipient: end.recipient_id };
      return { jobs: [...jobs.values()], poisoned, keyless, last };
    },
    nextDue: (now) => nextDue(engine, now),
    forget(recipients) {
      for (const recipient of recipients) remembered.delete(recipient);
    },
  };
}

/** The domain of an address, lower case. */
function domainOf(address: string): string {
  return address
    .slice(address.lastIndexOf("@") + 1)
    .toLowerCase()
    .replace(/\.$/, "");
}

function addTo(
  jobs: Map<string, Job & { recipients: DueRecipient[] }>,
  name: ItemName,
  row: { readonly day: string; readonly created: number },
  recipient: DueRecipient,
): void {
  const { address, notify, orcpt } = recipient.to;
  const domain = domainOf(address);
  // nodemailer says NOTIFY and ORCPT once for all recipients of a transaction.
  const wishes = JSON.stringify([notify, orcpt]);
  const { day, created } = row;
  for (let part = 0; ; part += 1) {
    const key = [name.item, domain, wishes, part].join(" ");
    const job = jobs.get(key);
    if (job === undefined) jobs.set(key, { name, day, created, domain, recipients: [recipient] });
    else if (job.recipients.length < RECIPIENTS_PER_JOB) job.recipients.push(recipient);
    else continue;
    return;
  }
}

function dueRows(engine: Engine, now: number, after: Cursor | undefined) {
  let rows = engine
    .reader<Tables>()
    .selectFrom("queue_recipient as recipient")
    .innerJoin("queue_item as item", (join) =>
      join
        .onRef("item.client_id", "=", "recipient.client_id")
        .onRef("item.item_id", "=", "recipient.item_id"),
    )
    .select([
      "recipient.client_id",
      "item.account_id",
      "recipient.item_id",
      "recipient.recipient_id",
      "recipient.due",
      "recipient.attempts",
      "recipient.delay_told",
      "recipient.address",
      "item.day",
      "item.created",
    ])
    .where("recipient.state", "in", ["waiting", "trying"])
    .where("recipient.due", "<=", now);
  if (after !== undefined)
    rows = rows
      .where("recipient.due", ">=", after.due)
      .where((expression) =>
        expression.or([
          expression("recipient.due", ">", after.due),
          expression("recipient.recipient_id", ">", after.recipient),
        ]),
      );
  return rows
    .orderBy("recipient.due")
    .orderBy("recipient.recipient_id")
    .limit(ROWS_AT_ONCE)
    .execute();
}

async function nextDue(engine: Engine, now: number): Promise<number | undefined> {
  const row = await engine
    .reader<Tables>()
    .selectFrom("queue_recipient")
    .select("due")
    .where("state", "in", ["waiting", "trying"])
    .where("due", ">", now)
    .orderBy("due")
    .limit(1)
    .executeTakeFirst();
  return row?.due;
}
