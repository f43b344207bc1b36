// Deleted mail in the portal: what can still be had back, and for how long. Pure.
import { html } from "hono/html";
import { type Html, counted, moment, octets } from "../layout.ts";
import type { DeletedLine } from "../ports/addresses.ts";
import { table } from "../table.ts";

export interface DeletedView {
  readonly lines: readonly DeletedLine[];
  /** There are more than are shown. */
  readonly most: number;
  /** For how many days it can be had back. */
  readonly days: number;
  readonly done: { readonly what: "restored" | "erased"; readonly count: number } | undefined;
}

const doneWords = {
  restored: "back in their folders",
  erased: "destroyed for good",
};

export function deletedPage({ lines, most, days, done }: DeletedView): Html {
  return html`<h1>Deleted mail</h1>
    <p class="lede">
      What a mail program deleted for good is kept sealed for ${days} days and can be had back.
      After that it is destroyed.
    </p>
    ${done === undefined ? "" : html`<p class="note" role="status"><strong>${counted(done.count, "message")}</strong> ${doneWords[done.what]}.</p>`}
    ${
      lines.length === 0
        ? html`<p>Nothing was deleted in the last ${days} days.</p>`
        : html`<form method="post" action="/portal/deleted">
            ${deletedTable(lines)}
            <div class="actions">
              <button name="do" value="restore">Bring the marked ones back</button>
              <button class="plain" name="do" value="erase">Destroy the marked ones now</button>
            </div>
          </form>`
    }
    ${lines.length < most ? "" : html`<p class="quiet">The newest ${most} are shown. Bring some back or destroy them to see more.</p>`}`;
}

function deletedTable(lines: readonly DeletedLine[]): Html {
  return table(
    "Deleted mail",
    ["Message", "From", "Was in", "Deleted", "Size"],
    lines.map((line) => {
      const subject = line.subject === "" ? "(no subject)" : (line.subject ?? "does not open");
      return [
        html`<label class="check"
          ><input type="checkbox" name="${line.id}" value="on" /><bdi>${subject}</bdi></label
        >`,
        html`<bdi>${line.from ?? ""}</bdi>`,
        html`<div>
          <bdi>${line.folder}</bdi>
          ${line.folderIsThere ? "" : html`<span class="quiet">(gone; comes back to the inbox)</span>`}
        </div>`,
        moment(line.deleted),
        octets(line.size),
      ];
    }),
  );
}
