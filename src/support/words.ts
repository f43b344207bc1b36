// The words of a ticket's message as they are sealed.
//
//   UTF-8 of a JSON array: [1, subject, text, from, messageId, isPart]
//
// `from` and `messageId` are those of a letter; "" where it was written in the portal or at the desk.
import { fromUtf8, toUtf8 } from "#base/bytes";

export interface Words {
  readonly subject: string;
  readonly text: string;
  readonly from: string;
  readonly messageId: string;
  readonly isPart: boolean;
}

export function encodeWords(words: Words): Uint8Array {
  const { subject, text, from, messageId, isPart } = words;
  return fromUtf8(JSON.stringify([1, subject, text, from, messageId, isPart]));
}

/** What we sealed ourselves has this form; undefined for anything else. */
export function decodeWords(bytes: Uint8Array | undefined): Words | undefined {
  const said = bytes && toUtf8(bytes);
  if (said === undefined) return undefined;
  const [version, subject, text, from, messageId, isPart] = JSON.parse(said) as unknown[];
  if (version !== 1) return undefined;
  return {
    subject: String(subject),
    text: String(text),
    from: String(from),
    messageId: String(messageId),
    isPart: isPart === true,
  };
}
