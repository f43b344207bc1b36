// Whole letters examined over made-up zones: what is written on them, and what happens to them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openExaminer } from "./examine.ts";
import { authservId, disarmForged } from "./forged.ts";
import { tryZone } from "./testing/zone.ts";

interface Case {
  /** Records beside those of the peer. */
  readonly zone?: readonly string[];
  readonly sender?: string;
  readonly from?: string;
  readonly trouble?: "take" | "later";
  readonly reject?: "refuse" | "junk";
  readonly act: "inbox" | "junk" | "refuse" | "later";
  readonly says?: readonly string[];
}

const spf = "a.example TXT v=spf1 ip4:192.0.2.1 -all";
const reject = "_dmarc.a.example TXT v=DMARC1; p=reject";

const cases: { readonly [what: string]: Case } = {
  "SPF passes and is aligned": {
    zone: [spf, reject],
    act: "inbox",
    says: ["spf=pass smtp.mailfrom=a.example", "dmarc=pass"],
  },
  "nothing is published": { act: "inbox", says: ["spf=none", "dkim=none", "dmarc=none"] },
  "p=reject and nothing passes": { zone: [reject], act: "refuse" },
  "p=reject where rejection is junk": {
    zone: [reject],
    reject: "junk",
    act: "junk",
    says: ["dmarc=fail", "policy.dmarc=reject"],
  },
  "p=quarantine": {
    zone: ["_dmarc.a.example TXT v=DMARC1; p=quarantine"],
    act: "junk",
    says: ["dmarc=fail (p=quarantine)"],
  },
  "p=none": {
    zone: ["_dmarc.a.example TXT v=DMARC1; p=none"],
    act: "inbox",
    says: ["dmarc=fail (p=none)"],
  },
  "t=y makes reject quarantine": {
    zone: ["_dmarc.a.example TXT v=DMARC1; p=reject; t=y"],
    act: "junk",
  },
  "t=y makes quarantine nothing": {
    zone: ["_dmarc.a.example TXT v=DMARC1; p=quarantine; t=y"],
    act: "inbox",
  },
  "pct means nothing any more": {
    zone: ["_dmarc.a.example TXT v=DMARC1; p=reject; pct=0"],
    act: "refuse",
  },
  "sp for a subdomain that is there": {
    from: "x@s.a.example",
    zone: ["s.a.example A 192.0.2.9", "_dmarc.a.example TXT v=DMARC1; p=reject; sp=none"],
    act: "inbox",
    says: ["dmarc=fail"],
  },
  "np for one that is not": {
    from: "x@s.a.example",
    zone: ["_dmarc.a.example TXT v=DMARC1; p=none; sp=none; np=reject"],
    act: "refuse",
  },
  "sp where np is not given": {
    from: "x@s.a.example",
    zone: ["_dmarc.a.example TXT v=DMARC1; p=none; sp=quarantine"],
    act: "junk",
  },
  "relaxed alignment of a subdomain": {
    sender: "b@mail.a.example",
    zone: ["mail.a.example TXT v=spf1 ip4:192.0.2.1 -all", reject],
    act: "inbox",
    says: ["dmarc=pass"],
  },
  "strict alignment of a subdomain": {
    sender: "b@mail.a.example",
    zone: ["mail.a.example TXT v=spf1 ip4:192.0.2.1 -all", `${reject}; aspf=s`],
    act: "refuse",
  },
  "psd=n makes a domain its own organisation": {
    sender: "b@a.example",
    from: "x@s.a.example",
    zone: [spf, reject, "_dmarc.s.a.example TXT v=DMARC1; p=reject; psd=n"],
    act: "refuse",
  },
  // RFC 9989 §4.10: the tree walk
  "the organisation's record found from three labels below": {
    from: "x@one.two.three.a.example",
    zone: ["one.two.three.a.example A 192.0.2.9", `${reject}; sp=quarantine`],
    act: "junk",
    says: ["dmarc=fail (p=reject)", "policy.dmarc=quarantine"],
  },
  "the nearest record's own p, not the organisation's sp": {
    from: "x@s.a.example",
    zone: [`${reject}; sp=reject`, "_dmarc.s.a.example TXT v=DMARC1; p=none"],
    act: "inbox",
    says: ["dmarc=fail (p=none)"],
  },
  "a name of twelve labels walks to the last seven": {
    from: "x@l.k.j.i.h.g.f.e.d.c.a.example",
    sender: "b@a.example",
    zone: [spf, reject],
    act: "inbox",
    says: ["dmarc=pass"],
  },
  "a record that stands only where the walk leaps over it is not seen": {
    from: "x@l.k.j.i.h.g.f.e.d.c.a.example",
    zone: ["_dmarc.k.j.i.h.g.f.e.d.c.a.example TXT v=DMARC1; p=reject"],
    act: "inbox",
    says: ["dmarc=none"],
  },
  "psd=y above makes the label below it the organisation": {
    from: "x@s.co.example",
    sender: "b@other.co.example",
    zone: [
      "other.co.example TXT v=spf1 ip4:192.0.2.1 -all",
      "_dmarc.s.co.example TXT v=DMARC1; p=reject",
      "_dmarc.co.example TXT v=DMARC1; p=none; psd=y",
    ],
    act: "refuse",
  },
  "psd=y applies where nothing nearer stands": {
    from: "x@s.co.example",
    zone: ["s.co.example A 192.0.2.9", "_dmarc.co.example TXT v=DMARC1; p=reject; psd=y"],
    act: "refuse",
  },
  "DKIM of a sibling below one organisation, relaxed by SPF": {
    from: "x@one.a.example",
    sender: "b@two.a.example",
    zone: ["two.a.example TXT v=spf1 ip4:192.0.2.1 -all", reject],
    act: "inbox",
    says: ["dmarc=pass"],
  },
  "a record of another version": {
    zone: ["_dmarc.a.example TXT v=DMARC2; p=reject"],
    act: "inbox",
    says: ["dmarc=none"],
  },
  "v= that does not stand first": {
    zone: ["_dmarc.a.example TXT p=reject; v=DMARC1"],
    act: "inbox",
    says: ["dmarc=none"],
  },
  "p= that nobody knows, with rua, is p=none": {
    zone: ["_dmarc.a.example TXT v=DMARC1; p=sometimes; rua=mailto:r@a.example"],
    act: "inbox",
    says: ["dmarc=fail (p=none)"],
  },
  "a tag that nobody knows, and a value in capitals": {
    zone: ["_dmarc.a.example TXT v=DMARC1; p=Reject; zz=1"],
    act: "refuse",
  },
  "From without an address": { from: "Ada", zone: [reject], act: "inbox", says: ["dmarc=none"] },
  "two records count as none": {
    zone: [reject, "_dmarc.a.example TXT v=DMARC1; p=none"],
    act: "inbox",
    says: ["dmarc=none"],
  },
  "a policy that the DNS does not tell": {
    zone: ["_dmarc.a.example TXT TIMEOUT"],
    act: "inbox",
    says: ["dmarc=temperror"],
  },
  "the same where trouble is waited out": {
    zone: ["_dmarc.a.example TXT TIMEOUT"],
    trouble: "later",
    act: "later",
  },
  "two author domains": {
    from: "x@a.example, y@b.example",
    zone: [spf, reject],
    act: "junk",
    says: ["dmarc=permerror"],
  },
  "two authors of one domain": {
    from: "x@a.example, y@a.example",
    zone: [spf, reject],
    act: "inbox",
    says: ["dmarc=pass"],
  },
  "SPF of another domain": {
    sender: "b@b.example",
    zone: ["b.example TXT v=spf1 ip4:192.0.2.1 -all", reject],
    act: "refuse",
  },
  "the null sender, by the name in HELO": {
    sender: "",
    from: "x@mx.a.example",
    zone: ["mx.a.example TXT v=spf1 ip4:192.0.2.1 -all", reject],
    act: "inbox",
    says: ["spf=pass smtp.helo=mx.a.example", "dmarc=pass"],
  },
  "SPF fails and nobody asks for anything": {
    zone: ["a.example TXT v=spf1 -all"],
    act: "inbox",
    says: ["spf=fail"],
  },
  "SPF whose DNS is in trouble": {
    zone: ["a.example TXT TIMEOUT"],
    act: "inbox",
    says: ["spf=temperror"],
  },
  "SPF with eleven look-ups": {
    zone: [
      `a.example TXT v=spf1 ${Array.from({ length: 11 }, (_, n) => `a:h${n}.a.example`).join(" ")} +all`,
      ...Array.from({ length: 11 }, (_, n) => `h${n}.a.example A 203.0.113.9`),
    ],
    act: "inbox",
    says: ["spf=permerror"],
  },
  "SPF with three void look-ups": {
    zone: ["a.example TXT v=spf1 a:v1.a.example a:v2.a.example a:v3.a.example +all"],
    act: "inbox",
    says: ["spf=permerror"],
  },
  "SPF through include and redirect": {
    zone: [
      "a.example TXT v=spf1 include:i.a.example redirect=r.a.example",
      "i.a.example TXT v=spf1 -all",
      "r.a.example TXT v=spf1 ip4:192.0.2.0/24 -all",
    ],
    act: "inbox",
    says: ["spf=pass smtp.mailfrom"],
  },
  "SPF with macros": {
    zone: [
      "a.example TXT v=spf1 exists:%{ir}.%{l}.%{d2}.q.a.example -all",
      "1.2.0.192.b.a.example.q.a.example A 127.0.0.2",
    ],
    act: "inbox",
    says: ["spf=pass smtp.mailfrom"],
  },
};

const peer = ["1.2.0.192.in-addr.arpa PTR mx.a.example", "mx.a.example A 192.0.2.1"];

for (const [
  what,
  {
    zone = [],
    sender = "b@a.example",
    from = "x@a.example",
    trouble = "take",
    reject: rule = "refuse",
    act,
    says = [],
  },
] of Object.entries(cases))
  test(`a letter is taken as it should be: ${what}`, async () => {
    const examine = openExaminer({
      lookup: tryZone([...peer, ...zone]),
      clock: { now: () => 0 },
      hostname: "mail.house.example",
      asksForLocal: true,
      trustedSealers: [],
      reject: rule,
      trouble,
    });
    const raw = Buffer.from(`From: ${from}\r\nSubject: s\r\n\r\nhi\r\n`);
    const found = await examine({ address: "192.0.2.1", helo: "mx.a.example", sender, raw });
    assert.equal("place" in found ? found.place : "later" in found ? "later" : "refuse", act);
    if ("refuse" in found) assert.match(found.refuse, /^5\.7\.26 /);
    if (!("fields" in found)) return;
    assert.match(found.fields, /^Authentication-Results: mail\.house\.example;\r\n\tiprev=pass/);
    for (const words of says)
      assert.ok(found.fields.includes(words), `${words} in ${found.fields}`);
  });

test("a field that claims to be our results is disarmed, whatever it hides behind, and others stay", () => {
  const ours = ["mail.house.example"];
  const forged = [
    "mail.house.example; spf=pass",
    "(a (b) \\) c) MAIL.house.Example 1; none",
    '\r\n "mail.house.example"; x',
    "mail.house.example.; x",
    "(mail.house.example",
  ];
  for (const value of forged) {
    const raw = Buffer.from(`A: b\r\nauthentication-RESULTS : ${value}\r\n\r\nbody`);
    const kept = Buffer.from(disarmForged(raw, ours)).toString();
    assert.equal(kept.length, raw.length);
    assert.doesNotMatch(kept, /^authentication-results/im);
  }
  const foreign = Buffer.from(
    "Authentication-Results: mail.peer.example; x=mail.house.example\r\n\r\n",
  );
  assert.equal(disarmForged(foreign, ours), foreign);
  assert.equal(authservId("(unclosed"), undefined);
});

test("a header of ten megabytes and a thousand signatures cost bounded time and questions", async () => {
  let asked = 0;
  const zone = tryZone(peer);
  const examine = openExaminer({
    lookup: (name, type) => ((asked += 1), zone(name, type)),
    clock: { now: () => 0 },
    hostname: "h.example",
    asksForLocal: true,
    trustedSealers: [],
    reject: "refuse",
    trouble: "take",
  });
  const signature =
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=a.example; s=s; h=from; bh=eA==; b=eA==\r\n";
  const letters = [
    `${signature.repeat(1000)}From: x@a.example\r\n\r\nhi\r\n`,
    `From: x@a.example\r\n${"X-Long: y\r\n".repeat(900_000)}\r\nhi\r\n`,
  ];
  const began = performance.now();
  for (const letter of letters)
    await examine({
      address: "192.0.2.1",
      helo: "mx.a.example",
      sender: "b@a.example",
      raw: Buffer.from(letter),
    });
  assert.ok(performance.now() - began < 2000);
  assert.ok(asked < 60, String(asked));
});
