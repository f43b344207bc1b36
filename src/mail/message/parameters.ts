// The structured values of MIME headers: Content-Type, Content-Disposition, Content-Language and their parameters, with the
// continuations of RFC 2231 put together. Total and linear.
import { trimBlanks } from "./scan.ts";
import type { Parameters, RawText } from "./shape.ts";

export interface Structured {
  /** Lower case, the text before the first ";". */
  readonly value: string;
  readonly parameters: Parameters;
}

// Mailers use under ten; a hundred leaves room for a file name in a hundred pieces. Further ones are left out.
const MAX_PARAMETERS = 200;

const TOKEN_END = /[\s()<>@,;:\\"/[\]?=]/;

/** `value; name=value; …` with comments, quoted strings, and the looseness that is found in mail. Names in lower case. */
export function parseStructured(text: RawText): Structured {
  const reader = { text, at: 0 };
  skipBlanks(reader);
  const value = trimBlanks(readValue(reader, ";", "")).toLowerCase();
  const found: [string, string][] = [];
  while (reader.at < text.length && found.length < MAX_PARAMETERS) {
    const pair = readPair(reader);
    if (pair !== undefined) found.push(pair);
  }
  return { value, parameters: joinContinuations(found) };
}

interface Reader {
  readonly text: string;
  at: number;
}

function readPair(reader: Reader): [string, string] | undefined {
  const { text } = reader;
  while (reader.at < text.length && (text[reader.at] === ";" || text.charCodeAt(reader.at) <= 32))
    reader.at += 1;
  skipBlanks(reader);
  const start = reader.at;
  while (reader.at < text.length && !/[=; \t\r\n(]/.test(text.charAt(reader.at))) reader.at += 1;
  const name = text.slice(start, reader.at).toLowerCase();
  skipBlanks(reader);
  if (text[reader.at] !== "=") {
    readValue(reader, ";", "");
    return undefined;
  }
  reader.at += 1;
  skipBlanks(reader);
  const value = readValue(reader, ";", " \t\r\n");
  if (name === "") return undefined;
  // What follows the value up to the next ";" belongs to nothing.
  readValue(reader, ";", "");
  return [name, value];
}

/** Up to `end` or one of `stops`: quoted strings undone, comments left out. */
function readValue(reader: Reader, end: string, stops: string): string {
  const { text } = reader;
  let out = "";
  while (reader.at < text.length) {
    const char = text.charAt(reader.at);
    if (char === end || (stops !== "" && stops.includes(char))) break;
    if (char === '"') {
      out += readQuoted(reader);
    } else if (char === "(") {
      skipBlanks(reader);
    } else {
      out += char;
      reader.at += 1;
    }
  }
  return out;
}

function readQuoted(reader: Reader): string {
  const { text } = reader;
  let out = "";
  reader.at += 1;
  while (reader.at < text.length) {
    const char = text.charAt(reader.at);
    reader.at += 1;
    if (char === '"') break;
    if (char === "\\" && reader.at < text.length) {
      out += text.charAt(reader.at);
      reader.at += 1;
    } else {
      out += char;
    }
  }
  return out;
}

/** Skips white space and comments. */
function skipBlanks(reader: Reader): void {
  const { text } = reader;
  for (let depth = 0; reader.at < text.length; reader.at += 1) {
    const char = text.charAt(reader.at);
    if (char === "(") depth += 1;
    else if (depth === 0 && text.charCodeAt(reader.at) > 32) return;
    else if (char === ")") depth -= 1;
    else if (char === "\\") reader.at += 1;
  }
}

interface Piece {
  readonly number: number;
  readonly value: string;
  readonly extended: boolean;
}

/**
 * RFC 2231 §3 and §4: `name*0`, `name*1*` … become one `name` or, where a piece is percent-encoded, one `name*` whose value
 * keeps the form charset'language'percent-encoded. RFC 9051 §7.5.2 would have that decoded to UTF-8, but then no program can
 * tell that it was, and octets above 127 would go to those that never said UTF8=ACCEPT; Dovecot keeps the form for both.
 */
function joinContinuations(found: readonly [string, string][]): Parameters {
  if (!found.some(([name]) => name.includes("*"))) return found;
  const out: [string, string][] = [];
  const split = new Map<string, Piece[]>();
  for (const [name, value] of found) {
    const match = /^([^*]+)\*(\d{1,3})(\*?)$/.exec(name);
    if (match === null) {
      out.push([name, value]);
      continue;
    }
    const base = match[1] ?? "";
    const pieces = split.get(base) ?? [];
    if (pieces.length === 0) split.set(base, pieces);
    pieces.push({ number: Number(match[2]), value, extended: match[3] === "*" });
  }
  for (const [base, pieces] of split) out.push(joinPieces(base, pieces));
  return out;
}

function joinPieces(base: string, pieces: Piece[]): [string, string] {
  pieces.sort((a, b) => a.number - b.number);
  // A gap ends the value: what comes after it cannot be put anywhere.
  const whole = pieces.filter((piece, index) => piece.number === index);
  if (!whole.some((piece) => piece.extended)) {
    return [base, whole.map((piece) => piece.value).join("")];
  }
  const said = whole.map((piece) => (piece.extended ? piece.value : percentEncoded(piece.value)));
  const prefix = whole[0]?.extended === true ? "" : "''";
  return [`${base}*`, prefix + said.join("")];
}

function percentEncoded(text: string): string {
  return text.replace(
    /[^A-Za-z0-9!#$&+\-.^_`{}|~]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

/** A media type; undefined when the text holds none (RFC 2045 §5.2 then has text/plain). */
export function parseMediaType(
  text: RawText,
):
  | { readonly type: string; readonly subtype: string; readonly parameters: Parameters }
  | undefined {
  const { value, parameters } = parseStructured(text);
  const slash = value.indexOf("/");
  const type = trimBlanks(value.slice(0, slash));
  const subtype = trimBlanks(value.slice(slash + 1)).replace(/[ \t/].*$/s, "");
  if (slash < 1 || subtype === "" || TOKEN_END.test(type) || TOKEN_END.test(subtype))
    return undefined;
  return { type, subtype, parameters };
}

/** The value of a parameter without RFC 2231 pieces, name in lower case. */
export function parameter(parameters: Parameters, name: string): RawText | undefined {
  return parameters.find(([found]) => found === name)?.[1];
}

/** Content-Language: tags between commas; null when there is none. */
export function parseLanguages(text: RawText): readonly string[] | null {
  const bare = text.replace(/\([^()]*\)/g, " ");
  const tags = bare.split(/[ \t\r\n,]+/, MAX_PARAMETERS).filter((tag) => tag !== "");
  return tags.length > 0 ? tags : null;
}
