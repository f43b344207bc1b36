// The law of addresses as properties, the records of a domain, and how they are held against the DNS. All of it pure.
import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assert as holds, constantFrom, property, record, string } from "fast-check";
import { asciiDomain, splitAddress } from "../address.ts";
import type { AddressKind, ClaimState, LookUp } from "./contract.ts";
import { candidates, choose } from "./resolution.ts";
import { clientZone, houseZone, proofValue, zoneFile } from "./zone.ts";
import { checkZone } from "./zonecheck.ts";

const states: readonly (ClaimState | null)[] = ["pending", "verified", "broken", "ended", null];
const kinds: readonly AddressKind[] = ["main", "alias", "mask", "own", "duty"];
const locals = ["a", "a+b", "b", "a+b+c", "+a"];

interface Row {
  readonly address: string;
  readonly kind: AddressKind;
  readonly enabled: number;
  readonly domain: string | null;
  readonly claim: ClaimState | null;
}

const row = record({
  local: constantFrom(...locals, "*"),
  kind: constantFrom(...kinds),
  enabled: constantFrom(0, 1),
  claim: constantFrom(...states),
});

/** No two rows of one address, as the table's key has it. */
const rows = array(row, { maxLength: 6 }).map((made): readonly Row[] => {
  const byAddress = new Map(
    made.map(({ local, kind, enabled, claim }): [string, Row] => {
      const address = `${local}@d.example`;
      const domain = claim === null ? null : "d.example";
      return [
        address,
        { address, kind: local === "*" ? "catch-all" : kind, enabled, domain, claim },
      ];
    }),
  );
  return [...byAddress.values()];
});

function works({ enabled, claim }: Row): boolean {
  return enabled === 1 && (claim === null || claim === "verified" || claim === "broken");
}

test("the whole name goes before the name without its tag, and both before the catch-all", () => {
  holds(
    property(rows, constantFrom(...locals), (known, local) => {
      const names = candidates({ local, domain: "d.example" });
      const chosen = choose(known, names);
      const plus = local.indexOf("+");
      const order = [local, plus > 0 ? local.slice(0, plus) : local, "*"];
      const first = order
        .map((name) => known.find(({ address }) => address === `${name}@d.example`))
        .find((found) => found !== undefined);
      assert.equal(chosen, first !== undefined && works(first) ? first : undefined);
    }),
  );
});

test("an address that is off, or whose domain is lost, is nobody's, whatever catches the rest", () => {
  holds(
    property(rows, constantFrom(...locals), (known, local) => {
      const own = known.find(({ address }) => address === `${local}@d.example`);
      if (own === undefined || works(own)) return;
      assert.equal(choose(known, candidates({ local, domain: "d.example" })), undefined);
    }),
  );
});

test("case and the spelling of a domain make no difference", () => {
  const one = { local: "anna", domain: "xn--bcher-kva.example" };
  for (const text of ["Anna@BÜCHER.example", "anna@bücher.example.", "ANNA@xn--Bcher-KVA.example"])
    assert.deepEqual(splitAddress(text), one, text);
  // "ü" as one character and as two.
  assert.equal(asciiDomain("bu\u0308cher.example"), asciiDomain("b\u00fccher.example"));
  assert.equal(splitAddress("anna@[127.0.0.1]")?.domain, "[127.0.0.1]");
  // Full-width letters are another spelling of an address literal's digits, and must not become one.
  assert.equal(splitAddress("anna@[１27.0.0.1]"), undefined);
  holds(
    property(string({ unit: "binary" }), (text) => {
      const domain = asciiDomain(text);
      assert.equal(asciiDomain(domain.toUpperCase()), asciiDomain(domain));
    }),
  );
});

const parts = {
  domain: "club.example",
  house: "mail.house.example",
  token: "t0ken",
  signing: [
    {
      name: "a1._domainkey.club.example",
      type: "TXT" as const,
      value: `v=DKIM1; k=rsa; p=${"A".repeat(300)}`,
    },
  ],
  services: [
    { service: "imaps", port: 993 },
    { service: "submissions", port: 465 },
  ],
  reports: { dmarc: "dmarc@mail.house.example", tls: "tls@mail.house.example" },
};

test("a zone file has every record, absolute, its long texts in pieces", () => {
  const file = zoneFile(parts.domain, clientZone(parts));
  assert.match(file, /^_bailee\.club\.example\. 3600 IN TXT "bailee-domain=t0ken"$/m);
  assert.match(file, /^club\.example\. 3600 IN MX 10 mail\.house\.example\.$/m);
  assert.match(file, /^club\.example\. 3600 IN TXT "v=spf1 include:mail\.house\.example -all"$/m);
  assert.match(file, /^a1\._domainkey\.club\.example\. 3600 IN TXT "v=DKIM1; k=rsa; p=A+" "A+"$/m);
  assert.match(file, /^_imaps\._tcp\.club\.example\. 3600 IN SRV 0 1 993 mail\.house\.example\.$/m);
  assert.match(file, /^autoconfig\.club\.example\. 3600 IN CNAME mail\.house\.example\.$/m);
  assert.match(file, /^_mta-sts\.club\.example\. 3600 IN TXT "v=STSv1; id=[0-9a-f]{16}"$/m);
  assert.match(file, /^_smtp\._tls\.club\.example\. 3600 IN TXT "v=TLSRPTv1; rua=mailto:tls@/m);
  for (const line of file.split("\n").slice(1, -1))
    for (const [, text = ""] of line.matchAll(/"([^"]*)"/g)) assert.ok(text.length <= 255, line);
});

test("the house's zone takes reports about other domains, and lets its smarthost send", () => {
  const zone = houseZone({ ...parts, domain: parts.house, smarthost: "relay.example" });
  const values = zone.map(({ type, name, value }) => `${name} ${type} ${value}`);
  assert.ok(values.includes("mail.house.example TXT v=spf1 mx a:relay.example -all"));
  assert.ok(values.includes("*._report._dmarc.mail.house.example TXT v=DMARC1"));
  assert.ok(!values.some((value) => value.startsWith("_bailee.")));
});

/** A DNS made of lines "name TYPE value"; what is not there is not there. */
function dnsOf(lines: readonly string[], broken = false): LookUp {
  // eslint-disable-next-line typescript/require-await
  return async (name, type) => {
    if (broken) return "trouble";
    const start = `${name} ${type} `;
    const found = lines.filter((line) => line.startsWith(start));
    return found.length === 0 ? "none" : found.map((line) => line.slice(start.length));
  };
}

async function statesFor(lines: readonly string[], broken = false) {
  const checked = await checkZone(dnsOf(lines, broken), clientZone(parts));
  return Object.fromEntries(
    checked.map(({ purpose, type, state }) => [`${purpose} ${type}`, state]),
  );
}

test("a zone as it was printed is right throughout, and none of it is anything but missing in an empty one", async () => {
  const zone = clientZone(parts);
  const printed = zone.map(({ name, type, value }) => `${name} ${type} ${value}`);
  assert.deepEqual(new Set(Object.values(await statesFor(printed))), new Set(["right"]));
  assert.deepEqual(new Set(Object.values(await statesFor([]))), new Set(["missing"]));
  assert.deepEqual(new Set(Object.values(await statesFor(printed, true))), new Set(["unknown"]));
});

test("what differs is told from what is as good", async () => {
  const good = await statesFor([
    `_bailee.club.example TXT bailee-domain=old`,
    `_bailee.club.example TXT ${proofValue("t0ken")}`,
    "club.example MX 10 mail.house.example",
    "club.example MX 20 backup.example",
    "club.example TXT some-site-verification=1",
    "club.example TXT v=spf1 include:news.example include:mail.house.example ~all",
    `a1._domainkey.club.example TXT v=DKIM1;p=${"A".repeat(150)} ${"A".repeat(150)}`,
    "_dmarc.club.example TXT v=DMARC1; p=reject",
    "_imaps._tcp.club.example SRV 5 0 993 mail.house.example",
    "_submissions._tcp.club.example SRV 0 1 465 mail.house.example",
    "autoconfig.club.example A 192.0.2.1",
    "autodiscover.club.example CNAME mail.house.example",
    "mail.house.example A 192.0.2.1",
  ]);
  for (const name of ["proof TXT", "mx MX", "spf TXT", "dkim TXT", "dmarc TXT", "srv SRV"])
    assert.equal(good[name], "right", name);
  assert.equal(good["autoconfig CNAME"], "right", "the last of the two is by its addresses");
  const bad = await statesFor([
    "club.example MX 10 elsewhere.example",
    "club.example MX 20 mail.house.example",
    "club.example TXT v=spf1 include:mail.house.example -all",
    "club.example TXT v=spf1 include:news.example -all",
    "_dmarc.club.example TXT v=DMARC1; p=none",
    `_bailee.club.example TXT bailee-domain=another`,
    "autoconfig.club.example A 192.0.2.9",
    "autodiscover.club.example A 192.0.2.9",
    "mail.house.example A 192.0.2.1",
  ]);
  for (const name of ["proof TXT", "mx MX", "spf TXT", "dmarc TXT", "autoconfig CNAME"])
    assert.equal(bad[name], "other", name);
});
