// The client's own pages: asks the other rooms for what is the client's, and says so plainly when the keeper is away.
import type { Hono } from "hono";
import { never } from "#base/errors";
import { type Mistakes, checkFields, passwordFields } from "../forms.ts";
import { looksPage, overviewPage, passwordPage, portalFrame } from "../pages/portal.ts";
import type { Look, PasswordRefusal } from "../ports.ts";
import { opened, portalPage } from "../portalviews.ts";
import type { Site } from "../site.ts";
import { ownView } from "../views.ts";
import { type Bindings, type Visit, formFields, page, signedIn } from "../visitor.ts";

export function portalRoutes(app: Hono<Bindings>, site: Site): void {
  const { own } = site;
  ownView(app, site, "/portal", async (_, session) => {
    const [facts, looks, mail] = await Promise.all([
      own.facts(session),
      opened(own.looks(session)),
      own.mail(session),
    ]);
    const settings = site.settingsForMailPrograms;
    return portalPage(
      "/portal",
      "Your mail",
      overviewPage({ address: session.address, facts, looks, mail, settings }),
    );
  });
  ownView(app, site, "/portal/looks", async (_, session) =>
    portalPage("/portal/looks", "Who looked", looksPage(await opened(own.looks(session)))),
  );
  ownView(app, site, "/portal/password", (c) =>
    portalPage("/portal/password", "Password", passwordPage({}, c.req.query("changed") === "yes")),
  );
  app.post("/portal/password", (c) => changePassword(c, site));
  app.get("/portal/looks/:index/proof", (c) =>
    evidence(c, site, "tlog-proof", (look) => look.proof),
  );
  app.get("/portal/looks/:index/openings", (c) =>
    evidence(c, site, "openings.jsonl", (look) =>
      look.openings?.map((line) => `${line}\n`).join(""),
    ),
  );
}

async function changePassword(c: Visit, site: Site): Promise<Response> {
  const session = await signedIn(c, site);
  if (session === undefined) return c.redirect("/sign-in", 303);
  const again = (mistakes: Mistakes): Promise<Response> => {
    const body = portalFrame("/portal/password", passwordPage(mistakes, false));
    return page(c, site, "Password", body, { status: 400, session });
  };
  const form = checkFields(passwordFields, await formFields(c));
  if (!form.ok) return again(form.mistakes);
  const { old, fresh, again: repeated } = form.value;
  if (fresh !== repeated) return again({ again: "The two new passwords differ." });
  const done = await site.entrance.changePassword(session, old, fresh);
  if (!done.ok) return again(passwordWords(done.refusal));
  return c.redirect("/portal/password?changed=yes", 303);
}

function passwordWords(refusal: PasswordRefusal): Mistakes {
  switch (refusal) {
    case "wrong":
      return { old: "This is not your password." };
    case "password-too-short":
      return { fresh: "Too short to keep your mail closed. Use a few words." };
    case "password-too-long":
      return { fresh: "Longer than we can take." };
    default:
      return never(refusal);
  }
}

/** What lets the client check one look without trusting this site, as a file. */
async function evidence(
  c: Visit,
  site: Site,
  kind: string,
  of: (look: Look) => string | undefined,
): Promise<Response> {
  const session = await signedIn(c, site);
  if (session === undefined) return c.redirect("/sign-in", 303);
  const index = c.req.param("index");
  const looks = await site.own.looks(session);
  const look = looks.find((each) => String(each.index) === index);
  const text = look === undefined ? undefined : of(look);
  if (look === undefined || text === undefined) return c.notFound();
  c.header("content-disposition", `attachment; filename="entry-${look.index}.${kind}"`);
  c.header("cache-control", "no-store");
  return c.text(text);
}
