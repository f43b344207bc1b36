// A client's addresses in the portal: further names, masks, the catch-all. Pure.
import { html } from "hono/html";
import { never } from "#base/errors";
import { type Fields, type Mistakes, choice, field, summary } from "../forms.ts";
import { type Html, moment } from "../layout.ts";
import type { AddRefusal, AddressKind, AddressLimits, AddressLine } from "../ports/addresses.ts";
import { table } from "../table.ts";

export interface AddressesView {
  readonly domain: string;
  /** Those of the client that are proved. */
  readonly ownDomains: readonly string[];
  readonly addresses: readonly AddressLine[];
  readonly limits: AddressLimits;
  /** A mask that was made just now. */
  readonly made: string | undefined;
}

export function addressMistakes(refusal: AddRefusal): Mistakes {
  switch (refusal) {
    case "bad-name":
      return { name: "Letters, digits, dots, hyphens and underscores, at most 64." };
    case "reserved":
      return { name: "This name is kept for the provider." };
    case "not-your-domain":
      return { name: "This domain is not proved to be yours." };
    case "taken":
      return { name: "This name is taken, or was somebody's until lately." };
    case "kept-back":
      return {
        name: "Somebody else had this on the domain until lately. It is free a month after they lost it.",
      };
    case "too-many":
      return {
        "": "As many as your plan has room for. Delete one first, or choose a larger plan.",
      };
    case "spent":
      return {
        "": "You have made and deleted many this year. Deleted names stay unused for long, so there is a limit.",
      };
    case "long-note":
      return { note: "At most 200 characters." };
    case "not-now":
      return { "": "Your account takes no new addresses just now." };
    default:
      return never(refusal);
  }
}

const kindWords: { readonly [kind in AddressKind]: string } = {
  main: "main; the one to sign in with",
  alias: "further name",
  mask: "no note",
  own: "on your domain",
  "catch-all": "everything else",
  duty: "every domain must have it",
};

export function addressesPage(view: AddressesView, values: Fields, mistakes: Mistakes): Html {
  const { addresses, limits } = view;
  const masks = addresses.filter(({ kind }) => kind === "mask");
  const names = addresses.filter(({ kind }) => kind !== "mask");
  return html`<h1>Addresses</h1>
    <p class="lede">
      All of them lead to the same mailbox, and you can send as each. Sign in with the main one.
    </p>
    ${summary(mistakes)}
    <h2>Masked addresses</h2>
    <p class="prose">
      A random address for a shop or a form. What you note about it is sealed to your key: we cannot
      read it. Switch a mask off, and letters to it are refused as if it did not exist. Delete it,
      and nobody ever gets it again.
    </p>
    ${
      view.made === undefined
        ? ""
        : html`<p class="note" role="status">
            <strong>Made:</strong> <span class="mono">${view.made}</span>
          </p>`
    }
    ${addressTable("Masked addresses", masks)}
    <form method="post" action="/portal/addresses/mask" class="prose">
      ${field({ name: "note", label: "What is it for?", hint: "Only you can read this. It may stay empty.", optional: true }, values, mistakes)}
      <div class="actions"><button>Make a masked address</button></div>
    </form>
    <p class="quiet">${masks.length} of ${limits.masks} in use.</p>
    <h2>Your names</h2>
    ${addressTable("Your names", names)}
    <p class="prose">
      A name followed by “+” and a word reaches you as well: <span class="mono">anna+shop@…</span>
      comes to anna.
    </p>
    <h2 id="new">A further name</h2>
    ${nameForm(view, values, mistakes)}
    <p class="quiet">
      ${names.filter(({ kind }) => kind === "alias").length} of ${limits.aliases} on ${view.domain}
      in use. For names of your own, add <a href="/portal/domains">your domain</a>; for an address
      that reaches several people, make a <a href="/portal/lists">group</a>.
    </p>`;
}

function nameForm({ domain, ownDomains }: AddressesView, values: Fields, mistakes: Mistakes): Html {
  const hint =
    ownDomains.length === 0
      ? `A name you delete on ${domain} is nobody's for a year and a month, and not yours either.`
      : `“*” stands for every other name of your own domain. A name you delete on ${domain} is nobody's for a year and a month, and not yours either.`;
  return html`<form method="post" action="/portal/addresses" class="prose">
    ${field({ name: "name", label: "Name", hint, ...(ownDomains.length === 0 ? { suffix: `@${domain}` } : {}) }, values, mistakes)}
    ${ownDomains.length === 0 ? "" : choice("domain", "At", [domain, ...ownDomains], values, (name) => `@${name}`)}
    <div class="actions"><button>Add it</button></div>
  </form>`;
}

function addressTable(label: string, lines: readonly AddressLine[]): Html {
  if (lines.length === 0) return html`<p>None.</p>`;
  return table(
    label,
    ["Address", "What", "Since", "State"],
    lines.map((line) => [
      html`<span class="mono">${shown(line.address)}</span>`,
      line.note === undefined
        ? html`<span class="quiet">a note that does not open</span>`
        : line.note === ""
          ? html`<span class="quiet">${kindWords[line.kind]}</span>`
          : html`<bdi>${line.note}</bdi>`,
      moment(line.created),
      state(line),
    ]),
  );
}

/** Broken in a line where it may be, so that a long one fits a phone. */
function shown(address: string): Html {
  const at = address.lastIndexOf("@");
  return html`${address.slice(0, at)}<wbr />${address.slice(at)}`;
}

function state({ address, kind, enabled }: AddressLine): Html {
  const tag = enabled
    ? html`<span class="tag good">on</span>`
    : html`<span class="tag bad">off</span>`;
  if (kind === "main" || kind === "duty") return tag;
  return html`<form method="post" action="/portal/addresses/change" class="actions">
    ${tag}
    <input type="hidden" name="address" value="${address}" />
    <button class="plain small" name="do" value="${enabled ? "off" : "on"}">
      ${enabled ? "Switch off" : "Switch on"}
    </button>
    <button class="plain small" name="do" value="remove" aria-label="Delete ${address}">
      Delete
    </button>
  </form>`;
}

/** Asked before a name goes, since there is no way back. */
export function removeAddressPage(address: string, isMask: boolean): Html {
  return html`<h1>Delete this address?</h1>
    <p class="lede mono">${address}</p>
    <p class="prose">
      ${
        isMask
          ? "Nobody, you included, will ever have it again. To stop letters for a while, switch it off instead."
          : "Letters to it come back to who sends them. On our domain the name is nobody's for a year and a month, and not yours either; on your own domain you can add it again. To stop letters for a while, switch it off instead."
      }
    </p>
    <form method="post" action="/portal/addresses/change" class="actions">
      <input type="hidden" name="address" value="${address}" />
      <button name="do" value="remove-now">Delete it</button>
      <a href="/portal/addresses">Keep it</a>
    </form>`;
}
