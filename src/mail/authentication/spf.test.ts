// SPF as RFC 7208 has it, a row of the table at a time, through the whole of our examination.
import assert from "node:assert/strict";
import { test } from "node:test";
import { spfCases, zoneOf } from "./testing/spf-cases.ts";
import { tryZone } from "./testing/zone.ts";
import { verifyLetter } from "./verify.ts";

for (const row of spfCases) {
  const { expected, record, what, ip, sender, helo } = row;
  test(`SPF says ${expected} to ${what} (${record.slice(0, 60)})`, async () => {
    const { spf } = await verifyLetter(
      {
        lookup: tryZone(zoneOf(row)),
        clock: { now: () => 0 },
        hostname: "mail.house.example",
      },
      {
        address: ip ?? "192.0.2.1",
        helo: helo ?? "mx.a.example",
        sender: sender ?? "b@a.example",
        raw: Buffer.from("Subject: s\r\n\r\nhi\r\n"),
      },
    );
    const identity = sender === "" ? "helo" : "mailfrom";
    assert.equal(spf.find((check) => check.identity === identity)?.result, expected);
  });
}
