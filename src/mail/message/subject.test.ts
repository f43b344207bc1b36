// The base subject against a reader that follows the procedure of RFC 5256 §2.1 step by step with the grammar as it stands there.
import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assert as check, constantFrom, property } from "fast-check";
import { baseSubject } from "./subject.ts";

const cases: readonly (readonly [subject: string, base: string, isReply: boolean])[] = [
  ["hello", "hello", false],
  ["", "", false],
  ["Re: hello", "hello", true],
  ["RE : re:FW: Fwd :hello", "hello", true],
  ["Re[2]: hello", "hello", true],
  ["re [2] : hello", "hello", true],
  ["[list] Re: [list] hello", "hello", true],
  ["[list]", "[list]", false],
  ["[list][other]", "[other]", false],
  ["[list] hello (fwd)", "hello", true],
  ["hello (FWD) (fwd)  ", "hello", true],
  ["[Fwd: hello]", "hello", true],
  ["[fwd: [fwd: Re: hello (fwd)]]", "hello", true],
  ["[Fwd: hello] more", "more", false],
  ["hello\t \twide   world", "hello wide world", false],
  ["[unclosed hello", "[unclosed hello", false],
  ["[a[b] hello", "[a[b] hello", false],
  ["Refwd: hello", "Refwd: hello", false],
  ["Re hello", "Re hello", false],
  ["Re:", "", true],
  ["AW: hello", "AW: hello", false],
  ["[Re: a]", "[Re: a]", false],
];

for (const [subject, base, isReply] of cases) {
  test(`the base of ${JSON.stringify(subject)} is ${JSON.stringify(base)}`, () => {
    assert.deepEqual(baseSubject(subject), { base, isReply });
  });
}

/** By regular expressions, and slowly. */
function naive(subject: string): { base: string; isReply: boolean } {
  const blob = String.raw`\[[^[\]]*\] *`;
  const refwd = String.raw`(?:${blob})*(?:re|fwd?) *(?:${blob})?:`;
  let text = subject.replaceAll(/[\t\r\n ]+/g, " ");
  let isReply = false;
  const cut = (pattern: string, marks: boolean): boolean => {
    const match = new RegExp(pattern, "i").exec(text);
    if (match === null || match[0] === "") return false;
    text = text.slice(0, match.index) + text.slice(match.index + match[0].length);
    isReply ||= marks;
    return true;
  };
  for (;;) {
    while (cut(" $", false) || cutEnd()) continue;
    for (;;) {
      if (cut(`^${refwd}`, true) || cut("^ ", false)) continue;
      const match = new RegExp(`^${blob}`).exec(text);
      if (match === null || match[0].length === text.length) break;
      text = text.slice(match[0].length);
    }
    if (!/^\[fwd:.*\]$/is.test(text)) return { base: text, isReply };
    text = text.slice(5, -1);
    isReply = true;
  }
  function cutEnd(): boolean {
    if (!/\(fwd\)$/i.test(text)) return false;
    text = text.slice(0, -5);
    isReply = true;
    return true;
  }
}

test("any subject has the base that the procedure of the RFC gives", () => {
  const piece = constantFrom(
    ..."re|Re|fw|FWD|:|[|]|[x]|[fwd:|(fwd)|(FWD)| |  |\t|hello|a|[Fwd: ".split("|"),
  );
  check(
    property(array(piece, { maxLength: 12 }), (pieces) => {
      const subject = pieces.join("");
      assert.deepEqual(baseSubject(subject), naive(subject));
    }),
    { numRuns: 3000 },
  );
});

test("a subject of many marks costs linear time", () => {
  const since = performance.now();
  for (const mark of ["[]", "re:", "[x] re: ", "(fwd)", "[fwd:", " ["]) {
    const much = mark.repeat(50_000);
    assert.equal(typeof baseSubject(`${much}x`).base, "string");
    assert.equal(typeof baseSubject(`x${much}`).base, "string");
  }
  assert.ok(performance.now() - since < 3000);
});
