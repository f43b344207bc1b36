import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as check, date, integer, property, string } from "fast-check";
import { parseDate } from "./date.ts";

const at = (iso: string, offsetMinutes = 0) => ({ seconds: Date.parse(iso) / 1000, offsetMinutes });

const cases: readonly (readonly [text: string, expected: ReturnType<typeof at> | undefined])[] = [
  ["Mon, 23 Nov 2026 18:00:05 +0100", at("2026-11-23T17:00:05Z", 60)],
  ["23 Nov 2026 18:00 -0330", at("2026-11-23T21:30:00Z", -210)],
  ["Mon, 23 Nov 2026 18:00:05 +0000 (UTC (really))", at("2026-11-23T18:00:05Z")],
  ["Mon (yes), 23 Nov 2026 18:00:05 GMT", at("2026-11-23T18:00:05Z")],
  ["Fri, 21 Nov 97 09:55:06 -0600", at("1997-11-21T15:55:06Z", -360)],
  ["21 Nov 03 09:55:06 EDT", at("2003-11-21T13:55:06Z", -240)],
  ["21 Nov 103 09:55 Z", at("2003-11-21T09:55:00Z")],
  ["1 January 2020 00:00:00 PST", at("2020-01-01T08:00:00Z", -480)],
  ["3-Jan-2020 1:02:03 +0000", at("2020-01-03T01:02:03Z")],
  ["Mon Nov 23 18:00:00 2026", at("2026-11-23T18:00:00Z")],
  ["Mon Nov 23 18:00:00 CST 2026", at("2026-11-24T00:00:00Z", -360)],
  ["Sat, 31 Dec 2016 23:59:60 +0000", at("2017-01-01T00:00:00Z")],
  ["Mon, 31 Feb 2026 18:00:00 +0000", undefined],
  ["Mon, 23 Nov 2026", undefined],
  ["yesterday", undefined],
  ["", undefined],
];

for (const [text, expected] of cases) {
  test(`the date "${text}" is ${expected === undefined ? "none" : "read"}`, () =>
    assert.deepEqual(parseDate(text), expected));
}

test("every date that mailers write comes back, in every zone", () => {
  const instants = date({
    min: new Date("1970-01-01"),
    max: new Date("2099-01-01"),
    noInvalidDate: true,
  });
  check(
    property(instants, integer({ min: -14 * 60, max: 14 * 60 }), (instant, minutes) => {
      const seconds = Math.floor(instant.getTime() / 1000);
      const local = new Date((seconds + minutes * 60) * 1000).toUTCString().replace(" GMT", "");
      const away = Math.abs(minutes);
      const zone = `${minutes < 0 ? "-" : "+"}${String(Math.floor(away / 60)).padStart(2, "0")}${String(away % 60).padStart(2, "0")}`;
      assert.deepEqual(parseDate(`${local} ${zone}`), { seconds, offsetMinutes: minutes });
    }),
  );
});

test("any text gives a date or none", () => {
  check(property(string({ unit: "binary" }), (text) => void parseDate(text)));
});
