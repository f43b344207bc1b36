// What a client's own letter must be, and what is done to it, before it goes anywhere (RFC 6409 §6, §8). Nothing else in it is touched:
// what a client's program wrote is the client's.
import { headerFields } from "#mail/message";
import { authorsOf } from "./authors.ts";
import { headerOf } from "./inspect.ts";
import { isAscii } from "./address.ts";
import type { SmtpPorts, Submitter } from "./ports.ts";
import { replies } from "./replies.ts";
import type { Rules } from "./state.ts";
import { missingFields } from "./trace.ts";

export interface Prepared {
  readonly raw: Uint8Array;
  /** Date and Message-ID where the client left them out. */
  readonly added: string;
}

/** The letter as it may go, or the reply with which it may not. */
export async function prepareSubmission(
  rules: Rules,
  ports: SmtpPorts,
  submitter: Submitter,
  utf8: boolean,
  raw: Uint8Array,
  at: number,
): Promise<Prepared | string> {
  if (!(await ports.maySend(submitter))) return replies.senderSuspended;
  const authors = authorsOf(raw);
  if (authors === undefined) return replies.noAuthor;
  const owned = await Promise.all(authors.map((author) => ports.mayUse(submitter, author)));
  if (!owned.every(Boolean)) return replies.authorNotYours;
  // RFC 6531 §3.4: the program must say so, since not every server on the way can take it.
  if (!utf8 && !isAscii(headerOf(raw))) return replies.utf8HeaderNeeded;
  return { raw: withoutBlind(raw), added: missingFields(rules, raw, at) };
}

/**
 * Without Bcc, which would tell every reader of the blind ones (RFC 5322 §3.6.3 leaves it to the program to take it out, and some do
 * not), and without Return-Path, which is the last server's to write (RFC 5321 §4.4).
 */
function withoutBlind(raw: Uint8Array): Uint8Array {
  const kept: Uint8Array[] = [];
  let from = 0;
  for (const { name, start, end } of headerFields(raw, 0, raw.byteLength)) {
    if (!/^(?:resent-)?bcc$|^return-path$/.test(name)) continue;
    kept.push(raw.subarray(from, start));
    from = end;
  }
  return from === 0 ? raw : Buffer.concat([...kept, raw.subarray(from)]);
}
