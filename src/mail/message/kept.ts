// What of a message's header SEARCH must see and the envelope does not tell to the letter: repeated fields, addresses spelt in another
// way than we would, References. Kept beside the envelope, so that a search of the usual fields opens no message.
import { referencesOf } from "./ids.ts";
import { headerFields, unfold } from "./scan.ts";
import type { Address, Envelope, ParsedMessage, Part, RawText } from "./shape.ts";

// Nobody repeats a field more often, and no honest header of these fields is longer; beyond that the message itself is looked into.
const MAX_REPEATS = 100;
const MAX_KEPT = 64 * 1024;

const texts = ["date", "subject", "in-reply-to", "message-id"] as const;
const people = ["from", "sender", "reply-to", "to", "cc", "bcc"] as const;
const known: ReadonlySet<string> = new Set([...texts, ...people, "references"]);

/** The part of the header that is kept; `root` and `envelope` as the tree gives them. */
export function keptOf(
  bytes: Uint8Array,
  root: Part,
  envelope: Envelope,
): Pick<ParsedMessage, "references" | "fields"> {
  const values = new Map<string, RawText[] | null>();
  let size = 0;
  for (const { name, valueStart, end } of headerFields(bytes, root.headerStart, root.bodyStart)) {
    if (!known.has(name)) continue;
    const before = values.get(name);
    if (before === null) continue;
    const value = unfold(bytes, valueStart, end);
    size += value.length;
    if (size > MAX_KEPT || (before?.length ?? 0) >= MAX_REPEATS) values.set(name, null);
    else if (before === undefined) values.set(name, [value]);
    else before.push(value);
  }
  const references = values.get("references") ?? [];
  const ids = referencesOf(
    references.length === 0 ? null : references.join(" "),
    envelope.inReplyTo,
  );
  const fields: Record<string, readonly RawText[] | null> = {};
  for (const name of known) {
    const found = values.get(name);
    if (found === null) fields[name] = null;
    else if (!same(found ?? [], toldBy(envelope, ids, name))) fields[name] = found ?? [];
  }
  return { references: ids, fields };
}

/** Whether the structure tells a field's texts, most often; name in lower case. */
export const isKeptField = (name: string): boolean => known.has(name);

function same(a: readonly RawText[], b: readonly RawText[]): boolean {
  return a.length === b.length && a.every((text, at) => text === b[at]);
}

/**
 * The raw values of a field of the message's header, every occurrence by itself; undefined where only the message itself can tell.
 * Name in lower case.
 */
export function fieldTexts(message: ParsedMessage, name: string): readonly RawText[] | undefined {
  if (!known.has(name)) return undefined;
  const kept = message.fields[name];
  if (kept === null) return undefined;
  return kept ?? toldBy(message.envelope, message.references, name);
}

/** A list of addresses as one reads it, without the quotes that only the grammar needs. */
export function addressText(list: readonly Address[] | null): RawText {
  return (list ?? []).map((each, at) => spelt(list ?? [], each, at, false)).join("");
}

/** What the envelope says that the field was. */
function toldBy(envelope: Envelope, ids: readonly string[], name: string): readonly RawText[] {
  const one = (text: RawText | null): readonly RawText[] => (text === null ? [] : [text]);
  const list = (found: readonly Address[] | null): readonly RawText[] =>
    found === null ? [] : [found.map((each, at) => spelt(found, each, at, true)).join("")];
  switch (name) {
    case "date":
      return one(envelope.date);
    case "subject":
      return one(envelope.subject);
    case "in-reply-to":
      return one(envelope.inReplyTo);
    case "message-id":
      return one(envelope.messageId);
    case "from":
      return list(envelope.from);
    // Where they are the same as From, they are most likely not there at all.
    case "sender":
      return envelope.sender === envelope.from ? [] : list(envelope.sender);
    case "reply-to":
      return envelope.replyTo === envelope.from ? [] : list(envelope.replyTo);
    case "to":
      return list(envelope.to);
    case "cc":
      return list(envelope.cc);
    case "bcc":
      return list(envelope.bcc);
    case "references":
      return ids.length === 0 ? [] : [ids.map((id) => `<${id}>`).join(" ")];
    default:
      return [];
  }
}

/** One address with the comma before it; a group is `name: …;`. */
function spelt(
  list: readonly Address[],
  { name, mailbox, host }: Address,
  at: number,
  quotes: boolean,
): RawText {
  const before = list[at - 1];
  const opened = before !== undefined && before.host === null && before.mailbox !== null;
  if (host === null) return mailbox === null ? ";" : `${at === 0 ? "" : ", "}${mailbox}:`;
  const comma = at === 0 ? "" : opened ? " " : ", ";
  const address = `${mailbox ?? ""}@${host}`;
  if (name === null) return `${comma}${address}`;
  const phrase =
    quotes && /[()<>[\]:;@\\,."]/.test(name) ? `"${name.replaceAll(/["\\]/g, "\\$&")}"` : name;
  return `${comma}${phrase} <${address}>`;
}
