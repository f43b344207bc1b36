// Folder names on the wire: modified UTF-7 for IMAP4rev1 (RFC 3501 §5.1.3), UTF-8 for IMAP4rev2 and UTF8=ACCEPT.
// In here a name is NFC text with "/" between its levels and "INBOX" for the inbox in any case.
import { asBuffer, toUtf8 } from "#base/bytes";

export const DELIMITER = "/";

// 1,000 octets: longer than any mail program lets one type; a guard for the store, not a judgement.
const MAX_NAME = 1000;

/** Wire octets to a name; undefined when they are not one in the given spelling. */
export function decodeName(octets: Uint8Array, utf8: boolean): string | undefined {
  const text = decodePattern(octets, utf8);
  return text === undefined || text.length > MAX_NAME ? undefined : canonicalName(text);
}

/** As decodeName, but leaves INBOX alone: a pattern of LIST. */
export function decodePattern(octets: Uint8Array, utf8: boolean): string | undefined {
  const raw = asBuffer(octets).toString("latin1");
  // Mail programs that never heard of modified UTF-7 send raw UTF-8; other servers take it, and so do we.
  if (utf8 || /[^\x20-\x7e]/.test(raw)) return toUtf8(octets)?.normalize("NFC");
  return fromModifiedUtf7(raw)?.normalize("NFC");
}

function canonicalName(name: string): string {
  const [first = "", ...rest] = name.split(DELIMITER);
  return first.toUpperCase() === "INBOX" ? ["INBOX", ...rest].join(DELIMITER) : name;
}

/** A name as octets, one per character (latin1), to go out as a quoted string or a literal. */
export function encodeName(name: string, utf8: boolean): string {
  return utf8 ? Buffer.from(name, "utf8").toString("latin1") : toModifiedUtf7(name);
}

export function toModifiedUtf7(name: string): string {
  return name.replace(/&|[^\x20-\x7e]+/g, (run) => {
    if (run === "&") return "&-";
    const utf16 = Buffer.from(run, "utf16le").swap16();
    return `&${utf16.toString("base64").replace(/=+$/, "").replaceAll("/", ",")}-`;
  });
}

/** Undefined when the text is not modified UTF-7 in its one right spelling. */
export function fromModifiedUtf7(text: string): string | undefined {
  let wrong = false;
  const name = text.replace(/&([^-]*)(-?)/g, (_, shifted: string, end: string) => {
    if (end === "") wrong = true;
    if (shifted === "") return "&";
    const bytes = Buffer.from(shifted.replaceAll(",", "/"), "base64");
    if (bytes.length === 0 || bytes.length % 2 !== 0) {
      wrong = true;
      return "";
    }
    return bytes.swap16().toString("utf16le");
  });
  return wrong || !name.isWellFormed() || toModifiedUtf7(name) !== text ? undefined : name;
}
