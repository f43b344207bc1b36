// Writes messages as an mbox that others can read, for a client's export: "mboxrd" quoting (a line of ">"s and "From " gets one more),
// every other octet as it was. Pure.
import { asBuffer } from "#base/bytes";

const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** One message behind its separator; `at` is the date of receipt, milliseconds since 1970. */
export function mboxMessage(bytes: Uint8Array, at: number): Uint8Array {
  const quoted = quoteFrom(asBuffer(bytes));
  const endsLine = quoted.at(-1) === 10;
  return Buffer.concat([
    Buffer.from(separator(at)),
    quoted,
    Buffer.from(endsLine ? "\r\n" : "\r\n\r\n"),
  ]);
}

/** "From MAILER-DAEMON Mon Nov 23 18:00:00 2026": who wrote the envelope is not kept apart from the letter. */
function separator(at: number): string {
  const date = new Date(at);
  const two = (number: number): string => String(number).padStart(2, "0");
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(":");
  const day = String(date.getUTCDate()).padStart(2, " ");
  return `From MAILER-DAEMON ${weekdays[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${day} ${time} ${date.getUTCFullYear()}\r\n`;
}

function quoteFrom(bytes: Buffer): Buffer {
  // Latin-1 keeps each octet one character, whatever the charset.
  if (!bytes.includes("From ")) return bytes;
  return Buffer.from(bytes.toString("latin1").replaceAll(/^(?=>*From )/gm, ">"), "latin1");
}
