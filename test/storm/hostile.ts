// Input made to hurt, by size. What it costs must grow with its size and not faster.
import { parseCommand as parseImap } from "../../src/mail/imap/grammar.ts";
import { decodeWords, parseAddresses } from "#mail/message";
import { parsers } from "./parsers.ts";

export interface Shape {
  readonly name: string;
  /** Octets of the smaller trial; the larger is four times as long. */
  readonly size: number;
  readonly make: (size: number) => Buffer;
  readonly feed: (bytes: Buffer) => unknown;
}

const MB = 1_000_000;
const whole = parsers[0]?.feed ?? (() => undefined);

/** `head`, then `piece` again and again up to `size`, then `tail`. */
const repeated =
  (piece: string, head = "", tail = "") =>
  (size: number): Buffer =>
    Buffer.from(
      head + piece.repeat(Math.max(1, Math.floor((size - head.length) / piece.length))) + tail,
      "latin1",
    );

function nest(size: number): Buffer {
  const levels = Math.floor(size / 60);
  return Buffer.from(
    Array.from(
      { length: levels },
      (_, level) =>
        `Content-Type: multipart/mixed; boundary=b${1_000_000 + level}\r\n\r\n--b${1_000_000 + level}\r\n`,
    ).join(""),
  );
}

function openBoundaries(size: number): Buffer {
  const common = "x".repeat(190);
  const open = Array.from(
    { length: 99 },
    (_, n) => `Content-Type: multipart/mixed; boundary="${common}${n}"\r\n\r\n--${common}${n}\r\n`,
  ).join("");
  return Buffer.from(`${open}\r\n${`--${common}y\r\n`.repeat(Math.floor(size / 195))}`);
}

function noise(size: number): Buffer {
  let state = 42;
  return Buffer.from(
    Array.from({ length: size }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    }),
  );
}

const letter = (name: string, size: number, make: Shape["make"]): Shape => ({
  name,
  size,
  make,
  feed: whole,
});
const text = (
  name: string,
  size: number,
  piece: string,
  feed: (text: string) => unknown,
): Shape => ({
  name,
  size,
  make: repeated(piece),
  feed: (bytes) => feed(bytes.toString("latin1")),
});

export const shapes: readonly Shape[] = [
  letter("multiparts in multiparts", 60_000, nest),
  letter("messages in messages", 300_000, repeated("Content-Type: message/rfc822\r\n\r\n")),
  letter(
    "boundary bomb",
    2 * MB,
    repeated("--b\r\n\r\n", "Content-Type: multipart/mixed; boundary=b\r\n\r\n"),
  ),
  letter("99 open boundaries that begin alike", 2.5 * MB, openBoundaries),
  letter(
    "header block of 10 MB, one field",
    2.5 * MB,
    repeated("=?utf-8?q?x?= ", "Subject: ", "\r\n\r\nx"),
  ),
  letter("header block of 10 MB, addresses", 2.5 * MB, repeated("a@b,", "To: ", "\r\n\r\nx")),
  letter("header block of 10 MB, many fields", 2.5 * MB, repeated("To: a@b\r\n", "", "\r\nx")),
  letter("header block of 10 MB, no colons", 2.5 * MB, repeated("a\r\n", "", "\r\nx")),
  letter("header block of 10 MB, folds", 2.5 * MB, repeated("\r\n ", "Subject: x", "y\r\n\r\nx")),
  letter("parameters without end", 2.5 * MB, repeated(";a*0=b", "Content-Type: a/b", "\r\n\r\nx")),
  letter("references without end", 2.5 * MB, repeated("<a@b> ", "References: ", "\r\n\r\nx")),
  letter("tags never closed", 2.5 * MB, repeated("<style", "Content-Type: text/html\r\n\r\n")),
  letter(
    "quoted-printable of equals signs",
    2.5 * MB,
    repeated("=    ", "Content-Transfer-Encoding: quoted-printable\r\n\r\n"),
  ),
  letter(
    "base64 of nothing",
    2.5 * MB,
    repeated("=a", "Content-Transfer-Encoding: base64\r\n\r\n"),
  ),
  letter("random octets", 2.5 * MB, noise),
  text("address brackets never closed", 250_000, "<@", parseAddresses),
  text("comments never closed", 250_000, "(", parseAddresses),
  text("groups in groups", 250_000, "G:", parseAddresses),
  text("encoded words never closed", 250_000, "=?a?q?", decodeWords),
  {
    name: "IMAP search of brackets",
    size: 16_000,
    make: repeated("(", "a SEARCH "),
    feed: parseImap,
  },
  {
    name: "IMAP set of commas",
    size: 16_000,
    make: repeated("1,", "a FETCH ", "1 FLAGS"),
    feed: parseImap,
  },
  {
    name: "IMAP search of NOT",
    size: 16_000,
    make: repeated("NOT ", "a SEARCH ", "ALL"),
    feed: parseImap,
  },
];
