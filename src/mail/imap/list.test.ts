// LIST-EXTENDED: which names are answered, and as what, over the hierarchies of RFC 5258's examples.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Folder, Role } from "#store";
import type { ListCommand } from "./command.ts";
import { parseCommand } from "./grammar.ts";
import { listFolders } from "./list.ts";

const roles: { readonly [name: string]: Role } = { INBOX: "inbox", Sent: "sent", Spam: "junk" };

/** "name+" is subscribed, "name!" subscribed and no folder. */
function world(names: string): { folders: Folder[]; orphans: string[] } {
  const folders: Folder[] = [];
  const orphans: string[] = [];
  for (const [at, word] of names.split(" ").entries()) {
    const name = word.replace(/[+!]$/, "");
    if (word.endsWith("!")) orphans.push(name);
    else
      folders.push({
        id: `id${at}`,
        name,
        role: roles[name],
        subscribed: word.endsWith("+"),
        uidValidity: 1,
        uidNext: 1,
        highestModseq: 1,
      });
  }
  return { folders, orphans };
}

/** Each name with its attributes but the children's, and CHILDINFO. */
function answered(names: string, line: string, rev2 = false): string[] {
  const parsed = parseCommand(Buffer.from(`a ${line}`));
  assert.ok(parsed.ok && "patterns" in parsed.command, line);
  const command: ListCommand = parsed.command;
  const { folders, orphans } = world(names);
  const patterns = command.patterns.map(
    (pattern) => `${command.reference.toString()}${pattern.toString()}`,
  );
  return listFolders(folders, command, patterns, rev2, orphans).map(
    ({ name, attributes, childInfo }) =>
      [
        name,
        ...attributes.filter((each) => !each.endsWith("Children")).map((each) => each.slice(1)),
        ...(childInfo ? ["CHILDINFO"] : []),
      ].join(" "),
  );
}

const fruit =
  "INBOX+ Fruit Fruit/Apple Fruit/Banana+ Fruit/Peach! Tofu Vegetable+ Vegetable/Broccoli+ Vegetable/Corn";
const bars =
  "INBOX foo2 foo2/bar1+ foo2/bar2+ baz2 baz2/bar2+ baz2/bar22+ baz2/bar222+ eps2+ eps2/mamba+ qux2/bar2+";

test("the subscribed are all that are, a folder or not (example 2)", () => {
  assert.deepEqual(answered(fruit, 'LIST (SUBSCRIBED) "" "*"'), [
    "INBOX Subscribed",
    "Fruit/Banana Subscribed",
    "Fruit/Peach NonExistent Subscribed",
    "Vegetable Subscribed",
    "Vegetable/Broccoli Subscribed",
  ]);
});

test("RETURN (SUBSCRIBED) marks, and adds no name (example 6); REMOTE adds none where all is here", () => {
  assert.deepEqual(answered(fruit, 'LIST (REMOTE) "" "*" RETURN (SUBSCRIBED)'), [
    "INBOX Subscribed",
    "Fruit",
    "Fruit/Apple",
    "Fruit/Banana Subscribed",
    "Tofu",
    "Vegetable Subscribed",
    "Vegetable/Broccoli Subscribed",
    "Vegetable/Corn",
  ]);
  assert.deepEqual(
    answered(fruit, 'LIST (REMOTE SUBSCRIBED) "" "*"'),
    answered(fruit, 'LIST (SUBSCRIBED) "" "*"'),
  );
});

test("several patterns give each name once, and the empty one nothing (example 7, section 3)", () => {
  assert.deepEqual(answered(fruit, 'LIST "" ("" "INBOX" "Fruit/%" "Fruit/A*")'), [
    "INBOX",
    "Fruit/Apple",
    "Fruit/Banana",
  ]);
});

test("RECURSIVEMATCH finds the parents of what is subscribed (example 8)", () => {
  const foo = (more: string): string[] =>
    answered(`INBOX ${more}`, 'LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"');
  assert.deepEqual(foo("Foo Foo/Bar Foo/Baz+ Moo"), ["Foo CHILDINFO"]);
  assert.deepEqual(foo("Foo+ Foo/Bar Foo/Baz+ Moo"), ["Foo Subscribed CHILDINFO"]);
  assert.deepEqual(foo("Foo/Bar Foo/Baz+ Moo"), ["Foo NonExistent CHILDINFO"]);
  assert.deepEqual(foo("Foo Foo/Bar Foo/Baz Moo"), []);
  assert.deepEqual(foo("Foo+ Foo/Bar Foo/Baz Moo+"), ["Foo Subscribed", "Moo Subscribed"]);
  assert.deepEqual(answered("Foo Foo/Baz+", 'LIST (SUBSCRIBED) "" "%"'), []);
});

test("a parent stands for what would not be seen otherwise (examples 9 and 10)", () => {
  assert.deepEqual(answered(bars, 'LIST (RECURSIVEMATCH SUBSCRIBED) "" "*2"'), [
    "baz2/bar2 Subscribed",
    "baz2/bar22 Subscribed",
    "baz2/bar222 Subscribed",
    "eps2 Subscribed CHILDINFO",
    "foo2 CHILDINFO",
    "foo2/bar2 Subscribed",
    "qux2/bar2 Subscribed",
  ]);
  assert.deepEqual(answered("foo foo/bar!", 'LIST "" ("foo" "foo/*")'), ["foo"]);
  assert.deepEqual(answered("foo foo/bar!", 'LIST (SUBSCRIBED) "" "foo/*"'), [
    "foo/bar NonExistent Subscribed",
  ]);
  const recursive = 'LIST (SUBSCRIBED RECURSIVEMATCH) "" foo RETURN (CHILDREN)';
  assert.deepEqual(answered("foo foo/bar!", recursive), ["foo CHILDINFO"]);
});

test("a level that is no folder is told where nothing below it is (example 11)", () => {
  assert.deepEqual(answered("music/rock", 'LIST () "" %'), ["music NonExistent"]);
  assert.deepEqual(answered("music/rock", 'LIST "" *'), ["music/rock"]);
  assert.deepEqual(answered("music/rock", 'LIST "" (% music/rock)'), ["music/rock"]);
  // Who does not know LIST-EXTENDED may not know \NonExistent either.
  assert.deepEqual(answered("music/rock", 'LIST "" %'), ["music NonExistent Noselect"]);
  assert.deepEqual(answered("music/rock", 'LIST "" %', true), ["music NonExistent"]);
});

test("special uses select and are told (RFC 6154); XLIST has names of its own for two", () => {
  assert.deepEqual(answered("INBOX Sent+ Spam Work+", 'LIST (SPECIAL-USE) "" "*"'), [
    "Sent Sent",
    "Spam Junk",
  ]);
  assert.deepEqual(answered("INBOX Sent+ Spam Work+", 'LIST (SPECIAL-USE SUBSCRIBED) "" "*"'), [
    "Sent Subscribed Sent",
  ]);
  assert.deepEqual(answered("INBOX Sent", 'LIST "" "*" RETURN (SPECIAL-USE STATUS (UNSEEN))'), [
    "INBOX",
    "Sent Sent",
  ]);
  assert.deepEqual(answered("INBOX Spam", 'XLIST "" "*"'), ["INBOX Inbox", "Spam Junk Spam"]);
});

test("LSUB shows a level only for what its pattern hides below (RFC 3501 §6.3.9)", () => {
  assert.deepEqual(answered("a a/b+ c+", 'LSUB "" "%"'), ["a Noselect", "c"]);
  assert.deepEqual(answered("a a/b+ c+ gone!", 'LSUB "" "*"'), ["a/b", "c", "gone"]);
});

test("RECURSIVEMATCH needs an option that it can match by, and unknown options are refused", () => {
  for (const line of [
    'LIST (RECURSIVEMATCH) "" *',
    'LIST (REMOTE RECURSIVEMATCH) "" *',
    'LIST (INVENTED) "" *',
    'LIST "" * RETURN (INVENTED)',
  ])
    assert.ok(!parseCommand(Buffer.from(`a ${line}`)).ok, line);
});
