// DKIM signatures for letters that leave (RFC 6376, RFC 8463): relaxed/relaxed, the whole body, the fields that say who speaks signed once
// more than they are there, so that nobody adds one. Pure: keys and time are handed in.
import { createHash, type KeyObject, sign as signBytes } from "node:crypto";
import { asBuffer } from "#base/bytes";
import { seconds } from "#base/time";
import { headerFields } from "#mail/message";
import { relaxedBodyHash, relaxedField } from "./canonical.ts";

export interface SigningKey {
  readonly selector: string;
  readonly algorithm: "rsa-sha256" | "ed25519-sha256";
  readonly key: KeyObject;
}

export interface SigningOptions {
  /** d= */
  readonly domain: string;
  readonly keys: readonly SigningKey[];
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Also these fields, by name in lower case, where they are there; RFC 8460 §5.3 asks for two. */
  readonly alsoFields?: readonly string[];
}

// RFC 6376 §5.4.1: what a reader sees or acts on. Each is signed as often as it is there; those that a reader believes, once more.
const oversigned = [
  "from",
  "sender",
  "reply-to",
  "subject",
  "date",
  "message-id",
  "to",
  "cc",
  "mime-version",
  "content-type",
  "content-transfer-encoding",
  "in-reply-to",
  "references",
  "list-id",
  "list-unsubscribe",
  "list-unsubscribe-post",
] as const;

const signedWhereThere = [
  "content-disposition",
  "resent-date",
  "resent-from",
  "resent-to",
  "resent-cc",
  "list-help",
  "list-subscribe",
  "list-post",
  "list-owner",
  "list-archive",
  "auto-submitted",
  "autocrypt",
  "openpgp",
] as const;

// A letter with more fields than this of one name is no letter of ours; each is a line to hash.
const MAX_FIELDS = 1000;

/** DKIM-Signature fields, each with CRLF, to stand in front of the letter; "" without a key or a From field. */
export function signatureFields(raw: Uint8Array, options: SigningOptions): string {
  const { domain, keys, at, alsoFields = [] } = options;
  const content = keys.length === 0 ? undefined : contentOf(raw, alsoFields);
  if (content === undefined) return "";
  return keys
    .map((key) =>
      signedField(
        [
          `DKIM-Signature: v=1; a=${key.algorithm}; c=relaxed/relaxed; d=${domain};`,
          `\ts=${key.selector}; t=${seconds(at)}; bh=${content.bodyHash};`,
          `\th=${content.names};`,
        ],
        content.header,
        key,
      ),
    )
    .join("");
}

/** What a signature over a whole letter covers: names for h=, folded; those fields in relaxed form; the body's hash. */
export interface SignedContent {
  readonly names: string;
  readonly header: string;
  readonly bodyHash: string;
}

/** Undefined for a letter without a From field, which nobody signs. */
export function contentOf(
  raw: Uint8Array,
  alsoFields: readonly string[],
): SignedContent | undefined {
  const { fields, bodyAt } = fieldsOf(raw);
  if (!fields.has("from")) return undefined;
  const names: string[] = [];
  const canonical: string[] = [];
  for (const name of [...oversigned, ...signedWhereThere, ...alsoFields]) {
    const there = fields.get(name) ?? [];
    // RFC 6376 §5.4.2: from the bottom up.
    for (const field of there.toReversed()) {
      names.push(name);
      canonical.push(`${relaxedField(field)}\r\n`);
    }
    if ((oversigned as readonly string[]).includes(name)) names.push(name);
  }
  const header = canonical.join("");
  return { names: foldedNames(names), header, bodyHash: relaxedBodyHash(raw, bodyAt) };
}

/** The field of these lines with its b=, which signs `header` and then the field itself (RFC 6376 §3.7). */
export function signedField(
  lines: readonly string[],
  header: string,
  { algorithm, key }: SigningKey,
): string {
  const field = [...lines, "\tb="].join("\r\n");
  const signed = Buffer.from(`${header}${relaxedField(field)}`, "latin1");
  const value =
    algorithm === "rsa-sha256"
      ? signBytes("sha256", signed, key)
      : signBytes(null, createHash("sha256").update(signed).digest(), key);
  return `${field}${value.toString("base64").replaceAll(/.{72}(?=.)/g, "$&\r\n\t ")}\r\n`;
}

function fieldsOf(raw: Uint8Array): {
  readonly fields: ReadonlyMap<string, readonly string[]>;
  readonly bodyAt: number;
} {
  const bytes = asBuffer(raw);
  const fields = new Map<string, string[]>();
  let end = 0;
  let count = 0;
  for (const field of headerFields(raw, 0, raw.byteLength)) {
    end = field.end;
    if ((count += 1) > MAX_FIELDS) continue;
    const text = bytes.toString("latin1", field.start, field.end);
    const known = fields.get(field.name);
    if (known === undefined) fields.set(field.name, [text]);
    else known.push(text);
  }
  return { fields, bodyAt: Math.min(end + 2, bytes.byteLength) };
}

function foldedNames(names: readonly string[]): string {
  const lines: string[] = [];
  let line = "";
  for (const [index, name] of names.entries()) {
    const piece = index === 0 ? name : `:${name}`;
    if (line.length + piece.length > 70) {
      lines.push(line);
      line = piece;
    } else line += piece;
  }
  return [...lines, line].join("\r\n\t ");
}
