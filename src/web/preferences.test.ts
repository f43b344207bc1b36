// The cookie's closed form, and what a form changes of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as holds, constantFrom, property, string } from "fast-check";
import { choose, noPreferences, parsePreferences, preferencesText } from "./preferences.ts";

test("what is written is read back, and nothing else is a choice", () => {
  const themes = [undefined, "light", "dark"] as const;
  const languages = [undefined, "en", "de"] as const;
  holds(
    property(constantFrom(...themes), constantFrom(...languages), (theme, language) => {
      const chosen = { theme, language };
      assert.deepEqual(parsePreferences(preferencesText(chosen)), chosen);
    }),
  );
  assert.equal(preferencesText({ theme: "dark", language: "de" }), "theme-dark.lang-de");
  for (const value of [
    "",
    ".",
    "theme-dark.",
    ".lang-de",
    "theme-darklang-de",
    "theme-blue",
    "lang-xx",
    "theme-dark.lang-xx",
    "lang-de.theme-dark",
    "theme-dark.lang-de.x",
    "lang-constructor",
    " theme-dark",
    "theme-dark\n",
  ])
    assert.deepEqual(parsePreferences(value), noPreferences, value);
  holds(
    property(string(), (value) => {
      const chosen = parsePreferences(value);
      assert.ok(preferencesText(chosen) === value || preferencesText(chosen) === "");
    }),
  );
});

test("a form that names one of the two leaves the other, and any unknown value is the device's", () => {
  const before = { theme: "dark", language: "de" } as const;
  assert.deepEqual(choose(before, { language: "en" }), { theme: "dark", language: "en" });
  assert.deepEqual(choose(before, { theme: "auto" }), { theme: undefined, language: "de" });
  assert.deepEqual(choose(before, { theme: "x", language: "auto" }), noPreferences);
  assert.deepEqual(choose(before, {}), before);
});
