// The pages that anybody may read, without a name and without a cookie, and the choice of language and colours.
import type { Hono } from "hono";
import { policyDocument, policyInDpv } from "#policy";
import type { Report } from "#visitors";
import { canonicalText } from "#base/canonical";
import { staticFiles } from "../files.ts";
import { ownPath } from "../guard.ts";
import { homePage } from "../pages/home.ts";
import { policyPage } from "../pages/policy.ts";
import { sourcePage } from "../pages/source.ts";
import { cookiesPage, leftHerePage } from "../pages/visits.ts";
import { type Period, isPeriod, periods, trafficCsv, trafficPage } from "../pages/traffic.ts";
import { preferencesPage } from "../pages/preferences.ts";
import { choose, preferencesText } from "../preferences.ts";
import { publishedCheckpoint } from "../published.ts";
import type { Site } from "../site.ts";
import { countView, publicView } from "../views.ts";
import {
  type Bindings,
  type Visit,
  clearCookie,
  formFields,
  page,
  preferencesOf,
  setCookie,
  signedIn,
  textsFor,
} from "../visitor.ts";

export function publicRoutes(app: Hono<Bindings>, site: Site): void {
  publicView(app, site, "/", async (_, session, texts) => ({
    title: texts.home.title,
    body: homePage(texts, {
      domain: site.domain,
      signedIn: session !== undefined,
      ledgerSize: (await publishedCheckpoint(site.publishedLedgerFolder))?.size,
    }),
    texts,
  }));
  publicView(app, site, "/policy", (_c, _session, texts) => ({
    title: texts.policy.title,
    body: policyPage(texts),
    texts,
  }));
  publicView(app, site, "/cookies", (_c, _session, texts) => ({
    title: texts.cookies.title,
    body: cookiesPage(texts),
    texts,
  }));
  publicView(app, site, "/source", (_c, _session, texts) => ({
    title: texts.source.title,
    body: sourcePage(texts, site.release),
    texts,
  }));
  publicView(app, site, "/traffic", async (c, _, texts) => {
    const period = periodOf(c);
    const body = trafficPage(texts, period, await report(site, period));
    return { title: texts.traffic.title, body, texts };
  });
  // The one page that shows its own count, so it is counted before it is rendered.
  app.get("/left-here", async (c) => {
    const raised = countView(c, site, "/left-here");
    const view = await site.visits.whatYouLeft(raised, c.env.peer);
    const session = await signedIn(c, site);
    const texts = textsFor(c, site);
    return page(c, site, texts.left.title, leftHerePage(texts, view), { session, texts });
  });
  app.get("/policy.json", (c) => {
    c.header("content-type", "application/json; charset=utf-8");
    return c.body(canonicalText(policyDocument()));
  });
  app.get("/policy.jsonld", (c) => {
    c.header("content-type", "application/ld+json; charset=utf-8");
    return c.body(JSON.stringify(policyInDpv(), undefined, 1));
  });
  app.get("/traffic.json", async (c) => c.json(await report(site, periodOf(c))));
  app.get("/traffic.csv", async (c) => {
    c.header("content-type", "text/csv; charset=utf-8");
    c.header("content-disposition", `attachment; filename="traffic-${periodOf(c)}.csv"`);
    return c.body(trafficCsv(await report(site, periodOf(c))));
  });
  preferences(app, site);
  files(app);
}

function report(site: Site, period: Period): Promise<Report> {
  return site.visits.report({ days: periods[period].days });
}

function periodOf(c: Visit): Period {
  const asked = c.req.query("period") ?? "";
  return isPeriod(asked) ? asked : "7-days";
}

function preferences(app: Hono<Bindings>, site: Site): void {
  publicView(app, site, "/preferences", (c, _, texts) => ({
    title: texts.preferences.title,
    body: preferencesPage(texts, preferencesOf(c)),
    texts,
  }));
  app.post("/preferences", async (c) => {
    const fields = await formFields(c);
    const value = preferencesText(choose(preferencesOf(c), fields));
    if (value === "") clearCookie(c, site, "__Host-prefs");
    else setCookie(c, site, "__Host-prefs", value);
    return c.redirect(ownPath(fields["back"]), 303);
  });
}

function files(app: Hono<Bindings>): void {
  app.get("/files/:name", (c) => {
    const file = staticFiles.find(c.req.param("name"));
    if (file === undefined) return c.notFound();
    // The name changes with the content, so what was fetched once is right for ever.
    c.header("cache-control", "public, max-age=31536000, immutable");
    c.header("content-type", file.type);
    return c.body(file.bytes);
  });
  app.get("/favicon.ico", (c) => c.redirect(staticFiles.path("seal.svg"), 302));
  app.get("/robots.txt", (c) => c.text("User-agent: *\nDisallow: /portal\nDisallow: /desk\n"));
}
