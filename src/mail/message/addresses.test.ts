import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as check, constantFrom, array, property } from "fast-check";
import { parseAddresses } from "./addresses.ts";

const short = (text: string): string =>
  parseAddresses(text)
    .map(({ name, route, mailbox, host }) =>
      host === null
        ? mailbox === null
          ? "end"
          : `group ${mailbox}`
        : `${name ?? "-"}|${route ?? "-"}|${mailbox}|${host}`,
    )
    .join(" + ");

const cases: readonly (readonly [title: string, field: string, expected: string])[] = [
  ["a bare address has no name", "a@b.example", "-|-|a|b.example"],
  ["a phrase before an angle is the name", "Ada Low <a@b>", "Ada Low|-|a|b"],
  [
    "a quoted name loses its quotes and backslashes",
    String.raw`"A \"x\" \\ B" <a@b>`,
    String.raw`A "x" \ B|-|a|b`,
  ],
  ["a dot in a phrase stays (obs-phrase)", "John Q. Public <j@h>", "John Q. Public|-|j|h"],
  [
    "a comment is the name where there is no other",
    "a@b (Ada (the first) Low)",
    "Ada (the first) Low|-|a|b",
  ],
  ["a name is preferred to a comment", "x (a) <u@h> (c)", "x|-|u|h"],
  ["a route stands by itself", "<@r1,@r2:u@h>", "-|@r1,@r2|u|h"],
  ["a quoted local part loses its quotes", '"a b"@c', "-|-|a b|c"],
  ["white space around dots and at-signs goes (obs-local-part)", "a . b @ c . d", "-|-|a.b|c.d"],
  ["a domain literal keeps its brackets", "u@[127.0.0.1]", "-|-|u|[127.0.0.1]"],
  [
    "a group is marked at both ends",
    "G: a@b, C <c@d>; e@f",
    "group G + -|-|a|b + C|-|c|d + end + -|-|e|f",
  ],
  [
    "an empty group is still a group",
    "undisclosed-recipients:;",
    "group undisclosed-recipients + end",
  ],
  ["a group that nobody ends is ended", "G: a@b", "group G + -|-|a|b + end"],
  ["empty members of a list are passed over", ",, a@b, ,c@d,", "-|-|a|b + -|-|c|d"],
  ["a lone word is a mailbox without a domain", "foo", "-|-|foo|MISSING_DOMAIN"],
  ["words without an address are a name", "foo bar", "foo bar|-|MISSING_MAILBOX|MISSING_DOMAIN"],
  ["words before a bare address are its name", "Foo Bar a@b", "Foo Bar|-|a|b"],
  [
    "an empty angle has neither mailbox nor domain",
    "Name <>",
    "Name|-|MISSING_MAILBOX|MISSING_DOMAIN",
  ],
  ["an angle that nobody closes still holds an address", "Name <a@b", "Name|-|a|b"],
  ["of two at-signs the first counts", "a@b@c", "-|-|a|b"],
  ["what follows an angle is passed over", "a <b@c> d <e@f>, g@h", "a|-|b|c + -|-|g|h"],
  ["a comma in quotes separates nothing", '"Low, Ada" <a@b>', "Low, Ada|-|a|b"],
  ["an encoded word stays as it is", "=?utf-8?q?J=C3=B6?= <a@b>", "=?utf-8?q?J=C3=B6?=|-|a|b"],
  ["octets above 127 stay as they are", "\xc3\xa0 (\xc3\xa0) <a@b>", "\xc3\xa0|-|a|b"],
  ["a comment that ends in such an octet keeps it", "a@b (voil\xc3\xa0)", "voil\xc3\xa0|-|a|b"],
  ["a quote that nobody closes takes the rest", '"a <b@c>', "-|-|a <b@c>|MISSING_DOMAIN"],
  ["a comment alone is no address", " (only a comment", ""],
  ["an empty field holds none", "", ""],
];

for (const [title, field, expected] of cases) {
  test(title, () => assert.equal(short(field), expected));
}

test("any text gives a list in which groups are balanced", () => {
  const token = constantFrom(
    "<",
    ">",
    "@",
    ",",
    ";",
    ":",
    "(",
    ")",
    '"',
    "\\",
    "[",
    "]",
    " ",
    ".",
    "\t",
    "a",
    "bc",
    "\xff",
    "\0",
    "=?x?q?y?=",
  );
  check(
    property(array(token, { maxLength: 60 }), (tokens) => {
      let open = 0;
      for (const { mailbox, host } of parseAddresses(tokens.join(""))) {
        if (host === null) open += mailbox === null ? -1 : 1;
        else assert.notEqual(mailbox, null);
        assert.ok(open === 0 || open === 1);
      }
      assert.equal(open, 0);
    }),
    { numRuns: 2000 },
  );
});
