// The public form that cancels or withdraws without a login. Files it with support, and says when it arrived.
import type { Hono } from "hono";
import { never } from "#base/errors";
import { type Mistakes, checkFields } from "../forms.ts";
import { cancelFields, cancelledPage, cancelPage } from "../pages/cancel.ts";
import type { Site } from "../site.ts";
import { publicView } from "../views.ts";
import { type Bindings, type Visit, formFields, page } from "../visitor.ts";

export function cancelRoutes(app: Hono<Bindings>, site: Site): void {
  publicView(app, site, "/cancel", () => ({ title: "Cancel", body: cancelPage({}, {}) }));
  app.post("/cancel", (c) => cancel(c, site));
}

async function cancel(c: Visit, site: Site): Promise<Response> {
  const fields = await formFields(c);
  const again = (mistakes: Mistakes, status: 400 | 429 | 503 = 400): Promise<Response> =>
    page(c, site, "Cancel", cancelPage(fields, mistakes), { status });
  const form = checkFields(cancelFields, fields);
  if (!form.ok) return again(form.mistakes);
  const taken = await site.account.cancel({ ...form.value, peer: c.env.peer });
  if (taken.ok) return page(c, site, "Received", cancelledPage(taken.value, form.value));
  switch (taken.refusal) {
    case "too-many":
      return again(
        { "": "Too many from your network. Wait a few minutes, or write a letter." },
        429,
      );
    case "not-now":
      return again({ "": "It cannot be kept just now. Try again in a moment." }, 503);
    default:
      return never(taken.refusal);
  }
}
