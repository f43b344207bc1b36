// The ledger's page and its published files, as the keeper wrote them.
import type { Hono } from "hono";
import { ledgerPage } from "../pages/ledger.ts";
import { reportPage } from "../pages/report.ts";
import {
  latestOpenings,
  publishedCheckpoint,
  publishedFile,
  publishedKey,
  publishedReport,
} from "../published.ts";
import type { Site } from "../site.ts";
import { publicView } from "../views.ts";
import type { Bindings } from "../visitor.ts";

// What one page shows without tiring; all of them are in the published files.
const MOST_OPENINGS = 25;

export function ledgerRoutes(app: Hono<Bindings>, site: Site): void {
  const folder = site.publishedLedgerFolder;
  publicView(app, site, "/ledger", async (c) => {
    const checkpoint = await publishedCheckpoint(folder);
    const [verifierKey, openings] = await Promise.all([
      publishedKey(folder),
      latestOpenings(folder, checkpoint?.size ?? 0, MOST_OPENINGS),
    ]);
    const body = ledgerPage({ checkpoint, verifierKey, openings, site: new URL(c.req.url).origin });
    return { title: "Ledger", body };
  });
  publicView(app, site, "/ledger/report", async (c) => ({
    title: "Transparency report",
    body: reportPage(await publishedReport(folder), new URL(c.req.url).origin),
  }));
  app.get("/ledger/*", async (c) => {
    const file = await publishedFile(folder, c.req.path.slice("/ledger/".length));
    if (file === undefined) return c.notFound();
    c.header("content-type", file.type);
    c.header("cache-control", file.forever ? "public, max-age=31536000, immutable" : "no-cache");
    // Anybody's page may check the log.
    c.header("access-control-allow-origin", "*");
    return c.body(file.bytes);
  });
}
