// What of a letter goes to the verifier: bounded, so that no header makes it work for long.
import { asBuffer } from "#base/bytes";
import { headerFields } from "#mail/message";

// RFC 6376 §6.1 lets a verifier limit what it tries. Senders put on one to four; each more is a key to ask for, and may be another
// hash over the whole body.
const MAX_SIGNATURES = 10;
// Header blocks of real letters have some kilobytes, long ARC chains a hundred. What is larger is checked by SPF alone.
const MAX_HEADER = 512 * 1024;
// Fields, for the same reason: the verifier's time grows with their square.
const MAX_FIELDS = 2000;

export interface ToVerify {
  /** Header and body, or the header alone where nothing in it signs the body. */
  readonly bytes: Uint8Array;
  /** Signatures that nobody looks at. */
  readonly left: number;
  /** True when the header was too large: only its From fields are in `bytes`. */
  readonly tooLarge: boolean;
}

export function toVerify(raw: Uint8Array): ToVerify {
  let signatures = 0;
  let chained = false;
  let fields = 0;
  let end = 0;
  const dropped: { readonly start: number; readonly end: number }[] = [];
  const froms: Uint8Array[] = [];
  for (const field of headerFields(raw, 0, raw.byteLength)) {
    end = field.end;
    fields += 1;
    if (field.name === "from" && froms.length < 2)
      froms.push(raw.subarray(field.start, Math.min(field.end, field.start + MAX_HEADER / 8)));
    else if (field.name.startsWith("arc-")) chained = true;
    else if (field.name === "dkim-signature") {
      signatures += 1;
      if (signatures > MAX_SIGNATURES) dropped.push(field);
    }
    if (end > MAX_HEADER || fields > MAX_FIELDS) break;
  }
  const blank = Buffer.from("\r\n");
  if (end > MAX_HEADER || fields > MAX_FIELDS)
    return { bytes: Buffer.concat([...froms, blank]), left: signatures, tooLarge: true };
  if (signatures === 0 && !chained)
    return { bytes: Buffer.concat([raw.subarray(0, end), blank]), left: 0, tooLarge: false };
  if (dropped.length === 0) return { bytes: asBuffer(raw), left: 0, tooLarge: false };
  const kept: Uint8Array[] = [];
  let at = 0;
  for (const { start, end: after } of dropped) {
    kept.push(raw.subarray(at, start));
    at = after;
  }
  kept.push(raw.subarray(at));
  return { bytes: Buffer.concat(kept), left: dropped.length, tooLarge: false };
}
