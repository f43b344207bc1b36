// Plans for everybody, plan and payment for the client, billing for the desk. Asks the billing port; opens nothing itself.
import type { Hono } from "hono";
import { logBroken } from "#base/log";
import { deskFrame, deskSession, deskView } from "../deskviews.ts";
import type { Fields, Mistakes } from "../forms.ts";
import { billingPage, informationPage } from "../pages/billing.ts";
import { deskBillingPage } from "../pages/desk-billing.ts";
import { plansPage } from "../pages/plans.ts";
import { type Opened, portalFrame } from "../pages/portal.ts";
import type { SignedIn } from "../ports.ts";
import type { BillingInformation, InvoiceFile, Said } from "../ports/billing.ts";
import type { Site } from "../site.ts";
import { ownView, publicView } from "../views.ts";
import { type Bindings, type Visit, formFields, page, signedIn } from "../visitor.ts";

export function billingRoutes(app: Hono<Bindings>, site: Site): void {
  const { billing } = site;
  publicView(app, site, "/plans", (_, session) => ({
    title: "Plans",
    body: plansPage(billing.offers(), (cents) => billing.money(cents), session !== undefined),
  }));
  ownView(app, site, "/portal/billing", async (c, session) => {
    const done = doneWords(c.req.query("done"));
    const body = await billingBody(site, session, { done, mistakes: {}, values: {} });
    return { title: "Plan and payment", body: portalFrame("/portal/billing", body) };
  });
  ownView(app, site, "/portal/billing/information", async (c, session) => {
    const done = c.req.query("done") === "yes" ? "Kept." : undefined;
    const body = informationPage(await informationOf(site, session), {}, {}, done);
    return { title: "Billing information", body: portalFrame("/portal/billing", body) };
  });
  app.post("/portal/billing/information", (c) => keepInformation(c, site));
  app.post("/portal/billing/code", (c) => redeem(c, site));
  app.post("/portal/billing/plan", (c) => changePlan(c, site));
  app.get("/portal/billing/invoices/:id/pdf", (c) =>
    download(c, site, "application/pdf", (session, id) => billing.invoicePdf(session, id)),
  );
  app.get("/portal/billing/invoices/:id/html", (c) =>
    download(c, site, "text/html; charset=utf-8", (session, id) =>
      billing.invoiceHtml(session, id),
    ),
  );
  deskBilling(app, site);
}

type Shown = {
  readonly done: string | undefined;
  readonly mistakes: Mistakes;
  readonly values: Fields;
};

async function billingBody(site: Site, session: SignedIn, shown: Shown) {
  const own = await site.billing.own(session);
  if (own === undefined) throw new Error("a client who is signed in is not among the clients");
  return billingPage({ own, money: (cents) => site.billing.money(cents), ...shown });
}

function doneWords(done: string | undefined): string | undefined {
  if (done === "plan") return "Your plan has changed.";
  return done === "code" ? "The code is credited." : undefined;
}

async function informationOf(
  site: Site,
  session: SignedIn,
): Promise<Opened<BillingInformation | undefined>> {
  try {
    return { value: await site.billing.information(session) };
  } catch (error) {
    logBroken("web: the keeper did not open billing information", error);
    return undefined;
  }
}

const informationWords = {
  missing: "This is needed.",
  "too-long": "Too long.",
  "card-number": "This looks like a card number. We never keep one; please take it out.",
  "no-vat-id": "Two letters of the country and what follows, please.",
} as const;

async function keepInformation(c: Visit, site: Site): Promise<Response> {
  const session = await signedIn(c, site);
  if (session === undefined) return c.redirect("/sign-in", 303);
  const fields = await formFields(c);
  const given =
    fields["remove"] === "yes"
      ? undefined
      : {
          name: fields["name"] ?? "",
          company: fields["company"] ?? "",
          address: fields["address"] ?? "",
          vatId: fields["vatId"] ?? "",
        };
  const kept = await site.billing.keepInformation(session, given);
  if (kept.ok) return c.redirect("/portal/billing/information?done=yes", 303);
  const mistakes: Mistakes =
    kept.refusal === "key-not-certified"
      ? {
          "": "The key that this would be sealed to is not the one that was certified. Nothing was kept.",
        }
      : Object.fromEntries(
          Object.entries(kept.mistakes).map(([name, mistake]) => [name, informationWords[mistake]]),
        );
  // What looked like a card number is not sent back either.
  const values = Object.fromEntries(
    Object.entries({ ...given }).map(([name, value]) => [
      name,
      kept.mistakes[name as keyof BillingInformation] === "card-number" ? "" : value,
    ]),
  );
  const body = informationPage({ value: undefined }, values, mistakes, undefined);
  return page(c, site, "Billing information", portalFrame("/portal/billing", body), {
    status: 400,
    session,
  });
}

async function redeem(c: Visit, site: Site): Promise<Response> {
  const session = await signedIn(c, site);
  if (session === undefined) return c.redirect("/sign-in", 303);
  const { code = "" } = await formFields(c);
  const redeemed = await site.billing.redeem(session, code);
  if (redeemed.ok) return c.redirect("/portal/billing?done=code", 303);
  return again(c, site, session, {
    code: "There is no such code, or it was credited already. Look at it once more.",
  });
}

async function changePlan(c: Visit, site: Site): Promise<Response> {
  const session = await signedIn(c, site);
  if (session === undefined) return c.redirect("/sign-in", 303);
  const { plan = "" } = await formFields(c);
  const changed = await site.billing.changePlan(session, plan);
  if (changed.ok) return c.redirect("/portal/billing?done=plan", 303);
  const words = {
    unknown: "This account is not there any more.",
    "unknown-plan": "There is no such plan.",
    "other-mode": "That plan answers a lost password in another way, and needs other keys.",
    "same-plan": "This is your plan already.",
  } as const;
  return again(c, site, session, { plan: words[changed.refusal] });
}

async function again(
  c: Visit,
  site: Site,
  session: SignedIn,
  mistakes: Mistakes,
): Promise<Response> {
  const body = await billingBody(site, session, { done: undefined, mistakes, values: {} });
  return page(c, site, "Plan and payment", portalFrame("/portal/billing", body), {
    status: 400,
    session,
  });
}

async function download(
  c: Visit,
  site: Site,
  type: string,
  make: (session: SignedIn, id: string) => Promise<InvoiceFile | undefined>,
): Promise<Response> {
  const session = await signedIn(c, site);
  if (session === undefined) return c.redirect("/sign-in", 303);
  const file = await make(session, c.req.param("id") ?? "");
  if (file === undefined) return c.notFound();
  c.header("content-type", type);
  c.header("content-disposition", `attachment; filename="${file.name}"`);
  c.header("cache-control", "no-store");
  return c.body(file.bytes);
}

function deskBilling(app: Hono<Bindings>, site: Site): void {
  const { desk } = site.billing;
  const view = async (said: Said | undefined) =>
    deskBillingPage(await desk.view(), (cents) => site.billing.money(cents), said);
  deskView(app, site, "/desk/billing", async () => ({
    title: "Billing",
    body: await view(undefined),
  }));
  const act = (path: string, work: (c: Visit) => Said | Promise<Said>): void => {
    app.post(path, async (c) => {
      if ((await deskSession(c, site)) === undefined) return c.redirect("/desk", 303);
      const said = await work(c);
      const body = deskFrame("/desk/billing", await view(said));
      return page(c, site, "Billing", body, { status: said.ok ? 200 : 400 });
    });
  };
  act("/desk/billing/run", () => desk.run());
  act("/desk/billing/statement", async (c) => {
    const file = (await c.req.parseBody())["statement"];
    if (!(file instanceof File) || file.size === 0) return { ok: false, words: "Choose a file." };
    if (file.size > desk.largestStatement)
      return { ok: false, words: "The file is larger than a statement may be." };
    return desk.importStatement(new Uint8Array(await file.arrayBuffer()));
  });
  act("/desk/billing/settle", async (c) => {
    const { entry = "", number } = await formFields(c);
    if (number === undefined) return desk.settle(entry, undefined);
    const parsed = numberOf(number);
    return parsed === undefined
      ? { ok: false, words: "An invoice has a number of digits only." }
      : desk.settle(entry, parsed);
  });
  act("/desk/billing/credit-note", async (c) => {
    const { number = "", because = "" } = await formFields(c);
    const parsed = numberOf(number);
    if (parsed === undefined || because.trim() === "")
      return { ok: false, words: "The number of an invoice and a reason are needed." };
    return desk.creditNote(parsed, because);
  });
}

function numberOf(text: string): number | undefined {
  return /^\d{1,12}$/.test(text.trim()) ? Number(text) : undefined;
}
