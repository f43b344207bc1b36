// The frame around every page: head, navigation, footer with the quick choice of language and colours. Writes no style and no
// script.
import { html } from "hono/html";
import { staticFiles } from "./files.ts";
import type { Html } from "./html.ts";
import { type Link, footerLinks, headerLinks } from "./navigation.ts";
import type { Preferences } from "./preferences.ts";
import { type Texts, languages, original } from "./texts/texts.ts";

export type { Html } from "./html.ts";

export interface Frame {
  readonly title: string;
  /** The path asked for, to mark where the reader is and to come back to after a choice. */
  readonly path: string;
  /** What the frame says, in the reader's language. */
  readonly texts: Texts;
  /** The language of title and body; English where a page has no catalogue. */
  readonly written: Pick<Texts, "tag" | "dir">;
  readonly preferences: Preferences;
  readonly tryingOut: boolean;
  /** The address of the client who is signed in. */
  readonly signedInAs: string | undefined;
}

export function layout(frame: Frame, body: Html): Html {
  const { texts: t, preferences } = frame;
  const theme = preferences.theme === undefined ? "" : html` data-theme="${preferences.theme}"`;
  return html`<!doctype html>
    <html lang="${t.tag}" dir="${t.dir}" ${theme}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title${written(frame)}>${frame.title} · Bailee</title>
        <link rel="stylesheet" href="${staticFiles.path("site.css")}" />
        <link rel="icon" href="${staticFiles.path("seal.svg")}" type="image/svg+xml" />
      </head>
      <body>
        <a class="skip" href="#main">${t.frame.skip}</a>
        ${frame.tryingOut ? html`<div class="trial"><p class="wide">${t.frame.trial}</p></div>` : ""}
        ${header(frame)}
        <main id="main" class="wide" ${written(frame)}>${body}</main>
        ${footer(frame)}
      </body>
    </html>`;
}

/** Where title and body are not in the frame's language, they say so. */
function written({ texts, written: of }: Frame): Html | "" {
  return of.tag === texts.tag ? "" : html` lang="${of.tag}" dir="${of.dir}"`;
}

function header(frame: Frame): Html {
  const { texts: t } = frame;
  return html`<header class="wide top">
    <a class="wordmark" href="/"
      ><img src="${staticFiles.path("seal.svg")}" alt="" width="28" height="28" />Bailee</a
    >
    <nav aria-label="${t.frame.siteNavigation}">
      ${headerLinks.map((link) => navLink(frame, link))}
      ${
        frame.signedInAs === undefined
          ? html`${navLink(frame, { path: "/sign-in", label: "signIn" })}
            ${navLink(frame, { path: "/sign-up", label: "signUp" })}`
          : html`${navLink(frame, { path: "/portal", label: "portal" })}
              <form method="post" action="/sign-out">
                <button class="link">${t.frame.signOut}</button>
              </form>`
      }
    </nav>
  </header>`;
}

function navLink({ path, texts }: Frame, link: Link): Html {
  const here =
    path === link.path || path.startsWith(`${link.path}/`) ? html` aria-current="page"` : "";
  return html`<a href="${link.path}" ${here}>${texts.links[link.label]}</a>`;
}

function footer(frame: Frame): Html {
  const { texts: t } = frame;
  return html`<footer class="bottom">
    <div class="wide">
      <nav aria-label="${t.frame.footerNavigation}">
        ${footerLinks.map(
          ({ heading, links }) =>
            html`<div>
              <p>${t.linkGroups[heading]}</p>
              ${links.map((link) => navLink(frame, link))}
            </div>`,
        )}
      </nav>
      <form method="post" action="/preferences">
        <input type="hidden" name="back" value="${frame.path}" />
        ${quickChoices(frame)}
      </form>
    </div>
  </footer>`;
}

function quickChoices({ texts: t, preferences }: Frame): Html {
  const choice = (name: "language" | "theme", value: string, text: string, lang = ""): Html => {
    const pressed = (preferences[name] ?? "auto") === value;
    return html`<button
      class="small"
      name="${name}"
      value="${value}"
      aria-pressed="${String(pressed)}"
      ${lang === "" ? "" : html`lang="${lang}"`}
    >
      ${text}
    </button>`;
  };
  return html`<div role="group" aria-label="${t.frame.quickLanguage}">
      ${Object.entries(languages).map(([tag, { ownName }]) => choice("language", tag, ownName, tag))}
    </div>
    <div role="group" aria-label="${t.frame.quickTheme}">
      ${choice("theme", "auto", t.preferences.asDeviceShort)}
      ${choice("theme", "light", t.preferences.light)}
      ${choice("theme", "dark", t.preferences.dark)}
    </div>`;
}

/** Tables can be wider than a phone: they scroll in a box of their own that the keyboard can reach. */
export function scroll(label: string, inside: Html, from: "start" | "newest" = "start"): Html {
  const kind = from === "newest" ? "scroll newest-first" : "scroll";
  return html`<div class="${kind}" tabindex="0" role="region" aria-label="${label}">
    ${inside}
  </div>`;
}

/** "23 Nov 2026, 18:05 UTC". */
export function moment(at: number, t: Texts = original): Html {
  const text = `${t.formats.date(at)}, ${new Date(at).toISOString().slice(11, 16)}`;
  return html`<time class="nowrap" datetime="${new Date(at).toISOString()}">${text} UTC</time>`;
}

/** Bytes for people: 10 KB, 1.2 MB. */
export function octets(count: number): string {
  if (count < 1000) return `${count} bytes`;
  if (count < 1_000_000) return `${Math.round(count / 1000)} KB`;
  return `${(count / 1_000_000).toFixed(1)} MB`;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-GB")} ${count === 1 ? one : many}`;
}
