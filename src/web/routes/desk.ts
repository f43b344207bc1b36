// The staff desk's routes. Its session is its own: nothing that is checked here opens a client's page, and the other way round.
import type { Hono } from "hono";
import { type DraftForm, draftGrant } from "#disclosure";
import { newId } from "#base/ids";
import { logBroken } from "#base/log";
import { type Demand, demands, isGround } from "#policy";
import { DESK_MARK, deskFrame, deskSession, deskToken } from "../deskviews.ts";
import { checkFields, deskSignInFields } from "../forms.ts";
import { deskPage, deskSignInPage, draftPage } from "../pages/desk.ts";
import type { FiledGrant } from "../ports.ts";
import type { Site } from "../site.ts";
import { countView } from "../views.ts";
import {
  type Bindings,
  type Visit,
  clearCookie,
  formFields,
  page,
  sessionToken,
  setCookie,
} from "../visitor.ts";

// As many messages as a person picks from; an account with more is scoped by the ids of the case.
const MOST_MESSAGES = 200;

export function deskRoutes(app: Hono<Bindings>, site: Site): void {
  app.get("/desk", async (c) => {
    countView(c, site, "/desk");
    if ((await deskSession(c, site)) === undefined)
      return page(c, site, "Staff desk", deskSignInPage({}));
    const [clients, grants] = await Promise.all([site.entrance.list(), filedGrants(site)]);
    return page(c, site, "Staff desk", deskFrame("/desk", deskPage(clients, grants)));
  });
  app.post("/desk/sign-in", (c) => signIn(c, site));
  app.post("/desk/sign-out", async (c) => {
    const token = deskToken(c);
    if (token !== undefined) {
      await site.entrance.endDeskSession(token);
      clearCookie(c, site, "__Host-session");
    }
    return c.redirect("/desk", 303);
  });
  app.get("/desk/draft/:account", (c) => draft(c, site, undefined));
  app.post("/desk/draft/:account", async (c) => draft(c, site, await readDraft(c)));
}

async function signIn(c: Visit, site: Site): Promise<Response> {
  const form = checkFields(deskSignInFields, await formFields(c));
  if (!form.ok) return page(c, site, "Staff desk", deskSignInPage(form.mistakes), { status: 400 });
  const entered = await site.entrance.deskSignIn(form.value.password, c.env.peer);
  if (!entered.ok) {
    const tooMany = entered.refusal === "too-many";
    const words = tooMany
      ? "Too many tries. Wait a few minutes."
      : "This is not the desk password.";
    return page(c, site, "Staff desk", deskSignInPage({ password: words }), {
      status: tooMany ? 429 : 403,
    });
  }
  const before = sessionToken(c);
  if (before !== undefined) await site.entrance.endWebSession(before);
  setCookie(c, site, "__Host-session", `${DESK_MARK}${entered.value.token}`);
  return c.redirect("/desk", 303);
}

async function filedGrants(site: Site): Promise<readonly FiledGrant[] | undefined> {
  try {
    return await site.desk.grants();
  } catch (error) {
    logBroken("web: the keeper did not list its grants", error);
    return undefined;
  }
}

interface Posted {
  readonly values: { readonly [name: string]: string };
  readonly ids: readonly string[];
}

async function readDraft(c: Visit): Promise<Posted> {
  const body = await c.req.parseBody({ all: true });
  const ids = [body["ids"] ?? []]
    .flat()
    .flatMap((value) => (typeof value === "string" ? value.split(/\s+/) : []));
  return { values: await formFields(c), ids: ids.filter((id) => id !== "") };
}

async function draft(c: Visit, site: Site, posted: Posted | undefined): Promise<Response> {
  if ((await deskSession(c, site)) === undefined) return c.redirect("/desk", 303);
  const account = c.req.param("account") ?? "";
  const client = (await site.entrance.list()).find((row) => row.account === account);
  if (client === undefined) return c.notFound();
  const asked = posted?.values["ground"] ?? c.req.query("ground") ?? "";
  const ground = isGround(asked) ? asked : undefined;
  const made =
    posted === undefined
      ? undefined
      : draftGrant(draftForm(posted, client), site.clock.now(), newId());
  if (made?.ok === true) {
    c.header("content-type", "application/json");
    c.header(
      "content-disposition",
      `attachment; filename="grant-${asked}-${client.client.slice(0, 8)}.json"`,
    );
    c.header("cache-control", "no-store");
    return c.body(new Uint8Array(made.value));
  }
  const messages = await site.desk.messages(client.client, client.account);
  const newest = [...messages].sort((a, b) => b.receivedAt - a.receivedAt).slice(0, MOST_MESSAGES);
  const body = draftPage({
    client,
    messages: newest,
    ground,
    values: posted?.values ?? {},
    chosen: new Set(posted?.ids),
    mistakes: made?.mistakes ?? {},
  });
  return page(c, site, "Draft a grant", body, { status: made === undefined ? 200 : 400 });
}

function draftForm(
  { values, ids }: Posted,
  of: { readonly client: string; readonly account: string },
): DraftForm {
  const text = (name: string): string => (values[name] ?? "").trim();
  const names = Object.keys(demands) as Demand[];
  return {
    client: of.client,
    account: of.account,
    ids,
    ground: text("ground"),
    class: text("class"),
    asked: text("asked"),
    reason: text("reason"),
    actor: text("actor"),
    requesterName: text("requesterName"),
    requesterKind: text("requesterKind"),
    recipient: text("recipient"),
    demands: Object.fromEntries(names.map((name) => [name, text(`demands.${name}`)])),
    hours: text("hours"),
    noticeUntil: text("noticeUntil"),
    noticeDocument: text("noticeDocument"),
  };
}
