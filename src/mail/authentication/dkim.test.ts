// DKIM as RFC 6376, 8301 and 8463 have it: signatures forged with one thing right or wrong in each, read by our examination.
import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { test } from "node:test";
import { forgeSignature, withTags } from "./testing/forge.ts";
import { tryZone } from "./testing/zone.ts";
import { verifyLetter } from "./verify.ts";

const now = Date.UTC(2026, 10, 24);
const second = Math.floor(now / 1000);

const pairs = {
  rsa: generateKeyPairSync("rsa", { modulusLength: 1024 }),
  other: generateKeyPairSync("rsa", { modulusLength: 1024 }),
  short: generateKeyPairSync("rsa", { modulusLength: 512 }),
  ed25519: generateKeyPairSync("ed25519"),
};
type KeyName = keyof typeof pairs;

function published(key: KeyObject): string {
  const der = key.export({ format: "der", type: "spki" });
  return (key.asymmetricKeyType === "ed25519" ? der.subarray(-32) : der).toString("base64");
}

const p = published(pairs.rsa.publicKey);
const letter =
  "From: Ada <ada@a.example>\r\nTo: bob@b.example\r\nSubject:  two   words\r\n\tfolded\r\nX-Other: a\r\n\r\nhello  there \r\n\r\nend\r\n\r\n\r\n";

interface Case {
  /** In place of those of an ordinary signature; "-" takes one away. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly key?: KeyName;
  readonly letter?: string;
  /** The record; `P` stands for the right key. */
  readonly record?: string;
  readonly more?: readonly string[];
  /** How the field is spelled before it is signed, and what happens to the letter afterwards. */
  readonly write?: (field: string) => string;
  readonly later?: (raw: string) => string;
}

type Row = readonly [expected: string, what: string, given?: Case];

const sha1 = { a: "rsa-sha1" };
const edwards = { key: "ed25519", tags: { a: "ed25519-sha256" } } as const;
const edRecord = `v=DKIM1; k=ed25519; p=${published(pairs.ed25519.publicKey)}`;

const rows: readonly Row[] = [
  ["pass", "an ordinary signature"],
  // §3.4: canonical forms
  ["pass", "simple/simple", { tags: { c: "simple/simple" } }],
  ["pass", "simple/relaxed", { tags: { c: "simple/relaxed" } }],
  ["pass", "relaxed/simple", { tags: { c: "relaxed/simple" } }],
  ["pass", "relaxed alone, which is relaxed/simple", { tags: { c: "relaxed" } }],
  ["pass", "no c=, which is simple/simple", { tags: { c: "-" } }],
  ["neutral", "a canonical form that nobody knows", { tags: { c: "loose/relaxed" } }],
  [
    "pass",
    "relaxed: spaces changed in header and body",
    {
      later: (raw) =>
        raw.replace("two   words", "two words").replace("hello  there ", "hello there"),
    },
  ],
  [
    "pass",
    "relaxed: a field's name in capitals",
    { later: (raw) => raw.replace("\r\nTo:", "\r\nTO :") },
  ],
  [
    "fail",
    "simple: a space changed in the header",
    { tags: { c: "simple/relaxed" }, later: (raw) => raw.replace("two   words", "two words") },
  ],
  [
    "fail",
    "simple: a field's name in capitals",
    { tags: { c: "simple/relaxed" }, later: (raw) => raw.replace("\r\nTo:", "\r\nTO:") },
  ],
  [
    "fail",
    "simple: a space changed in the body",
    { tags: { c: "relaxed/simple" }, later: (raw) => raw.replace("hello  there", "hello there") },
  ],
  [
    "pass",
    "simple: blank lines at the end of the body",
    { tags: { c: "simple/simple" }, later: (raw) => `${raw}\r\n\r\n` },
  ],
  [
    "pass",
    "simple: no body",
    { tags: { c: "simple/simple" }, letter: "From: ada@a.example\r\n\r\n" },
  ],
  ["pass", "relaxed: no body", { letter: "From: ada@a.example\r\n\r\n" }],
  [
    "pass",
    "relaxed: a body of blank lines",
    { letter: "From: ada@a.example\r\n\r\n \r\n\t\r\n\r\n" },
  ],
  ["fail", "a word changed in the body", { later: (raw) => raw.replace("end", "and") }],
  ["fail", "a word changed in a signed field", { later: (raw) => raw.replace("folded", "bent") }],
  [
    "pass",
    "a word changed in a field that is not signed",
    { later: (raw) => raw.replace("X-Other: a", "X-Other: b") },
  ],
  // §3.5 and §5.4: h=
  ["neutral", "From is not signed", { tags: { h: "to:subject" } }],
  ["neutral", "h= is empty", { tags: { h: "" } }],
  ["pass", "h= in capitals, folded and spaced", { tags: { h: "From :\r\n\t To: SUBJECT" } }],
  ["pass", "a field in h= that is not there", { tags: { h: "from:to:subject:cc" } }],
  [
    "fail",
    "the same, added later",
    {
      tags: { h: "from:to:subject:cc" },
      later: (raw) => raw.replace("\r\nTo:", "\r\nCc: eve@e.example\r\nTo:"),
    },
  ],
  [
    "fail",
    "From signed once too often, and added",
    {
      tags: { h: "from:from:to" },
      later: (raw) => raw.replace("\r\nTo:", "\r\nFrom: eve@e.example\r\nTo:"),
    },
  ],
  [
    "pass",
    "two fields of one name, from the bottom up",
    {
      tags: { h: "from:x-two:x-two" },
      letter: "X-Two: 1\r\nFrom: ada@a.example\r\nX-Two: 2\r\n\r\nb\r\n",
    },
  ],
  [
    "fail",
    "the same in the other order",
    {
      tags: { h: "from:x-two:x-two" },
      letter: "X-Two: 1\r\nFrom: ada@a.example\r\nX-Two: 2\r\n\r\nb\r\n",
      later: (raw) =>
        raw
          .replace("X-Two: 1", "X-Two: 3")
          .replace("X-Two: 2", "X-Two: 1")
          .replace("X-Two: 3", "X-Two: 2"),
    },
  ],
  // §3.5: the other tags
  ["neutral", "another version", { tags: { v: "2" } }],
  ["neutral", "no version", { tags: { v: "-" } }],
  ["neutral", "an algorithm that nobody knows", { tags: { a: "rsa-md5" } }],
  ["neutral", "no domain", { tags: { d: "-" } }],
  ["neutral", "no selector", { tags: { s: "-" } }],
  ["fail", "a body hash of something else", { tags: { bh: "eHg=" } }],
  ["fail", "b= of something else", { later: (raw) => raw.replace(/b=[\w+/=]{20}/, "b=") }],
  ["pass", "folding within b=", { later: (raw) => raw.replace(/ b=([\w+/]{20})/, " b=$1\r\n\t ") }],
  [
    "pass",
    "tags folded and spaced",
    { write: (text) => text.replaceAll("; ", " ;\r\n\t").replace("d=", "d =\r\n ") },
  ],
  ["neutral", "a tag twice", { write: (text) => `${text}d=a.example; ` }],
  ["pass", "a tag that nobody knows", { tags: { zz: "hello" } }],
  ["pass", "q=dns/txt", { tags: { q: "dns/txt" } }],
  ["neutral", "another query method alone", { tags: { q: "carrier/pigeon" } }],
  ["pass", "i= of the domain", { tags: { i: "ada@a.example" } }],
  ["pass", "i= below the domain", { tags: { i: "@mail.a.example" } }],
  ["neutral", "i= elsewhere", { tags: { i: "@b.example" } }],
  ["neutral", "i= of a domain that only ends so", { tags: { i: "@xa.example" } }],
  ["neutral", "i= without an @", { tags: { i: "a.example" } }],
  // §3.5: t= and x=
  ["pass", "t= and x= around now", { tags: { t: String(second - 60), x: String(second + 60) } }],
  ["neutral", "x= gone by", { tags: { t: String(second - 600), x: String(second - 60) } }],
  ["neutral", "x= before t=", { tags: { t: String(second + 600), x: String(second + 60) } }],
  ["neutral", "x= that is no number", { tags: { x: "soon" } }],
  // §3.5 and §8.2: l=
  [
    "pass",
    "l= of the whole body",
    { tags: { c: "relaxed/simple", l: String("hello  there \r\n\r\nend\r\n".length) } },
  ],
  [
    "policy",
    "text behind l=",
    {
      tags: { c: "relaxed/simple", l: String("hello  there \r\n\r\nend\r\n".length) },
      later: (raw) => `${raw}more\r\n`,
    },
  ],
  ["policy", "l=0", { tags: { l: "0" } }],
  ["neutral", "l= that is no number", { tags: { l: "-1" } }],
  // §3.6.1: the key's record
  ["neutral", "no record", { record: "" }],
  ["temperror", "a record that the DNS does not tell", { record: "TIMEOUT" }],
  ["pass", "a record of p= alone", { record: "p=P" }],
  ["pass", "a record with spaces in p=", { record: `v=DKIM1; p=${p.slice(0, 30)} ${p.slice(30)}` }],
  ["pass", "a record with a tag that nobody knows", { record: "v=DKIM1; zz=1; p=P" }],
  ["neutral", "a record of another version", { record: "v=DKIM2; p=P" }],
  ["neutral", "v= that does not stand first", { record: "p=P; v=DKIM1" }],
  ["neutral", "a withdrawn key", { record: "v=DKIM1; p=" }],
  ["neutral", "no p=", { record: "v=DKIM1; k=rsa" }],
  ["neutral", "p= that is no key", { record: "v=DKIM1; p=aGVsbG8=" }],
  ["fail", "another key", { record: `v=DKIM1; p=${published(pairs.other.publicKey)}` }],
  ["neutral", "a key of another kind", { record: edRecord }],
  ["neutral", "a kind of key that nobody knows", { record: "v=DKIM1; k=dsa; p=P" }],
  ["pass", "h=sha256", { record: "v=DKIM1; h=sha1:sha256; p=P" }],
  ["neutral", "h=sha1 alone", { record: "v=DKIM1; h=sha1; p=P" }],
  ["pass", "s=email among others", { record: "v=DKIM1; s=tlsrpt:email; p=P" }],
  ["neutral", "s= of another service", { record: "v=DKIM1; s=tlsrpt; p=P" }],
  ["pass", "t=y: tested, and right", { record: "v=DKIM1; t=y; p=P" }],
  ["pass", "t=s and i= of the domain", { record: "v=DKIM1; t=s; p=P", tags: { i: "@a.example" } }],
  [
    "neutral",
    "t=s and i= below it",
    { record: "v=DKIM1; t=s; p=P", tags: { i: "@mail.a.example" } },
  ],
  // RFC 8301
  ["policy", "SHA-1", { tags: sha1 }],
  [
    "policy",
    "a key of 512 bits",
    {
      key: "short",
      tags: { a: "rsa-sha256" },
      record: `v=DKIM1; p=${published(pairs.short.publicKey)}`,
    },
  ],
  // RFC 8463
  ["pass", "Ed25519", { ...edwards, record: edRecord }],
  [
    "fail",
    "Ed25519, a word changed",
    { ...edwards, record: edRecord, later: (raw) => raw.replace("folded", "bent") },
  ],
  ["neutral", "Ed25519 with an RSA key", { ...edwards, record: "v=DKIM1; k=rsa; p=P" }],
  [
    "neutral",
    "Ed25519 with k= left out",
    { ...edwards, record: edRecord.replace("k=ed25519; ", "") },
  ],
  [
    "neutral",
    "an Ed25519 key of 31 octets",
    { ...edwards, record: `v=DKIM1; k=ed25519; p=${Buffer.alloc(31, 7).toString("base64")}` },
  ],
];

for (const [expected, what, given = {}] of rows)
  test(`DKIM says ${expected} to ${what}`, async () => {
    const { tags = {}, key = "rsa", record = "v=DKIM1; k=rsa; p=P", write, later } = given;
    const base = {
      v: "1",
      a: "rsa-sha256",
      c: "relaxed/relaxed",
      d: "a.example",
      s: "s",
      h: "from:to:subject",
    };
    const list = withTags(Object.entries(base), tags);
    const algorithm = tags["a"] ?? "rsa-sha256";
    const whole = given.letter ?? letter;
    const forged = forgeSignature(
      whole,
      list,
      { algorithm: algorithm === "rsa-md5" ? "rsa-sha256" : algorithm, key: pairs[key].privateKey },
      write && { write },
    );
    const raw = (later ?? ((text) => text))(forged + whole);
    const text = record.replace(/P$/, p).replace(/P;/, `${p};`);
    const lookup = tryZone(text === "" ? [] : [`s._domainkey.a.example TXT ${text}`]);
    const { dkim } = await verifyLetter(
      { lookup, clock: { now: () => now }, hostname: "mail.house.example" },
      { address: "192.0.2.1", helo: "x", sender: "", raw: Buffer.from(raw, "latin1") },
    );
    assert.equal(dkim.length, 1);
    assert.equal(dkim[0]?.result, expected, String(dkim[0]?.reason));
  });
