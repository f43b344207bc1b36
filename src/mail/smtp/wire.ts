// Bytes to lines, messages and chunks. Only CRLF ends a line and only CRLF.CRLF ends a message (RFC 5321 §2.3.8, §4.1.1.4);
// a bare CR or LF is content, and told as a flaw. Holds a bounded number of bytes, writes nothing, knows no command.
import { toUtf8 } from "#base/bytes";
import { MAX_CHUNK, MAX_LINE_DROPPED } from "./limits.ts";

export type LineFlaw = "too-long" | "endless" | "bare-line-end" | "not-text";

export type Piece =
  | { readonly kind: "line"; readonly line: string }
  | { readonly kind: "bad-line"; readonly flaw: LineFlaw }
  /** The end of a message after `readMessage`, or of a chunk after `readChunk`. */
  | { readonly kind: "message-end" }
  | { readonly kind: "chunk-end" };

export interface Wire {
  push(bytes: Buffer): void;
  /** The next whole piece, or undefined until more bytes come. */
  next(): Piece | undefined;
  /** What follows is a message up to CRLF.CRLF, its stuffed dots removed (RFC 5321 §4.5.2). */
  readMessage(): void;
  /** What follows is `size` octets of a message, taken as they are (RFC 3030 §2); dropped unless `keep`. */
  readChunk(size: number, keep: boolean): void;
  /** The message gathered so far; the wire forgets it. Empty when it was too large. */
  takeMessage(): { readonly bytes: Buffer; readonly tooLarge: boolean };
  isTooLarge(): boolean;
  /** More came of one message than anybody reads to its end. */
  isFlood(): boolean;
  /** Drops what was gathered of a message that will not be finished. */
  forget(): void;
  /** Octets received and not yet given out. */
  buffered(): number;
}

const CRLF = Buffer.from("\r\n");
const LINE_AND_DOT = Buffer.from("\r\n.");
const CR = 13;
const LF = 10;

type Mode =
  | { readonly reads: "lines" }
  | { readonly reads: "message" }
  | { readonly reads: "chunk"; readonly keep: boolean };

/** A wire for lines of `lineLimit` octets without CRLF and messages of `maxMessage`; a longer one is read to its end and not kept. */
export function openWire(maxMessage: number, lineLimit: number): Wire {
  let held: Buffer = Buffer.alloc(0);
  let mode: Mode = { reads: "lines" };
  let skipping = false; // inside a line that is over the limit
  let dropped = 0; // octets of it that are gone
  let parts: Buffer[] = [];
  let size = 0;
  let out = 0; // the first octet of `held` that is not yet part of the message
  let remaining = 0;

  const gather = (from: number, to: number): void => {
    if (to <= from) return;
    size += to - from;
    if (size > maxMessage) parts = [];
    else parts.push(held.subarray(from, to));
  };

  const nextLine = (): Piece | undefined => {
    const end = held.indexOf(CRLF);
    if (end === -1) {
      if (held.byteLength > lineLimit + 1) {
        skipping = true;
        dropped += held.byteLength - 1;
        held = Buffer.from(held.subarray(held.byteLength - 1)); // may be the CR of the end
      }
      if (dropped <= MAX_LINE_DROPPED) return undefined;
      dropped = 0;
      return { kind: "bad-line", flaw: "endless" };
    }
    const bytes = held.subarray(0, end);
    held = held.subarray(end + 2);
    if (skipping || bytes.byteLength > lineLimit) {
      skipping = false;
      dropped = 0;
      return { kind: "bad-line", flaw: "too-long" };
    }
    if (bytes.includes(CR) || bytes.includes(LF))
      return { kind: "bad-line", flaw: "bare-line-end" };
    const line = toUtf8(bytes);
    if (line === undefined || line.includes("\0")) return { kind: "bad-line", flaw: "not-text" };
    return { kind: "line", line };
  };

  // Keeps what may still turn out to be the end and hands on the rest.
  const holdFrom = (from: number): undefined => {
    gather(out, from);
    out = Math.max(out, from) - from;
    held = held.subarray(from);
    return undefined;
  };

  const nextOfMessage = (): Piece | undefined => {
    let scan = 0;
    for (;;) {
      const at = held.indexOf(LINE_AND_DOT, scan);
      if (at === -1) return holdFrom(Math.max(0, held.byteLength - 2));
      const third = held[at + 3];
      const fourth = held[at + 4];
      if (third === undefined || (third === CR && fourth === undefined)) return holdFrom(at);
      gather(out, at + 2);
      if (third === CR && fourth === LF) {
        held = held.subarray(at + 5);
        mode = { reads: "lines" };
        return { kind: "message-end" };
      }
      out = at + 3;
      scan = at + 3;
    }
  };

  const nextOfChunk = (keep: boolean): Piece | undefined => {
    const here = Math.min(remaining, held.byteLength);
    if (keep) gather(0, here);
    held = held.subarray(here);
    remaining -= here;
    if (remaining > 0) return undefined;
    mode = { reads: "lines" };
    return { kind: "chunk-end" };
  };

  return {
    push(bytes) {
      held = held.byteLength === 0 ? bytes : Buffer.concat([held, bytes]);
    },
    next() {
      if (mode.reads === "lines") return nextLine();
      return mode.reads === "message" ? nextOfMessage() : nextOfChunk(mode.keep);
    },
    readMessage() {
      // The CRLF of the DATA line counts as the one before a dot on the first line, but is no part of the message.
      held = held.byteLength === 0 ? CRLF : Buffer.concat([CRLF, held]);
      out = 2;
      mode = { reads: "message" };
    },
    readChunk(octets, keep) {
      remaining = octets;
      mode = { reads: "chunk", keep };
    },
    takeMessage() {
      const tooLarge = size > maxMessage;
      const bytes = Buffer.concat(tooLarge ? [] : parts);
      parts = [];
      size = 0;
      return { bytes, tooLarge };
    },
    forget() {
      parts = [];
      size = 0;
    },
    isTooLarge: () => size > maxMessage,
    isFlood: () => size > maxMessage + MAX_CHUNK,
    buffered: () => held.byteLength,
  };
}
