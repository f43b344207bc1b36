// The disclosure desk's routes: takes requests in, notes steps, makes records and grants as files to be signed elsewhere. Nothing here
// signs, and nothing here opens a client's mail.
import type { Hono } from "hono";
import type { RequestForm } from "#disclosure";
import { deskFrame, deskSession, deskView } from "../deskviews.ts";
import { approvalPage, askPage, casePage, casesPage, newCasePage } from "../pages/cases.ts";
import type { RecordWanted, Told } from "../ports/cases.ts";
import type { AtDesk } from "../ports.ts";
import type { Site } from "../site.ts";
import { type Bindings, type Visit, formFields, page } from "../visitor.ts";

// As many messages as a person picks from; an account with more is scoped by the ids of the case.
const MOST_MESSAGES = 200;

export function caseRoutes(app: Hono<Bindings>, site: Site): void {
  const { cases } = site;
  const now = (): number => site.clock.now();
  deskView(app, site, "/desk/cases", async () => {
    const [listed, approvals, clients] = await Promise.all([
      cases.list(),
      cases.approvals(),
      site.entrance.list(),
    ]);
    return { title: "Requests for data", body: casesPage(listed, approvals, clients, now()) };
  });
  deskView(app, site, "/desk/cases/new", () => ({
    title: "Take a request in",
    body: newCasePage({}, {}),
  }));
  const atDesk = (path: string, work: (c: Visit, desk: AtDesk) => Promise<Response>): void => {
    app.post(path, async (c) => {
      const desk = await deskSession(c, site);
      return desk === undefined ? c.redirect("/desk", 303) : work(c, desk);
    });
  };
  atDesk("/desk/cases/new", async (c) => {
    const fields = await formFields(c);
    const made = await cases.add(requestForm(fields));
    if (made.ok) return c.redirect(`/desk/cases/case/${made.id}`, 303);
    const body = deskFrame("/desk/cases", newCasePage(fields, made.mistakes));
    return page(c, site, "Take a request in", body, { status: 400 });
  });
  const shown = async (c: Visit, desk: AtDesk, told: Told | undefined): Promise<Response> => {
    const found = await cases.read(desk, c.req.param("id") ?? "");
    if (found === undefined) return c.notFound();
    const body = deskFrame("/desk/cases", casePage(found, told, now()));
    return page(c, site, "Request", body, { status: told?.ok === false ? 400 : 200 });
  };
  app.get("/desk/cases/case/:id", async (c) => {
    const desk = await deskSession(c, site);
    return desk === undefined ? c.redirect("/desk", 303) : shown(c, desk, undefined);
  });
  atDesk("/desk/cases/case/:id/step", async (c, desk) => {
    const { step = "", grant = "", ...fields } = await formFields(c);
    const words = fields[`words-${step}`] ?? "";
    return shown(c, desk, await cases.step(c.req.param("id") ?? "", step, words, grant.trim()));
  });
  atDesk("/desk/cases/case/:id/preserve", async (c, desk) => {
    const { words = "" } = await formFields(c);
    return shown(c, desk, await cases.preserve(desk, c.req.param("id") ?? "", words));
  });
  atDesk("/desk/cases/case/:id/record", async (c, desk) => {
    const id = c.req.param("id") ?? "";
    const wanted = recordWanted(await formFields(c));
    const record = wanted && (await cases.record(desk, id, wanted));
    if (wanted === undefined || record === undefined) return c.notFound();
    return file(c, `request-${wanted.what}-${id}.json`, record);
  });
  approvalDesk(app, site, atDesk);
}

type AtDeskPost = (path: string, work: (c: Visit, desk: AtDesk) => Promise<Response>) => void;

function approvalDesk(app: Hono<Bindings>, site: Site, atDesk: AtDeskPost): void {
  const { cases } = site;
  const ask = async (c: Visit, posted: { [name: string]: string }, wrong?: string) => {
    const account = c.req.param("account") ?? "";
    const client = (await site.entrance.list()).find((row) => row.account === account);
    if (client === undefined) return c.notFound();
    const messages = await site.desk.messages(client.client, account);
    const newest = [...messages]
      .sort((a, b) => b.receivedAt - a.receivedAt)
      .slice(0, MOST_MESSAGES);
    const body = deskFrame("/desk/cases", askPage(client, newest, posted, wrong));
    return page(c, site, "Ask the client", body, { status: wrong === undefined ? 200 : 400 });
  };
  app.get("/desk/cases/ask/:account", async (c) =>
    (await deskSession(c, site)) === undefined ? c.redirect("/desk", 303) : ask(c, {}),
  );
  atDesk("/desk/cases/ask/:account", async (c) => {
    const body = await c.req.parseBody({ all: true });
    const ids = [body["ids"] ?? []].flat().filter((id) => typeof id === "string");
    const fields = await formFields(c);
    const account = c.req.param("account") ?? "";
    const client = (await site.entrance.list()).find((row) => row.account === account);
    if (client === undefined) return c.notFound();
    const { reason = "", ticket = "" } = fields;
    const told = await cases.ask({ client: client.client, account, ids, reason, ticket });
    if (told.ok && told.id !== undefined) return c.redirect(`/desk/cases/approval/${told.id}`, 303);
    return ask(c, { reason, ticket }, told.words);
  });
  const shown = async (c: Visit, desk: AtDesk, mistakes: { readonly [field: string]: string }) => {
    const found = await cases.approval(desk, c.req.param("id") ?? "");
    if (found === undefined) return c.notFound();
    const client = (await site.entrance.list()).find((row) => row.account === found.account);
    const words = approvalPage(found, client?.address ?? "a former client", mistakes);
    const status = Object.keys(mistakes).length > 0 ? 400 : 200;
    return page(c, site, "Asked of a client", deskFrame("/desk/cases", words), { status });
  };
  app.get("/desk/cases/approval/:id", async (c) => {
    const desk = await deskSession(c, site);
    return desk === undefined ? c.redirect("/desk", 303) : shown(c, desk, {});
  });
  atDesk("/desk/cases/approval/:id", async (c, desk) => {
    const id = c.req.param("id") ?? "";
    const { actor = "", recipient = "" } = await formFields(c);
    const by = { actor: actor.trim(), recipient: recipient.trim() };
    const made = await cases.draft(desk, id, by);
    if (made === undefined) return c.notFound();
    if (!made.ok) return shown(c, desk, made.mistakes);
    return file(c, `grant-E1-${id.slice(0, 8)}.json`, made.value);
  });
}

function file(c: Visit, name: string, bytes: Uint8Array): Response {
  c.header("content-type", "application/json");
  c.header("content-disposition", `attachment; filename="${name}"`);
  c.header("cache-control", "no-store");
  return c.body(new Uint8Array(bytes));
}

function requestForm(fields: { readonly [name: string]: string }): RequestForm {
  const text = (name: keyof RequestForm): string => (fields[name] ?? "").trim();
  return {
    kind: text("kind"),
    requesterName: text("requesterName"),
    requesterKind: text("requesterKind"),
    cameBy: text("cameBy"),
    about: text("about"),
    asked: text("asked"),
    instrument: text("instrument"),
    prohibition: text("prohibition"),
  };
}

function recordWanted(fields: { readonly [name: string]: string }): RecordWanted | undefined {
  const { what, verdict = "", outcome = "", because = "" } = fields;
  if (what === "received") return { what };
  if (what === "determined") return { what, verdict };
  return what === "closed" ? { what, outcome, because } : undefined;
}
