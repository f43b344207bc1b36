// The cookie register and the one place that writes a Set-Cookie header. What is not on the register cannot be set.
import { Broken } from "#base/errors";
import { log } from "#base/log";
import { DAY, seconds } from "#base/time";

export interface CookieEntry {
  readonly purpose: string;
  readonly setWhen: string;
  /** Seconds; undefined where the browser forgets it when it closes. */
  readonly life: number | undefined;
  readonly sameSite: "Strict" | "Lax";
}

/**
 * Every cookie there is. The prefix "__Host-" (RFC 6265bis §4.1.3.2) makes browsers refuse one that is not Secure, not for
 * "/" or for a whole domain. HttpOnly throughout: no script of ours reads one. Lax, since a person arrives signed in by a
 * link in a letter; what changes anything is asked by POST and checked by its Origin. Where Bailee is tried out without TLS,
 * Chromium takes Secure cookies from http://localhost, http://127.0.0.1 and *.localhost, which are trustworthy origins
 * (W3C Secure Contexts §3.1; cookies.test.ts asks it). A browser that does not cannot sign in there: it needs TLS.
 */
export const cookieRegister = {
  "__Host-session": {
    purpose: "keeps you signed in while the browser is open",
    setWhen: "you sign in",
    life: undefined,
    sameSite: "Lax",
  },
  "__Host-remember": {
    purpose: "keeps you signed in on this device",
    setWhen: "you sign in and tick “Stay signed in on this device”",
    life: seconds(30 * DAY),
    sameSite: "Lax",
  },
  "__Host-prefs": {
    purpose: "remembers the language and the theme that you chose",
    setWhen: "you choose a language or a theme",
    life: seconds(365 * DAY),
    sameSite: "Lax",
  },
} as const satisfies { readonly [name: string]: CookieEntry };

export type CookieName = keyof typeof cookieRegister;

export interface Cookies {
  /**
   * The value of a Set-Cookie header, or undefined for a name that is not on the register (production, logged). Throws
   * Broken for such a name in development, and for a value that no cookie may have (RFC 6265 §4.1.1).
   */
  set(name: string, value: string): string | undefined;
  /** The header that takes a cookie away. */
  clear(name: string): string | undefined;
}

export function openCookies(mode: "development" | "production"): Cookies {
  const write = (name: string, value: string, life?: number): string | undefined => {
    if (!isRegistered(name)) {
      if (mode === "development") throw new Broken(`a cookie that is not on the register: ${name}`);
      log("cookies.unregistered", { name });
      return undefined;
    }
    if (!/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/.test(value) || value.length > MAX_VALUE)
      throw new Broken("a value that no cookie may have");
    const entry: CookieEntry = cookieRegister[name];
    const maxAge = life ?? entry.life;
    const age = maxAge === undefined ? "" : `; Max-Age=${maxAge}`;
    return `${name}=${value}${age}; Path=/; Secure; HttpOnly; SameSite=${entry.sameSite}`;
  };
  return {
    set: (name, value) => write(name, value),
    clear: (name) => write(name, "", 0),
  };
}

// Our longest value is a token of 43 characters; preferences are two short words.
const MAX_VALUE = 256;
// Node takes 16 KiB of headers; more than half of that in cookies is not of our making.
const MAX_HEADER = 8192;

/** The registered cookies of a Cookie header (RFC 6265 §4.2.1); all others are passed over. Of two with one name, the first. */
export function parseCookies(header: string | undefined): ReadonlyMap<CookieName, string> {
  const cookies = new Map<CookieName, string>();
  if (header === undefined || header.length > MAX_HEADER) return cookies;
  for (const pair of header.split(";")) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, Math.max(0, at)).trim();
    const value = pair.slice(at + 1).trim();
    if (isRegistered(name) && !cookies.has(name) && value.length <= MAX_VALUE)
      cookies.set(name, value);
  }
  return cookies;
}

function isRegistered(name: string): name is CookieName {
  return Object.hasOwn(cookieRegister, name);
}
