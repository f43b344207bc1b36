// What an attempt means for a recipient: sent, failed for good, or later. RFC 5321 §4.2.1 and RFC 3463. Pure.
import { never } from "#base/errors";
import type { LocalRefusal } from "./contract.ts";

export type Verdict =
  /** `reports` is true when the peer took over the duty to report success (RFC 3461 §5.2). */
  | { readonly kind: "sent"; readonly host: string; readonly reports: boolean }
  | ({ readonly kind: "failed" } & Reason)
  | ({ readonly kind: "later" } & Reason);

export interface Reason {
  /** RFC 3463, "5.1.1". */
  readonly status: string;
  /** For a person: what the peer said, or what we saw. */
  readonly text: string;
  /** Who said it; undefined when nobody was reached. */
  readonly host: string | undefined;
  /** True when `text` is the peer's reply. */
  readonly fromPeer: boolean;
  /** Nothing was sent: the address had refused more than once. */
  readonly isSuppressed?: true;
}

/** A reply of a peer to our sender, recipient or message. */
export function verdictOf(reply: string, host: string): Verdict {
  const [, first, enhanced] = /^([2345])\d\d[ -](?:([245]\.\d{1,3}\.\d{1,3})\b)?/.exec(reply) ?? [];
  const kind = first === "5" ? "failed" : "later";
  const family = kind === "failed" ? "5" : "4";
  const status = enhanced?.startsWith(family) === true ? enhanced : `${family}.0.0`;
  return { kind, status, text: oneLine(reply), host, fromPeer: true };
}

export function unreachable(text: string, host?: string): Verdict {
  return { kind: "later", status: "4.4.1", text: oneLine(text), host, fromPeer: false };
}

export function failed(status: string, text: string): Extract<Verdict, { kind: "failed" }> {
  return { kind: "failed", status, text, host: undefined, fromPeer: false };
}

export function later(status: string, text: string): Extract<Verdict, { kind: "later" }> {
  return { kind: "later", status, text, host: undefined, fromPeer: false };
}

export function verdictOfLocal(refusal: LocalRefusal): Verdict {
  switch (refusal) {
    case "no-such-user":
      return failed("5.1.1", "there is no such address");
    case "refused-for-good":
      return failed("5.2.1", "the mailbox takes no mail");
    case "too-large":
      return failed("5.2.3", "the message is too large for the mailbox");
    case "over-quota":
      return later("4.2.2", "the mailbox is full");
    case "suspended-for-now":
      return later("4.2.1", "the mailbox takes no mail now");
    case "cannot-seal":
      return later("4.3.0", "the mailbox cannot be written now");
    default:
      return never(refusal);
  }
}

/** Printable, on one line, short enough for a report's field. */
function oneLine(text: string): string {
  return text
    .replaceAll(/[^\x20-\x7e]+/g, " ")
    .trim()
    .slice(0, 400);
}
