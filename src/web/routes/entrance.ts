// Sign-up, sign-in, sign-out: forms in, sessions out. A password is handed to the clients' room and shown to nobody.
import type { Hono } from "hono";
import {
  type Fields,
  type Mistakes,
  checkFields,
  contactFields,
  signInFields,
  signUpFields,
} from "../forms.ts";
import type { Html } from "../html.ts";
import { type Track, signInPage, signUpPage, welcomePage } from "../pages/entrance.ts";
import type { ContactData, SignInRefusal, SignUpRefusal, SignedIn } from "../ports.ts";
import type { Site } from "../site.ts";
import type { Texts } from "../texts/texts.ts";
import { publicView } from "../views.ts";
import {
  type Bindings,
  type Visit,
  clearCookie,
  formFields,
  page,
  sessionToken,
  setCookie,
  textsFor,
} from "../visitor.ts";

export function entranceRoutes(app: Hono<Bindings>, site: Site): void {
  publicView(app, site, "/sign-up", (c, _, texts) => ({
    title: texts.signUp.title,
    body: signUpForm(texts, site, trackOf(c.req.query("track")), {}, {}),
    texts,
  }));
  publicView(app, site, "/sign-in", (_c, _session, texts) => ({
    title: texts.signIn.title,
    body: signInPage(texts, {}, {}),
    texts,
  }));
  app.post("/sign-up", (c) => signUp(c, site));
  app.post("/sign-in", (c) => signIn(c, site));
  app.post("/sign-out", async (c) => {
    await leaveSession(c, site);
    return c.redirect("/", 303);
  });
}

function trackOf(text: string | undefined): Track {
  return text === "contract" ? "contract" : "pseudonymous";
}

function signUpForm(
  texts: Texts,
  site: Site,
  track: Track,
  values: Fields,
  mistakes: Mistakes,
): Html {
  return signUpPage(texts, { track, domain: site.domain, plans: site.plans, values, mistakes });
}

async function signUp(c: Visit, site: Site): Promise<Response> {
  const texts = textsFor(c, site);
  const fields = await formFields(c);
  const track = trackOf(fields["track"]);
  const again = (mistakes: Mistakes, status: 400 | 429 | 503 = 400): Promise<Response> =>
    page(c, site, texts.signUp.title, signUpForm(texts, site, track, fields, mistakes), {
      status,
      texts,
    });

  const basics = checkFields(signUpFields(texts), fields);
  const contact = track === "contract" ? checkFields(contactFields(texts), fields) : undefined;
  if (!basics.ok || contact?.ok === false)
    return again({
      ...(basics.ok ? {} : basics.mistakes),
      ...(contact?.ok === false ? contact.mistakes : {}),
    });

  const { password, plan } = basics.value;
  const address = `${basics.value.name}@${site.domain}`;
  const made = await site.entrance.signUp({
    address,
    password,
    plan,
    peer: c.env.peer,
    ...(contact === undefined ? {} : { contact: contactOf(contact.value) }),
  });
  if (!made.ok) {
    const { refusal } = made;
    return again(
      signUpWords(texts, refusal),
      refusal === "keeper-away" ? 503 : refusal === "too-many" ? 429 : 400,
    );
  }

  const entered = await site.entrance.signIn(attempt(c, address, password));
  if (!entered.ok) return c.redirect("/sign-in", 303);
  await enter(c, site, entered.value, false);
  const body = welcomePage(texts, entered.value.address, site.settingsForMailPrograms);
  return page(c, site, texts.welcome.title, body, { session: entered.value, texts });
}

function contactOf(form: {
  readonly fullName: string;
  readonly postal: string;
  readonly phone: string;
  readonly email: string;
}): ContactData {
  return { name: form.fullName, postal: form.postal, phone: form.phone, email: form.email };
}

async function signIn(c: Visit, site: Site): Promise<Response> {
  const texts = textsFor(c, site);
  const fields = await formFields(c);
  const again = (mistakes: Mistakes, status: 400 | 403 | 429 = 400): Promise<Response> =>
    page(c, site, texts.signIn.title, signInPage(texts, fields, mistakes), { status, texts });
  const form = checkFields(signInFields(texts), fields);
  if (!form.ok) return again(form.mistakes);
  const login = form.value.login.includes("@")
    ? form.value.login
    : `${form.value.login}@${site.domain}`;
  const entered = await site.entrance.signIn(attempt(c, login, form.value.password));
  if (!entered.ok)
    return again(signInWords(texts, entered.refusal), entered.refusal === "too-many" ? 429 : 403);
  await enter(c, site, entered.value, fields["remember"] === "yes");
  return c.redirect("/portal", 303);
}

function attempt(c: Visit, login: string, password: string) {
  return { login, password, protocol: "web", peer: c.env.peer } as const;
}

async function enter(c: Visit, site: Site, session: SignedIn, remember: boolean): Promise<void> {
  const before = sessionToken(c);
  if (before !== undefined) await site.entrance.endWebSession(before);
  const { token } = await site.entrance.openWebSession(session, remember);
  if (remember) {
    setCookie(c, site, "__Host-remember", token);
    clearCookie(c, site, "__Host-session");
  } else {
    setCookie(c, site, "__Host-session", token);
    clearCookie(c, site, "__Host-remember");
  }
}

/** Ends the session here and in the browser. */
async function leaveSession(c: Visit, site: Site): Promise<void> {
  const token = sessionToken(c);
  if (token !== undefined) await site.entrance.endWebSession(token);
  clearCookie(c, site, "__Host-session");
  clearCookie(c, site, "__Host-remember");
}

/** Beside which field a refused sign-up is explained; "" stands above the form. */
const signUpPlaces: { readonly [Refusal in SignUpRefusal]: string } = {
  "bad-address": "name",
  "not-our-domain": "name",
  "address-taken": "name",
  "password-too-short": "password",
  "password-too-long": "password",
  "unknown-plan": "plan",
  "contact-incomplete": "fullName",
  "too-many": "",
  "keeper-away": "",
};

function signUpWords({ signUpRefusals }: Texts, refusal: SignUpRefusal): Mistakes {
  return { [signUpPlaces[refusal]]: signUpRefusals[refusal] };
}

function signInWords({ signInRefusals }: Texts, refusal: SignInRefusal): Mistakes {
  return { login: signInRefusals[refusal] };
}
