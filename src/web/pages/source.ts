// Where the source of the running program is to be had, as its licence asks (AGPL-3.0 §13). Names nothing elsewhere. Pure.
import { html } from "hono/html";
import type { Html } from "../html.ts";
import type { Texts } from "../texts/texts.ts";

/** What runs here. */
export interface Release {
  readonly version: string;
  /** The commit that runs, where the program runs from a clone. */
  readonly commit: string | undefined;
}

export function sourcePage({ source }: Texts, { version, commit }: Release): Html {
  return html`<h1>${source.heading}</h1>
    <p class="lede">${source.lede}</p>
    <dl class="facts prose">
      <div>
        <dt>${source.version}</dt>
        <dd>${version}</dd>
      </div>
      <div>
        <dt>${source.commit}</dt>
        <dd>${commit === undefined ? source.noCommit : html`<code>${commit}</code>`}</dd>
      </div>
      <div>
        <dt>${source.licence}</dt>
        <dd>${source.licenceWords}</dd>
      </div>
    </dl>
    <p class="prose">${source.ask}</p>`;
}
