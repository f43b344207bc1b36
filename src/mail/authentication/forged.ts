// Authentication-Results that came with a letter and claim to be ours (RFC 8601 §5): found, and renamed in the copy that is kept.
import { asBuffer } from "#base/bytes";
import { headerFields } from "#mail/message";

// As long as the name that it takes the place of, so that no other octet of the letter moves.
const NAME = "Authentication-Results";
const DISARMED = "X-Forged-Authn-Results";

/**
 * The letter with every Authentication-Results field under our name disarmed: the field stays readable under the name
 * X-Forged-Authn-Results. The same bytes when there was none, which is nearly always. A field that cannot be read counts as ours
 * when our name is in it at all: nothing is lost by renaming it.
 */
export function disarmForged(raw: Uint8Array, ours: readonly string[]): Uint8Array {
  let changed: Buffer | undefined;
  const bytes = asBuffer(raw);
  for (const { name, start, valueStart, end } of headerFields(raw, 0, raw.byteLength)) {
    if (name !== "authentication-results") continue;
    const value = bytes.toString("latin1", valueStart, Math.min(end, valueStart + MAX_LOOKED_AT));
    const id = authservId(value);
    const claims = ours.some((our) =>
      id === undefined ? value.toLowerCase().includes(our) : id === our,
    );
    if (!claims) continue;
    changed ??= Buffer.from(raw);
    changed.write(DISARMED, start, NAME.length, "latin1");
  }
  return changed ?? raw;
}

// The id stands first; this is room for any comment before it.
const MAX_LOOKED_AT = 4096;

/**
 * RFC 8601 §2.2: [CFWS] authserv-id, a token or a quoted string; lower case. Undefined where there is none to be read. An id that is
 * followed by a version, or by nothing at all, counts the same.
 */
export function authservId(value: string): string | undefined {
  let at = 0;
  for (;;) {
    while (/[\s]/.test(value[at] ?? "x")) at += 1;
    if (value[at] !== "(") break;
    const after = afterComment(value, at);
    if (after === undefined) return undefined;
    at = after;
  }
  const rest = value.slice(at);
  const quoted = /^"((?:[^"\\]|\\.)*)"/s.exec(rest)?.[1];
  if (quoted !== undefined) return quoted.replaceAll(/\\(.)/gs, "$1").trim().toLowerCase();
  return /^[^\s;()"]+/.exec(rest)?.[0].toLowerCase().replace(/\.$/, "");
}

function afterComment(value: string, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < value.length; at += 1) {
    const octet = value[at];
    if (octet === "\\") at += 1;
    else if (octet === "(") depth += 1;
    else if (octet === ")" && (depth -= 1) === 0) return at + 1;
  }
  return undefined;
}
