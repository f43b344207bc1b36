// ARC as RFC 8617 has it: chains that are whole, broken, out of order or too long, as our examination reads them; and what our own seal adds.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { newPair, recordsOf, signingKeys } from "./keys.ts";
import { arcSet, ownResults } from "./seal.ts";
import { forgeSet, type SetOptions } from "./testing/forge.ts";
import { tryZone } from "./testing/zone.ts";
import { verifyLetter } from "./verify.ts";

const now = Date.UTC(2026, 10, 24);
const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 });
const edwards = generateKeyPairSync("ed25519");
const house = await newPair("a", now);

const published = (key: typeof rsa.publicKey): Buffer =>
  key.export({ format: "der", type: "spki" });
const zone = tryZone([
  `r._domainkey.f.example TXT v=DKIM1; p=${published(rsa.publicKey).toString("base64")}`,
  `e._domainkey.f.example TXT v=DKIM1; k=ed25519; p=${published(edwards.publicKey).subarray(-32).toString("base64")}`,
  "gone._domainkey.f.example TXT v=DKIM1; p=",
  "slow._domainkey.f.example TXT TIMEOUT",
  ...recordsOf(house).map(
    ({ selector, text }) => `${selector}._domainkey.house.example TXT ${text}`,
  ),
]);
const original =
  "From: Ada <ada@a.example>\r\nTo: list@f.example\r\nSubject: words\r\n\r\nhello\r\n";
const key = { algorithm: "rsa-sha256", key: rsa.privateKey };
const edKey = { algorithm: "ed25519-sha256", key: edwards.privateKey };

const set = (letter: string, instance: number, more: Partial<SetOptions> = {}): string =>
  forgeSet(letter, {
    instance,
    cv: instance === 1 ? "none" : "pass",
    key,
    domain: "f.example",
    selector: "r",
    ...more,
  }) + letter;

/** So many sets, each over the one before. */
const chain = (length: number, more: Partial<SetOptions> = {}): string => {
  let letter = original;
  for (let instance = 1; instance <= length; instance += 1) letter = set(letter, instance, more);
  return letter;
};

async function arcOf(letter: string) {
  const { arc } = await verifyLetter(
    { lookup: zone, clock: { now: () => now }, hostname: "mail.house.example" },
    { address: "192.0.2.1", helo: "x", sender: "", raw: Buffer.from(letter, "latin1") },
  );
  return arc;
}

/** Without the field of this name and instance. */
const without = (letter: string, name: string, instance: number): string =>
  letter.replace(new RegExp(`^${name}: i=${instance};.*\r\n`, "m"), "");
const edTags = { key: edKey, selector: "e" };
const listed = (letter: string): string => letter.replace("words", "[list] words");

const rows: readonly (readonly [expected: string, what: string, letter: string])[] = [
  ["none", "no chain", original],
  ["pass", "one set", chain(1)],
  ["pass", "two sets", chain(2)],
  ["pass", "five sets", chain(5)],
  ["pass", "fifty sets", chain(50, edTags)],
  ["fail", "fifty-one sets", chain(51, edTags)],
  ["pass", "seals of Ed25519", chain(2, edTags)],
  ["pass", "both kinds of seals", set(chain(1), 2, edTags)],
  ["pass", "the subject changed between two seals", set(listed(chain(1)), 2)],
  ["fail", "the subject changed behind the last seal", listed(chain(2))],
  ["fail", "the body changed behind the last seal", chain(2).replace("hello", "hullo")],
  ["fail", "first results changed", chain(2).replace("i=1; mx.peer", "i=1; mx.poor")],
  ["fail", "last results changed", chain(2).replace("i=2; mx.peer", "i=2; mx.poor")],
  ["pass", "first results folded anew", chain(2).replace("i=1; mx", "i=1;\r\n mx")],
  [
    "pass",
    "fields of the sets in another order",
    chain(2)
      .split("\r\n")
      .slice(0, 6)
      .toReversed()
      .concat(chain(2).split("\r\n").slice(6))
      .join("\r\n"),
  ],
  ["fail", "a seal of something else", chain(2).replace(/(ARC-Seal: i=1;.* b=)..../, "$1AAAA")],
  [
    "fail",
    "a message signature of something else",
    chain(1).replace(/(ARC-Message-Signature: i=1;.* b=)..../, "$1AAAA"),
  ],
  ["fail", "no seal", without(chain(1), "ARC-Seal", 1)],
  ["fail", "no message signature", without(chain(1), "ARC-Message-Signature", 1)],
  ["fail", "no results", without(chain(1), "ARC-Authentication-Results", 1)],
  ["fail", "no seal in the first of two", without(chain(2), "ARC-Seal", 1)],
  ["fail", "no results in the first of two", without(chain(2), "ARC-Authentication-Results", 1)],
  ["fail", "a gap: 1 and 3", set(chain(1), 3)],
  ["fail", "a chain that begins with 2", set(original, 2)],
  ["fail", "two sets of one number", set(chain(1), 1)],
  ["fail", "a seal twice", chain(1).replace(/^(ARC-Seal: .*\r\n)/, "$1$1")],
  ["fail", "number 0", set(original, 0, { cv: "none" })],
  ["fail", "a number in words", chain(1).replaceAll("i=1;", "i=one;")],
  ["fail", "results without a number", chain(1).replace("Results: i=1;", "Results:")],
  ["fail", "cv=fail in the last", set(chain(1), 2, { cv: "fail", covers: [] })],
  ["fail", "cv=fail in the first", set(original, 1, { cv: "fail" })],
  ["fail", "cv=pass in the first", set(original, 1, { cv: "pass" })],
  ["fail", "cv=none in the second", set(chain(1), 2, { cv: "none" })],
  ["fail", "no cv", set(original, 1, { sealTags: { cv: "-" } })],
  ["fail", "cv that nobody knows", set(original, 1, { cv: "maybe" })],
  ["fail", "a pass over a fail", set(set(chain(1), 2, { cv: "fail", covers: [] }), 3)],
  ["pass", "cv in capitals", set(original, 1, { cv: "None" })],
  ["fail", "h= in a seal", set(original, 1, { sealTags: { h: "from" } })],
  ["fail", "a seal without a domain", set(original, 1, { sealTags: { d: "-" } })],
  ["fail", "a seal without a selector", set(original, 1, { sealTags: { s: "-" } })],
  ["fail", "a tag twice", chain(1).replace("cv=none;", "cv=none; cv=none;")],
  ["pass", "t= in a seal", set(original, 1, { sealTags: { t: "1700000000" } })],
  ["fail", "t= that is no number", set(original, 1, { sealTags: { t: "soon" } })],
  ["fail", "a seal by SHA-1", set(original, 1, { sealTags: { a: "rsa-sha1" } })],
  ["fail", "a message signature by SHA-1", set(original, 1, { messageTags: { a: "rsa-sha1" } })],
  ["fail", "a key that is not there", set(original, 1, { selector: "none" })],
  ["fail", "a key that is withdrawn", set(original, 1, { selector: "gone" })],
  ["fail", "a key that is another's", set(original, 1, { selector: "e" })],
  [
    "fail",
    "a message signature without From",
    set(original, 1, { messageTags: { h: "to:subject" } }),
  ],
  [
    "fail",
    "a message signature over a seal",
    set(chain(1), 2, { messageTags: { h: "from:arc-seal" } }),
  ],
  ["fail", "a seal that covers its own set alone", set(chain(1), 2, { covers: [] })],
];

for (const [expected, what, letter] of rows)
  test(`ARC says ${expected} to ${what}`, async () => {
    const { result, reason } = await arcOf(letter);
    assert.equal(result, expected, String(reason));
  });

test("a chain tells who sealed it, and what the first of them had found for DMARC", async () => {
  const { sealers, firstDmarc } = await arcOf(chain(3));
  assert.deepEqual([sealers, firstDmarc], [["f.example", "f.example", "f.example"], "pass"]);
});

const [first] = signingKeys(house);
function sealed(letter: string, said: string): string {
  assert.ok(first);
  const results = ` house.example;\r\n\tspf=pass smtp.mailfrom=a.example${said};\r\n\tdmarc=pass (p=reject) header.from=a.example\r\n`;
  const raw = Buffer.from(letter, "latin1");
  return arcSet(raw, { domain: "house.example", key: first, at: now, results }) + letter;
}

test("our seal stands over a letter without a chain, over one that passed, and over one of our own", async () => {
  for (const [letter, said, length] of [
    [listed(original), "", 1],
    [listed(chain(2)), ";\r\n\tarc=pass (i=2 d=f.example)", 3],
    [listed(sealed(original, "")), ";\r\n\tarc=pass (i=1 d=house.example)", 2],
  ] as const) {
    const { result, reason, sealers, firstDmarc } = await arcOf(sealed(letter, said));
    assert.deepEqual(
      [result, sealers.at(-1), sealers.length],
      ["pass", "house.example", length],
      String(reason),
    );
    assert.equal(firstDmarc, "pass");
  }
});

test("over a chain that failed, or that nobody looked at, our seal says cv=fail and covers itself alone; it is the last", async () => {
  for (const said of [";\r\n\tarc=fail (i=2 d=f.example)", ""]) {
    const letter = sealed(chain(2), said);
    assert.match(letter, /^ARC-Seal: i=3; [^\n]*cv=fail;/);
    assert.equal((await arcOf(letter)).result, "fail");
    assert.equal(sealed(letter, ";\r\n\tarc=fail"), letter);
  }
  assert.match(sealed(without(chain(2), "ARC-Seal", 1), ";\r\n\tarc=pass"), /cv=fail;/);
  const longest = chain(50, edTags);
  assert.equal(sealed(longest, ";\r\n\tarc=pass"), longest);
});

test("what the letter says of a chain in our name is not believed, only what this server wrote in front of it", () => {
  const forged = "Received: x\r\nAuthentication-Results: other.example; arc=pass\r\n\r\n";
  assert.equal(ownResults(Buffer.from(forged), "house.example"), undefined);
  const own = "Received: x\r\nAuthentication-Results: house.example;\r\n\tarc=pass\r\n";
  assert.equal(ownResults(Buffer.from(own), "house.example"), " house.example;\r\n\tarc=pass\r\n");
});
