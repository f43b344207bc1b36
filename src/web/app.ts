// The whole site as one function from Request to Response, without sockets. Every request passes the guard first and every
// answer leaves with the same headers.
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { logBroken } from "#base/log";
import { exposure, isSameSite, securityHeaders } from "./guard.ts";
import {
  brokenPage,
  exposedPage,
  notFoundPage,
  otherSitePage,
  tooLargePage,
} from "./pages/errors.ts";
import { deskRoutes } from "./routes/desk.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { entranceRoutes } from "./routes/entrance.ts";
import { ledgerRoutes } from "./routes/ledger.ts";
import { portalRoutes } from "./routes/portal.ts";
import { publicRoutes } from "./routes/public.ts";
import type { Connection, Site } from "./site.ts";
import { countView } from "./views.ts";
import { type Bindings, page } from "./visitor.ts";

export type App = (request: Request, connection: Connection) => Promise<Response>;

// A sign-up with every field at its limit, or a draft that names some thousands of messages, in form encoding.
const MAX_FORM = 512 * 1024;

/** Where passwords, sessions and staff are: never over a connection that others can read. */
const guarded = ["/sign-in", "/sign-up", "/portal", "/desk"];

export function createApp(site: Site): App {
  const app = new Hono<Bindings>();
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(securityHeaders(c.env.secure)))
      c.header(name, value);
  });
  app.use(async (c, next) => {
    if (!isSameSite(c.req.raw)) return page(c, site, "Refused", otherSitePage(), { status: 403 });
    const path = c.req.path;
    const why = guarded.some((start) => path === start || path.startsWith(`${start}/`))
      ? exposure(c.req.raw, c.env, site.tryingOut)
      : undefined;
    if (why !== undefined) return page(c, site, "Refused", exposedPage(why), { status: 403 });
    return next();
  });
  app.use(
    bodyLimit({
      maxSize: MAX_FORM,
      onError: (c) => page(c, site, "Too large", tooLargePage(), { status: 400 }),
    }),
  );
  publicRoutes(app, site);
  entranceRoutes(app, site);
  portalRoutes(app, site);
  ledgerRoutes(app, site);
  deskRoutes(app, site);
  jobRoutes(app, site);
  app.notFound((c) => {
    // Counted under one name for all: who asks for many pages that are not there is a program.
    countView(c, site, "/*");
    return page(c, site, "Not found", notFoundPage(), { status: 404 });
  });
  app.onError((error, c) => {
    const id = logBroken("web: a request broke", error);
    return page(c, site, "Broken", brokenPage(id), { status: 500 });
  });
  return async (request, connection) => app.fetch(request, connection);
}
