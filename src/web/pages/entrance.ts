// Sign-up on its two tracks, sign-in, and the welcome with the settings for a mail program. Pure; shows no password again.
import { html } from "hono/html";
import { type DataClass, classes } from "#policy";
import { type Fields, type Mistakes, field, summary } from "../forms.ts";
import type { Html } from "../html.ts";
import type { MailSetting, Plan, RecoveryMode } from "../ports.ts";
import { table } from "../table.ts";
import { type Texts, original, tableWords } from "../texts/texts.ts";
import { className, purposeWords } from "./policy.ts";

export type Track = "contract" | "pseudonymous";

export interface SignUpView {
  readonly track: Track;
  readonly domain: string;
  readonly plans: readonly Plan[];
  readonly values: Fields;
  readonly mistakes: Mistakes;
}

export function signUpPage(t: Texts, view: SignUpView): Html {
  const { signUp } = t;
  const { track, values, mistakes } = view;
  const tab = (key: Track, words: string): Html =>
    html`<a href="/sign-up?track=${key}" ${key === track ? html`aria-current="true"` : ""}
      >${words}</a
    >`;
  return html`<div class="split">
    <div>
      <h1>${signUp.title}</h1>
      <p class="lede">${signUp.lede}</p>
      ${summary(mistakes, t)}
      <nav class="segments" aria-label="${signUp.track}">
        ${tab("pseudonymous", signUp.pseudonymous)} ${tab("contract", signUp.contract)}
      </nav>
      <form method="post" action="/sign-up">
        <input type="hidden" name="track" value="${track}" />
        ${field(
          {
            name: "name",
            label: signUp.address,
            suffix: `@${view.domain}`,
            autocomplete: "username",
          },
          values,
          mistakes,
        )}
        ${field(
          {
            name: "password",
            label: signUp.password,
            type: "password",
            hint: signUp.passwordHint,
            autocomplete: "new-password",
          },
          values,
          mistakes,
        )}
        ${track === "contract" ? contactForm(t, values, mistakes) : ""} ${planChoice(t, view)}
        <div class="actions"><button>${signUp.make}</button></div>
      </form>
    </div>
    <aside aria-labelledby="kept">
      <h2 class="h3" id="kept">${signUp.kept}</h2>
      ${keptFacts(
        t,
        track === "contract"
          ? ["contact", "credential", "standing", "clientlog"]
          : ["credential", "standing", "clientlog"],
      )}
      <p class="quiet">
        ${track === "contract" ? signUp.keptContract : signUp.keptPseudonymous} ${signUp.rest}
      </p>
    </aside>
  </div>`;
}

function contactForm({ signUp }: Texts, values: Fields, mistakes: Mistakes): Html {
  return html`<fieldset>
    <legend class="big">${signUp.whoYouAre}</legend>
    ${field({ name: "fullName", label: signUp.fullName, autocomplete: "name" }, values, mistakes)}
    ${field({ name: "postal", label: signUp.postal, lines: 3, autocomplete: "street-address" }, values, mistakes)}
    ${field({ name: "phone", label: signUp.phone, type: "tel", autocomplete: "tel" }, values, mistakes)}
    ${field(
      {
        name: "email",
        label: signUp.email,
        type: "email",
        hint: signUp.emailHint,
        autocomplete: "email",
      },
      values,
      mistakes,
    )}
  </fieldset>`;
}

function planChoice(t: Texts, { plans, values, mistakes }: SignUpView): Html {
  const chosen = values["plan"];
  const mistake = mistakes["plan"];
  return html`<fieldset id="plan">
    <legend>${t.signUp.plan}</legend>
    ${mistake === undefined ? "" : html`<p class="wrong">${mistake}</p>`}
    ${plans.map(
      (plan, index) =>
        html`<label class="choice"
          ><input
            type="radio"
            name="plan"
            value="${plan.name}"
            ${(chosen === undefined ? index === 0 : chosen === plan.name) ? "checked" : ""}
          /><span
            ><strong>${tableWords(t, capital(plan.name))}</strong
            ><small>${tableWords(t, plan.words)}</small></span
          ></label
        >`,
    )}
  </fieldset>`;
}

function keptFacts(t: Texts, names: readonly DataClass[]): Html {
  return html`<dl class="facts">
    ${names.map(
      (name) =>
        html`<div>
          <dt>${className(name, t)}</dt>
          <dd>
            ${tableWords(t, classes[name].holds)}.
            <small
              >${t.signUp.keptOf(purposeWords(name, t), tableWords(t, classes[name].kept.rule))}</small
            >
          </dd>
        </div>`,
    )}
  </dl>`;
}

export function signInPage(t: Texts, values: Fields, mistakes: Mistakes): Html {
  const { signIn } = t;
  return html`<div class="narrow">
    <h1>${signIn.title}</h1>
    <p class="lede">${signIn.lede}</p>
    ${summary(mistakes, t)}
    <form method="post" action="/sign-in">
      ${field({ name: "login", label: signIn.address, type: "text", autocomplete: "username" }, values, mistakes)}
      ${field({ name: "password", label: signIn.password, type: "password", autocomplete: "current-password" }, values, mistakes)}
      <label class="choice"
        ><input
          type="checkbox"
          name="remember"
          value="yes"
          ${values["remember"] === "yes" ? "checked" : ""}
        /><span
          ><strong>${signIn.remember}</strong><small>${signIn.rememberWords}</small></span
        ></label
      >
      <div class="actions">
        <button>${signIn.enter}</button> <a href="/sign-up">${signIn.instead}</a>
        <a href="/recover">${signIn.lost}</a>
      </div>
    </form>
  </div>`;
}

export function welcomePage(t: Texts, address: string, settings: readonly MailSetting[]): Html {
  return html`<h1>${t.welcome.title}</h1>
    <p class="lede"><strong class="mono">${address}</strong></p>
    <p class="prose">${t.welcome.words}</p>
    ${mailSettings(address, settings, t)}
    <div class="actions"><a class="button" href="/portal">${t.welcome.on}</a></div>`;
}

export function mailSettings(
  address: string,
  settings: readonly MailSetting[],
  t: Texts = original,
): Html {
  return html`${table(
      t.welcome.settings,
      t.welcome.columns,
      settings.map((line) => [
        tableWords(t, line.use),
        line.protocol,
        html`<code>${line.host}</code>`,
        html`<code>${line.port}</code>`,
        line.security,
      ]),
    )}
    <p class="quiet">${t.welcome.userName(address)}</p>`;
}

/** How a lost password is answered, in a client's words. */
export const recoveryWords: { readonly [Mode in RecoveryMode]: string } = {
  provider:
    "The plan allows a new password after you prove who you are and a day has passed; you would be told before. This version cannot carry it out yet: keep your password safe.",
  quorum:
    "The plan allows a new password after you prove who you are, two people here agree and a day has passed; you would be told before. This version cannot carry it out yet: keep your password safe.",
  "client-only":
    "Only your password opens your mail. If you lose it, the mail that is stored is lost to everybody, and nobody can be ordered to open it.",
};

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
