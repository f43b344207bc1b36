// Sending in the portal: what was sent of what the plan gives, and lifting the brake. Works without JavaScript.
import type { Hono } from "hono";
import { portalFrame } from "../pages/portal.ts";
import { type SendingPage, sendingPage } from "../pages/sending.ts";
import { portalPage } from "../portalviews.ts";
import type { Site } from "../site.ts";
import { ownView } from "../views.ts";
import { type Bindings, formFields, page, signedIn } from "../visitor.ts";

const SENDING = "/portal/sending";

export function sendingRoutes(app: Hono<Bindings>, site: Site): void {
  const { sending } = site;
  ownView(app, site, SENDING, async (c, session) => {
    const done = c.req.query("done") === "yes";
    const view = await sending.view(session);
    return portalPage(SENDING, "Sending", sendingPage({ view, done, refusal: undefined }));
  });
  app.post(SENDING, async (c) => {
    const session = await signedIn(c, site);
    if (session === undefined) return c.redirect("/sign-in", 303);
    const { by, letters } = await formFields(c);
    const isWhole =
      (by === "confirmed" || by === "new-password") &&
      (letters === "send" || letters === "destroy");
    const refusal: SendingPage["refusal"] | "lifted" = isWhole
      ? await sending.lift(session, by, letters)
      : "choose";
    if (refusal === "lifted") return c.redirect(`${SENDING}?done=yes`, 303);
    const view = await sending.view(session);
    const body = portalFrame(SENDING, sendingPage({ view, done: false, refusal }));
    return page(c, site, "Sending", body, { status: 400, session });
  });
}
