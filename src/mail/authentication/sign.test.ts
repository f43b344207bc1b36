// Our signatures as another verifier reads them, and what breaks them.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { newPair, type Pair, recordsOf, signingKeys } from "./keys.ts";
import { dueTurn } from "./rotation.ts";
import { signatureFields } from "./sign.ts";
import { openSigner } from "./signer.ts";
import { verifyLetter } from "./verify.ts";
import { tryZone } from "./testing/zone.ts";

const DAY = 86_400_000;
const at = Date.UTC(2026, 10, 24);
const pair: Pair = await newPair("a", at);

const letter = (body: string, more = ""): Buffer =>
  Buffer.from(
    `From: Ada <ada@house.example>\r\n${more}To: bob@peer.example\r\nSubject:  two   spaces \r\n\tfolded\r\n\r\n${body}`,
    "latin1",
  );

const lookup = tryZone(
  recordsOf(pair).map(({ selector, text }) => `${selector}._domainkey.house.example TXT ${text}`),
);

async function resultsOf(raw: Uint8Array, now = at): Promise<string[]> {
  const { dkim } = await verifyLetter(
    { lookup, clock: { now: () => now }, hostname: "mail.peer.example" },
    { address: "192.0.2.1", helo: "mail.house.example", sender: "", raw },
  );
  return dkim.map(({ algorithm, result }) => `${algorithm} ${result}`);
}

function signed(raw: Uint8Array): Buffer {
  const fields = signatureFields(raw, {
    domain: "house.example",
    keys: signingKeys(pair),
    at,
  });
  return Buffer.concat([Buffer.from(fields), raw]);
}

const both = (result: string): string[] => [`rsa-sha256 ${result}`, `ed25519-sha256 ${result}`];

const bodies: { readonly [what: string]: string } = {
  "a plain body": "hello\r\n",
  "no body": "",
  "only blank lines": "\r\n\r\n\r\n",
  "no line end at the end": "hello",
  "blank lines at the end": "hello\r\n\r\n\r\n",
  "white space at ends of lines": "a  b \t\r\n \t \r\nc\t\r\n",
  "octets above 127": "gr\xfc\xdfe\r\n",
  "a long body in several pieces": `${"words and more words\r\n\r\n".repeat(40_000)}end`,
  "a line longer than a piece": `${"x".repeat(600_000)}\r\ny\r\n`,
};

for (const [what, body] of Object.entries(bodies))
  test(`a letter with ${what} is signed so that both signatures verify`, async () => {
    assert.deepEqual(await resultsOf(signed(letter(body))), both("pass"));
  });

test("a field that is added, changed or removed after signing is found", async () => {
  const raw = signed(letter("hello\r\n")).toString("latin1");
  const second = raw.replace("To: bob", "From: eve@house.example\r\nTo: bob");
  const added = raw.replace("To: bob", "Reply-To: eve@peer.example\r\nTo: bob");
  const changed = raw.replace("folded", "bent");
  const removed = raw.replace("To: bob@peer.example\r\n", "");
  for (const wrong of [second, added, changed, removed])
    assert.deepEqual(await resultsOf(Buffer.from(wrong, "latin1")), both("fail"));
  const appended = Buffer.from(`${raw}more\r\n`, "latin1");
  assert.deepEqual(await resultsOf(appended), both("fail"));
});

test("folding and spaces on the way do not break a signature", async () => {
  const raw = signed(letter("hello\r\n")).toString("latin1");
  const refolded = raw.replace("Subject:  two   spaces", "SUBJECT: two\r\n spaces");
  assert.deepEqual(await resultsOf(Buffer.from(refolded, "latin1")), both("pass"));
});

test("no signature is made without a key or without an author", () => {
  const options = { domain: "house.example", at };
  assert.equal(signatureFields(letter("x\r\n"), { ...options, keys: [] }), "");
  const keys = signingKeys(pair);
  assert.equal(signatureFields(Buffer.from("To: b@c.example\r\n\r\n"), { ...options, keys }), "");
});

test("every line of a signature is below 100 octets", () => {
  const fields = signatureFields(letter("x\r\n"), {
    domain: "house.example",
    keys: signingKeys(pair),
    at,
  });
  assert.ok(fields.split("\r\n").every((line) => line.length < 100));
  assert.equal(fields.match(/^DKIM-Signature:/gm)?.length, 2);
});

test("keys turn: made, used when shown, left after their days, withdrawn when no letter can still carry them", () => {
  const none = new Set<"a" | "b">();
  const turn = (
    pairs: readonly Pair[],
    now: number,
    shown: Iterable<"a" | "b"> = none,
    asked = false,
  ) => dueTurn(pairs, { now, every: 90 * DAY, shown: new Set(shown), asked });
  assert.deepEqual(turn([], at), { act: "make", slot: "a" });
  assert.equal(turn([pair], at), undefined);
  assert.equal(turn([pair], at, ["a"])?.act, "use");
  const used = { ...pair, used: at };
  assert.equal(turn([used], at + 89 * DAY), undefined);
  assert.deepEqual(turn([used], at + 90 * DAY), { act: "make", slot: "b" });
  assert.deepEqual(turn([used], at + DAY, [], true), { act: "make", slot: "b" });
  const fresh = { ...pair, slot: "b" as const, made: at + 90 * DAY };
  assert.equal(turn([used, fresh], at + 91 * DAY), undefined, "not before the DNS shows it");
  assert.deepEqual(turn([used, fresh], at + 91 * DAY, ["b"]), {
    act: "use",
    pair: fresh,
    leave: [used],
  });
  const left = { ...used, left: at + 91 * DAY };
  const inUse = { ...fresh, used: at + 91 * DAY };
  assert.equal(turn([left, inUse], at + 96 * DAY), undefined);
  assert.equal(turn([left, inUse], at + 97 * DAY)?.act, "withdraw");
  assert.equal(turn([left, inUse], at + 92 * DAY, [], true), undefined, "its slot is not free yet");
});

test("what is published of a withdrawn pair says that it is withdrawn", () => {
  const records = recordsOf({ ...pair, withdrawn: at, rsa: null, ed25519: null });
  assert.ok(records.every(({ text }) => text.endsWith("; p=")));
});

test("an RSA key below 1024 bits vouches for nobody", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 768 });
  const text = publicKey.export({ format: "der", type: "spki" }).toString("base64");
  const weak = tryZone([`weak._domainkey.house.example TXT v=DKIM1; k=rsa; p=${text}`]);
  const raw = letter("hello\r\n");
  const fields = signatureFields(raw, {
    domain: "house.example",
    keys: [{ selector: "weak", algorithm: "rsa-sha256", key: privateKey }],
    at,
  });
  const { dkim } = await verifyLetter(
    { lookup: weak, clock: { now: () => at }, hostname: "mail.peer.example" },
    {
      address: "192.0.2.1",
      helo: "x.example",
      sender: "",
      raw: Buffer.concat([Buffer.from(fields), raw]),
    },
  );
  assert.equal(dkim[0]?.result, "policy");
});

test("over a year by a turned clock the keys turn by themselves, and a letter verifies for as long as it may be on its way", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "bailee-dkim-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  let now = at;
  let shown: readonly string[] = [];
  const signer = openSigner({
    folder,
    clock: { now: () => now },
    lookup: (name, type) => tryZone(shown)(name, type),
    domain: "house.example",
    rotateDays: 90,
  });
  const publish = async (): Promise<void> => {
    const records = await signer.records("house.example");
    shown = records.map(({ name, type, value }) => `${name} ${type} ${value}`);
  };
  const verify = async (raw: Uint8Array): Promise<string[]> => {
    const { dkim } = await verifyLetter(
      { lookup: tryZone(shown), clock: { now: () => now }, hostname: "mail.peer.example" },
      { address: "192.0.2.1", helo: "x", sender: "", raw },
    );
    return dkim.map(({ selector, result }) => `${selector} ${result}`);
  };
  const raw = letter("hello\r\n");
  const used = new Set<string>();
  const onTheirWay: { readonly sent: number; readonly whole: Buffer }[] = [];
  for (let day = 0; day < 365; day += 1, now += DAY) {
    await signer.turn();
    // The operator publishes what is printed three days late.
    if (day % 3 === 0) await publish();
    const fields = await signer.sign(raw);
    if (fields === "") continue;
    used.add(/s=(bailee-[ab])-rsa/.exec(fields)?.[1] ?? "");
    if (day % 30 === 0)
      onTheirWay.push({ sent: now, whole: Buffer.concat([Buffer.from(fields), raw]) });
    for (const { sent, whole } of onTheirWay)
      if (now - sent <= 5 * DAY)
        assert.ok(
          (await verify(whole)).every((said) => said.endsWith(" pass")),
          `day ${day}`,
        );
  }
  assert.deepEqual([...used].toSorted(), ["bailee-a", "bailee-b"]);
  const [first] = onTheirWay;
  assert.ok(first !== undefined);
  assert.ok(
    (await verify(first.whole)).every((said) => !said.endsWith(" pass")),
    "its keys are gone",
  );
});
