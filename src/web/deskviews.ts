// How a page is put on the staff desk: who is there, and the desk's own tabs around it. A desk session is nobody's client
// session; the pages hand it, unread, to the room that opens case data with it.
import type { Hono } from "hono";
import { html } from "hono/html";
import type { Html } from "./layout.ts";
import type { AtDesk } from "./ports.ts";
import type { Site } from "./site.ts";
import { type CountedPage, countView, type View } from "./views.ts";
import { type Bindings, type Visit, cookie, page } from "./visitor.ts";

// The desk shares the registered session cookie and marks its tokens, so that no further cookie is needed; who signs in at
// the desk leaves their own portal in that browser.
export const DESK_MARK = "desk.";

export function deskToken(c: Visit): string | undefined {
  const value = cookie(c, "__Host-session");
  return value?.startsWith(DESK_MARK) === true ? value.slice(DESK_MARK.length) : undefined;
}

/** Who sits at the desk; undefined for everybody else. */
export async function deskSession(c: Visit, site: Site): Promise<AtDesk | undefined> {
  const token = deskToken(c);
  return token === undefined ? undefined : site.entrance.resumeDeskSession(token);
}

/** A page of the desk; whoever does not sit there is sent to its door. */
export function deskView(
  app: Hono<Bindings>,
  site: Site,
  pattern: CountedPage,
  render: (c: Visit, desk: AtDesk) => View | Promise<View>,
): void {
  app.get(pattern, async (c) => {
    const desk = await deskSession(c, site);
    if (desk === undefined) return c.redirect("/desk", 303);
    const view = await render(c, desk);
    countView(c, site, pattern);
    return page(c, site, view.title, deskFrame(pattern, view.body));
  });
}

/** The desk's tabs: a line for each group of pages. */
const tabs: { readonly [path: string]: string } = {
  "/desk": "Clients and grants",
  "/desk/cases": "Requests for data",
  "/desk/abuse": "Abuse reports",
  "/desk/billing": "Billing",
  "/desk/tickets": "Tickets",
  "/desk/jobs": "Jobs",
};

export function deskFrame(path: string, body: Html): Html {
  const here = Object.keys(tabs).findLast((tab) => path === tab || path.startsWith(`${tab}/`));
  return html`<nav class="tabs" aria-label="Staff desk">
      ${Object.entries(tabs).map(
        ([href, words]) =>
          html`<a href="${href}" ${href === here ? html`aria-current="page"` : ""}>${words}</a>`,
      )}
    </nav>
    ${body}`;
}
