// Reverse names become domains of providers, and nothing that their owners put into them lands anywhere.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { assert as holds, property, string } from "fast-check";
import { HOUR } from "#base/time";
import { openIspDomains, registrableDomain } from "./isp.ts";

const clock = { now: () => 0 };

test("a reverse name is cut to the registrable domain by the public suffix list", () => {
  assert.equal(registrableDomain("p5483-12.dip0.t-ipconnect.de"), "t-ipconnect.de");
  assert.equal(registrableDomain("HOST-1-2-3-4.Dynamic.BT.co.UK."), "bt.co.uk");
  assert.equal(registrableDomain("x.y.blogspot.com"), "blogspot.com", "no private suffixes");
  assert.equal(registrableDomain("co.uk"), undefined);
  assert.equal(registrableDomain("localhost"), undefined);
  assert.equal(registrableDomain("router.home.arpa.invalid"), undefined);
});

test("a script in a reverse-DNS name never lands", () => {
  for (const name of [
    "<script>alert(1)</script>.example.com",
    "a.exam ple.com",
    "a.example.com/../../x",
    "a.‮moc.elpmaxe",
    "a.exämple.com",
    "a..example.com",
    "-a.example.com",
    `${"a.".repeat(130)}com`,
    "1.2.3.4",
    "",
  ]) {
    assert.equal(registrableDomain(name), undefined, name);
  }
  holds(
    property(string(), (name) => {
      const domain = registrableDomain(name);
      assert.ok(domain === undefined || /^[a-z0-9.-]+$/.test(domain));
    }),
  );
});

test("one look-up serves a whole network, for an hour", async () => {
  const asked: string[] = [];
  let now = 0;
  const isps = openIspDomains(
    (address) => {
      asked.push(address);
      return Promise.resolve("a.example.com");
    },
    { now: () => now },
  );
  const told: string[] = [];
  assert.equal(isps.known("192.0.2.1"), undefined);
  for (const address of ["192.0.2.1", "192.0.2.2", "192.0.2.3"])
    isps.tell(address, (isp) => told.push(isp));
  assert.equal(told.length, 0);
  await turn();
  assert.deepEqual(told, ["example.com", "example.com", "example.com"]);
  assert.equal(isps.known("192.0.2.200"), "example.com");
  assert.deepEqual(asked, ["192.0.2.1"]);
  now += HOUR;
  isps.tell("192.0.2.9", (isp) => told.push(isp));
  await turn();
  assert.equal(asked.length, 2);
});

test("local addresses are told apart without a question; no name and a failed question are unknown", async () => {
  const isps = openIspDomains(
    (address) =>
      address.startsWith("198")
        ? Promise.reject(new Error("SERVFAIL"))
        : Promise.resolve(undefined),
    clock,
  );
  const told: string[] = [];
  for (const address of ["127.0.0.1", "10.1.1.1", "fd00::1", "198.51.100.1", "192.0.2.1", "junk"])
    isps.tell(address, (isp) => told.push(isp));
  await turn();
  assert.deepEqual(told.toSorted(), [
    "local network",
    "local network",
    "local network",
    "unknown",
    "unknown",
    "unknown",
  ]);
});

test("a resolver of the operator's own is asked for private addresses, and no name is still the local network", async () => {
  const isps = openIspDomains(
    (address) => Promise.resolve(address === "10.1.1.1" ? "desk-1.office.example.com" : undefined),
    clock,
    true,
  );
  const told: string[] = [];
  for (const address of ["10.1.1.1", "127.0.0.1", "192.0.2.1"])
    isps.tell(address, (isp) => told.push(isp));
  assert.deepEqual(told, [], "looked up like every other");
  await turn();
  assert.deepEqual(new Set(told), new Set(["example.com", "local network", "unknown"]));
});

test("a flood of networks waits in a queue of fixed length, and the rest is unknown", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  let asked = 0;
  const isps = openIspDomains(() => {
    asked += 1;
    return promise;
  }, clock);
  let unknown = 0;
  let named = 0;
  for (let network = 0; network < 1000; network += 1) {
    const address = `20.${network >> 8}.${network & 255}.1`;
    isps.tell(address, (isp) => (isp === "unknown" ? (unknown += 1) : (named += 1)));
  }
  assert.equal(asked, 16);
  assert.equal(unknown, 1000 - 16 - 500);
  resolve("a.example.com");
  await turn();
  await turn();
  assert.equal(named, 516);
  isps.close();
});

test("who still waits at the close is counted as unknown", () => {
  const isps = openIspDomains(() => new Promise<string>(() => {}), clock);
  const told: string[] = [];
  isps.tell("192.0.2.1", (isp) => told.push(isp));
  isps.close();
  isps.tell("192.0.2.1", (isp) => told.push(isp));
  assert.deepEqual(told, ["unknown", "unknown"]);
});
