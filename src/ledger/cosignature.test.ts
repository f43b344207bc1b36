import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as always, integer, nat, property, string, uint8Array } from "fast-check";
import { asBuffer, fromUtf8 } from "#base/bytes";
import { cosignedAt, openCosigner, parseCosignerKey } from "./cosignature.ts";
import { openSigner, parseNote } from "./note.ts";
import { cosignedBy, parseTrustPolicy } from "./trust-policy.ts";
import { keyId, parseVkey } from "./vkey.ts";

const text = "log.example/a\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
const signed = openSigner("log.example/a", Buffer.alloc(32, 1)).sign(text);
const seed = Buffer.alloc(32, 2);
const forms = ["ed25519", "ml-dsa-44"] as const;

function keyOf(vkey: string) {
  const key = parseCosignerKey(vkey);
  assert.ok(key, vkey);
  return key;
}

function noteWith(...lines: readonly string[]) {
  const note = parseNote(Buffer.concat([signed, fromUtf8(lines.join(""))]));
  assert.ok(note);
  return note;
}

for (const form of forms) {
  test(`a cosignature by ${form} is verified, and gives the second at which it was made`, () => {
    const witness = openCosigner("witness.example/w1", form, seed);
    const note = noteWith(witness.cosign(text, 1679315147));
    assert.equal(cosignedAt(note, keyOf(witness.verifierKey)), 1679315147);
    const other = openCosigner("witness.example/w2", form, Buffer.alloc(32, 3));
    assert.equal(cosignedAt(note, keyOf(other.verifierKey)), "none");
    assert.throws(() => witness.cosign("no checkpoint\n", 1), TypeError);
    assert.throws(() => witness.cosign(text, 0), TypeError);
  });

  test(`one flipped bit anywhere in a cosignature by ${form}, its time included, is found`, () => {
    const witness = openCosigner("witness.example/w1", form, seed);
    const line = witness.cosign(text, 1679315147);
    const bytes = Buffer.from(line.split(" ")[2] ?? "", "base64");
    const check = property(integer({ min: 32, max: bytes.byteLength * 8 - 1 }), (bit) => {
      const bent = Buffer.from(bytes);
      bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const note = noteWith(`— witness.example/w1 ${bent.toString("base64")}\n`);
      assert.equal(cosignedAt(note, keyOf(witness.verifierKey)), "bad");
    });
    always(check, { numRuns: 60 });
  });

  test(`a cosignature by ${form} is of one checkpoint: under another one it is wrong`, () => {
    const witness = openCosigner("witness.example/w1", form, seed);
    const line = witness.cosign(text, 1679315147);
    const other = text.replace("20852163", "20852164");
    const note = parseNote(fromUtf8(`${other}\n${line}`));
    assert.ok(note);
    assert.equal(cosignedAt(note, keyOf(witness.verifierKey)), "bad");
  });
}

test("the signed message of Ed25519 is the standard's, and the line of the standard's example has its shape", () => {
  const witness = openCosigner("witness.example.com/w1", "ed25519", seed);
  const line = Buffer.from(witness.cosign(text, 1679315147).split(" ")[2] ?? "", "base64");
  // RFC 8032 is deterministic: a plain signer over the text that the standard spells gives the same 64 bytes.
  const plain = openSigner("any", seed).sign(`cosignature/v1\ntime 1679315147\n${text}`);
  const [, encoded = ""] = /— any (\S+)/.exec(asBuffer(plain).toString()) ?? [];
  assert.deepEqual(line.subarray(12), Buffer.from(encoded, "base64").subarray(4));
  assert.equal(line.readBigUInt64BE(4), 1679315147n);
  const key = keyOf(witness.verifierKey);
  assert.equal(line.subarray(0, 4).toString("hex"), keyId(key.name, 4, key.publicKey));
  const example =
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==";
  assert.equal(Buffer.from(example, "base64").readBigUInt64BE(4), 1679315147n);
  assert.equal(Buffer.from(example, "base64").byteLength, line.byteLength);
});

test("a log's key is no witness's key, nor the other way round", () => {
  assert.equal(parseCosignerKey(openSigner("log.example/a", seed).verifierKey), undefined);
  assert.equal(parseVkey(openCosigner("w", "ed25519", seed).verifierKey)?.type, 4);
  assert.equal(
    parseVkey(openCosigner("w", "ml-dsa-44", seed).verifierKey)?.publicKey.byteLength,
    1312,
  );
});

const [w1, w2, w3] = [1, 2, 3].map((n) =>
  openCosigner(`w${n}.example`, "ed25519", Buffer.alloc(32, n)),
);
assert.ok(w1 && w2 && w3);
const log = openSigner("log.example/a", Buffer.alloc(32, 1));
const policyText = `# two of three, from two houses
log ${log.verifierKey} https://log.example/ledger/
witness one ${w1.verifierKey} https://w1.example/
witness\ttwo ${w2.verifierKey}
witness three ${w3.verifierKey} http://w3.example:8090
group house-a any one two
group both all house-a three
quorum both
`;

function policyOf(given: string) {
  const parsed = parseTrustPolicy(fromUtf8(given));
  assert.ok(parsed.ok, parsed.ok ? "" : parsed.refusal);
  return parsed.value;
}

test("a trust policy of groups asks for as many as it says, and its time is the latest that so many reached", () => {
  const policy = policyOf(policyText);
  assert.deepEqual(
    policy.witnesses.map(({ name, url }) => [name, url]),
    [
      ["one", "https://w1.example"],
      ["two", undefined],
      ["three", "http://w3.example:8090"],
    ],
  );
  const note = noteWith(w1.cosign(text, 500), w2.cosign(text, 700), w3.cosign(text, 600));
  const { times, bad } = cosignedBy(policy, note);
  assert.deepEqual(bad, []);
  assert.equal(policy.quorumTime(times), 600);
  assert.equal(
    policy.quorumTime(cosignedBy(policy, noteWith(w1.cosign(text, 5))).times),
    undefined,
  );
  assert.equal(policyOf("quorum none\n").quorumTime(new Map()), 0);
});

test("a trust policy that is wrong says in which line", () => {
  const witness = `witness one ${w1.verifierKey}`;
  const wrong: readonly (readonly [string, RegExp])[] = [
    ["", /not lines/],
    ["quorum none", /not lines/],
    ["witness one\n", /line 1/],
    [`${witness}\n`, /no quorum/],
    ["quorum one\n", /line 1/],
    [`${witness}\n${witness}\nquorum one\n`, /line 2: this name is taken/],
    [`${witness}\nwitness two ${w1.verifierKey}\nquorum one\n`, /line 2: .*twice/],
    [`${witness}\ngroup g 2 one\nquorum g\n`, /line 2/],
    [`${witness}\ngroup g 0 one\nquorum g\n`, /line 2/],
    [`${witness}\ngroup g any one one\nquorum g\n`, /line 2/],
    [`${witness}\ngroup none any one\nquorum none\n`, /line 2/],
    [`${witness}\ngroup g any later\nquorum g\n`, /line 2/],
    [`${witness}\ngroup g any one\ngroup h any one\nquorum h\n`, /line 3/],
    [`${witness}\nquorum one\nquorum one\n`, /line 3/],
    [`witness one ${log.verifierKey}\nquorum one\n`, /line 1/],
    [`log ${w1.verifierKey}\nquorum none\n`, /line 1/],
    [`${witness} ftp://x\nquorum one\n`, /line 1/],
    ["quorum none\r\n", /not lines/],
    ["shout\nquorum none\n", /line 1/],
  ];
  for (const [given, why] of wrong) {
    const parsed = parseTrustPolicy(fromUtf8(given));
    assert.ok(!parsed.ok, given);
    assert.match(parsed.refusal, why, given);
  }
});

test("the parsers of keys and policies are total over random text and bytes", () => {
  always(
    property(string(), uint8Array({ maxLength: 200 }), nat(), (words, bytes, at) => {
      parseVkey(words);
      parseTrustPolicy(bytes);
      const bent = Buffer.from(policyText);
      bent[at % bent.byteLength] = (bent[at % bent.byteLength] ?? 0) ^ 0x15;
      parseTrustPolicy(bent);
    }),
  );
});
