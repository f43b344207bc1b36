// The desk's page about the jobs.
import type { Hono } from "hono";
import { deskView } from "../deskviews.ts";
import { jobsPage } from "../pages/jobs.ts";
import type { Site } from "../site.ts";
import type { Bindings } from "../visitor.ts";

export function jobRoutes(app: Hono<Bindings>, site: Site): void {
  deskView(app, site, "/desk/jobs", () => ({
    title: "Jobs",
    body: jobsPage(site.jobs.reports()),
  }));
}
