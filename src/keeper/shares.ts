// The root key in shares (Shamir 1979): a polynomial over GF(2^8) for each byte, whose value at zero is the byte. Any `need` of the
// shares give it back, fewer say nothing about it. A share is one line of text, to be printed and kept by a person:
//
//   bailee share v1 HOUSE GENERATION NEED AT KEY CHECK
//
// HOUSE is the key's own mark (16 hex digits, no secret), GENERATION the root's, NEED and AT numbers from 1, KEY 64 hex digits, and
// CHECK the first 8 hex digits of SHA-256 over what stands before it, so that a slip of the pen is seen.
import { createHash, randomBytes } from "node:crypto";
import { equalBytes, fromHex, toHex } from "#base/bytes";

interface Share {
  readonly mark: string;
  readonly generation: number;
  readonly need: number;
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** More keepers of shares than a house has people for; GF(2^8) would allow 255. */
export const MOST_SHARES = 32;

/** A key's mark: it says whether what was put together is the key, and nothing else. */
export function rootMark(rootKey: Uint8Array): string {
  return createHash("sha256")
    .update("bailee root mark v1\0")
    .update(rootKey)
    .digest("hex")
    .slice(0, 16);
}

/** Lines of text. `need` from 2, `count` from `need` to MOST_SHARES: anything else is a RangeError. */
export function splitRoot(
  rootKey: Uint8Array,
  generation: number,
  need: number,
  count: number,
): readonly string[] {
  if (
    !Number.isInteger(need) ||
    !Number.isInteger(count) ||
    need < 2 ||
    count < need ||
    count > MOST_SHARES
  )
    throw new RangeError(`of 2 to ${MOST_SHARES} shares at least 2 are needed`);
  const mark = rootMark(rootKey);
  // Coefficients from the second on; the first of each byte's polynomial is the byte.
  const random = Array.from({ length: need - 1 }, () => randomBytes(rootKey.byteLength));
  return Array.from({ length: count }, (_, index) => {
    const at = index + 1;
    const bytes = rootKey.map((byte, place) => {
      let value = 0;
      for (const coefficients of random.toReversed())
        value = multiply(value ^ (coefficients[place] ?? 0), at);
      return value ^ byte;
    });
    return formatShare({ mark, generation, need, at, bytes });
  });
}

type Joined =
  | {
      readonly ok: true;
      readonly rootKey: Uint8Array;
      readonly mark: string;
      readonly generation: number;
    }
  | { readonly ok: false; readonly why: string };

/** The root from the lines of at least as many shares as it takes. Total: what does not fit is said in `why`. */
export function joinShares(lines: readonly string[]): Joined {
  const shares: Share[] = [];
  for (const [index, line] of lines.entries()) {
    const share = readShare(line);
    if (share === undefined)
      return {
        ok: false,
        why: `share ${index + 1} is not as it was written: compare it with the paper`,
      };
    if (!shares.some(({ at }) => at === share.at)) shares.push(share);
  }
  const [first] = shares;
  if (first === undefined) return { ok: false, why: "no share was given" };
  const { mark, generation, need } = first;
  if (
    shares.some(
      (share) => share.mark !== mark || share.generation !== generation || share.need !== need,
    )
  )
    return { ok: false, why: "the shares are not all of one root key" };
  if (shares.length < need)
    return { ok: false, why: `it takes ${need} different shares, and ${shares.length} were given` };
  const taken = shares.slice(0, need);
  const rootKey = new Uint8Array(first.bytes.byteLength);
  for (const share of taken) {
    // Lagrange's basis at zero; subtraction is addition here.
    let basis = 1;
    for (const other of taken)
      if (other !== share)
        basis = multiply(basis, multiply(other.at, inverse(other.at ^ share.at)));
    for (const [place, byte] of share.bytes.entries())
      rootKey[place] = (rootKey[place] ?? 0) ^ multiply(byte, basis);
  }
  if (!equalBytes(Buffer.from(rootMark(rootKey)), Buffer.from(mark)))
    return { ok: false, why: "what the shares give is not the key that they were made of" };
  return { ok: true, rootKey, mark, generation };
}

function formatShare({ mark, generation, need, at, bytes }: Share): string {
  const text = `bailee share v1 ${mark} ${generation} ${need} ${at} ${toHex(bytes)}`;
  return `${text} ${check(text)}`;
}

function readShare(line: string): Share | undefined {
  const match =
    /^(bailee share v1 ([0-9a-f]{16}) ([1-9]\d{0,8}) ([1-9]\d?) ([1-9]\d?) ([0-9a-f]{64})) ([0-9a-f]{8})$/.exec(
      line.trim().replaceAll(/\s+/g, " ").toLowerCase(),
    );
  const bytes = fromHex(match?.[6] ?? "");
  if (match === null || bytes === undefined || check(match[1] ?? "") !== match[7]) return undefined;
  const [generation, need, at] = [Number(match[3]), Number(match[4]), Number(match[5])];
  if (need < 2 || need > MOST_SHARES || at > MOST_SHARES) return undefined;
  return { mark: match[2] ?? "", generation, need, at, bytes };
}

function check(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/** In GF(2^8) modulo x^8 + x^4 + x^3 + x + 1; the same steps whatever the numbers are. */
function multiply(left: number, right: number): number {
  let product = 0;
  let factor = left;
  for (let bit = 0; bit < 8; bit += 1) {
    product ^= factor & -((right >> bit) & 1);
    factor = ((factor << 1) ^ (0x11b & -(factor >> 7))) & 0xff;
  }
  return product;
}

/** The 254th power: in a field of 256 it is the inverse. */
function inverse(number: number): number {
  let power = number;
  for (let step = 0; step < 6; step += 1) power = multiply(multiply(power, power), number);
  return multiply(power, power);
}
