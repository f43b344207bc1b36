// What forms may hold, checked before any other room hears of it, and how a field shows its own mistake. Never keeps or
// shows a password again.
import { html } from "hono/html";
import * as v from "valibot";
import type { Html } from "./html.ts";
import { type Texts, original } from "./texts/texts.ts";

/** What is wrong, by field name. */
export type Mistakes = { readonly [field: string]: string };

export type Fields = { readonly [field: string]: string };

type FormWords = Texts["forms"];

const required = (words: FormWords, missing: string, most: number): v.GenericSchema<string> =>
  v.pipe(
    v.optional(v.string(), ""),
    v.trim(),
    v.minLength(1, missing),
    v.maxLength(most, words.tooLong),
  ) as v.GenericSchema<string>;

// Room for any name, address or number that is written by hand; more is no contact data.
const MOST_CONTACT = 400;
// A passphrase of a whole paragraph; what is longer costs hashing time and adds nothing.
const MOST_PASSWORD = 1024;

const passwordOf = (words: FormWords): v.GenericSchema<string> =>
  required(words, words.passwordNeeded, MOST_PASSWORD);

export const signUpFields = ({ forms: words }: Texts = original) =>
  v.object({
    // A local part ends at 64 octets (RFC 5321 §4.5.3.1.1); which of them can be had, the clients' room says.
    name: v.pipe(
      v.optional(v.string(), ""),
      v.trim(),
      v.toLowerCase(),
      v.regex(/^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/, words.nameForm),
      v.maxLength(64, words.nameLong),
    ),
    password: passwordOf(words),
    plan: required(words, words.planNeeded, 64),
  });

export const contactFields = ({ forms: words }: Texts = original) =>
  v.object({
    fullName: required(words, words.fullNameNeeded, MOST_CONTACT),
    postal: required(words, words.postalNeeded, MOST_CONTACT),
    phone: v.pipe(
      required(words, words.phoneNeeded, 40),
      v.regex(/^\+?[0-9 ()/.-]{4,}$/, words.phoneForm),
    ),
    email: v.pipe(
      required(words, words.emailNeeded, 254),
      v.regex(/^[^\s@]+@[^\s@]+$/, words.emailForm),
    ),
  });

export const signInFields = ({ forms: words }: Texts = original) =>
  v.object({ login: required(words, words.addressNeeded, 320), password: passwordOf(words) });

const password = passwordOf(original.forms);

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
export function summary(mistakes: Mistakes, t: Texts = original): Html | "" {
  const entries = Object.entries(mistakes);
  if (entries.length === 0) return "";
  return html`<div class="alert" role="alert">
    <h2>${t.forms.summary}</h2>
    <ul>
      ${entries.map(([name, words]) =>
        name === "" ? html`<li>${words}</li>` : html`<li><a href="#${name}">${words}</a></li>`,
      )}
    </ul>
  </div>`;
}

/** A labelled choice of one of several; `words` says each value to people. */
export function choice<Value extends string>(
  name: string,
  label: string,
  options: readonly Value[],
  values: Fields,
  words: (value: Value) => string,
): Html {
  return html`<div class="field">
    <label for="${name}">${label}</label>
    <select id="${name}" name="${name}">
      ${options.map((value) => html`<option value="${value}" ${values[name] === value ? "selected" : ""}>${words(value)}</option>`)}
    </select>
  </div>`;
}
