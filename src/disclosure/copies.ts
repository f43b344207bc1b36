// The file of second copies that an interception's recipient gets, each still sealed to their key. Pure.
//
//   "bailee copies v1\n" | u32 length of the header, big-endian | header, canonical JSON | the copies, one after the other
//
//   header = {version: 1, grant: hash, copies: [{id, at (ms since 1970), direction: in | out, octets (as sealed)}]}
import { asBuffer, concatBytes, fromUtf8 } from "#base/bytes";
import { canonicalBytes, parseCanonical } from "#base/canonical";

export interface CopyFacts {
  readonly id: string;
  readonly at: number;
  readonly direction: "in" | "out";
  readonly octets: number;
}

const MAGIC = fromUtf8("bailee copies v1\n");
// Ten thousand copies, the most of one order, with some hundred bytes each.
const MAX_HEADER = 2 * 1024 * 1024;

/** What stands before the copies. */
export function copiesHeader(grant: string, copies: readonly CopyFacts[]): Uint8Array {
  const listed = copies.map(({ id, at, direction, octets }) => ({ id, at, direction, octets }));
  const header = canonicalBytes({ version: 1, grant, copies: listed });
  const length = Buffer.alloc(4);
  length.writeUInt32BE(header.byteLength);
  return concatBytes(MAGIC, length, header);
}

/** Undefined for what is no such file. */
export function parseCopies(bytes: Uint8Array):
  | {
      readonly grant: string;
      readonly copies: readonly (CopyFacts & { readonly sealed: Uint8Array })[];
    }
  | undefined {
  const whole = asBuffer(bytes);
  const start = MAGIC.byteLength + 4;
  if (whole.byteLength < start || !whole.subarray(0, MAGIC.byteLength).equals(MAGIC))
    return undefined;
  let at = start + whole.readUInt32BE(MAGIC.byteLength);
  const header = parseCanonical(whole.subarray(start, at), MAX_HEADER) as
    | { readonly grant: string; readonly copies: readonly CopyFacts[] }
    | undefined;
  if (!Array.isArray(header?.copies) || typeof header?.grant !== "string") return undefined;
  const copies = header.copies.map((each: CopyFacts) => {
    const sealed = whole.subarray(at, at + each.octets);
    at += each.octets;
    return { ...each, sealed };
  });
  return at === whole.byteLength ? { grant: header.grant, copies } : undefined;
}
