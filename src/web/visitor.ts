// One request as the pages meet it: who is signed in, which language and colours, and how an answer is made. Cookies are read here and set
// by the register's emitter only.
import type { Context } from "hono";
import { html } from "hono/html";
import { type CookieName, parseCookies } from "#visitors";
import { type Html, layout } from "./layout.ts";
import type { SignedIn } from "./ports.ts";
import { type Preferences, parsePreferences } from "./preferences.ts";
import type { Connection, Site } from "./site.ts";
import { type Texts, acceptedLanguage, languages, original } from "./texts/texts.ts";

export interface Bindings {
  readonly Bindings: Connection;
}

export type Visit = Context<Bindings>;

export function cookie(c: Visit, name: CookieName): string | undefined {
  return parseCookies(c.req.header("cookie")).get(name);
}

export function setCookie(c: Visit, site: Site, name: CookieName, value: string): void {
  const line = site.cookies.set(name, value);
  if (line !== undefined) c.header("set-cookie", line, { append: true });
}

export function clearCookie(c: Visit, site: Site, name: CookieName): void {
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

export function preferencesOf(c: Visit): Preferences {
  return parsePreferences(cookie(c, "__Host-prefs"));
}

/** What the pages say to this visitor: in the language that was chosen, else the one that the browser asks for. */
export function textsFor(c: Visit, site: Site): Texts {
  const language =
    preferencesOf(c).language ?? acceptedLanguage(c.req.header("accept-language")) ?? "en";
  return (site.languages ?? languages)[language];
}

export interface PageOptions {
  readonly status?: 200 | 400 | 403 | 404 | 409 | 429 | 500 | 503;
  readonly session?: SignedIn | undefined;
  /** The texts that title and body were made with; without them they are taken to be English. */
  readonly texts?: Texts | undefined;
}

/** A whole page. Pages are never kept by a cache: each may carry what belongs to one client. */
export async function page(
  c: Visit,
  site: Site,
  title: string,
  body: Html,
  options: PageOptions = {},
): Promise<Response> {
  const frame = {
    title,
    path: c.req.path,
    texts: textsFor(c, site),
    written: options.texts ?? original,
    preferences: preferencesOf(c),
    tryingOut: site.tryingOut,
    signedInAs: options.session?.address,
  };
  c.header("cache-control", "no-store");
  const notice = options.session?.notice ?? "";
  // Said on every page while signed in, so that nobody finds out from a friend whose letter came back.
  const told =
    notice === ""
      ? body
      : html`<p class="note" role="status">
            <strong>${notice}</strong> <a href="/portal/account">Your account</a>
          </p>
          ${body}`;
  return c.html(withoutIndent(String(await layout(frame, told))), options.status ?? 200);
}

/** Takes the indentation of our templates out of a page, but for what stands word for word. Text is escaped, so tags are ours. */
function withoutIndent(markup: string): string {
  return markup
    .split(/(<(?:pre|textarea)\b[\s\S]*?<\/(?:pre|textarea)>)/)
    .map((piece, at) => (at % 2 === 1 ? piece : piece.replaceAll(/\s*\n\s*/g, "\n")))
    .join("");
}

/** Text as we keep it: NFC, and line ends as one character (forms send two, HTML §4.10.21.4). */
function plain(text: string): string {
  return text.replaceAll("\r\n", "\n").normalize("NFC");
}

/** The fields of a posted form as text; files are left out, and of a repeated name the last counts. */
export async function formFields(c: Visit): Promise<{ readonly [name: string]: string }> {
  const body = await c.req.parseBody();
  const fields: { [name: string]: string } = {};
  for (const [name, value] of Object.entries(body))
    if (typeof value === "string") fields[name] = plain(value);
  return fields;
}
