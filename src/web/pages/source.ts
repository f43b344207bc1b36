// Where the source of the running program is to be had, as its licence asks (AGPL-3.0 §13). Names nothing elsewhere. Pure.
import { html } from "hono/html";
import type { Html } from "../layout.ts";

/** What runs here. */
export interface Release {
  readonly version: string;
  /** The commit that runs, where the program runs from a clone. */
  readonly commit: string | undefined;
}

export function sourcePage({ version, commit }: Release): Html {
  return html`<h1>The source</h1>
    <p class="lede">
      This site runs Bailee, which is free software. You may have the source of exactly what runs
      here.
    </p>
    <dl class="facts prose">
      <div>
        <dt>Version</dt>
        <dd>${version}</dd>
      </div>
      <div>
        <dt>Commit</dt>
        <dd>
          ${commit === undefined ? "not known: it does not run from a clone" : html`<code>${commit}</code>`}
        </dd>
      </div>
      <div>
        <dt>Licence</dt>
        <dd>GNU Affero General Public License, version 3 or later (AGPL-3.0-or-later)</dd>
      </div>
    </dl>
    <p class="prose">
      Ask the operator of this site for it. The licence obliges them to offer it to everybody who
      uses the program over a network, changes of their own included, without charge. It comes with
      the licence’s text, in the file <code>LICENSE</code>.
    </p>`;
}
