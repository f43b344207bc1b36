// Reports and decisions: the public form and the terms, the client's decisions, the desk's cases. Asks the abuse port; what is decided
// leaves as a file that a person signs elsewhere.
import type { Hono } from "hono";
import { canonicalText } from "#base/canonical";
import { never } from "#base/errors";
import { termsDocument } from "#policy";
import { deskFrame, deskSession, deskView } from "../deskviews.ts";
import type { Mistakes } from "../forms.ts";
import { reportedPage, reportPage, termsPage } from "../pages/abuse.ts";
import { decisionsPage } from "../pages/decisions.ts";
import { type CaseSaid, deskReportPage, deskReportsPage } from "../pages/abuse-desk.ts";
import { portalFrame } from "../pages/portal.ts";
import type { AtDesk } from "../ports.ts";
import type { RecordDraft, ReportRefusal } from "../ports/abuse.ts";
import type { Site } from "../site.ts";
import { countView, ownView, publicView } from "../views.ts";
import { type Bindings, type Visit, formFields, page, signedIn } from "../visitor.ts";

export function abuseRoutes(app: Hono<Bindings>, site: Site): void {
  publicView(app, site, "/terms", () => ({ title: "Terms of use", body: termsPage() }));
  app.get("/terms.json", (c) => {
    c.header("content-type", "application/json; charset=utf-8");
    return c.body(canonicalText(termsDocument()));
  });
  publicView(app, site, "/report", () => ({
    title: "Report a message",
    body: reportPage({}, {}),
  }));
  app.post("/report", (c) => report(c, site));
  ownDecisions(app, site);
  deskCases(app, site);
}

async function report(c: Visit, site: Site): Promise<Response> {
  const fields = await formFields(c);
  const body = await c.req.parseBody();
  const file = body["file"];
  const pasted = typeof body["copy"] === "string" ? body["copy"].trimStart() : "";
  // A file is the message octet for octet; what is pasted went through a browser, which changes line ends and no more.
  const copy =
    file instanceof File && file.size > 0
      ? new Uint8Array(await file.arrayBuffer())
      : pasted === ""
        ? undefined
        : new TextEncoder().encode(pasted);
  const session = await signedIn(c, site);
  const taken = await site.abuse.report({
    what: fields["what"] ?? "",
    about: fields["about"] ?? "",
    contact: fields["contact"] ?? "",
    copy,
    peer: c.env.peer,
  });
  if (taken.ok) return page(c, site, "Reported", reportedPage(taken.value), { session });
  const again = reportPage(fields, reportMistakes(taken.refusal));
  const status = taken.refusal === "too-many" || taken.refusal === "enough" ? 429 : 400;
  return page(c, site, "Report a message", again, { status, session });
}

function reportMistakes(refusal: ReportRefusal): Mistakes {
  switch (refusal) {
    case "empty":
      return { what: "Say what is wrong, or give us the message." };
    case "too-long":
      return { what: "Longer than we can take. Two pages are enough, with the message as a file." };
    case "too-many":
      return { "": "Too many reports came from your network within an hour. Come back later." };
    case "enough":
      return {
        "": "Enough reports about this address wait already today, and a person will read them. Yours was counted.",
      };
    default:
      return never(refusal);
  }
}

function ownDecisions(app: Hono<Bindings>, site: Site): void {
  const path = "/portal/decisions";
  const none = { mistakes: {}, of: undefined };
  ownView(app, site, path, async (c, session) => {
    const decisions = await site.abuse.decisionsOf(session);
    const done = c.req.query("appealed") === "yes";
    const body = portalFrame(path, decisionsPage(decisions, { ...none, done }));
    return { title: "Decisions", body };
  });
  app.post(`${path}/:id/appeal`, async (c) => {
    const session = await signedIn(c, site);
    if (session === undefined) return c.redirect("/sign-in", 303);
    const id = c.req.param("id");
    const { words = "" } = await formFields(c);
    const appealed = await site.abuse.appeal(session, id, words);
    if (appealed.ok) return c.redirect(`${path}?appealed=yes`, 303);
    const said = {
      empty: { words: "Say why." },
      "too-long": { words: "Longer than we can take." },
      "no-such-decision": { "": "There is no such decision about you." },
      "too-late": { "": "This decision can no longer be appealed, or is appealed already." },
    } as const satisfies { readonly [refusal in typeof appealed.refusal]: Mistakes };
    const mistakes = said[appealed.refusal];
    const decisions = await site.abuse.decisionsOf(session);
    const body = portalFrame(path, decisionsPage(decisions, { mistakes, of: id, done: false }));
    return page(c, site, "Decisions", body, { status: 400, session });
  });
}

function deskCases(app: Hono<Bindings>, site: Site): void {
  const path = "/desk/abuse";
  deskView(app, site, path, async () => {
    const [reports, clients] = await Promise.all([site.abuse.list(), site.entrance.list()]);
    const addresses = new Map(clients.map((row) => [row.client, row.address]));
    return { title: "Abuse reports", body: deskReportsPage(reports, addresses) };
  });
  app.get(`${path}/:id`, async (c) => {
    const desk = await deskSession(c, site);
    if (desk === undefined) return c.redirect("/desk", 303);
    countView(c, site, "/desk/abuse/:id");
    return shown(c, site, desk, { words: undefined, mistakes: {}, values: {} });
  });
  app.post(`${path}/:id/match`, async (c) => {
    const desk = await deskSession(c, site);
    if (desk === undefined) return c.redirect("/desk", 303);
    const matched = await site.abuse.match(desk, c.req.param("id"));
    const words = matched.ok
      ? `The keeper compared the copy with ${matched.tried} of this client’s messages.`
      : `The keeper did not compare: ${matched.why}.`;
    return shown(c, site, desk, { words, mistakes: {}, values: {} });
  });
  app.post(`${path}/:id/decision`, async (c) => {
    const desk = await deskSession(c, site);
    if (desk === undefined) return c.redirect("/desk", 303);
    const values = await formFields(c);
    const text = (name: string): string => values[name] ?? "";
    const made = await site.abuse.draftDecision(c.req.param("id"), {
      measure: text("measure"),
      basis: text("basis"),
      clause: text("clause"),
      facts: text("facts"),
      scope: text("scope"),
      days: text("days"),
      sender: text("sender"),
      ids: text("ids")
        .split(/\s+/)
        .filter((id) => id !== ""),
    });
    return fileOr(c, site, desk, made, values);
  });
  app.post(`${path}/:id/appeal/:decision`, async (c) => {
    const desk = await deskSession(c, site);
    if (desk === undefined) return c.redirect("/desk", 303);
    const { result = "", statement = "" } = await formFields(c);
    const { id, decision } = c.req.param();
    const made = await site.abuse.draftAppeal(id, decision, { result, statement });
    return fileOr(c, site, desk, made, {});
  });
}

async function fileOr(
  c: Visit,
  site: Site,
  desk: AtDesk,
  made: RecordDraft,
  values: CaseSaid["values"],
): Promise<Response> {
  if (!made.ok) return shown(c, site, desk, { words: undefined, mistakes: made.mistakes, values });
  c.header("content-type", "application/json");
  c.header("content-disposition", `attachment; filename="${made.name}"`);
  c.header("cache-control", "no-store");
  return c.body(new Uint8Array(made.value));
}

async function shown(c: Visit, site: Site, desk: AtDesk, said: CaseSaid): Promise<Response> {
  const view = await site.abuse.read(desk, c.req.param("id") ?? "");
  if (view === undefined) return c.notFound();
  const body = deskFrame("/desk/abuse", deskReportPage(view, said));
  const status = Object.keys(said.mistakes).length > 0 ? 400 : 200;
  return page(c, site, "Abuse report", body, { status });
}
