// Sign-up on its two tracks, sign-in, and the welcome with the settings for a mail program. Pure; shows no password again.
import { html } from "hono/html";
import { type DataClass, classes } from "#policy";
import { type Fields, type Mistakes, field, summary } from "../forms.ts";
import type { Html } from "../layout.ts";
import { table } from "../table.ts";
import type { MailSetting, Plan, RecoveryMode } from "../ports.ts";
import { className, purposeWords } from "./policy.ts";

export type Track = "contract" | "pseudonymous";

export interface SignUpView {
  readonly track: Track;
  readonly domain: string;
  readonly plans: readonly Plan[];
  readonly values: Fields;
  readonly mistakes: Mistakes;
}

export function signUpPage(view: SignUpView): Html {
  const { track, values, mistakes } = view;
  const tab = (key: Track, words: string): Html =>
    html`<a href="/sign-up?track=${key}" ${key === track ? html`aria-current="true"` : ""}
      >${words}</a
    >`;
  return html`<div class="split">
    <div>
      <h1>Sign up</h1>
      <p class="lede">
        A name and a password are enough. Say more only if you want a contract in your name.
      </p>
      ${summary(mistakes)}
      <nav class="segments" aria-label="Track">
        ${tab("pseudonymous", "Without a name")} ${tab("contract", "With a contract")}
      </nav>
      <form method="post" action="/sign-up">
        <input type="hidden" name="track" value="${track}" />
        ${field(
          {
            name: "name",
            label: "Your address",
            suffix: `@${view.domain}`,
            autocomplete: "username",
          },
          values,
          mistakes,
        )}
        ${field(
          {
            name: "password",
            label: "Password",
            type: "password",
            hint: "It opens your mail, so make it long: a few words that only you would put together.",
            autocomplete: "new-password",
          },
          values,
          mistakes,
        )}
        ${track === "contract" ? contactForm(values, mistakes) : ""}
        ${planChoice(view.plans, values["plan"], mistakes)}
        <div class="actions"><button>Make my address</button></div>
      </form>
    </div>
    <aside aria-labelledby="kept">
      <h2 class="h3" id="kept">What is kept of this</h2>
      ${keptFacts(
        track === "contract"
          ? ["contact", "credential", "standing", "clientlog"]
          : ["credential", "standing", "clientlog"],
      )}
      <p class="quiet">
        ${
          track === "contract"
            ? "Your contact data is sealed before it is stored. Only the keeper can open it, for the purposes above."
            : "There is no contact data on this track. If the password is lost, nobody can be asked who you are."
        }
        The rest is in <a href="/policy#classes">the policy</a>.
      </p>
    </aside>
  </div>`;
}

function contactForm(values: Fields, mistakes: Mistakes): Html {
  return html`<fieldset>
    <legend class="big">Who you are</legend>
    ${field({ name: "fullName", label: "Name", autocomplete: "name" }, values, mistakes)}
    ${field({ name: "postal", label: "Postal address", lines: 3, autocomplete: "street-address" }, values, mistakes)}
    ${field({ name: "phone", label: "Phone", type: "tel", autocomplete: "tel" }, values, mistakes)}
    ${field(
      {
        name: "email",
        label: "E-mail elsewhere",
        type: "email",
        hint: "Where we reach you when this address does not work.",
        autocomplete: "email",
      },
      values,
      mistakes,
    )}
  </fieldset>`;
}

function planChoice(plans: readonly Plan[], chosen: string | undefined, mistakes: Mistakes): Html {
  const mistake = mistakes["plan"];
  return html`<fieldset id="plan">
    <legend>Plan</legend>
    ${mistake === undefined ? "" : html`<p class="wrong">${mistake}</p>`}
    ${plans.map(
      (plan, index) =>
        html`<label class="choice"
          ><input
            type="radio"
            name="plan"
            value="${plan.name}"
            ${(chosen === undefined ? index === 0 : chosen === plan.name) ? "checked" : ""}
          /><span><strong>${capital(plan.name)}</strong><small>${plan.words}</small></span></label
        >`,
    )}
  </fieldset>`;
}

function keptFacts(names: readonly DataClass[]): Html {
  return html`<dl class="facts">
    ${names.map(
      (name) =>
        html`<div>
          <dt>${className(name)}</dt>
          <dd>
            ${classes[name].holds}.
            <small>For: ${purposeWords(name)}. Kept ${classes[name].kept.rule}.</small>
          </dd>
        </div>`,
    )}
  </dl>`;
}

export function signInPage(values: Fields, mistakes: Mistakes): Html {
  return html`<div class="narrow">
    <h1>Sign in</h1>
    <p class="lede">Your password unwraps your key until you sign out.</p>
    ${summary(mistakes)}
    <form method="post" action="/sign-in">
      ${field({ name: "login", label: "Address", type: "text", autocomplete: "username" }, values, mistakes)}
      ${field({ name: "password", label: "Password", type: "password", autocomplete: "current-password" }, values, mistakes)}
      <label class="choice"
        ><input
          type="checkbox"
          name="remember"
          value="yes"
          ${values["remember"] === "yes" ? "checked" : ""}
        /><span
          ><strong>Stay signed in on this device</strong
          ><small
            >Sets a cookie that lasts, which is on <a href="/cookies">the register</a>.</small
          ></span
        ></label
      >
      <div class="actions"><button>Sign in</button> <a href="/sign-up">Sign up instead</a></div>
    </form>
  </div>`;
}

export function welcomePage(address: string, settings: readonly MailSetting[]): Html {
  return html`<h1>Your address is ready</h1>
    <p class="lede"><strong class="mono">${address}</strong></p>
    <p class="prose">
      Its key was made just now, and the part of it that opens letters is wrapped under your
      password. You are signed in. Tell your mail program this:
    </p>
    ${mailSettings(address, settings)}
    <div class="actions"><a class="button" href="/portal">Go on to your mail’s page</a></div>`;
}

export function mailSettings(address: string, settings: readonly MailSetting[]): Html {
  return html`${table(
      "Settings for your mail program",
      ["For", "Protocol", "Server", "Port", "Security"],
      settings.map((line) => [
        line.use,
        line.protocol,
        html`<code>${line.host}</code>`,
        html`<code>${line.port}</code>`,
        line.security,
      ]),
    )}
    <p class="quiet">
      The user name is the whole address, <code>${address}</code>, and the password is yours.
    </p>`;
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
