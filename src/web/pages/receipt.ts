// The receipt of an erasure, for whoever has its link: nobody can sign in any more to ask for it. Pure.
import { html } from "hono/html";
import { parseCanonical } from "#base/canonical";
import { type Html, moment } from "../layout.ts";
import { table } from "../table.ts";

/** The fields of a receipt that are shown; the file has them all. */
export interface Receipt {
  readonly erasedAt: number;
  readonly destroyed: readonly string[];
  readonly stays: readonly string[];
  readonly addressKeptUntil: string;
  readonly unreadableFrom: string | undefined;
  readonly index: number | undefined;
}

// A receipt holds two openings of the ledger and short lists; the largest has some 4 KiB.
const MAX_RECEIPT = 64 * 1024;

/** Undefined when the bytes are no receipt. */
export function parseReceipt(bytes: Uint8Array): Receipt | undefined {
  const value = Object(parseCanonical(bytes, MAX_RECEIPT)) as { readonly [name: string]: unknown };
  const { type, erasedAt, destroyed, stays, addressKeptUntil, unreadableFrom, ledger } = value;
  if (type !== "erasure-receipt" || typeof erasedAt !== "number") return undefined;
  if (!isTexts(destroyed) || !isTexts(stays) || typeof addressKeptUntil !== "string")
    return undefined;
  const { index } = Object(ledger) as { readonly index?: unknown };
  return {
    erasedAt,
    destroyed,
    stays,
    addressKeptUntil,
    unreadableFrom: typeof unreadableFrom === "string" ? unreadableFrom : undefined,
    index: typeof index === "number" ? index : undefined,
  };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

export function awaitedPage(closedAt: number, eraseAfter: number): Html {
  return html`<h1>Receipt of an erasure</h1>
    <div class="note">
      <p>
        <strong>Not yet.</strong> The account was closed on ${moment(closedAt)}. Everything is
        destroyed after ${moment(eraseAfter)}; then the receipt stands here.
      </p>
      <p class="quiet">Until then its owner can sign in and come back.</p>
    </div>`;
}

export function receiptPage(receipt: Receipt, link: string): Html {
  const rows = [["Erased", moment(receipt.erasedAt * 1000)] as const, ...receiptRows(receipt)];
  return html`<h1>Receipt of an erasure</h1>
    <p class="lede">Everything of the account is destroyed.</p>
    ${table("Receipt", ["What", "How"], rows)}
    <p>
      <a href="${link}/receipt.json">Download the receipt</a> or
      <a href="${link}/receipt.txt">read it as text</a>. This page is kept for three years. To check
      it against the public ledger, without asking us:
    </p>
    <pre>bailee receipt receipt.json URL-OF-THE-LEDGER</pre>`;
}

/** All but when: a page and a file write a moment differently. */
function receiptRows(receipt: Receipt): readonly (readonly [string, string])[] {
  const { index, unreadableFrom } = receipt;
  return [
    ["Destroyed", receipt.destroyed.join(", ")],
    ["What stays, and why", receipt.stays.join("; ") || "nothing"],
    ["The address", `given to nobody else before ${receipt.addressKeptUntil}`],
    ...(index === undefined
      ? []
      : [["Ledger", `entry ${index}, written before the keys were destroyed`] as const]),
    ...(unreadableFrom === undefined
      ? []
      : [["The last copy is unreadable from", unreadableFrom] as const]),
  ];
}

/** The same as plain text, for a file. */
export function receiptText(receipt: Receipt): string {
  const at = new Date(receipt.erasedAt * 1000).toISOString();
  const rows = [["Erased", at] as const, ...receiptRows(receipt)];
  return `Receipt of an erasure\n\n${rows.map(([name, value]) => `${name}: ${value}`).join("\n")}\n`;
}
