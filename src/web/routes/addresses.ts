// A client's addresses, domains and deleted mail in the portal. Everything works without JavaScript, and nothing here opens mail: the
// session goes back to the room that does.
import type { Hono } from "hono";
import type { Fields, Mistakes } from "../forms.ts";
import { addressesPage, addressMistakes, removeAddressPage } from "../pages/addresses.ts";
import { deletedPage } from "../pages/deleted.ts";
import { claimMistakes, domainPage, domainsPage } from "../pages/domains.ts";
import { portalFrame } from "../pages/portal.ts";
import type { ProofOutcome } from "../ports/addresses.ts";
import type { SignedIn } from "../ports.ts";
import { portalPage } from "../portalviews.ts";
import type { Site } from "../site.ts";
import { ownView } from "../views.ts";
import { type Bindings, type Visit, formFields, page, signedIn } from "../visitor.ts";

const ADDRESSES = "/portal/addresses";
const DOMAINS = "/portal/domains";
const DELETED = "/portal/deleted";
/** As many deleted messages as a person scrolls through. */
const MOST_DELETED = 200;

export function addressRoutes(app: Hono<Bindings>, site: Site): void {
  nameRoutes(app, site);
  domainRoutes(app, site);
  deletedRoutes(app, site);
}

type Work = (session: SignedIn, fields: Fields) => Promise<Response>;

async function own(c: Visit, site: Site, work: Work): Promise<Response> {
  const session = await signedIn(c, site);
  if (session === undefined) return c.redirect("/sign-in", 303);
  return work(session, c.req.method === "POST" ? await formFields(c) : {});
}

function nameRoutes(app: Hono<Bindings>, site: Site): void {
  const { addresses } = site;
  const again = async (c: Visit, session: SignedIn, fields: Fields, mistakes: Mistakes) => {
    const body = portalFrame(ADDRESSES, await names(site, session, fields, mistakes));
    return page(c, site, "Addresses", body, { status: 400, session });
  };
  ownView(app, site, ADDRESSES, async (_, session) =>
    portalPage(ADDRESSES, "Addresses", await names(site, session, {}, {})),
  );
  app.post(ADDRESSES, (c) =>
    own(c, site, async (session, fields) => {
      const domain = fields["domain"] ?? site.domain;
      const added = await addresses.add(session, fields["name"] ?? "", domain, "");
      if (added.ok) return c.redirect(ADDRESSES, 303);
      return again(c, session, fields, addressMistakes(added.refusal));
    }),
  );
  app.post(`${ADDRESSES}/mask`, (c) =>
    own(c, site, async (session, fields) => {
      const made = await addresses.mask(session, fields["note"] ?? "");
      if (!made.ok) return again(c, session, fields, addressMistakes(made.refusal));
      const body = portalFrame(ADDRESSES, await names(site, session, {}, {}, made.value));
      return page(c, site, "Addresses", body, { session });
    }),
  );
  app.post(`${ADDRESSES}/change`, (c) =>
    own(c, site, async (session, { address = "", do: act }) => {
      if (act === "on" || act === "off") await addresses.switch(session, address, act === "on");
      if (act === "remove-now") await addresses.remove(session, address);
      if (act !== "remove") return c.redirect(ADDRESSES, 303);
      const line = (await addresses.list(session)).find((each) => each.address === address);
      if (line === undefined) return c.redirect(ADDRESSES, 303);
      const body = removeAddressPage(address, line.kind === "mask");
      return page(c, site, "Delete an address", portalFrame(ADDRESSES, body), { session });
    }),
  );
}

async function names(
  { addresses, domains, domain }: Site,
  session: SignedIn,
  fields: Fields,
  mistakes: Mistakes,
  made?: string,
) {
  const [lines, limits, claims] = await Promise.all([
    addresses.list(session),
    addresses.limits(session),
    domains.list(session),
  ]);
  const ownDomains = claims
    .filter(({ state }) => state === "verified" || state === "broken")
    .map((claim) => claim.domain);
  return addressesPage({ domain, ownDomains, addresses: lines, limits, made }, fields, mistakes);
}

function domainRoutes(app: Hono<Bindings>, site: Site): void {
  const { domains } = site;
  // Asked for at mta-sts.DOMAIN, by servers, over TLS that they check.
  app.get("/.well-known/mta-sts.txt", (c) => c.text(domains.stsPolicy));
  ownView(app, site, DOMAINS, async (_, session) =>
    portalPage(DOMAINS, "Your domains", domainsPage(await domains.list(session), {}, {})),
  );
  app.post(DOMAINS, (c) =>
    own(c, site, async (session, fields) => {
      const claimed = await domains.claim(session, fields["domain"] ?? "");
      if (claimed.ok) return c.redirect(`${DOMAINS}/${claimed.value}`, 303);
      const lines = await domains.list(session);
      const body = portalFrame(DOMAINS, domainsPage(lines, fields, claimMistakes(claimed.refusal)));
      return page(c, site, "Your domains", body, { status: 400, session });
    }),
  );
  app.get(`${DOMAINS}/:domain`, (c) => own(c, site, (session) => oneDomain(c, site, session)));
  app.post(`${DOMAINS}/:domain/check`, (c) =>
    own(c, site, async (session) => {
      const proof = await domains.check(session, c.req.param("domain"));
      return proof.ok ? oneDomain(c, site, session, proof.value) : c.notFound();
    }),
  );
  app.post(`${DOMAINS}/:domain/remove`, (c) =>
    own(c, site, async (session) => {
      await domains.remove(session, c.req.param("domain"));
      return c.redirect(DOMAINS, 303);
    }),
  );
  app.get(`${DOMAINS}/:domain/zone.txt`, (c) =>
    own(c, site, async (session) => {
      const text = await domains.zoneFile(session, c.req.param("domain"));
      if (text === undefined) return c.notFound();
      return c.text(text, 200, { "cache-control": "no-store" });
    }),
  );
}

async function oneDomain(
  c: Visit,
  site: Site,
  session: SignedIn,
  proof?: ProofOutcome,
): Promise<Response> {
  const lines = await site.domains.list(session);
  const line = lines.find(({ domain }) => domain === c.req.param("domain"));
  if (line === undefined || line.state === "ended") return c.notFound();
  return page(c, site, line.domain, portalFrame(DOMAINS, domainPage(line, proof)), { session });
}

function deletedRoutes(app: Hono<Bindings>, site: Site): void {
  const { deleted } = site;
  const all = async (session: SignedIn) => (await deleted.list(session)).slice(0, MOST_DELETED);
  ownView(app, site, DELETED, async (_, session) => {
    const { days } = deleted;
    const view = { lines: await all(session), most: MOST_DELETED, days, done: undefined };
    return portalPage(DELETED, "Deleted mail", deletedPage(view));
  });
  app.post(DELETED, (c) =>
    own(c, site, async (session, { do: act, ...marked }) => {
      const ids = Object.keys(marked).slice(0, MOST_DELETED);
      const what = act === "erase" ? "erased" : "restored";
      const count =
        what === "erased" ? await deleted.erase(session, ids) : await deleted.restore(session, ids);
      const view = {
        lines: await all(session),
        most: MOST_DELETED,
        days: deleted.days,
        done: { what, count },
      } as const;
      return page(c, site, "Deleted mail", portalFrame(DELETED, deletedPage(view)), { session });
    }),
  );
}
