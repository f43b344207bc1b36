// Opened keys of mail programs that sign in again and again, in memory only and for minutes. An entry's name is an HMAC
// under a key that dies with the process, so that neither password nor login can be read off a memory image of the names.
import { createHmac, randomBytes } from "node:crypto";
import { lengthPrefixed } from "#base/bytes";
import { type Clock, MINUTE } from "#base/time";
import type { AccountKeys } from "#vault";

interface Cached {
  readonly client: string;
  readonly account: string;
  readonly credential: string;
  /** The version at which the password was right; a caller compares it with the one in force. */
  readonly version: number;
  readonly keys: AccountKeys;
}

export interface KeyCache {
  name(...parts: readonly string[]): string;
  get(name: string): Cached | undefined;
  put(name: string, cached: Cached): void;
  forget(client: string, account: string): void;
}

// Five minutes: mail programs without IDLE look every one to five, and each look opens several connections.
const LIFE = 5 * MINUTE;
// Two thousand programs at once, 300 bytes each.
const MAX_ENTRIES = 2000;

export function openKeyCache(clock: Clock): KeyCache {
  const secret = randomBytes(32);
  const entries = new Map<string, { readonly cached: Cached; readonly until: number }>();
  return {
    name(...parts) {
      return createHmac("sha256", secret).update(lengthPrefixed(parts)).digest("base64");
    },
    get(name) {
      const entry = entries.get(name);
      if (entry === undefined) return undefined;
      if (clock.now() < entry.until) return entry.cached;
      entries.delete(name);
      return undefined;
    },
    put(name, cached) {
      entries.delete(name);
      entries.set(name, { cached, until: clock.now() + LIFE });
      // The oldest are first in the map; dead ones go with them.
      for (const [old, { until }] of entries) {
        if (entries.size <= MAX_ENTRIES && until > clock.now()) break;
        entries.delete(old);
      }
    },
    forget(client, account) {
      for (const [name, { cached }] of entries)
        if (cached.client === client && cached.account === account) entries.delete(name);
    },
  };
}
