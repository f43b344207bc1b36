// Word of how far a long command has come (RFC 9585), so that a mail program does not take the silence for a dead connection.
import { SECOND } from "#base/time";

// RFC 9585 §4: every 10 to 15 seconds.
const EVERY = 10 * SECOND;

/** Gives the untagged line to tell after so many of `goal` items were looked at; mostly there is none. `now` in milliseconds. */
export function openProgress(
  tag: string,
  goal: number,
  now: () => number,
): (done: number) => string | undefined {
  let last = now();
  // A tag with "]" would end the response code.
  const named = tag.includes("]") ? "NIL" : `"${tag}"`;
  return (done) => {
    if (done >= goal || now() - last < EVERY) return undefined;
    last = now();
    return `OK [INPROGRESS (${named} ${done} ${goal})] Looked at ${Math.floor((100 * done) / goal)}% so far`;
  };
}
