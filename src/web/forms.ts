// What forms may hold, checked before any other room hears of it, and how a field shows its own mistake. Never keeps or
// shows a password again.
import { html } from "hono/html";
import * as v from "valibot";
import type { Html } from "./layout.ts";

/** What is wrong, by field name. */
export type Mistakes = { readonly [field: string]: string };

export type Fields = { readonly [field: string]: string };

const required = (words: string, most: number): v.GenericSchema<string> =>
  v.pipe(
    v.optional(v.string(), ""),
    v.trim(),
    v.minLength(1, words),
    v.maxLength(most, "Too long."),
  ) as v.GenericSchema<string>;

// A local part ends at 64 octets (RFC 5321 §4.5.3.1.1); which of them can be had, the clients' room says.
const name = v.pipe(
  v.optional(v.string(), ""),
  v.trim(),
  v.toLowerCase(),
  v.regex(/^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/, "Letters, digits, dots and hyphens, please."),
  v.maxLength(64, "At most 64 characters."),
);

// Room for any name, address or number that is written by hand; more is no contact data.
const MOST_CONTACT = 400;
// A passphrase of a whole paragraph; what is longer costs hashing time and adds nothing.
const MOST_PASSWORD = 1024;

const password = required("A password is needed.", MOST_PASSWORD);

export const signUpFields = v.object({
  name,
  password,
  plan: required("Choose a plan.", 64),
});

export const contactFields = v.object({
  fullName: required("Your name is needed on this track.", MOST_CONTACT),
  postal: required("Your postal address is needed on this track.", MOST_CONTACT),
  phone: v.pipe(
    required("Your phone number is needed on this track.", 40),
    v.regex(/^\+?[0-9 ()/.-]{4,}$/, "A phone number, please."),
  ),
  email: v.pipe(
    required("An e-mail address where we reach you elsewhere is needed.", 254),
    v.regex(/^[^\s@]+@[^\s@]+$/, "An e-mail address, please."),
  ),
});

export const signInFields = v.object({ login: required("Your address is needed.", 320), password });

export const passwordFields = v.object({ old: password, fresh: password, again: password });

export const deskSignInFields = v.object({ password });

/** The parsed fields, or each field's first mistake. */
export function checkFields<Schema extends v.GenericSchema>(
  schema: Schema,
  fields: Fields,
):
  | { readonly ok: true; readonly value: v.InferOutput<Schema> }
  | { readonly ok: false; readonly mistakes: Mistakes } {
  const result = v.safeParse(schema, fields);
  if (result.success) return { ok: true, value: result.output };
  const mistakes: { [field: string]: string } = {};
  for (const issue of result.issues) {
    const field = v.getDotPath(issue) ?? "";
    mistakes[field] ??= issue.message;
  }
  return { ok: false, mistakes };
}

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly type?: "text" | "password" | "email" | "tel" | "number" | "date";
  readonly autocomplete?: string;
  /** Stands fixed behind what is typed: "@example.org". */
  readonly suffix?: string;
  /** More than one line. */
  readonly lines?: number;
  readonly optional?: boolean;
}

/** A labelled field with its hint and its mistake, both tied to it for screen readers. */
export function field(of: Field, values: Fields, mistakes: Mistakes): Html {
  const mistake = mistakes[of.name];
  const described = [
    mistake === undefined ? "" : `${of.name}-wrong`,
    of.hint === undefined ? "" : `${of.name}-hint`,
  ].filter((id) => id !== "");
  const about = html`id="${of.name}" name="${of.name}"
  ${described.length > 0 ? html`aria-describedby="${described.join(" ")}"` : ""}
  ${mistake === undefined ? "" : html`aria-invalid="true"`}
  ${of.optional === true ? "" : "required"}`;
  const value = of.type === "password" ? "" : (values[of.name] ?? "");
  const input =
    of.lines === undefined
      ? html`<input
          ${about}
          type="${of.type ?? "text"}"
          value="${value}"
          autocomplete="${of.autocomplete ?? "off"}"
          ${plainText(of)}
        />`
      : html`<textarea ${about} rows="${of.lines}" autocomplete="${of.autocomplete ?? "off"}">
${value}</textarea>`;
  return html`<div class="field">
    <label for="${of.name}">${of.label}</label>
    ${of.hint === undefined ? "" : html`<p class="hint" id="${of.name}-hint">${of.hint}</p>`}
    ${mistake === undefined ? "" : html`<p class="wrong" id="${of.name}-wrong">${mistake}</p>`}
    ${of.suffix === undefined ? input : html`<div class="joined">${input}<span>${of.suffix}</span></div>`}
  </div>`;
}

function plainText(of: Field): Html | "" {
  return of.autocomplete === "username" ? html`autocapitalize="none" spellcheck="false"` : "";
}

/** Said at the top of a form that came back, with a way to the first field in question. */
export function summary(mistakes: Mistakes): Html | "" {
  const entries = Object.entries(mistakes);
  if (entries.length === 0) return "";
  return html`<div class="alert" role="alert">
    <h2>That did not go through</h2>
    <ul>
      ${entries.map(([name, words]) =>
        name === "" ? html`<li>${words}</li>` : html`<li><a href="#${name}">${words}</a></li>`,
      )}
    </ul>
  </div>`;
}
