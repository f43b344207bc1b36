// The languages of the pages, and which of them a request gets: the one that the visitor chose, else what the browser asks
// for, else English. Nothing of it is kept here.
import { html } from "hono/html";
import type { Html } from "../html.ts";
import { german } from "./de.ts";
import { tables as germanTables } from "./de/tables.ts";
import { english, type Words } from "./en.ts";
import { type Formats, formats } from "./formats.ts";
import type { TableWords } from "./table-words.ts";

/** Everything that a page says in one language. */
export interface Texts extends Words {
  /** A BCP 47 tag, for `lang`. */
  readonly tag: string;
  readonly dir: "ltr" | "rtl";
  /** What the language calls itself. */
  readonly ownName: string;
  readonly formats: Formats;
  readonly tables: TableWords;
}

export const languages = {
  en: {
    ...english,
    tag: "en",
    dir: "ltr",
    ownName: "English",
    formats: formats("en-GB"),
    tables: {},
  },
  de: {
    ...german,
    tag: "de",
    dir: "ltr",
    ownName: "Deutsch",
    formats: formats("de"),
    tables: germanTables,
  },
} as const satisfies { readonly [tag: string]: Texts };

export type Language = keyof typeof languages;

/** The language that the tables of other rooms, and pages without a catalogue, are written in. */
export const original: Texts = languages.en;

export function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(languages, tag);
}

/** A sentence of another room's table in the reader's language; in English, and marked as such, where it has none. */
export function tableWords(t: Texts, words: string): Html | string {
  if (t.tag === original.tag) return words;
  const found = Object.hasOwn(t.tables, words) ? t.tables[words] : undefined;
  return found ?? html`<span lang="${original.tag}" dir="${original.dir}">${words}</span>`;
}

// Browsers send a handful of languages; what is longer is read as far as this.
const MAX_HEADER = 1000;

/**
 * The best of ours by an Accept-Language header (RFC 9110 §12.5.4), compared by primary subtag; undefined where it asks for
 * none of ours or is malformed. Of equal weight the first counts.
 */
export function acceptedLanguage(header: string | undefined): Language | undefined {
  let best: { readonly language: Language; readonly weight: number } | undefined;
  for (const range of (header ?? "").slice(0, MAX_HEADER).split(",")) {
    const [, primary = "", q = "1"] =
      /^\s*([a-z]{1,8})(?:-[a-z0-9]{1,8})*\s*(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/i.exec(
        range,
      ) ?? [];
    const language = primary.toLowerCase();
    const weight = Number(q);
    if (isLanguage(language) && weight > (best?.weight ?? 0)) best = { language, weight };
  }
  return best?.language;
}
