// Letters for all tests, the same for the same arguments: never taken from anybody's mail, never dated by the clock.
//
// To see that a letter came back as it went in, compare hashes, not texts: `hashOf(sent)` before it is handed over, and
// `hashOf(received.subarray(received.byteLength - sent.byteLength))` after, since what the server adds is a prefix (Return-Path,
// Received) in front of the octets as they arrived. By IMAP APPEND and `bailee import` nothing is added and the whole is equal.
import { createHash } from "node:crypto";

export interface Attachment {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

export interface LetterParts {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly attachments?: readonly Attachment[];
  /** Whole further fields without line ends, such as "Cc: x@example.org". */
  readonly headers?: readonly string[];
  readonly date?: Date;
  /** Without the angle brackets. */
  readonly messageId?: string;
}

const DATE = new Date("2026-11-23T18:00:00Z");

/** A letter with CRLF line ends: text, or multipart/alternative with `html`, inside multipart/mixed with `attachments`. */
export function makeLetter(parts: LetterParts): Buffer {
  const seed = createHash("sha256")
    .update(JSON.stringify([parts.from, parts.to, parts.subject, parts.text, parts.html ?? ""]))
    .digest("hex");
  const id = parts.messageId ?? `${seed.slice(0, 24)}@letters.example`;
  const header = [
    `Date: ${(parts.date ?? DATE).toUTCString().replace("GMT", "+0000")}`,
    `From: ${parts.from}`,
    `To: ${parts.to}`,
    `Subject: ${encodedWords(parts.subject)}`,
    `Message-ID: <${id}>`,
    "MIME-Version: 1.0",
    ...(parts.headers ?? []),
  ];
  return Buffer.from(`${header.join("\r\n")}\r\n${bodyOf(parts, seed)}`, "latin1");
}

/** SHA-256 in hex. */
export function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Content fields, blank line and body of an entity. */
function bodyOf(parts: LetterParts, seed: string): string {
  const text = textEntity("plain", parts.text);
  const shown =
    parts.html === undefined
      ? text
      : multipart("alternative", `a_${seed.slice(0, 16)}`, [text, textEntity("html", parts.html)]);
  const attachments = parts.attachments ?? [];
  if (attachments.length === 0) return shown;
  return multipart("mixed", `m_${seed.slice(0, 16)}`, [shown, ...attachments.map(attached)]);
}

function multipart(subtype: string, boundary: string, entities: readonly string[]): string {
  const inside = entities.map((entity) => `--${boundary}\r\n${entity}\r\n`).join("");
  return `Content-Type: multipart/${subtype}; boundary="${boundary}"\r\n\r\n${inside}--${boundary}--\r\n`;
}

function textEntity(subtype: string, text: string): string {
  const lines = text.replace(/\r?\n/g, "\r\n");
  const plain =
    /^[\t\r\n -~]*$/.test(lines) && lines.split("\r\n").every((line) => line.length <= 900);
  const charset = plain ? "us-ascii" : "utf-8";
  const encoding = plain ? "7bit" : "base64";
  const body = plain ? lines : base64Lines(Buffer.from(lines, "utf8"));
  return `Content-Type: text/${subtype}; charset=${charset}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}`;
}

function attached({ name, type, bytes }: Attachment): string {
  const filename = /^[ -~]*$/.test(name)
    ? `filename="${name.replace(/["\\]/g, String.raw`\$&`)}"`
    : `filename*=utf-8''${encodeURIComponent(name)}`;
  return `Content-Type: ${type}\r\nContent-Disposition: attachment; ${filename}\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64Lines(bytes)}`;
}

function base64Lines(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("base64")
    .replace(/.{76}(?=.)/g, "$&\r\n");
}

/** RFC 2047, cut between characters so that each word stands alone. */
function encodedWords(text: string): string {
  if (/^[ -~]*$/.test(text)) return text;
  const words: string[] = [];
  let held = "";
  for (const char of text) {
    if (Buffer.byteLength(held + char) > 42) {
      words.push(held);
      held = "";
    }
    held += char;
  }
  return [...words, held]
    .map((word) => `=?utf-8?B?${Buffer.from(word).toString("base64")}?=`)
    .join("\r\n ");
}

/** Numbers from 0 up to and without `below`, always the same ones for a seed. */
export type Dice = (below: number) => number;

export function dice(seed: number | string): Dice {
  let state = createHash("sha256").update(`letters ${seed}`).digest().readUInt32LE(0);
  return (below) => {
    // A linear congruence modulo 2^32; its low bits are poor, so the number is made of the high ones.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const words =
  "the letter came on monday and nobody answered it before winter because every road was closed grüße świat привет 日本語 café".split(
    " ",
  );
const names = ["Ada Löwe", "Bo", "Cem Yılmaz", "Dr. Ewa Żak", "O'Neil, Pat", "山田 花子"];
const hosts = ["example.org", "mail.example.net", "example.com"];

/**
 * A letter for a seed: lengths, charsets, recipients, HTML and attachments vary; some letters are empty, some have long lines
 * or lines of a single dot. From and To may be set.
 */
export function randomLetter(
  seed: number | string,
  fixed: { readonly from?: string; readonly to?: string } = {},
): Buffer {
  const roll = dice(seed);
  const sentence = (length: number): string =>
    Array.from({ length }, () => words[roll(words.length)] ?? "").join(" ");
  const paragraphs = (count: number): string =>
    Array.from({ length: count }, () => (roll(12) === 0 ? "." : sentence(1 + roll(18)))).join("\n");
  const text = roll(20) === 0 ? "" : `${paragraphs(1 + roll(40))}\n`;
  return makeLetter({
    from: fixed.from ?? someone(roll),
    to: fixed.to ?? Array.from({ length: 1 + roll(3) }, () => someone(roll)).join(",\r\n "),
    subject: sentence(roll(9)),
    text,
    ...(roll(3) === 0 ? { html: `<html><body><p>${sentence(30)}</p></body></html>` } : {}),
    attachments: Array.from({ length: roll(4) === 0 ? 1 + roll(3) : 0 }, (_, index) => ({
      name: roll(2) === 0 ? `file ${index}.bin` : `bücher ${index}.bin`,
      type: "application/octet-stream",
      bytes: Buffer.from(Array.from({ length: roll(3000) }, () => roll(256))),
    })),
    messageId: `${hashOf(Buffer.from(`${seed}`)).slice(0, 20)}@letters.example`,
  });
}

function someone(roll: Dice): string {
  const address = `user${roll(1000)}@${hosts[roll(hosts.length)] ?? ""}`;
  const name = names[roll(names.length)] ?? "";
  if (roll(4) === 0) return address;
  if (!/^[ -~]*$/.test(name)) return `${encodedWords(name)} <${address}>`;
  return `"${name}" <${address}>`;
}
