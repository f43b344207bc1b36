// The recovery code: made in the portal, used by who lost their password. Works without JavaScript.
import type { Hono } from "hono";
import { portalFrame } from "../pages/portal.ts";
import { recoverPage, recoveryPage } from "../pages/recovery.ts";
import { portalPage } from "../portalviews.ts";
import type { RecoverRefusal } from "../ports/recovery.ts";
import type { Site } from "../site.ts";
import { ownView, publicView } from "../views.ts";
import { type Bindings, formFields, page, signedIn } from "../visitor.ts";

const RECOVERY = "/portal/recovery";
const TITLE = "Recovery code";
const LOST = "Set a new password";

const words: { readonly [refusal in RecoverRefusal]: Record<string, string> } = {
  wrong: { code: "This address and this code do not belong together." },
  "too-many": { code: "Too many tries. Wait a few minutes." },
  "password-too-short": { password: "At least ten characters." },
  "password-too-long": { password: "That is longer than a password may be." },
};

export function recoveryRoutes(app: Hono<Bindings>, site: Site): void {
  const { recovery } = site;
  ownView(app, site, RECOVERY, async (_c, session) =>
    portalPage(RECOVERY, TITLE, recoveryPage(await recovery.made(session), undefined)),
  );
  app.post(RECOVERY, async (c) => {
    const session = await signedIn(c, site);
    if (session === undefined) return c.redirect("/sign-in", 303);
    const text = await recovery.make(session);
    c.header("cache-control", "no-store");
    const body = portalFrame(RECOVERY, recoveryPage(await recovery.made(session), text));
    return page(c, site, TITLE, body, { session });
  });
  publicView(app, site, "/recover", () => ({ title: LOST, body: recoverPage({}, {}) }));
  app.post("/recover", async (c) => {
    const { login = "", code = "", password = "" } = await formFields(c);
    const done = await recovery.recover({ login, code, password, peer: c.env.peer });
    if (done.ok) return c.redirect("/sign-in", 303);
    const status = done.refusal === "too-many" ? 429 : 400;
    // Neither code nor password comes back in a page.
    return page(c, site, LOST, recoverPage({ login }, words[done.refusal]), { status });
  });
}
