// Tables that a phone can show: beside a column's cells stands its name, so that the stylesheet can set each row as a card
// where columns have no room. Two columns stay columns. Pure.
import { html } from "hono/html";
import { type Html, scroll } from "./layout.ts";

export interface Column {
  readonly name: string;
  readonly number?: boolean;
}

export type Cell = Html | string | number;

export interface TableRow {
  /** The first heads the row. */
  readonly cells: readonly Cell[];
  /** For links into the table. */
  readonly id?: string;
}

/** `label` names the table for screen readers; `caption`, where there is one, stands above it. */
export function table(
  label: string,
  columns: readonly (Column | string)[],
  rows: readonly (TableRow | readonly Cell[])[],
  caption?: string,
): Html {
  const heads = columns.map((column) => (typeof column === "string" ? { name: column } : column));
  return scroll(
    label,
    html`<table class="${heads.length > 2 ? "stack" : ""}">
      ${
        caption === undefined
          ? ""
          : html`<caption>
              ${caption}
            </caption>`
      }
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col" class="${numeric(head)}">${head.name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map((row) => line(heads, "cells" in row ? row : { cells: row }))}
      </tbody>
    </table>`,
  );
}

function line(heads: readonly Column[], { cells, id }: TableRow): Html {
  const [first = "", ...rest] = cells;
  return html`<tr ${id === undefined ? "" : html`id="${id}"`}>
    <th scope="row" class="${numeric(heads[0])}" data-column="${heads[0]?.name ?? ""}">
      <div>${first}</div>
    </th>
    ${rest.map(
      (cell, at) =>
        html`<td class="${numeric(heads[at + 1])}" data-column="${heads[at + 1]?.name ?? ""}">
          <div>${cell}</div>
        </td>`,
    )}
  </tr>`;
}

function numeric(head: Column | undefined): string {
  return head?.number === true ? "number" : "";
}
