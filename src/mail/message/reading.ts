// A letter as a person at a desk reads it: the first text in it, decoded, whole within a limit. Pure and total.
import { parameter } from "./parameters.ts";
import { parseMessage } from "./parse.ts";
import { firstText, stripHtml } from "./preview.ts";
import { decodeText } from "./text.ts";
import { decodeWords } from "./words.ts";

export interface ReadLetter {
  readonly subject: string;
  readonly text: string;
  /** The first author's address as it stands in the letter, proved by nothing; "" where there is none. */
  readonly from: string;
  /** With its brackets; "" where there is none. */
  readonly messageId: string;
  /** Whether something was left out: other parts, or what was beyond the limit. */
  readonly isPart: boolean;
}

/** At most `most` characters of text. */
export function readLetter(bytes: Uint8Array, most: number): ReadLetter {
  const { envelope, root } = parseMessage(bytes);
  const part = firstText(root);
  const charset = part && parameter(part.parameters, "charset");
  const decoded =
    part === undefined
      ? ""
      : decodeText(bytes.subarray(part.bodyStart, part.bodyEnd), part.encoding, charset);
  const isHtml = part !== undefined && part.subtype !== "plain";
  const text = readable(isHtml ? stripHtml(decoded) : decoded);
  const author = envelope.from?.find(({ mailbox, host }) => mailbox !== null && host !== null);
  const id = /<[^<>\s]{1,500}>/.exec(envelope.messageId ?? "")?.[0] ?? "";
  return {
    subject: readable(decodeWords(envelope.subject ?? ""))
      .replaceAll(/\s+/g, " ")
      .trim()
      .slice(0, 200),
    text: text.slice(0, most).toWellFormed(),
    from: author === undefined ? "" : `${author.mailbox}@${author.host}`,
    messageId: id,
    isPart: root.type === "multipart" || text.length > most,
  };
}

/** Line ends as one character; no other control characters, and none that turns the direction of writing. */
function readable(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replaceAll(/[^\P{C}\n\t]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffd]/gu, "")
    .normalize("NFC")
    .trim();
}
