// Filters in the portal: what is on, and turning it on and off. Works without JavaScript.
import type { Hono } from "hono";
import { filtersPage } from "../pages/filters.ts";
import { portalPage } from "../portalviews.ts";
import type { Site } from "../site.ts";
import { ownView } from "../views.ts";
import { type Bindings, formFields, signedIn } from "../visitor.ts";

const FILTERS = "/portal/filters";

export function filterRoutes(app: Hono<Bindings>, site: Site): void {
  const { filters } = site;
  ownView(app, site, FILTERS, async (c, session) => {
    const done = c.req.query("done") === "yes";
    const choices = await filters.choices(session);
    return portalPage(FILTERS, "Filters", filtersPage({ offered: filters.offered, choices, done }));
  });
  app.post(FILTERS, async (c) => {
    const session = await signedIn(c, site);
    if (session === undefined) return c.redirect("/sign-in", 303);
    const { greylisting, lists, content } = await formFields(c);
    await filters.choose(session, {
      greylisting: greylisting === "on",
      lists: lists === "on",
      content: content === "on",
    });
    return c.redirect(`${FILTERS}?done=yes`, 303);
  });
}
