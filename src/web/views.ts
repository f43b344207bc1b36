// How a page is put on the site: one call that names its route pattern, counts the view by that pattern, and renders it.
// A token in an address never lands in a counter, because the address is not what is counted.
import type { Hono } from "hono";
import type { Raised, RoutePattern } from "#visitors";
import type { Html } from "./layout.ts";
import type { SignedIn } from "./ports.ts";
import type { Site } from "./site.ts";
import type { Texts } from "./texts/texts.ts";
import { type Bindings, type Visit, page, signedIn, textsFor } from "./visitor.ts";

/** Every page whose views are counted, by the name under which they are: what `openVisitors` takes as its pages. */
export const countedPages = [
  "/",
  "/policy",
  "/cookies",
  "/left-here",
  "/traffic",
  "/preferences",
  "/ledger",
  "/ledger/report",
  "/source",
  "/sign-up",
  "/sign-in",
  "/portal",
  "/portal/looks",
  "/portal/held",
  "/portal/log",
  "/portal/password",
  "/portal/tickets",
  "/portal/lists",
  "/portal/addresses",
  "/portal/domains",
  "/portal/deleted",
  "/portal/sending",
  "/portal/filters",
  "/portal/apps",
  "/portal/recovery",
  "/recover",
  "/portal/account",
  "/portal/account/contact",
  "/portal/account/close",
  "/receipt/:token",
  "/cancel",
  "/portal/approvals",
  "/terms",
  "/report",
  "/portal/decisions",
  "/desk",
  "/desk/abuse",
  "/desk/abuse/:id",
  "/desk/cases",
  "/desk/cases/new",
  "/desk/jobs",
  "/desk/tickets",
  "/desk/billing",
  "/plans",
  "/portal/billing",
  "/portal/billing/information",
  "/*",
] as const satisfies readonly RoutePattern[];

export type CountedPage = (typeof countedPages)[number];

export interface View {
  readonly title: string;
  readonly body: Html;
  /** The texts that both were made with; absent where they are English in every language. */
  readonly texts?: Texts;
}

type PageOf<Arg> = (c: Visit, arg: Arg, texts: Texts) => View | Promise<View>;

/** Counts a view by its pattern. A HEAD asks for no page, and only programs send it. */
export function countView(c: Visit, site: Site, pattern: CountedPage): Raised {
  return site.visits.count({ page: pattern, address: c.env.peer, method: c.req.method });
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
    const view = await render(c, session, textsFor(c, site));
    countView(c, site, pattern);
    return page(c, site, view.title, view.body, { session, texts: view.texts });
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
    const view = await render(c, session, textsFor(c, site));
    countView(c, site, pattern);
    return page(c, site, view.title, view.body, { session, texts: view.texts });
  });
}
