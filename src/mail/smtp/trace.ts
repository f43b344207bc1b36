// The header fields that the server puts in front of a message: Return-Path and Received (RFC 5321 §4.4), and for clients'
// own mail the Date and Message-ID they left out (RFC 6409 §8). A client's network address is in none of them.
import { newId } from "#base/ids";
import { hasField, headerOf } from "./inspect.ts";
import type { Peer } from "./ports.ts";
import type { Rules, SmtpRole } from "./state.ts";

export interface Arrival {
  readonly id: string;
  readonly at: number;
  /** What the peer called itself, unchecked. */
  readonly helo: string;
  readonly peer: Peer;
  readonly extended: boolean;
  readonly secure: boolean;
  readonly signedIn: boolean;
  readonly utf8: boolean;
}

/** Return-Path, for the copy that goes into a mailbox. */
export function returnPath(sender: string): string {
  return `Return-Path: <${sender}>\r\n`;
}

/** The Received field, folded. `recipient` only where the copy has one reader, so that no blind recipient shows. */
export function receivedField(rules: Rules, arrival: Arrival, recipient?: string): string {
  const from =
    rules.role === "submission"
      ? "by"
      : `from ${spokenDomain(arrival.helo) ?? "unknown"} (${nameOf(arrival.peer)}${literalOf(arrival.peer.address)})\r\n\tby`;
  const forWhom = recipient === undefined ? "" : `\r\n\tfor <${recipient}>`;
  const how = transmission(rules.role, arrival);
  return `Received: ${from} ${rules.hostname} (Bailee) with ${how} id ${arrival.id}${forWhom};\r\n\t${mailDate(arrival.at)}\r\n`;
}

/** Date and Message-ID where a submitted message lacks them; "" where it has both. */
export function missingFields(rules: Rules, raw: Uint8Array, at: number): string {
  const header = headerOf(raw);
  const date = hasField(header, "date") ? "" : `Date: ${mailDate(at)}\r\n`;
  const id = hasField(header, "message-id") ? "" : `Message-ID: <${newId()}@${rules.domain}>\r\n`;
  return date + id;
}

/** The peer's name where it is one, lower case; undefined for address literals and nonsense. */
export function spokenDomain(helo: string): string | undefined {
  const name = helo.toLowerCase();
  return /^(?=.{1,253}$)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(name) ? name : undefined;
}

/** RFC 5322 §3.3, in UTC. */
function mailDate(at: number): string {
  return new Date(at).toUTCString().replace("GMT", "+0000");
}

/** RFC 3848, RFC 6531 §4.3. */
function transmission(role: SmtpRole, arrival: Arrival): string {
  if (!arrival.extended) return "SMTP";
  const tail = `${arrival.secure ? "S" : ""}${arrival.signedIn ? "A" : ""}`;
  if (role === "lmtp") return `${arrival.utf8 ? "UTF8" : ""}LMTP${tail}`;
  return `${arrival.utf8 ? "UTF8SMTP" : "ESMTP"}${tail}`;
}

/** RFC 5321 §4.4: what the DNS calls the peer stands beside its address. */
function nameOf({ name }: Peer): string {
  const spoken = name === undefined ? undefined : spokenDomain(name);
  return spoken === undefined ? "" : `${spoken} `;
}

function literalOf(address: string): string {
  const plain = address.replace(/^::ffff:/, "");
  return plain.includes(":") ? `[IPv6:${plain}]` : `[${plain}]`;
}
