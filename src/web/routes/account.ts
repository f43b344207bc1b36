// The client's account: standing, contact data, what is held, the log, export, closing and coming back; and the receipt, which needs
// no sign-in. A token in an address lands in no counter and no log.
import type { Hono } from "hono";
import { html } from "hono/html";
import { never } from "#base/errors";
import { type LogKind, logKinds } from "#policy";
import { type Mistakes, checkFields, contactFields, deskSignInFields } from "../forms.ts";
import {
  accountPage,
  closedPage,
  closePage,
  contactPage,
  contactValues,
} from "../pages/account.ts";
import { heldPage, logPage } from "../pages/held.ts";
import { portalFrame } from "../pages/portal.ts";
import { awaitedPage, parseReceipt, receiptPage, receiptText } from "../pages/receipt.ts";
import type { SignedIn } from "../ports.ts";
import { opened, portalPage } from "../portalviews.ts";
import type { Site } from "../site.ts";
import { ownView, publicView } from "../views.ts";
import { type Bindings, type Visit, formFields, page, signedIn } from "../visitor.ts";

// As many lines as a person scrolls through.
const LOG_LINES = 100;

export function accountRoutes(app: Hono<Bindings>, site: Site): void {
  const { account } = site;
  ownView(app, site, "/portal/account", async (c, session) => {
    const standing = await account.standing(session);
    if (standing === undefined) throw new Error("a client who is signed in has no standing");
    const services = account.services(standing.plan, standing.planVersion);
    const done = doneWords[c.req.query("done") ?? ""];
    return portalPage("/portal/account", "Your account", accountPage({ standing, services, done }));
  });
  ownView(app, site, "/portal/account/contact", async (_, session) => {
    const contact = await opened(site.entrance.readContact(session));
    return portalPage(
      "/portal/account",
      "Contact data",
      contactPage(contactValues(contact?.value), {}, contact?.value !== undefined),
    );
  });
  ownView(app, site, "/portal/account/close", () =>
    portalPage("/portal/account", "Close your account", closePage({})),
  );
  app.post("/portal/account/contact", (c) => correctContact(c, site));
  app.post("/portal/account/close", (c) => close(c, site));
  app.post("/portal/account/reopen", (c) => reopen(c, site));
  app.get("/portal/export.zip", (c) => exportAll(c, site));
  heldViews(app, site);
  receiptViews(app, site);
}

const doneWords: { readonly [done: string]: string } = {
  contact: "Your contact data is kept anew.",
  back: "You are back. Everything is as it was.",
  late: "The window to come back is over.",
};

function heldViews(app: Hono<Bindings>, site: Site): void {
  const { account, entrance, own } = site;
  ownView(app, site, "/portal/held", async (_, session) => {
    const [contact, standing, log, mail, payment] = await Promise.all([
      opened(entrance.readContact(session)),
      account.standing(session),
      opened(account.log(session, LOG_LINES, {})),
      own.mail(session),
      paymentNow(site, session),
    ]);
    const logLines = log && { value: log.value.events.length, more: log.value.older !== undefined };
    const { address } = session;
    const { policy } = account;
    const held = { contact, standing, logLines, mail, payment, address, policy };
    return portalPage("/portal/held", "What we hold", heldPage(held));
  });
  ownView(app, site, "/portal/log", async (c, session) => {
    const kind = kindOf(c.req.query("kind"));
    const before = c.req.query("before");
    const lines = await opened(account.log(session, LOG_LINES, { kind, before }));
    const retention = site.jobs.reports().find(({ name }) => name === "log-retention");
    const body = logPage({ page: lines, kind, isFirst: before === undefined, retention });
    return portalPage("/portal/log", "Your log", body);
  });
}

function kindOf(text: string | undefined): LogKind | undefined {
  return text !== undefined && Object.hasOwn(logKinds, text) ? (text as LogKind) : undefined;
}

/** What of class payment there is: facts that are clear on disk, and that the rest is sealed. */
async function paymentNow(site: Site, session: SignedIn): Promise<string> {
  const own = await site.billing.own(session);
  if (own === undefined) return "nothing";
  const { invoices } = own;
  const told = [
    "billing information, where you gave any, sealed",
    invoices.length === 1 ? "1 invoice" : `${invoices.length} invoices`,
    "never a card number",
  ];
  return told.join("; ");
}

async function correctContact(c: Visit, site: Site): Promise<Response> {
  const session = await signedIn(c, site);
  if (session === undefined) return c.redirect("/sign-in", 303);
  const fields = await formFields(c);
  const again = (mistakes: Mistakes, status: 400 | 409 = 400): Promise<Response> => {
    const body = portalFrame("/portal/account", contactPage(fields, mistakes, true));
    return page(c, site, "Contact data", body, { status, session });
  };
  const form = checkFields(contactFields(), fields);
  if (!form.ok) return again(form.mistakes);
  const { fullName: name, postal, phone, email } = form.value;
  const kept = await site.account.correctContact(session, { name, postal, phone, email });
  if (kept.ok) return c.redirect("/portal/account?done=contact", 303);
  switch (kept.refusal) {
    case "contact-incomplete":
      return again({ fullName: "All four are needed." });
    case "key-not-certified":
      return again(
        {
          "": "The key that our database has for you is not the one that was certified, so nothing was sealed to it.",
        },
        409,
      );
    default:
      return never(kept.refusal);
  }
}

async function close(c: Visit, site: Site): Promise<Response> {
  const session = await signedIn(c, site);
  if (session === undefined) return c.redirect("/sign-in", 303);
  const again = (mistakes: Mistakes, status: 400 | 409 | 429 = 400): Promise<Response> => {
    const body = portalFrame("/portal/account", closePage(mistakes));
    return page(c, site, "Close your account", body, { status, session });
  };
  const form = checkFields(deskSignInFields, await formFields(c));
  if (!form.ok) return again(form.mistakes);
  const closed = await site.account.close(session, form.value.password);
  if (closed.ok) {
    const { receipt, eraseAfter } = closed.value;
    const link = new URL(`/receipt/${receipt}`, c.req.url).href;
    const body = portalFrame("/portal/account", closedPage(link, eraseAfter));
    return page(c, site, "Your account is closed", body, { session });
  }
  switch (closed.refusal) {
    case "wrong":
      return again({ password: "This is not your password." });
    case "too-many":
      return again({ password: "Too many tries. Wait a few minutes." }, 429);
    case "not-allowed":
      return again({ "": "This account cannot be closed from where it stands." }, 409);
    default:
      return never(closed.refusal);
  }
}

async function reopen(c: Visit, site: Site): Promise<Response> {
  const session = await signedIn(c, site);
  if (session === undefined) return c.redirect("/sign-in", 303);
  const done = await site.account.reopen(session);
  return c.redirect(`/portal/account?done=${done.ok ? "back" : "late"}`, 303);
}

async function exportAll(c: Visit, site: Site): Promise<Response> {
  const session = await signedIn(c, site);
  if (session === undefined) return c.redirect("/sign-in", 303);
  const zip = await site.account.export(session);
  return new Response(zip, {
    headers: {
      "content-type": "application/zip",
      "content-disposition": 'attachment; filename="bailee-export.zip"',
      "cache-control": "no-store",
    },
  });
}

const noReceipt = html`<h1>No such receipt</h1>
  <p>
    There is none under this link: it was mistyped, or its owner came back, or its three years are
    over.
  </p>`;

function receiptViews(app: Hono<Bindings>, site: Site): void {
  const read = (c: Visit) => site.account.receipt(c.req.param("token") ?? "");
  publicView(app, site, "/receipt/:token", async (c) => {
    const found = await read(c);
    const title = "Receipt of an erasure";
    if (found === undefined) return { title: "No such receipt", body: noReceipt };
    if (found.receipt === undefined)
      return { title, body: awaitedPage(found.closedAt, found.eraseAfter) };
    const receipt = parseReceipt(found.receipt);
    if (receipt === undefined) throw new Error("a receipt has another form");
    return { title, body: receiptPage(receipt, c.req.path) };
  });
  const file = (name: string, type: string, make: (bytes: Uint8Array) => string) =>
    app.get(`/receipt/:token/${name}`, async (c) => {
      const bytes = (await read(c))?.receipt;
      if (bytes === undefined) return c.notFound();
      return new Response(make(bytes), {
        headers: {
          "content-type": type,
          "content-disposition": `attachment; filename="${name}"`,
          "cache-control": "no-store",
        },
      });
    });
  file("receipt.json", "application/json", (bytes) => Buffer.from(bytes).toString());
  file("receipt.txt", "text/plain; charset=utf-8", (bytes) => {
    const receipt = parseReceipt(bytes);
    if (receipt === undefined) throw new Error("a receipt has another form");
    return receiptText(receipt);
  });
}
