// Mailing lists in the portal, and the link that a letter carries: one click to join or leave, without a sign-in. The link's token
// stands in no counter and no log.
import type { Hono } from "hono";
import type { Fields, Mistakes } from "../forms.ts";
import {
  inviteMistakes,
  linkPage,
  listMistakes,
  listPage,
  listsPage,
  noLinkPage,
} from "../pages/lists.ts";
import { portalFrame } from "../pages/portal.ts";
import type { SignedIn } from "../ports.ts";
import type { Site } from "../site.ts";
import { ownView } from "../views.ts";
import { type Bindings, type Visit, formFields, page, signedIn } from "../visitor.ts";

const LISTS = "/portal/lists";

export function listRoutes(app: Hono<Bindings>, site: Site): void {
  const { lists } = site;
  ownView(app, site, LISTS, async (_, session) => ({
    title: "Mailing lists",
    body: portalFrame(LISTS, await all(site, session, {}, {})),
  }));
  app.post(LISTS, (c) =>
    own(c, site, async (session, fields) => {
      const posting = fields["posting"] === "anyone" ? "anyone" : "members";
      const more = { domain: fields["domain"], posting } as const;
      const made = await lists.create(session, fields["name"] ?? "", fields["title"] ?? "", more);
      if (made.ok) return c.redirect(`${LISTS}/${made.value}`, 303);
      const body = await all(site, session, fields, listMistakes(made.refusal));
      return page(c, site, "Mailing lists", portalFrame(LISTS, body), { status: 400, session });
    }),
  );
  app.get(`${LISTS}/:list`, (c) => own(c, site, (session) => one(c, site, session, {}, {})));
  app.post(`${LISTS}/:list/invite`, (c) =>
    own(c, site, async (session, fields) => {
      const typed = (fields["address"] ?? "").trim();
      const address = typed.includes("@") ? typed : `${typed}@${site.domain}`;
      const asked = await lists.invite(session, c.req.param("list"), address);
      if (asked.ok) return c.redirect(`${LISTS}/${c.req.param("list")}`, 303);
      return one(c, site, session, fields, inviteMistakes(asked.refusal));
    }),
  );
  app.post(`${LISTS}/:list/remove`, (c) =>
    own(c, site, async (session, fields) => {
      await lists.remove(session, c.req.param("list"), fields["member"] ?? "");
      return c.redirect(`${LISTS}/${c.req.param("list")}`, 303);
    }),
  );
  app.post(`${LISTS}/:list/delete`, (c) =>
    own(c, site, async (session) => {
      await lists.delete(session, c.req.param("list"));
      return c.redirect(LISTS, 303);
    }),
  );
  app.post(`${LISTS}/:list/answer`, (c) =>
    own(c, site, async (session, fields) => {
      const answer = fields["answer"] === "accept" ? "accept" : "leave";
      await lists.answer(session, c.req.param("list"), answer);
      return c.redirect(LISTS, 303);
    }),
  );
  app.get("/list/:member/:token", (c) => link(c, site, undefined));
  app.post("/list/:member/:token", (c) => answerLink(c, site));
}

async function own(
  c: Visit,
  site: Site,
  work: (session: SignedIn, fields: Fields) => Promise<Response>,
): Promise<Response> {
  const session = await signedIn(c, site);
  if (session === undefined) return c.redirect("/sign-in", 303);
  return work(session, c.req.method === "POST" ? await formFields(c) : {});
}

async function all(site: Site, session: SignedIn, fields: Fields, mistakes: Mistakes) {
  const { lists, domain } = site;
  const [owned, memberships, claims] = await Promise.all([
    lists.owned(session),
    lists.memberships(session),
    site.domains.list(session),
  ]);
  const ownDomains = claims
    .filter(({ state }) => state === "verified" || state === "broken")
    .map((claim) => claim.domain);
  const { maxMembers } = lists;
  return listsPage({ domain, ownDomains, maxMembers, owned, memberships }, fields, mistakes);
}

async function one(
  c: Visit,
  site: Site,
  session: SignedIn,
  fields: Fields,
  mistakes: Mistakes,
): Promise<Response> {
  const list = (await site.lists.owned(session)).find(({ id }) => id === c.req.param("list"));
  if (list === undefined) return c.notFound();
  const status = Object.keys(mistakes).length === 0 ? 200 : 400;
  const body = portalFrame(LISTS, listPage(list, fields, mistakes));
  return page(c, site, list.title, body, { status, session });
}

async function link(c: Visit, site: Site, done: "accept" | "leave" | undefined): Promise<Response> {
  const { member = "", token = "" } = c.req.param();
  const found = await site.lists.byLink(member, token);
  if (found === undefined) return page(c, site, "Nowhere", noLinkPage(), { status: 404 });
  return page(c, site, found.list.title, linkPage(found.list, found.member, c.req.path, done));
}

/** By the page's buttons, or by a mail program's one click (RFC 8058 §3.2), which sends "List-Unsubscribe=One-Click". */
async function answerLink(c: Visit, site: Site): Promise<Response> {
  const { member = "", token = "" } = c.req.param();
  const fields = await formFields(c);
  const found = await site.lists.byLink(member, token);
  if (found === undefined) return page(c, site, "Nowhere", noLinkPage(), { status: 404 });
  const answer = fields["answer"] === "accept" ? "accept" : "leave";
  await site.lists.answerByLink(member, token, answer);
  return page(c, site, found.list.title, linkPage(found.list, found.member, c.req.path, answer));
}
