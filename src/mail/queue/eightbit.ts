// What of a letter is plain ASCII, since some mail servers take nothing else. Pure.
import { domainToASCII } from "node:url";

export function isAscii(bytes: Uint8Array): boolean {
  return !bytes.some((octet) => octet > 127);
}

/** The header with the empty line's first CRLF; all of it when there is no empty line. */
export function headerOf(message: Uint8Array): Uint8Array {
  const end = Buffer.from(message.buffer, message.byteOffset, message.byteLength).indexOf(
    "\r\n\r\n",
  );
  return end === -1 ? message : message.subarray(0, end + 2);
}

/** The address with its domain as A-labels; undefined when what is before the @ is not ASCII (RFC 6531 §3.2). */
export function inAscii(address: string): string | undefined {
  if (/^[\x20-\x7e]*$/.test(address)) return address;
  const at = address.lastIndexOf("@");
  const local = address.slice(0, at);
  const domain = domainToASCII(address.slice(at + 1));
  return at > 0 && domain !== "" && /^[\x20-\x7e]*$/.test(local) ? `${local}@${domain}` : undefined;
}
