// A letter of our own making: header and plain text, in octets that any mail program reads. Pure; knows nobody and sends nothing.
import { concatBytes, fromUtf8, toBase64 } from "#base/bytes";

export interface Composed {
  /** A name to show before an address of ours; ASCII or not. */
  readonly from: { readonly name: string; readonly address: string };
  readonly to: string;
  readonly subject: string;
  /** Line ends of any kind. */
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Without angle brackets. */
  readonly messageId: string;
  /** Further fields by name. What could end a line is taken out of the values; long ones are folded at blanks. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
}

// RFC 5322 §2.1.1 asks for 78 and forbids more than 998.
const LINE = 76;
// 45 octets make 60 characters of base64; with "=?utf-8?B?" and "?=" the word is 72, below the 75 of RFC 2047 §2.
const WORD_OCTETS = 45;

/** The whole letter with CRLF line ends: 7bit where the text allows it, base64 of UTF-8 elsewhere. */
export function composeLetter(letter: Composed): Uint8Array {
  const { from, to, subject, at, messageId, fields = [] } = letter;
  const lines = letter.text.toWellFormed().split(/\r\n|\r|\n/);
  const plain = lines.every((line) => line.length <= LINE && isPrintable(line));
  const header = [
    ["Date", new Date(at).toUTCString().replace("GMT", "+0000")],
    ["From", `${headerPhrase(from.name)} <${from.address}>`],
    ["To", to],
    ["Subject", encodedWords(oneLine(subject))],
    ["Message-ID", `<${messageId}>`],
    ...fields,
    ["MIME-Version", "1.0"],
    ["Content-Type", `text/plain; charset=${plain ? "us-ascii" : "utf-8"}`],
    ["Content-Transfer-Encoding", plain ? "7bit" : "base64"],
  ] as const;
  const head = header.map(([name, value]) => folded(name, oneLine(value))).join("");
  const text = lines.join("\r\n");
  const body = plain
    ? text
    : toBase64(fromUtf8(text)).replaceAll(new RegExp(`.{${LINE}}(?=.)`, "g"), "$&\r\n");
  return concatBytes(fromUtf8(`${head}\r\n`), fromUtf8(`${body}\r\n`));
}

/** A field as lines of its own; breaks only before words, so that unfolding gives the value back. */
export function folded(name: string, value: string): string {
  const words = value.split(" ");
  let line = `${name}:`;
  let out = "";
  for (const word of words) {
    if (line.length + 1 + word.length > LINE && line.trim() !== "" && !line.endsWith(":")) {
      out += `${line}\r\n`;
      line = "";
    }
    line += ` ${word}`;
  }
  return `${out}${line}\r\n`;
}

/** RFC 2047 words where the text is not plain ASCII, cut between characters so that each stands alone. */
function encodedWords(text: string): string {
  // What looks like an encoded word must not be read as one.
  if (isPrintable(text) && !text.includes("=?")) return text;
  const words: string[] = [];
  let held = "";
  for (const character of text.toWellFormed()) {
    if (Buffer.byteLength(held + character) > WORD_OCTETS) {
      words.push(held);
      held = "";
    }
    held += character;
  }
  return [...words, held].map((word) => `=?utf-8?B?${toBase64(fromUtf8(word))}?=`).join(" ");
}

/** A name as it stands before an address in angle brackets: quoted, or in encoded words. */
export function headerPhrase(name: string): string {
  const line = oneLine(name);
  if (!isPrintable(line) || line.includes("=?")) return encodedWords(line);
  return `"${line.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** No control character passes, so that no value makes a field of its own. */
function oneLine(text: string): string {
  return text.toWellFormed().replaceAll(/\p{Cc}+/gu, " ");
}

function isPrintable(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
