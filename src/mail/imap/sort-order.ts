// The order that SORT asks for (RFC 5256 §3, RFC 5957 §4). Pure: facts of messages in, an order out; opens nothing.
import {
  type Address,
  baseSubject,
  decodeWords,
  type Envelope,
  sentAt,
  sortText,
} from "#mail/message";
import { never } from "#base/errors";
import type { SortCriterion, SortKey } from "./command.ts";

export interface Sortable {
  /** Message number or UID: what is equal otherwise stands in the folder's order. */
  readonly number: number;
  readonly receivedAt: number;
  readonly size: number;
  /** Undefined where no criterion asks for it, or where it does not open: all its texts are empty then. */
  readonly envelope: Envelope | undefined;
}

/** Whether a criterion asks for more than the placement. */
export function needsEnvelope(criteria: readonly SortCriterion[]): boolean {
  return criteria.some(({ by }) => by !== "ARRIVAL" && by !== "SIZE");
}

/** A message with what it is sorted by. */
export interface Keyed<Each extends Sortable> {
  readonly message: Each;
  readonly keys: readonly Key[];
}

function keyed<Each extends Sortable>(
  message: Each,
  criteria: readonly SortCriterion[],
): Keyed<Each> {
  return { message, keys: criteria.map(({ by }) => keyOf(message, by)) };
}

/** Compares by the criteria, the first of them first. */
export function byCriteria(
  criteria: readonly SortCriterion[],
): (a: Keyed<Sortable>, b: Keyed<Sortable>) => number {
  return (a, b) => {
    for (const [at, { reverse }] of criteria.entries()) {
      const order = compare(a.keys[at] ?? 0, b.keys[at] ?? 0);
      if (order !== 0) return reverse ? -order : order;
    }
    // REVERSE turns a criterion and not what breaks a tie (RFC 5256 §3).
    return a.message.number - b.message.number;
  };
}

/** The messages in the order of the criteria. */
export function inOrder<Each extends Sortable>(
  messages: readonly Each[],
  criteria: readonly SortCriterion[],
): readonly Keyed<Each>[] {
  return messages.map((message) => keyed(message, criteria)).sort(byCriteria(criteria));
}

type Key = number | string;

function compare(a: Key, b: Key): number {
  if (a < b) return -1;
  return a > b ? 1 : 0;
}

function keyOf(message: Sortable, by: SortKey): Key {
  const { envelope } = message;
  switch (by) {
    case "ARRIVAL":
      return message.receivedAt;
    case "SIZE":
      return message.size;
    case "DATE":
      return sentDate(envelope, message.receivedAt);
    case "SUBJECT":
      return sortText(baseSubject(decodeWords(envelope?.subject ?? "")).base);
    case "FROM":
      return mailboxText(envelope?.from);
    case "TO":
      return mailboxText(envelope?.to);
    case "CC":
      return mailboxText(envelope?.cc);
    case "DISPLAYFROM":
      return displayText(envelope?.from);
    case "DISPLAYTO":
      return displayText(envelope?.to);
    default:
      return never(by);
  }
}

/** The sent date, or when it came where the message does not say (RFC 5256 §2.2). Milliseconds since 1970. */
export function sentDate(envelope: Envelope | undefined, receivedAt: number): number {
  const date = envelope?.date;
  return (date === undefined || date === null ? undefined : sentAt(date)) ?? receivedAt;
}

function mailboxText(list: readonly Address[] | null | undefined): string {
  return sortText(decodeWords(list?.[0]?.mailbox ?? ""));
}

/** RFC 5957 §3: the name, else the address, of the first. */
function displayText(list: readonly Address[] | null | undefined): string {
  const first = list?.[0];
  if (first === undefined || first.mailbox === null) return "";
  const name = decodeWords(first.name ?? "");
  if (name !== "") return sortText(name);
  return sortText(
    decodeWords(first.host === null ? first.mailbox : `${first.mailbox}@${first.host}`),
  );
}
