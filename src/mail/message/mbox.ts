// Reads an mbox as a stream, for import: each message's octets exactly as they stand between the separators. Never holds more
// than one message, whatever the file's size, and never changes or unquotes a line (">From " stays).
import { asBuffer } from "#base/bytes";

export interface MboxMessage {
  readonly bytes: Uint8Array;
  /** The separator's date in milliseconds since 1970, read as UTC unless it names a zone; undefined when it names no day that exists. */
  readonly date: number | undefined;
  /** Octets in the file. */
  readonly size: number;
  /** False when the message is larger than the limit: `bytes` is then its beginning only, and it is not to be kept as if whole. */
  readonly whole: boolean;
}

// Four times what SMTP accepts here (25 MiB); what is larger in somebody's archive is a file and no letter.
const MAX_MESSAGE = 100 * 1024 * 1024;
// A separator holds an address (at most 320 characters), a date and a zone.
const MAX_SEPARATOR = 512;

const LF = 10;
const CR = 13;
const from = Buffer.from("From ");

const separatorForm =
  /^From +(?:"[^"]*"\S*|\S+)(?: at \S+)? +(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) +([A-Z][a-z]{2}) +(\d{1,2}) +(\d\d):(\d\d)(?::(\d\d))?(?: +([A-Z]{3,4}|[+-]\d{4}))? +(\d{4})(?: +([+-]\d{4}))? *\r?\n?$/;

/**
 * The messages of an mbox, one after the other. A separator is a line of `From `, an address, weekday, month, day, time and
 * year (with a zone, or without); other lines that begin with `From ` are text. A blank line before a separator or before the end
 * of the file belongs to the separator; where there is none, the message ends with the line before. What stands before the
 * first separator is no message and is passed over.
 */
export async function* splitMbox(
  source: Uint8Array | AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxMessage: number = MAX_MESSAGE,
): AsyncGenerator<MboxMessage, void> {
  const reader = new MboxReader(maxMessage);
  for await (const chunk of source instanceof Uint8Array ? [source] : source) {
    yield* reader.read(asBuffer(chunk));
  }
  yield* reader.end();
}

class MboxReader {
  readonly #max: number;
  /** The last octets seen when they may be the beginning of a separator; always at the start of a line. */
  #carry: Buffer = Buffer.alloc(0);
  #lineStart = true;
  #inMessage = false;
  #date: number | undefined;
  #pieces: Buffer[] = [];
  #held = 0;
  #size = 0;

  constructor(maxMessage: number) {
    this.#max = maxMessage;
  }

  *read(chunk: Buffer): Generator<MboxMessage, void> {
    const block = this.#carry.byteLength > 0 ? Buffer.concat([this.#carry, chunk]) : chunk;
    this.#carry = Buffer.alloc(0);
    let kept = 0;
    let at = this.#lineStart ? 0 : afterLine(block, 0);
    while (at >= 0 && at < block.byteLength) {
      // Lines that cannot be separators are passed over in one search.
      const lineAt = startsLike(block, at) ? at : nextFromLine(block, at);
      if (lineAt < 0) break;
      const next = afterLine(block, lineAt);
      if (next < 0 && block.byteLength - lineAt < MAX_SEPARATOR) {
        this.#add(block.subarray(kept, lineAt));
        this.#carry = Buffer.from(block.subarray(lineAt));
        this.#lineStart = true;
        return;
      }
      if (next < 0) break;
      const date = separatorDate(block, lineAt, next);
      if (date !== undefined) {
        this.#add(block.subarray(kept, lineAt));
        yield* this.#finish();
        this.#begin(date.at);
        kept = next;
      }
      at = next;
    }
    this.#add(block.subarray(kept));
    if (block.byteLength > 0) this.#lineStart = block[block.byteLength - 1] === LF;
  }

  *end(): Generator<MboxMessage, void> {
    const rest = this.#carry;
    this.#carry = Buffer.alloc(0);
    const date = separatorDate(rest, 0, rest.byteLength);
    if (date === undefined) {
      this.#add(rest);
    } else {
      yield* this.#finish();
      this.#begin(date.at);
    }
    yield* this.#finish();
  }

  #begin(date: number | undefined): void {
    this.#inMessage = true;
    this.#date = date;
  }

  #add(piece: Buffer): void {
    if (!this.#inMessage || piece.byteLength === 0) return;
    this.#size += piece.byteLength;
    const room = Math.max(0, this.#max - this.#held);
    if (room === 0) return;
    // A copy, since a stream may use its chunk again.
    this.#pieces.push(Buffer.from(piece.subarray(0, room)));
    this.#held += Math.min(room, piece.byteLength);
  }

  *#finish(): Generator<MboxMessage, void> {
    if (!this.#inMessage) return;
    const all = this.#pieces.length === 1 ? this.#pieces[0] : Buffer.concat(this.#pieces);
    const held = all ?? Buffer.alloc(0);
    const whole = this.#size === this.#held;
    const bytes = whole ? withoutBlankLine(held) : held;
    yield { bytes, date: this.#date, size: whole ? bytes.byteLength : this.#size, whole };
    this.#inMessage = false;
    this.#pieces = [];
    this.#held = 0;
    this.#size = 0;
  }
}

/** Where the line after the one at `at` begins; -1 when its end has not been seen. */
function afterLine(block: Buffer, at: number): number {
  const lf = block.indexOf(LF, at);
  return lf < 0 ? -1 : lf + 1;
}

/** Whether what stands at the start of a line is "From ", as far as it has been seen. */
function startsLike(block: Buffer, at: number): boolean {
  const seen = Math.min(from.byteLength, block.byteLength - at);
  return block.compare(from, 0, seen, at, at + seen) === 0;
}

/** The next line that begins with "From ", or that ends the block and may; -1 when there is none. */
function nextFromLine(block: Buffer, at: number): number {
  const whole = block.indexOf("\nFrom ", at, "latin1");
  if (whole >= 0) return whole + 1;
  const last = block.lastIndexOf(LF);
  return last >= at && last + 1 < block.byteLength && startsLike(block, last + 1) ? last + 1 : -1;
}

function withoutBlankLine(bytes: Buffer): Buffer {
  const size = bytes.byteLength;
  if (bytes[size - 1] !== LF) return bytes;
  const blank = bytes[size - 2] === CR ? 2 : 1;
  return size === blank || bytes[size - blank - 1] === LF ? bytes.subarray(0, size - blank) : bytes;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Undefined when the line is no separator. */
function separatorDate(
  block: Buffer,
  start: number,
  end: number,
): { readonly at: number | undefined } | undefined {
  if (end - start > MAX_SEPARATOR) return undefined;
  const match = separatorForm.exec(block.toString("latin1", start, end));
  if (match === null) return undefined;
  const [month, day, hour, minute, second] = match.slice(1, 6);
  const year = Number(match[7]);
  const at = Date.UTC(
    year,
    months.indexOf(month ?? ""),
    Number(day),
    Number(hour),
    Number(minute),
    Number(second ?? 0),
  );
  const known = months.includes(month ?? "") && new Date(at).getUTCFullYear() === year;
  const zone = /^([+-])(\d\d)(\d\d)$/.exec(match[8] ?? match[6] ?? "");
  const minutes = zone === null ? 0 : Number(zone[2]) * 60 + Number(zone[3]);
  const shift = (zone?.[1] === "-" ? 1 : -1) * minutes * 60_000;
  return { at: known ? at + shift : undefined };
}
