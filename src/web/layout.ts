// The frame around every page: head, navigation, footer with the choice of light or dark. Writes no style and no script.
import { html } from "hono/html";
import { staticFiles } from "./files.ts";

/** Escaped markup. */
export type Html = ReturnType<typeof html>;

export type Theme = "auto" | "light" | "dark";

export interface Frame {
  readonly title: string;
  /** The path asked for, to mark where the reader is and to come back to after choosing a theme. */
  readonly path: string;
  readonly theme: Theme;
  readonly tryingOut: boolean;
  /** The address of the client who is signed in. */
  readonly signedInAs: string | undefined;
}

export function layout(frame: Frame, body: Html): Html {
  const theme = frame.theme === "auto" ? "" : html` data-theme="${frame.theme}"`;
  return html`<!doctype html>
    <html lang="en" dir="ltr" ${theme}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${frame.title} · Bailee</title>
        <link rel="stylesheet" href="${staticFiles.path("site.css")}" />
        <link rel="icon" href="${staticFiles.path("seal.svg")}" type="image/svg+xml" />
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        ${frame.tryingOut ? trial : ""} ${header(frame)}
        <main id="main" class="wide">${body}</main>
        ${footer(frame)}
      </body>
    </html>`;
}

const trial = html`<div class="trial">
  <p class="wide">A trial: sign-in works without TLS because only this machine can reach it.</p>
</div>`;

function header(frame: Frame): Html {
  return html`<header class="wide top">
    <a class="wordmark" href="/"
      ><img src="${staticFiles.path("seal.svg")}" alt="" width="28" height="28" />Bailee</a
    >
    <nav aria-label="Site">
      ${navLink(frame, "/policy", "Policy")} ${navLink(frame, "/ledger", "Ledger")}
      ${navLink(frame, "/traffic", "Traffic")}
      ${
        frame.signedInAs === undefined
          ? html`${navLink(frame, "/sign-in", "Sign in")} ${navLink(frame, "/sign-up", "Sign up")}`
          : html`${navLink(frame, "/portal", "Your mail")}
              <form method="post" action="/sign-out">
                <button class="link">Sign out</button>
              </form>`
      }
    </nav>
  </header>`;
}

function navLink(frame: Frame, href: string, text: string): Html {
  const here =
    frame.path === href || (href !== "/" && frame.path.startsWith(`${href}/`))
      ? html` aria-current="page"`
      : "";
  return html`<a href="${href}" ${here}>${text}</a>`;
}

function footer(frame: Frame): Html {
  const choice = (theme: Theme, text: string): Html =>
    html`<button
      class="small"
      name="theme"
      value="${theme}"
      aria-pressed="${String(frame.theme === theme)}"
    >
      ${text}
    </button>`;
  return html`<footer class="bottom">
    <div class="wide">
      <nav aria-label="About this site">
        <a href="/left-here">What you just left here</a> <a href="/cookies">Cookies</a>
        <a href="/policy.json">Policy as JSON</a> <a href="/source">Source</a>
        <a href="/desk">Staff desk</a>
      </nav>
      <form method="post" action="/preferences" aria-label="Colours">
        <input type="hidden" name="back" value="${frame.path}" />
        ${choice("auto", "As my device")} ${choice("light", "Light")} ${choice("dark", "Dark")}
      </form>
    </div>
  </footer>`;
}

/** Tables can be wider than a phone: they scroll in a box of their own that the keyboard can reach. */
export function scroll(label: string, inside: Html, from: "start" | "newest" = "start"): Html {
  const kind = from === "newest" ? "scroll newest-first" : "scroll";
  return html`<div class="${kind}" tabindex="0" role="region" aria-label="${label}">
    ${inside}
  </div>`;
}

/** "23 Nov 2026, 18:05 UTC". */
export function moment(at: number): Html {
  const date = new Date(at);
  const text = new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZone: "UTC",
  }).format(date);
  return html`<time class="nowrap" datetime="${date.toISOString()}">${text} UTC</time>`;
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
