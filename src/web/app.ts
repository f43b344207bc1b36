// The whole site as one function from Request to Response, without sockets. Every request passes the guard first and every
// answer leaves with the same headers.
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { logBroken } from "#base/log";
import { exposure, isSameSite, securityHeaders } from "./guard.ts";
import type { Html } from "./html.ts";
import {
  brokenPage,
  exposedPage,
  notFoundPage,
  otherSitePage,
  tooLargePage,
} from "./pages/errors.ts";
import { accountRoutes } from "./routes/account.ts";
import { addressRoutes } from "./routes/addresses.ts";
import { approvalRoutes } from "./routes/approvals.ts";
import { autoconfigRoutes } from "./routes/autoconfig.ts";
import { billingRoutes } from "./routes/billing.ts";
import { caseRoutes } from "./routes/cases.ts";
import { abuseRoutes } from "./routes/abuse.ts";
import { cancelRoutes } from "./routes/cancel.ts";
import { deskRoutes } from "./routes/desk.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { entranceRoutes } from "./routes/entrance.ts";
import { ledgerRoutes } from "./routes/ledger.ts";
import { listRoutes } from "./routes/lists.ts";
import { portalRoutes } from "./routes/portal.ts";
import { publicRoutes } from "./routes/public.ts";
import { appRoutes } from "./routes/apps.ts";
import { recoveryRoutes } from "./routes/recovery.ts";
import { filterRoutes } from "./routes/filters.ts";
import { sendingRoutes } from "./routes/sending.ts";
import { supportRoutes } from "./routes/support.ts";
import type { Connection, Site } from "./site.ts";
import { countView } from "./views.ts";
import { type Bindings, page, textsFor } from "./visitor.ts";

export type App = (request: Request, connection: Connection) => Promise<Response>;

// A sign-up with every field at its limit, or a draft that names some thousands of messages, in form encoding.
const MAX_FORM = 512 * 1024;

/** Where passwords, sessions and staff are: never over a connection that others can read. */
const guarded = ["/sign-in", "/sign-up", "/recover", "/portal", "/receipt", "/list", "/desk"];

/** Where a file is handed in: a bank's statement, by the desk. */
const files: ReadonlySet<string> = new Set(["/desk/billing/statement"]);

function largestFile({ billing }: Site): number {
  return billing.desk.largestStatement;
}

export function createApp(site: Site): App {
  const app = new Hono<Bindings>();
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(securityHeaders(c.env.secure)))
      c.header(name, value);
  });
  app.use(async (c, next) => {
    const texts = textsFor(c, site);
    const refuse = (body: Html): Promise<Response> =>
      page(c, site, texts.errors.refused, body, { status: 403, texts });
    if (!isSameSite(c.req.raw)) return refuse(otherSitePage(texts));
    const path = c.req.path;
    const why = guarded.some((start) => path === start || path.startsWith(`${start}/`))
      ? exposure(c.req.raw, c.env, site.tryingOut)
      : undefined;
    if (why !== undefined) return refuse(exposedPage(why, texts));
    return next();
  });
  const limited = (maxSize: number) =>
    bodyLimit({
      maxSize,
      onError: (c) => {
        const texts = textsFor(c, site);
        return page(c, site, texts.errors.tooLargeTitle, tooLargePage(texts), {
          status: 400,
          texts,
        });
      },
    });
  const [ofForms, ofFiles] = [limited(MAX_FORM), limited(MAX_FORM + largestFile(site))];
  app.use((c, next) => (files.has(c.req.path) ? ofFiles(c, next) : ofForms(c, next)));
  publicRoutes(app, site);
  autoconfigRoutes(app, site);
  entranceRoutes(app, site);
  supportRoutes(app, site);
  listRoutes(app, site);
  addressRoutes(app, site);
  sendingRoutes(app, site);
  filterRoutes(app, site);
  appRoutes(app, site);
  recoveryRoutes(app, site);
  portalRoutes(app, site);
  accountRoutes(app, site);
  cancelRoutes(app, site);
  ledgerRoutes(app, site);
  deskRoutes(app, site);
  caseRoutes(app, site);
  approvalRoutes(app, site);
  abuseRoutes(app, site);
  jobRoutes(app, site);
  billingRoutes(app, site);
  app.notFound((c) => {
    // Counted under one name for all: who asks for many pages that are not there is a program.
    countView(c, site, "/*");
    const texts = textsFor(c, site);
    return page(c, site, texts.errors.notFoundTitle, notFoundPage(texts), { status: 404, texts });
  });
  app.onError((error, c) => {
    const id = logBroken("web: a request broke", error);
    const texts = textsFor(c, site);
    return page(c, site, texts.errors.brokenTitle, brokenPage(id, texts), { status: 500, texts });
  });
  return async (request, connection) => app.fetch(request, connection);
}
