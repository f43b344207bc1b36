// The client's page of what they are asked to approve (ground E1). The answer is signed where the session's keys are, not here.
import type { Hono } from "hono";
import type { Told } from "../ports/cases.ts";
import { approvalsPage } from "../pages/approvals.ts";
import { portalFrame } from "../pages/portal.ts";
import type { SignedIn } from "../ports.ts";
import type { Site } from "../site.ts";
import { ownView } from "../views.ts";
import { type Bindings, formFields, page, signedIn } from "../visitor.ts";

export function approvalRoutes(app: Hono<Bindings>, site: Site): void {
  const body = async (session: SignedIn, told?: Told) =>
    portalFrame(
      "/portal/approvals",
      approvalsPage(await site.approvals.list(session), told, site.clock.now()),
    );
  ownView(app, site, "/portal/approvals", async (_, session) => ({
    title: "What we ask of you",
    body: await body(session),
  }));
  app.post("/portal/approvals/:id", async (c) => {
    const session = await signedIn(c, site);
    if (session === undefined) return c.redirect("/sign-in", 303);
    const id = c.req.param("id");
    const { answer } = await formFields(c);
    const told =
      answer === "approve"
        ? await site.approvals.approve(session, id)
        : await site.approvals.refuse(session, id);
    return page(c, site, "What we ask of you", await body(session, told), {
      status: told.ok ? 200 : 409,
      session,
    });
  });
}
