// Tickets in the portal and at the desk, and the page that says what contact data takes. A desk session is handed back to the room
// that opens with it; a token or a number in an address lands in no counter.
import type { Hono } from "hono";
import { deskFrame, deskSession, deskView } from "../deskviews.ts";
import { portalFrame } from "../pages/portal.ts";
import { contactRevealPage, deskTicketPage, queuePage } from "../pages/support.ts";
import { ticketMistakes, ticketPage, ticketsPage } from "../pages/tickets.ts";
import type { Fields, Mistakes } from "../forms.ts";
import type { SignedIn } from "../ports.ts";
import type { Site } from "../site.ts";
import { ownView } from "../views.ts";
import { type Bindings, type Visit, formFields, page, signedIn } from "../visitor.ts";

const TICKETS = "/portal/tickets";

export function supportRoutes(app: Hono<Bindings>, site: Site): void {
  portalTickets(app, site);
  deskTickets(app, site);
}

function portalTickets(app: Hono<Bindings>, site: Site): void {
  const { tickets } = site;
  ownView(app, site, TICKETS, async (_, session) => ({
    title: "Write to us",
    body: portalFrame(TICKETS, ticketsPage(site.domain, await tickets.mine(session), {}, {})),
  }));
  app.post(TICKETS, async (c) => {
    const session = await signedIn(c, site);
    if (session === undefined) return c.redirect("/sign-in", 303);
    const fields = await formFields(c);
    const made = await tickets.open(session, fields["subject"] ?? "", fields["text"] ?? "");
    if (made.ok) return c.redirect(`${TICKETS}/${made.value}`, 303);
    const mistakes = ticketMistakes(made.refusal);
    const body = ticketsPage(site.domain, await tickets.mine(session), fields, mistakes);
    return page(c, site, "Write to us", portalFrame(TICKETS, body), { status: 400, session });
  });
  app.get(`${TICKETS}/:ticket`, async (c) => {
    const session = await signedIn(c, site);
    if (session === undefined) return c.redirect("/sign-in", 303);
    return ownTicket(c, site, session, {}, {});
  });
  app.post(`${TICKETS}/:ticket`, async (c) => {
    const session = await signedIn(c, site);
    if (session === undefined) return c.redirect("/sign-in", 303);
    const fields = await formFields(c);
    const ticket = c.req.param("ticket");
    const written = await tickets.write(session, ticket, fields["text"] ?? "");
    if (written.ok) return c.redirect(`${TICKETS}/${ticket}`, 303);
    return ownTicket(c, site, session, fields, ticketMistakes(written.refusal));
  });
}

async function ownTicket(
  c: Visit,
  site: Site,
  session: SignedIn,
  fields: Fields,
  mistakes: Mistakes,
): Promise<Response> {
  const thread = await site.tickets.read(session, c.req.param("ticket") ?? "");
  if (thread === undefined) return c.notFound();
  const body = portalFrame(TICKETS, ticketPage(thread, fields, mistakes));
  const status = Object.keys(mistakes).length === 0 ? 200 : 400;
  return page(c, site, thread.line.subject ?? "Ticket", body, { status, session });
}

function deskTickets(app: Hono<Bindings>, site: Site): void {
  const { tickets } = site;
  deskView(app, site, "/desk/tickets", async (_, desk) => ({
    title: "Tickets",
    body: queuePage(await tickets.queue(desk)),
  }));
  app.get("/desk/tickets/:ticket", (c) => deskTicket(c, site, {}, {}));
  app.get("/desk/tickets/:ticket/letter/:message", (c) => letter(c, site));
  app.post("/desk/tickets/:ticket/answer", async (c) => {
    const desk = await deskSession(c, site);
    if (desk === undefined) return c.redirect("/desk", 303);
    const fields = await formFields(c);
    const ticket = c.req.param("ticket");
    const answered = await tickets.answer(desk, ticket, fields["text"] ?? "");
    if (answered.ok) return c.redirect(`/desk/tickets/${ticket}`, 303);
    return deskTicket(c, site, fields, ticketMistakes(answered.refusal));
  });
  app.post("/desk/tickets/:ticket/close", async (c) => {
    const desk = await deskSession(c, site);
    if (desk === undefined) return c.redirect("/desk", 303);
    await tickets.close(desk, c.req.param("ticket"));
    return c.redirect("/desk/tickets", 303);
  });
  app.get("/desk/contact/:account", (c) => contact(c, site));
}

async function deskTicket(
  c: Visit,
  site: Site,
  fields: Fields,
  mistakes: Mistakes,
): Promise<Response> {
  const desk = await deskSession(c, site);
  if (desk === undefined) return c.redirect("/desk", 303);
  const thread = await site.tickets.readAtDesk(desk, c.req.param("ticket") ?? "");
  if (thread === undefined) return c.notFound();
  const body = deskFrame("/desk/tickets", deskTicketPage(thread, fields, mistakes));
  const status = Object.keys(mistakes).length === 0 ? 200 : 400;
  return page(c, site, `Ticket ${thread.line.ticket}`, body, { status });
}

/** The letter as it came, for programs that show letters. */
async function letter(c: Visit, site: Site): Promise<Response> {
  const desk = await deskSession(c, site);
  if (desk === undefined) return c.redirect("/desk", 303);
  const { ticket = "", message = "" } = c.req.param();
  const bytes = await site.tickets.letter(desk, ticket, message);
  if (bytes === undefined) return c.notFound();
  // Never shown as a page of ours, whatever is in it.
  c.header("content-type", "application/octet-stream");
  c.header("content-disposition", `attachment; filename="ticket-${ticket}.eml"`);
  c.header("cache-control", "no-store");
  return c.body(new Uint8Array(bytes));
}

async function contact(c: Visit, site: Site): Promise<Response> {
  const desk = await deskSession(c, site);
  if (desk === undefined) return c.redirect("/desk", 303);
  const account = c.req.param("account") ?? "";
  const client = (await site.entrance.list()).find((row) => row.account === account);
  if (client === undefined) return c.notFound();
  const tickets = await site.tickets.ofAccount(desk, account);
  const body = deskFrame("/desk", contactRevealPage({ client, tickets }));
  return page(c, site, "Contact data", body);
}
