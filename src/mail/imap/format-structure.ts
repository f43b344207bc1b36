// ENVELOPE, BODY and BODYSTRUCTURE (RFC 9051 §7.5.2) from the structure that was parsed on arrival. NIL and "" stay apart.
import type { Address, Envelope, Parameters, Part } from "#mail/message";
import { formatNstring, formatString, type Spelling } from "./format.ts";

export function formatEnvelope(envelope: Envelope, spelling: Spelling): string {
  const text = (value: string | null): string => formatNstring(value, spelling);
  const people = (list: readonly Address[] | null): string => formatAddresses(list, spelling);
  const { from } = envelope;
  return `(${[
    text(envelope.date),
    text(envelope.subject),
    people(from),
    people(envelope.sender?.length ? envelope.sender : from),
    people(envelope.replyTo?.length ? envelope.replyTo : from),
    people(envelope.to),
    people(envelope.cc),
    people(envelope.bcc),
    text(envelope.inReplyTo),
    text(envelope.messageId),
  ].join(" ")})`;
}

function formatAddresses(list: readonly Address[] | null, spelling: Spelling): string {
  if (list === null || list.length === 0) return "NIL";
  const text = (value: string | null): string => formatNstring(value, spelling);
  return `(${list
    .map(
      ({ name, route, mailbox, host }) =>
        `(${text(name)} ${text(route)} ${text(mailbox)} ${text(host)})`,
    )
    .join("")})`;
}

/** With `extended` the BODYSTRUCTURE form, without it the older BODY. */
export function formatStructure(part: Part, extended: boolean, spelling: Spelling): string {
  if (part.type === "multipart") return formatMultipart(part, extended, spelling);
  const text = (value: string | null): string => formatNstring(value, spelling);
  const nested = isMessage(part) ? part.message : null;
  // message/rfc822 must show what is inside; where the parser did not go in, the part is told as the bytes that it is.
  const opaque = isMessage(part) && nested === null;
  const fields = [
    formatString(opaque ? "application" : part.type, spelling),
    formatString(opaque ? "octet-stream" : part.subtype, spelling),
    formatParameters(part.parameters, spelling),
    text(part.id),
    text(part.description),
    formatString(part.encoding, spelling),
    String(part.bodyEnd - part.bodyStart),
  ];
  if (nested !== null) {
    fields.push(formatEnvelope(nested.envelope, spelling));
    fields.push(formatStructure(nested.root, extended, spelling));
  }
  if (nested !== null || part.type === "text") fields.push(String(part.lines));
  if (extended) fields.push(text(part.md5), formatPlace(part, spelling));
  return `(${fields.join(" ")})`;
}

function isMessage(part: Part): boolean {
  return part.type === "message" && (part.subtype === "rfc822" || part.subtype === "global");
}

function formatMultipart(part: Part, extended: boolean, spelling: Spelling): string {
  const children = part.parts.map((child) => formatStructure(child, extended, spelling)).join("");
  // The grammar wants at least one part; a multipart without any is told as one empty text.
  const inside = children === "" ? '("text" "plain" NIL NIL NIL "7bit" 0 0)' : children;
  const subtype = formatString(part.subtype, spelling);
  if (!extended) return `(${inside} ${subtype})`;
  return `(${inside} ${subtype} ${formatParameters(part.parameters, spelling)} ${formatPlace(part, spelling)})`;
}

/** Disposition, language and location: the end of both extended forms. */
function formatPlace(part: Part, spelling: Spelling): string {
  const { disposition, language } = part;
  const shown =
    disposition === null
      ? "NIL"
      : `(${formatString(disposition.type, spelling)} ${formatParameters(disposition.parameters, spelling)})`;
  const languages =
    language === null || language.length === 0
      ? "NIL"
      : `(${language.map((tag) => formatString(tag, spelling)).join(" ")})`;
  return `${shown} ${languages} ${formatNstring(part.location, spelling)}`;
}

function formatParameters(parameters: Parameters, spelling: Spelling): string {
  if (parameters.length === 0) return "NIL";
  return `(${parameters
    .map(([name, value]) => `${formatString(name, spelling)} ${formatString(value, spelling)}`)
    .join(" ")})`;
}
