// Sign-up, sign-in, sign-out: forms in, sessions out. A password is handed to the clients' room and shown to nobody.
import type { Hono } from "hono";
import { never } from "#base/errors";
import {
  type Fields,
  type Mistakes,
  checkFields,
  contactFields,
  signInFields,
  signUpFields,
} from "../forms.ts";
import { type Track, signInPage, signUpPage, welcomePage } from "../pages/entrance.ts";
import type { ContactData, SignInRefusal, SignUpRefusal, SignedIn } from "../ports.ts";
import type { Site } from "../site.ts";
import { publicView } from "../views.ts";
import {
  type Bindings,
  type Visit,
  clearCookie,
  formFields,
  page,
  sessionToken,
  setCookie,
} from "../visitor.ts";

export function entranceRoutes(app: Hono<Bindings>, site: Site): void {
  publicView(app, site, "/sign-up", (c) => ({
    title: "Sign up",
    body: signUpForm(site, trackOf(c.req.query("track")), {}, {}),
  }));
  publicView(app, site, "/sign-in", () => ({ title: "Sign in", body: signInPage({}, {}) }));
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

function signUpForm(site: Site, track: Track, values: Fields, mistakes: Mistakes) {
  return signUpPage({ track, domain: site.domain, plans: site.plans, values, mistakes });
}

async function signUp(c: Visit, site: Site): Promise<Response> {
  const fields = await formFields(c);
  const track = trackOf(fields["track"]);
  const again = (mistakes: Mistakes, status: 400 | 429 | 503 = 400): Promise<Response> =>
    page(c, site, "Sign up", signUpForm(site, track, fields, mistakes), { status });

  const basics = checkFields(signUpFields, fields);
  const contact = track === "contract" ? checkFields(contactFields, fields) : undefined;
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
      signUpWords(refusal),
      refusal === "keeper-away" ? 503 : refusal === "too-many" ? 429 : 400,
    );
  }

  const entered = await site.entrance.signIn(attempt(c, address, password));
  if (!entered.ok) return c.redirect("/sign-in", 303);
  await enter(c, site, entered.value, false);
  const body = welcomePage(entered.value.address, site.settingsForMailPrograms);
  return page(c, site, "Your address is ready", body, { session: entered.value });
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
  const fields = await formFields(c);
  const again = (mistakes: Mistakes, status: 400 | 403 | 429 = 400): Promise<Response> =>
    page(c, site, "Sign in", signInPage(fields, mistakes), { status });
  const form = checkFields(signInFields, fields);
  if (!form.ok) return again(form.mistakes);
  const login = form.value.login.includes("@")
    ? form.value.login
    : `${form.value.login}@${site.domain}`;
  const entered = await site.entrance.signIn(attempt(c, login, form.value.password));
  if (!entered.ok)
    return again(signInWords(entered.refusal), entered.refusal === "too-many" ? 429 : 403);
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

function signUpWords(refusal: SignUpRefusal): Mistakes {
  switch (refusal) {
    case "bad-address":
    case "not-our-domain":
      return { name: "This name cannot be had. Try letters and digits, or another name." };
    case "address-taken":
      return { name: "This name is taken." };
    case "password-too-short":
      return { password: "Too short to keep your mail closed. Use a few words." };
    case "password-too-long":
      return { password: "Longer than we can take." };
    case "unknown-plan":
      return { plan: "Choose one of these plans." };
    case "contact-incomplete":
      return { fullName: "All four are needed on this track." };
    case "too-many":
      return { "": "Too many sign-ups from your network. Wait a few minutes." };
    case "keeper-away":
      return {
        "": "The key holder does not answer, and without it no key can be made. Try again in a moment.",
      };
    default:
      return never(refusal);
  }
}

function signInWords(refusal: SignInRefusal): Mistakes {
  switch (refusal) {
    case "wrong":
      return { login: "Address and password do not belong together." };
    case "suspended":
      return { login: "This account is suspended. Write to us from another address." };
    case "too-many":
      return { login: "Too many tries. Wait a few minutes." };
    case "not-this-way":
      return { login: "This password is for mail programs. Use your main one here." };
    case "key-differs":
      return {
        login:
          "Your password is right, but the key that our database has for you is not the one that was certified at your sign-up: somebody changed it. Your mail stays closed, and new mail is turned away, until it is put right. Write to us from another address.",
      };
    default:
      return never(refusal);
  }
}
