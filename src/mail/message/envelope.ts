// The envelope of a message (RFC 9051 §7.5.2) from the raw values of its header fields.
import { parseAddresses } from "./addresses.ts";
import type { Address, Envelope, RawText } from "./shape.ts";

/** The fields that envelope and structure are made of; others are passed over. */
export const structuralFields: ReadonlySet<string> = new Set([
  "date",
  "subject",
  "from",
  "sender",
  "reply-to",
  "to",
  "cc",
  "bcc",
  "in-reply-to",
  "message-id",
  "content-type",
  "content-transfer-encoding",
  "content-id",
  "content-description",
  "content-md5",
  "content-disposition",
  "content-language",
  "content-location",
]);

/** Unfolded values by field name in lower case. */
export type FieldValues = ReadonlyMap<string, RawText>;

export function envelopeOf(fields: FieldValues): Envelope {
  const addresses = (name: string): readonly Address[] | null => {
    const value = fields.get(name);
    const found = value === undefined ? [] : parseAddresses(value);
    return found.length > 0 ? found : null;
  };
  const from = addresses("from");
  return {
    date: fields.get("date") ?? null,
    subject: fields.get("subject") ?? null,
    from,
    // Missing or empty: the same as From, which the mail program is not expected to know.
    sender: addresses("sender") ?? from,
    replyTo: addresses("reply-to") ?? from,
    to: addresses("to"),
    cc: addresses("cc"),
    bcc: addresses("bcc"),
    inReplyTo: fields.get("in-reply-to") ?? null,
    messageId: fields.get("message-id") ?? null,
  };
}
