// What a message must not be, whoever sends it: looked for once, over the whole, after its real end was read. Pure and total.
import { asBuffer } from "#base/bytes";
import { MAX_HOPS } from "./limits.ts";

export type MessageFlaw = "bare-line-end" | "nul" | "loop";

/**
 * The first thing wrong with a message, or undefined. A bare CR or LF is how one message is made to look like two
 * (RFC 5321 §2.3.8); NUL is in neither 7bit nor 8bit data (RFC 2045 §2.7, §2.8), and IMAP could not give it back.
 */
export function findFlaw(message: Uint8Array): MessageFlaw | undefined {
  if (hasBareLineEnd(message)) return "bare-line-end";
  if (message.includes(0)) return "nul";
  if (countHops(message) > MAX_HOPS) return "loop";
  return undefined;
}

/** Native searches over one string of octets: a loop over the bytes was a tenth of what a delivery costs. */
function hasBareLineEnd(message: Uint8Array): boolean {
  const octets = asBuffer(message).toString("latin1");
  for (let at = 0; ;) {
    const cr = octets.indexOf("\r", at);
    const lf = octets.indexOf("\n", at);
    if (cr === -1) return lf !== -1;
    if (lf !== cr + 1) return true;
    at = lf + 1;
  }
}

/** The header as text, one character per octet. */
export function headerOf(message: Uint8Array): string {
  const bytes = asBuffer(message);
  if (bytes[0] === 13) return "";
  const end = bytes.indexOf("\r\n\r\n");
  return bytes.toString("latin1", 0, end === -1 ? bytes.byteLength : end + 2);
}

export function hasField(header: string, name: string): boolean {
  return new RegExp(`^${name}[ \\t]*:`, "im").test(header);
}

function countHops(message: Uint8Array): number {
  return headerOf(message).match(/^received[ \t]*:/gim)?.length ?? 0;
}
