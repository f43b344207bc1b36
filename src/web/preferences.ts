// What a visitor may choose, language and colours, and the closed form in which a cookie holds it. Anything else is no choice.
import { type Language, isLanguage } from "./texts/texts.ts";

/** Undefined is "as my device says". */
export interface Preferences {
  readonly theme: "light" | "dark" | undefined;
  readonly language: Language | undefined;
}

export const noPreferences: Preferences = { theme: undefined, language: undefined };

/** "theme-dark", "lang-de" or "theme-dark.lang-de", exactly; anything else counts as no choice. */
export function parsePreferences(value: string | undefined): Preferences {
  const match = /^(?:theme-(light|dark))?(\.)?(?:lang-([a-z]{2,8}))?$/.exec(value ?? "");
  const [, theme, dot, language] = match ?? [];
  if ((dot !== undefined) !== (theme !== undefined && language !== undefined)) return noPreferences;
  if (language !== undefined && !isLanguage(language)) return noPreferences;
  return { theme: theme === "light" || theme === "dark" ? theme : undefined, language };
}

/** The cookie's value; "" where there is no choice to keep. */
export function preferencesText({ theme, language }: Preferences): string {
  return [
    ...(theme === undefined ? [] : [`theme-${theme}`]),
    ...(language === undefined ? [] : [`lang-${language}`]),
  ].join(".");
}

/** The choice after a form: a field that it does not have stays as it was, and any other value is "as my device says". */
export function choose(
  before: Preferences,
  fields: { readonly [name: string]: string },
): Preferences {
  const { theme, language } = fields;
  return {
    theme:
      theme === undefined
        ? before.theme
        : theme === "light" || theme === "dark"
          ? theme
          : undefined,
    language:
      language === undefined ? before.language : isLanguage(language) ? language : undefined,
  };
}
