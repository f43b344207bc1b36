// There is no search over clients' mail for staff: the desk's pages, the operator's operations and the commands are walked, and none
// takes words to look for; what looks for words in a letter is within reach of the client's own sessions only.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";

const src = resolve(import.meta.dirname, "../src");
const sources = globSync("**/*.ts", { cwd: src })
  .filter((file) => !file.endsWith(".test.ts"))
  .map((file) => ({ file, text: readFileSync(join(src, file), "utf8") }));
const looksFor = /search|query|grep|contains|(?<!pass)phrase|pattern|keyword|match(?!ed|\b)|find/i;

function found(files: RegExp, what: RegExp): string[] {
  return sources
    .filter(({ file }) => files.test(file))
    .flatMap(({ text }) => [...text.matchAll(what)].map(([, name = ""]) => name));
}

test("no page of the desk, no operation and no command takes words to look for in mail", () => {
  const routes = found(/^web\/routes\//, /app\.(?:get|post)\(\s*[`"]([^`"]+)/g);
  const views = found(/^web\/routes\//, /(?:desk|own|public)View\(\s*app,\s*site,\s*"([^"]+)"/g);
  const fields = found(/^web\/pages\//, /\bname: "([^"]+)"/g);
  const inputs = found(/^web\/pages\//, /<(?:input|select|textarea)\b[^>]*?\bname="([^"$]+)"/g);
  const operations = found(/^control\//, /^ {4}"?([a-z]+\.[\w.]+)"?: /gm);
  const commands = found(/^cli\/cli\.ts$/, /^ {2}"?([a-z][a-z ]*)"?: \{$/gm);
  const options = found(/^cli\//, /^ {4}"?([a-z][\w-]*)"?: (?:text|\{ type: )/gm);
  const walked = { routes, views, fields, inputs, operations, commands, options };
  for (const [what, names] of Object.entries(walked)) {
    assert.ok(names.length > 5, `the walk found ${what}`);
    const wrong = names.filter((name) => looksFor.test(name));
    assert.deepEqual(wrong, [], what);
  }
});

test("what looks for words in letters is used where the client asks, and nowhere else", () => {
  const users = sources
    .filter(({ file }) => !file.startsWith("mail/message/"))
    .filter(({ text }) => /\bcontainsText\b/.test(text))
    .map(({ file }) => file);
  assert.deepEqual(users, ["mail/imap/search-match.ts"]);
});

test("a standing purpose, which needs no person, never opens content", () => {
  const standing = sources.find(({ file }) => file === "policy/standing.ts")?.text ?? "";
  assert.match(standing, /Exclude<DataClass, "content">/);
});
