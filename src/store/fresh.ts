// Writes made from what was read before: what is sealed to a UID or made from a MODSEQ is made again when another was faster.
import { Broken } from "#base/errors";

// So many losses in a row are a bug.
const MAX_TRIES = 200;

/** Tries until the body gives something; it gives undefined when what it had read was no longer so. */
export async function untilFresh<Value>(body: () => Promise<Value | undefined>): Promise<Value> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const value = await body();
    if (value !== undefined) return value;
  }
  throw new Broken(`lost to other writes ${MAX_TRIES} times`);
}
