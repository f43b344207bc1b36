// Two verifiers that others wrote, Debian's dkimpy and pyspf, over the same letters and zones: what we sign and seal they accept, what they
// sign and seal we accept, and both read SPF as we do. Their DNS is our table, handed in; nobody asks the network.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { test, type TestContext } from "node:test";
import { requireOrSkip } from "../../../test/require.ts";
import { newPair, recordsOf, signingKeys } from "./keys.ts";
import { arcSet } from "./seal.ts";
import { signatureFields } from "./sign.ts";
import { spfCases, zoneOf } from "./testing/spf-cases.ts";
import { tryZone } from "./testing/zone.ts";
import { verifyLetter } from "./verify.ts";

const now = Date.now();
const python = "/usr/bin/python3";
const house = await newPair("a", now);
const records = Object.fromEntries(
  recordsOf(house).map(({ selector, text }) => [`${selector}._domainkey.house.example`, text]),
);
const zone = tryZone(Object.entries(records).map(([name, text]) => `${name} TXT ${text}`));

const letter = Buffer.from(
  "From: Ada <ada@house.example>\r\nTo: bob@b.example\r\nSubject:  two   words\r\n\tfolded\r\nDate: Tue, 24 Nov 2026 04:00:00 +0000\r\nMessage-ID: <1@house.example>\r\n\r\ngr\u00fc\u00dfe  \r\n\r\nend\r\n\r\n\r\n",
);

function runs(t: TestContext, module: string): boolean {
  const found = spawnSync(python, ["-c", `import ${module}`]).status === 0;
  return requireOrSkip(t, found, `not installed: python3-${module}`);
}

function ask(script: string, given: object): unknown {
  const input = JSON.stringify(given);
  const { stdout, stderr, status } = spawnSync(python, ["-c", script], {
    input,
    maxBuffer: 1 << 24,
  });
  assert.equal(status, 0, stderr.toString());
  return JSON.parse(stdout.toString());
}

const begin = `
import base64, json, sys
given = json.load(sys.stdin)
letter = base64.b64decode(given.get("letter", ""))
records = given.get("records", {})
def txt(name, timeout=5):
    found = records.get(name.decode().rstrip("."))
    return found.encode() if found else None
`;

const verify = `${begin}
import dkim
def holds(at):
    try: return dkim.DKIM(letter).verify(idx=at, dnsfunc=txt)
    except dkim.ValidationError: return False
signatures = [holds(at) for at in range(given["signatures"])]
cv, sets, why = dkim.arc_verify(letter, dnsfunc=txt)
print(json.dumps({"signatures": signatures, "cv": cv.decode(), "sets": len(sets), "why": str(why)}))
`;

function verifiedBy(raw: Uint8Array, signatures: number): unknown {
  const { why: _, ...said } = ask(verify, { letter: base64(raw), records, signatures }) as {
    readonly why: string;
  };
  return said;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

function signed(raw: Uint8Array): Buffer {
  const fields = signatureFields(raw, {
    domain: "house.example",
    keys: signingKeys(house),
    at: now,
  });
  return Buffer.concat([Buffer.from(fields), raw]);
}

function sealed(raw: Uint8Array, said = ""): Buffer {
  const [key] = signingKeys(house);
  assert.ok(key);
  const results = ` house.example;\r\n\tspf=pass smtp.mailfrom=a.example${said};\r\n\tdmarc=pass header.from=a.example\r\n`;
  const fields = arcSet(raw, { domain: "house.example", key, at: now, results });
  return Buffer.concat([Buffer.from(fields), raw]);
}

test("dkimpy accepts both of our signatures and our seals, one and two, and nothing that was changed", (t) => {
  if (!runs(t, "dkim")) return;
  const once = sealed(signed(letter));
  const both = [true, true];
  assert.deepEqual(verifiedBy(once, 2), { signatures: both, cv: "pass", sets: 1 });
  const changed = signed(
    Buffer.from(once.toString("latin1").replace("two", "[list] two"), "latin1"),
  );
  const twice = sealed(changed, ";\r\n\tarc=pass (i=1 d=house.example)");
  assert.deepEqual(verifiedBy(twice, 2), { signatures: both, cv: "pass", sets: 2 });
  const bent = Buffer.from(
    twice.toString("latin1").replace("\r\nend\r\n", "\r\nand\r\n"),
    "latin1",
  );
  assert.deepEqual(verifiedBy(bent, 2), { signatures: [false, false], cv: "fail", sets: 2 });
});

const sign = `${begin}
import dkim
key, domain = given["rsa"].encode(), b"house.example"
rsa = dkim.sign(letter, b"bailee-a-rsa", domain, key, canonicalize=(b"simple", b"simple"))
more = dkim.sign(letter, b"bailee-a-rsa", domain, key, canonicalize=(b"relaxed", b"relaxed"), length=True)
ed = dkim.sign(letter, b"bailee-a-ed25519", domain, given["ed25519"].encode(), signature_algorithm=b"ed25519-sha256")
whole = rsa + more + ed + b"Authentication-Results: house.example; spf=pass smtp.mailfrom=a.example; dmarc=pass header.from=a.example\\r\\n" + letter
sets = dkim.arc_sign(whole, b"bailee-a-rsa", domain, key, domain)
print(json.dumps(base64.b64encode(b"".join(sets) + whole).decode()))
`;

test("we accept dkimpy's signatures, simple and relaxed, RSA and Ed25519, and its seal; and it accepts ours on top", async (t) => {
  if (!runs(t, "dkim")) return;
  assert.ok(house.rsa !== null && house.ed25519 !== null);
  const rsa = createPrivateKey(house.rsa).export({ format: "pem", type: "pkcs1" });
  const seed = createPrivateKey(house.ed25519)
    .export({ format: "der", type: "pkcs8" })
    .subarray(-32);
  const answer = ask(sign, { letter: base64(letter), rsa, ed25519: base64(seed) });
  const theirs = Buffer.from(String(answer), "base64");
  const { dkim, arc } = await verifyLetter(
    { lookup: zone, clock: { now: () => now }, hostname: "mail.b.example" },
    { address: "192.0.2.1", helo: "x", sender: "", raw: theirs },
  );
  assert.deepEqual(
    dkim.map(({ algorithm, result }) => `${algorithm} ${result}`),
    ["rsa-sha256 pass", "rsa-sha256 pass", "ed25519-sha256 pass"],
  );
  assert.deepEqual([arc.result, arc.firstDmarc], ["pass", "pass"]);
  const ours = sealed(theirs, ";\r\n\tarc=pass (i=1 d=house.example)");
  assert.deepEqual(verifiedBy(ours, 0), { signatures: [], cv: "pass", sets: 2 });
});

const readSpf = `${begin}
import spf
zone = {}
def look(name, kind, *rest, **more):
    name = name.decode() if isinstance(name, bytes) else name
    found = zone.get((name.lower().rstrip("."), kind), [])
    if "TIMEOUT" in found: raise spf.TempError("no answer")
    out = []
    for text in found:
        if kind == "MX":
            preference, _, host = text.partition(" ")
            value = (int(preference), host)
        elif kind == "TXT": value = [text.encode("utf-8")]
        else: value = text
        out.append(((name, kind), value))
    return out
spf.DNSLookup = look
said = []
for case in given["cases"]:
    zone.clear()
    for line in case["zone"]:
        name, kind, text = (line.split(" ", 2) + [""])[:3]
        zone.setdefault((name.lower(), kind), []).append(text)
    said.append(spf.check2(i=case["ip"], s=case["sender"], h=case["helo"], querytime=0)[0])
print(json.dumps(said))
`;

// Rows that pyspf reads otherwise, and why we do not.
const readOtherwise: Readonly<Record<string, string>> = {
  "ptr that the DNS does not tell": "RFC 7208 §5.5: trouble makes the mechanism match nothing",
  "a brace that does not close": "§7.1: it is no macro-expand, and the record a syntax error",
  "no labels at all": "§7.3: zero is a syntax error",
  "digits behind the letter": "§7.1: digits stand before the r",
};

test("pyspf reads every record of our table as we do, but for those of which we say why", (t) => {
  if (!runs(t, "spf")) return;
  const cases = spfCases.map((row) => ({
    ip: row.ip ?? "192.0.2.1",
    sender: row.sender ?? "b@a.example",
    helo: row.helo ?? "mx.a.example",
    zone: zoneOf(row),
  }));
  const said = ask(readSpf, { cases }) as readonly string[];
  const otherwise = spfCases.flatMap(({ what, expected }, at) =>
    said[at] === expected ? [] : [what],
  );
  assert.deepEqual(otherwise, Object.keys(readOtherwise));
});
