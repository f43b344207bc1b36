// Every language says everything, with the same links and arguments; the policy's own sentences are all translated; and which
// language a request gets.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as holds, property, string } from "fast-check";
import { plansOffered } from "#clients";
import { classes, clauses, demands, grounds } from "#policy";
import { cookieRegister } from "#visitors";
import { english } from "./en.ts";
import { german } from "./de.ts";
import { formats } from "./formats.ts";
import { acceptedLanguage, languages, original, tableWords } from "./texts.ts";

type Said = { readonly path: string; readonly value: unknown };

/** Every text of a catalogue, the functions called with arguments that can be told from words. */
function sayings(of: object, path = ""): readonly Said[] {
  return Object.entries(of).flatMap(([key, value]: [string, unknown]): readonly Said[] => {
    const here = `${path}.${key}`;
    if (typeof value === "function") {
      const call = value as (...args: readonly unknown[]) => unknown;
      const args = Array.from({ length: call.length }, (_, at) => 7001 + at);
      // A word that is cut from its argument, such as a digest, needs a text.
      const said = here.endsWith("policy.version") ? call("7001") : call(...args);
      return [{ path: here, value: said }];
    }
    if (typeof value !== "object" || value === null || "isEscaped" in value)
      return [{ path: here, value }];
    return sayings(value, here);
  });
}

const links = (value: unknown): readonly string[] =>
  [...String(value).matchAll(/href="([^"]+)"/g)].map(([, href = ""]) => href).sort();

test("each language says each thing, with the same links and with every argument", () => {
  const ours = sayings(english);
  const theirs = new Map(sayings(german).map(({ path, value }) => [path, value]));
  assert.ok(ours.length > 200);
  assert.deepEqual([...theirs.keys()].sort(), ours.map(({ path }) => path).sort());
  for (const { path, value } of ours) {
    const other = theirs.get(path);
    if (path === ".policy.binding") continue; // said in a translation only
    assert.ok(String(other).trim() !== "", `${path} is said`);
    assert.deepEqual(links(other), links(value), `${path} leads to the same places`);
    const numbers = (text: unknown): readonly string[] =>
      (String(text).replaceAll(/[.,]/g, "").match(/700\d/g) ?? []).sort();
    assert.deepEqual(numbers(other), numbers(value), `${path} uses its arguments`);
  }
});

test("every sentence of the policy, the plans and the cookie register has its German, and no German is left over", () => {
  const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
  const needed = new Set([
    ...clauses.flatMap(({ title, words, enforcedBy }) => [title, words, enforcedBy]),
    ...Object.values(classes).flatMap(({ holds, kept, purposes }) => [
      holds,
      kept.rule,
      ...purposes
        .filter((purpose) => purpose !== "own")
        .map((purpose) => purpose.replaceAll("-", " ")),
    ]),
    ...Object.values(grounds).map(({ words }) => words),
    ...Object.values(demands),
    ...plansOffered.flatMap(({ name, words }) => [capital(name), words]),
    ...Object.values(cookieRegister).flatMap(({ purpose, setWhen }) => [purpose, setWhen]),
    "Reading",
    "Sending",
  ]);
  const { tables } = languages.de;
  assert.deepEqual(
    [...needed].filter((words) => !Object.hasOwn(tables, words)),
    [],
    "without a translation",
  );
  assert.deepEqual(
    Object.keys(tables).filter((words) => !needed.has(words)),
    [],
    "translations of what is not said any more",
  );
});

test("what has no translation stands in English and says so", async () => {
  const inGerman = async (words: string): Promise<string> => {
    const said = await tableWords(languages.de, words);
    return said.toString();
  };
  assert.equal(
    await inGerman("a <new> clause"),
    '<span lang="en" dir="ltr">a &lt;new&gt; clause</span>',
  );
  assert.equal(tableWords(original, "a <new> clause"), "a <new> clause");
  assert.match(await inGerman("constructor"), /lang="en"/);
});

test("numbers, counts and dates are written as the language writes them", () => {
  assert.match(english.left.providerWords(1), /1 view\./);
  assert.match(english.left.providerWords(1204), /1,204 views/);
  assert.match(german.left.providerWords(1204), /1\.204 Aufrufe/);
  assert.match(german.left.providerWords(1), /1 Aufruf\./);
  assert.equal(formats("de").date(Date.UTC(2026, 10, 23, 23, 59)), "23. Nov. 2026");
  assert.equal(formats("en-GB").weekDay(0), "Mon");
  const forms = { one: "o", few: "f", many: "m", other: "x" };
  assert.deepEqual(
    [1, 2, 5].map((count) => formats("pl").counted(count, forms)),
    ["1 o", "2 f", "5 m"],
    "languages with more forms than two",
  );
});

test("the browser's wish is heard by weight, and nothing else of the header counts", () => {
  for (const [header, language] of [
    [undefined, undefined],
    ["", undefined],
    ["de", "de"],
    ["de-AT, en;q=0.8", "de"],
    ["en;q=0.3, de;q=0.7", "de"],
    ["fr, DE;q=0.5, en;q=0.5", "de"],
    ["de;q=0, en", "en"],
    ["de;q=0", undefined],
    ["*, fr", undefined],
    ["de;q=2", undefined],
    ["de;;q=1", undefined],
    ["constructor, __proto__", undefined],
    [`${"fr,".repeat(400)}de`, undefined],
  ] as const)
    assert.equal(acceptedLanguage(header), language, header ?? "no header");
  holds(
    property(string(), (header) => {
      const found = acceptedLanguage(header);
      assert.ok(found === undefined || Object.hasOwn(languages, found));
    }),
  );
});
