// Octets on their way out, gathered into few writes; large bodies go straight to the socket, uncopied.
import type { Writable } from "node:stream";
import type { Out } from "./io.ts";
import { OUTPUT_BUFFER, STALLED_TIMEOUT } from "./limits.ts";

// Below this a copy costs less than one more write.
const COPIED = 8 * 1024;

/** `stream` gives the connection as it is now: STARTTLS changes it. */
export function openOutput(stream: () => Writable, drop: () => void): Out {
  let gathered: Buffer | undefined;
  let used = 0;

  function flush(): void {
    if (used === 0 || gathered === undefined) return;
    const ready = gathered.subarray(0, used);
    used = 0;
    if (ready.length <= COPIED) write(Buffer.from(ready));
    else {
      gathered = undefined;
      write(ready);
    }
  }

  function write(bytes: Uint8Array): void {
    const to = stream();
    if (!to.destroyed && !to.writableEnded) to.write(bytes);
  }

  /** Room for so many octets more in the buffer; undefined when they never fit. */
  function place(length: number): Buffer | undefined {
    if (used + length > OUTPUT_BUFFER) flush();
    if (length > OUTPUT_BUFFER) return undefined;
    gathered ??= Buffer.allocUnsafe(OUTPUT_BUFFER);
    return gathered;
  }

  return {
    flush,
    text(octets) {
      const buffer = place(octets.length);
      if (buffer === undefined) write(Buffer.from(octets, "latin1"));
      else used += buffer.write(octets, used, "latin1");
    },
    bytes(octets) {
      const buffer = octets.byteLength <= COPIED ? place(octets.byteLength) : undefined;
      if (buffer === undefined) {
        flush();
        write(octets);
        return;
      }
      buffer.set(octets, used);
      used += octets.byteLength;
    },
    full: () => stream().writableNeedDrain,
    async room() {
      const to = stream();
      if (!to.writableNeedDrain || to.destroyed) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(() => {
        drop();
        resolve();
      }, STALLED_TIMEOUT);
      to.once("drain", resolve);
      to.once("close", resolve);
      await promise;
      clearTimeout(timer);
      to.off("drain", resolve);
      to.off("close", resolve);
    },
  };
}
