// Where mail programs look for settings by themselves. Answers for domains that we take mail for and for no other, and the same whether
// an address exists or not. Sets no cookie and counts nobody.
import type { Hono } from "hono";
import { autodiscover, mobileConfig, mozillaConfig } from "../autoconfig.ts";
import type { Html } from "../html.ts";
import type { Site } from "../site.ts";
import { type Bindings, type Visit, signedIn } from "../visitor.ts";

// What Outlook posts is some three hundred octets; an address is at most 254 (RFC 5321 §4.5.3.1.3).
const MAX_QUESTION = 8 * 1024;
const ADDRESS = /^[^\s@<>"&]{1,64}@([a-z0-9.-]{1,253})$/i;

export function autoconfigRoutes(app: Hono<Bindings>, site: Site): void {
  const settings = site.settingsForMailPrograms;
  const mozilla = async (c: Visit): Promise<Response> => {
    const asked = c.req.query("emailaddress");
    const domain = asked === undefined ? domainOfHost(c) : domainOf(asked);
    const ours = domain === undefined ? undefined : oursOf(site, domain);
    return ours === undefined ? c.notFound() : xml(c, mozillaConfig(ours, settings));
  };
  app.get("/mail/config-v1.1.xml", mozilla);
  app.get("/.well-known/autoconfig/mail/config-v1.1.xml", mozilla);

  // Programs write the path in each of these ways, and paths are told apart by case.
  for (const path of ["autodiscover", "Autodiscover", "AutoDiscover"]) {
    app.post(`/${path}/${path}.xml`, async (c) => {
      const body = await c.req.text();
      const address = /<EMailAddress>\s*([^<\s]{3,320})\s*<\/EMailAddress>/i.exec(
        body.slice(0, MAX_QUESTION),
      )?.[1];
      const domain = address && domainOf(address);
      if (!domain || oursOf(site, domain) === undefined) return c.notFound();
      return xml(c, autodiscover(address, settings));
    });
    app.get(`/${path}/${path}.json`, (c) => discovered(c, path));
    app.get(`/${path}/${path}.json/v1.0/:address`, (c) => discovered(c, path));
  }

  app.get("/portal/apple.mobileconfig", async (c) => {
    const session = await signedIn(c, site);
    if (session === undefined) return c.redirect("/sign-in", 303);
    const profile = mobileConfig(session.address, site.domain, settings);
    if (profile === undefined) return c.notFound();
    c.header("content-disposition", 'attachment; filename="mail.mobileconfig"');
    c.header("content-type", "application/x-apple-aspen-config");
    return c.body(String(await profile));
  });
}

/** Autodiscover version 2: names the address to ask in the older way, which is the only one that knows IMAP. */
function discovered(c: Visit, path: string): Response {
  if (c.req.query("Protocol")?.toLowerCase() !== "autodiscoverv1")
    return c.json({ ErrorCode: "InvalidProtocol", ErrorMessage: "Ask for AutodiscoverV1." }, 400);
  const scheme = c.env.secure ? "https" : "http";
  const host = new URL(c.req.url).host;
  return c.json({ Protocol: "AutodiscoverV1", Url: `${scheme}://${host}/${path}/${path}.xml` });
}

async function xml(c: Visit, document: Html): Promise<Response> {
  c.header("content-type", "application/xml; charset=utf-8");
  return c.body(String(await document));
}

function domainOf(address: string): string | undefined {
  return ADDRESS.exec(address)?.[1]?.toLowerCase();
}

/** autoconfig.DOMAIN and DOMAIN itself ask for DOMAIN. */
function domainOfHost(c: Visit): string {
  return new URL(c.req.url).hostname.toLowerCase().replace(/^autoconfig\./, "");
}

/** A newcomer's browser says "localhost" for the trial domain. */
function oursOf({ domain, tryingOut, domains }: Site, asked: string): string | undefined {
  if (domains.isOurs(asked)) return asked;
  return tryingOut && /^(?:localhost|127\.0\.0\.1)$/.test(asked) ? domain : undefined;
}
