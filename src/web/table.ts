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
  // Two columns stay columns on a phone, so their cells need no names.
  const stacks = heads.length > 2;
  const about = (head: Column | undefined): Html => {
    const number = head?.number === true ? html` class="number"` : "";
    return html`${number}${stacks ? html` data-column="${head?.name ?? ""}"` : ""}`;
  };
  const [first = "", ...rest] = cells;
  return html`<tr${id === undefined ? "" : html` id="${id}"`}>
    <th scope="row"${about(heads[0])}><div>${first}</div></th>
    ${rest.map((cell, at) => html`<td${about(heads[at + 1])}><div>${cell}</div></td>`)}
  </tr>`;
}

function numeric(head: Column | undefined): string {
  return head?.number === true ? "number" : "";
}
