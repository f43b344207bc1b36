// What of an address may be kept.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as holds, ipV4, ipV6, property } from "fast-check";
import { isLocalNetwork, networkPrefix, reverseDnsName } from "./network.ts";

test("an address is cut to its /24 or /48", () => {
  assert.equal(networkPrefix("192.0.2.77"), "192.0.2.0/24");
  assert.equal(networkPrefix("::ffff:192.0.2.77"), "192.0.2.0/24");
  assert.equal(networkPrefix("2001:db8:1:2::3"), "2001:db8:1::/48");
  assert.equal(networkPrefix("2001:db8::3"), "2001:db8::/48");
  assert.equal(networkPrefix("fe80::1%eth0"), "fe80::/48");
  assert.equal(networkPrefix("::1"), "::/48");
  assert.equal(networkPrefix("not an address"), "unknown");
});

test("local networks are told from the rest of the world", () => {
  for (const address of [
    "127.0.0.1",
    "::1",
    "::ffff:10.1.2.3",
    "192.168.1.1",
    "172.31.0.1",
    "169.254.1.1",
    "fd00::1",
    "fe80::1",
    "100.64.0.1",
  ]) {
    assert.ok(isLocalNetwork(address), address);
  }
  for (const address of ["192.0.2.1", "172.32.0.1", "2001:db8::1", "100.128.0.1", "x"])
    assert.ok(!isLocalNetwork(address), address);
});

test("an address's name stands in the DNS with its digits reversed", () => {
  assert.equal(reverseDnsName("::ffff:192.0.2.77"), "77.2.0.192.in-addr.arpa");
  assert.equal(
    reverseDnsName("2001:db8::1"),
    `1.${"0.".repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`,
    "the example of RFC 3596 §2.5, shortened",
  );
  assert.equal(reverseDnsName("not an address"), undefined);
});

test("no prefix holds the end of an address", () => {
  holds(
    property(ipV4(), (address) => {
      assert.ok(networkPrefix(address).endsWith(".0/24"));
    }),
  );
  holds(
    property(ipV6(), (address) => {
      assert.match(networkPrefix(address), /^(?:[0-9a-f:]{0,14}::\/48|[0-9.]+\.0\/24)$/);
    }),
  );
});
