// The operator's log: one JSON line per event on standard error. Holds no address, no subject, no text of anybody's:
// fields are ids, counts, sizes, times and words from our own closed lists.
import { Broken } from "./errors.ts";
import { newId } from "./ids.ts";

export type LogFields = { readonly [name: string]: string | number | boolean | undefined };

export function log(event: string, fields: LogFields = {}): void {
  process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), event, ...fields })}\n`);
}

/** Logs something broken with its chain of causes and returns the id that the outside may see. */
export function logBroken(event: string, error: unknown): string {
  const id = newId().slice(0, 10);
  const stack: string[] = [];
  for (let at: unknown = error; at instanceof Error && stack.length < 5; at = at.cause) {
    stack.push(at instanceof Broken ? `${at.name}: ${at.message}` : (at.stack ?? at.message));
  }
  log(event, { id, error: stack.length > 0 ? stack.join(" | caused by ") : String(error) });
  return id;
}
