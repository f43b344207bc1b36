// The letter itself: headers, addresses, dates, encoded words, MIME structure, search text. Pure, total and bounded:
// any bytes give an answer, and none costs more than linear time and a fixed depth.
export { MISSING_DOMAIN, MISSING_MAILBOX, parseAddresses } from "./addresses.ts";
export { foldText, sortText } from "./casemap.ts";
export { canDecode, decodeCharset } from "./charset.ts";
export { composeLetter, folded, headerPhrase } from "./compose.ts";
export { dayOfDate, type MailDate, parseDate, sentAt } from "./date.ts";
export { FINGERPRINT_BYTES, fingerprintOf } from "./fingerprint.ts";
export { messageIds } from "./ids.ts";
export { addressText, fieldTexts, isKeptField } from "./kept.ts";
export { type MboxMessage, splitMbox } from "./mbox.ts";
export { mboxMessage } from "./mbox-write.ts";
export { parseMessage } from "./parse.ts";
export { type ReadLetter, readLetter } from "./reading.ts";
export { type HeaderField, headerFields, headerValue, selectHeader, unfold } from "./scan.ts";
export type { Address, Envelope, Parameters, ParsedMessage, Part, RawText } from "./shape.ts";
export { decodeStructure, encodeStructure } from "./structure.ts";
export { type BaseSubject, baseSubject } from "./subject.ts";
export {
  containsText,
  decodeText,
  headerText,
  partText,
  searchText,
  type TextPiece,
  textPieces,
} from "./text.ts";
export { decodeTransfer } from "./transfer.ts";
export { withoutNul } from "./transparent.ts";
export { decodeWords } from "./words.ts";
