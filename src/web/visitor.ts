// One request as the pages meet it: who is signed in, which theme, and how an answer is made. Cookies are read here and set
// by the register's emitter only.
import type { Context } from "hono";
import { type Html, type Theme, layout } from "./layout.ts";
import type { SignedIn } from "./ports.ts";
import type { Connection, Site } from "./site.ts";

export interface Bindings {
  readonly Bindings: Connection;
}

export type Visit = Context<Bindings>;

export function cookie(c: Visit, name: string): string | undefined {
  for (const pair of (c.req.header("cookie") ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

export function setCookie(c: Visit, site: Site, name: string, value: string, age?: number): void {
  const line = site.cookies.set(name, value, age);
  if (line !== undefined) c.header("set-cookie", line, { append: true });
}

export function clearCookie(c: Visit, site: Site, name: string): void {
  const line = site.cookies.clear(name);
  if (line !== undefined) c.header("set-cookie", line, { append: true });
}

export function sessionToken(c: Visit): string | undefined {
  const token = cookie(c, "__Host-session") ?? cookie(c, "__Host-remember");
  return token === undefined || token.startsWith("desk.") ? undefined : token;
}

export async function signedIn(c: Visit, site: Site): Promise<SignedIn | undefined> {
  const token = sessionToken(c);
  return token === undefined ? undefined : site.entrance.resumeWebSession(token);
}

export function theme(c: Visit): Theme {
  const chosen = /^theme-(light|dark)$/.exec(cookie(c, "__Host-prefs") ?? "")?.[1];
  return chosen === "light" || chosen === "dark" ? chosen : "auto";
}

/** A whole page. Pages are never kept by a cache: each may carry what belongs to one client. */
export async function page(
  c: Visit,
  site: Site,
  title: string,
  body: Html,
  options: {
    readonly status?: 200 | 400 | 403 | 404 | 409 | 429 | 500 | 503;
    readonly session?: SignedIn | undefined;
  } = {},
): Promise<Response> {
  const frame = {
    title,
    path: c.req.path,
    theme: theme(c),
    tryingOut: site.tryingOut,
    signedInAs: options.session?.address,
  };
  c.header("cache-control", "no-store");
  return c.html(await layout(frame, body), options.status ?? 200);
}

/** The fields of a posted form as text; files and repeated names beyond the first are left out but for `list` names. */
export async function formFields(c: Visit): Promise<{ readonly [name: string]: string }> {
  const body = await c.req.parseBody();
  const fields: { [name: string]: string } = {};
  for (const [name, value] of Object.entries(body))
    if (typeof value === "string") fields[name] = value.normalize("NFC");
  return fields;
}
