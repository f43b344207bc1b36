// App passwords in the portal: made, shown once, ended. Works without JavaScript.
import type { Hono } from "hono";
import { type AppsPage, appsPage } from "../pages/apps.ts";
import { portalFrame } from "../pages/portal.ts";
import { portalPage } from "../portalviews.ts";
import type { Site } from "../site.ts";
import { ownView } from "../views.ts";
import { type Bindings, formFields, page, signedIn, type Visit } from "../visitor.ts";

const APPS = "/portal/apps";
const TITLE = "App passwords";
const nothing = { made: undefined, ended: false, refusal: undefined } as const;

export function appRoutes(app: Hono<Bindings>, site: Site): void {
  const { apps } = site;
  ownView(app, site, APPS, async (c, session) => {
    const ended = c.req.query("done") === "ended";
    const passwords = await apps.list(session);
    return portalPage(APPS, TITLE, appsPage({ ...nothing, passwords, ended }));
  });
  app.post(APPS, async (c) => {
    const session = await signedIn(c, site);
    if (session === undefined) return c.redirect("/sign-in", 303);
    const { name = "" } = await formFields(c);
    const made = await apps.add(session, name);
    // Shown in the answer itself: a page that is reloaded or gone back to does not have it.
    return made.ok
      ? answer(c, { made: { name: name.trim(), text: made.value.text } })
      : answer(c, { refusal: made.refusal });
  });
  app.post(`${APPS}/end`, async (c) => {
    const session = await signedIn(c, site);
    if (session === undefined) return c.redirect("/sign-in", 303);
    const { id = "" } = await formFields(c);
    const ended = await apps.revoke(session, id);
    return ended.ok ? c.redirect(`${APPS}?done=ended`, 303) : answer(c, { refusal: ended.refusal });
  });

  async function answer(c: Visit, more: Partial<AppsPage>): Promise<Response> {
    const session = await signedIn(c, site);
    if (session === undefined) return c.redirect("/sign-in", 303);
    const passwords = await apps.list(session);
    const body = portalFrame(APPS, appsPage({ ...nothing, passwords, ...more }));
    c.header("cache-control", "no-store");
    return page(c, site, TITLE, body, {
      status: more.refusal === undefined ? 200 : 400,
      session,
    });
  }
}
