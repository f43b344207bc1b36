// Random octets for ids and salts, drawn from the system's generator a page at a time: sixteen at once cost as much as a page, and a
// delivery needs them six times. Not for keys, which nobody should draw before they are needed.
import { randomFillSync } from "node:crypto";

const PAGE = 4096;

/** So many random octets (at most 4,096), each given out once, in memory of their own. */
export const randomOctets = openPage();

function openPage(): (count: number) => Buffer {
  const page = Buffer.alloc(PAGE);
  let used = PAGE;
  return (count) => {
    if (used + count > PAGE) {
      randomFillSync(page);
      used = 0;
    }
    const octets = Buffer.from(page.subarray(used, used + count));
    if (octets.byteLength !== count) throw new RangeError(`${count} octets are more than a page`);
    page.fill(0, used, used + count);
    used += count;
    return octets;
  };
}
