// How a page is put on the site: one call that names its route pattern, counts the view by that pattern, and renders it.
// A token in an address never lands in a counter, because the address is not what is counted.
import type { Hono } from "hono";
import type { RoutePattern } from "#visitors";
import type { Html } from "./layout.ts";
import type { SignedIn } from "./ports.ts";
import type { Site } from "./site.ts";
import { type Bindings, type Visit, page, signedIn } from "./visitor.ts";

/** Every page whose views are counted, by the name under which they are: what `openVisitors` takes as its pages. */
export const countedPages = [
  "/",
  "/policy",
  "/cookies",
  "/left-here",
  "/traffic",
  "/ledger",
  "/source",
  "/sign-up",
  "/sign-in",
  "/portal",
  "/portal/looks",
  "/portal/held",
  "/portal/log",
  "/portal/password",
  "/desk",
  "/*",
] as const satisfies readonly RoutePattern[];

export type CountedPage = (typeof countedPages)[number];

export interface View {
  readonly title: string;
  readonly body: Html;
}

type PageOf<Arg> = (c: Visit, arg: Arg) => View | Promise<View>;

/** Counts a view by its pattern. A HEAD asks for no page, and only programs send it. */
export function countView(c: Visit, site: Site, pattern: CountedPage): void {
  site.visits.count({ page: pattern, address: c.env.peer, method: c.req.method });
}

/** A page for anybody. The client who is signed in, if any, comes along. */
export function publicView(
  app: Hono<Bindings>,
  site: Site,
  pattern: CountedPage,
  render: PageOf<SignedIn | undefined>,
): void {
  app.get(pattern, async (c) => {
    const session = await signedIn(c, site);
    const view = await render(c, session);
    countView(c, site, pattern);
    return page(c, site, view.title, view.body, { session });
  });
}

/** A page for the client who is signed in; anybody else is sent to sign in. */
export function ownView(
  app: Hono<Bindings>,
  site: Site,
  pattern: CountedPage,
  render: PageOf<SignedIn>,
): void {
  app.get(pattern, async (c) => {
    const session = await signedIn(c, site);
    if (session === undefined) return c.redirect("/sign-in", 303);
    const view = await render(c, session);
    countView(c, site, pattern);
    return page(c, site, view.title, view.body, { session });
  });
}
