// Whom a submitted message says it is from: every address of its From and Sender fields (RFC 5322 §3.6.2). A client may
// name their own addresses only. Pure.
import { headerFields, parseAddresses, unfold } from "#mail/message";

/** More authors than this is nobody's letter, and each is a look-up. */
export const MAX_AUTHORS = 20;

/** The addresses as they stand; a group's marks are left out. Empty when the message names nobody. */
export function authorsOf(raw: Uint8Array): readonly string[] {
  const authors: string[] = [];
  for (const { name, valueStart, end } of headerFields(raw, 0, raw.byteLength)) {
    if (name !== "from" && name !== "sender") continue;
    for (const { mailbox, host } of parseAddresses(unfold(raw, valueStart, end)))
      if (mailbox !== null && host !== null) authors.push(`${mailbox}@${host}`);
  }
  return [...new Set(authors)];
}
