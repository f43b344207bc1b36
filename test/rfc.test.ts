// The page about RFCs, held to the code: no standard is named without its row, no row without its files, and no word is advertised that
// the page does not know, or known there that is not advertised.
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { capabilities as imapWords } from "../src/mail/imap/capabilities.ts";
import { capabilities as smtpWords } from "../src/mail/smtp/capabilities.ts";
import { newSession } from "../src/mail/smtp/session.ts";

const root = resolve(import.meta.dirname, "..");
const rows = readFileSync(resolve(root, "docs/rfc.md"), "utf8")
  .split("\n")
  .filter((line) => /^\| \d/.test(line))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, number = "", title = "", far = "", words = "", code = "", shown = ""]) => ({
    number: Number(number),
    title,
    far,
    words: [...words.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ""),
    code,
    shown,
  }));

test("every RFC that the code names has one row, in order", () => {
  const numbers = rows.map(({ number }) => number);
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].sort((a, b) => a - b),
  );
  const named = globSync("src/**/*.ts", { cwd: root }).flatMap((file) =>
    [...readFileSync(resolve(root, file), "utf8").matchAll(/\bRFC (\d{3,5})\b/g)].map((match) =>
      Number(match[1]),
    ),
  );
  assert.ok(named.length > 300, "the scan found them");
  assert.deepEqual(
    [...new Set(named)].filter((number) => !numbers.includes(number)),
    [],
  );
});

test("every row says how far, and names code and what shows it, which are there", () => {
  for (const { number, title, far, code, shown } of rows) {
    assert.match(far, /^(?:whole|part|facts|not)\b/, String(number));
    assert.notEqual(title, "", String(number));
    assert.ok(existsSync(resolve(root, code)) && code !== "", `${number}: ${code}`);
    assert.ok(existsSync(resolve(root, shown)) && shown !== "", `${number}: ${shown}`);
  }
});

test("the words on the page are those that the servers say, no more and no fewer", () => {
  const said = new Set<string>();
  for (const signedIn of [true, false])
    for (const secure of [true, false]) {
      const state = { signedIn, mayLogin: secure, mayStartTls: !secure, appendLimit: 1 };
      for (const word of imapWords(state).split(" "))
        said.add(word.replace(/^(APPENDLIMIT)=.*/, "$1"));
      const rules = {
        role: "submission",
        hostname: "h",
        domain: "h",
        maxSize: 1,
        offersTls: true,
        allowPlaintextAuth: false,
      } as const;
      for (const line of smtpWords(rules, newSession(secure)).slice(1))
        said.add(line.slice(4).split(" ")[0] ?? "");
    }
  // XLIST is of before there were RFCs for it; LOGINDISABLED is a word of RFC 3501 itself.
  for (const word of ["XLIST", "LOGINDISABLED"]) said.delete(word);
  const known = rows.flatMap(({ words }) => words);
  assert.deepEqual({ unknown: [...said].filter((word) => !known.includes(word)) }, { unknown: [] });
  assert.deepEqual({ unsaid: known.filter((word) => !said.has(word)) }, { unsaid: [] });
});
