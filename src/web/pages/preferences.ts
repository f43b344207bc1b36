// Where a visitor chooses language and colours, without script. Pure.
import { html } from "hono/html";
import type { Html } from "../html.ts";
import { type Preferences, preferencesText } from "../preferences.ts";
import { type Texts, languages } from "../texts/texts.ts";

export function preferencesPage({ preferences: t }: Texts, chosen: Preferences): Html {
  const value = preferencesText(chosen);
  return html`<div class="narrow">
    <h1>${t.title}</h1>
    <p class="lede">${t.lede}</p>
    <form method="post" action="/preferences">
      <input type="hidden" name="back" value="/preferences" />
      ${choices("language", t.language, chosen.language, [
        ["auto", t.asDevice],
        ...Object.entries(languages).map(
          ([tag, { ownName }]) => [tag, html`<span lang="${tag}">${ownName}</span>`] as const,
        ),
      ])}
      ${choices("theme", t.theme, chosen.theme, [
        ["auto", t.asDevice],
        ["light", t.light],
        ["dark", t.dark],
      ])}
      <div class="actions"><button>${t.keep}</button></div>
    </form>
    <p class="note">${value === "" ? t.noCookie : t.cookieNow(value)}</p>
  </div>`;
}

function choices(
  name: string,
  legend: string,
  chosen: string | undefined,
  of: readonly (readonly [string, Html | string])[],
): Html {
  return html`<fieldset>
    <legend class="big">${legend}</legend>
    ${of.map(
      ([value, words]) =>
        html`<label class="choice"
          ><input
            type="radio"
            name="${name}"
            value="${value}"
            ${value === (chosen ?? "auto") ? "checked" : ""}
          /><span><strong>${words}</strong></span></label
        >`,
    )}
  </fieldset>`;
}
