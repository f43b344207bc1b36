import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { codeHash, newCode } from "./codes.ts";
import { checkInformation, looksLikeCardNumber } from "./information.ts";
import { numberWords, splitTax } from "./invoice.ts";
import { ladderOf, stepReached } from "./ladder.ts";
import { moneyWords, parseAmount } from "./money.ts";
import { daysLater, firstBilledDay, periodToBill } from "./period.ts";
import { findReference, parseReference, referenceOf } from "./reference.ts";
import { parseSeller, taxOn, trialSeller } from "./seller.ts";

const at = (day: string): number => Date.parse(`${day}T12:00:00Z`);

test("a reference has the check digits of ISO 11649, and one wrong character shows", () => {
  assert.equal(parseReference("RF18 5390 0754 7034"), "RF18539007547034"); // the example of the standard
  assert.equal(parseReference("rf18539007547034"), "RF18539007547034");
  assert.equal(parseReference("RF19539007547034"), undefined);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10 ** 9 }),
      fc.nat(),
      fc.integer({ min: 1, max: 9 }),
      (number, place, by) => {
        const reference = referenceOf(numberWords(number));
        assert.equal(parseReference(reference), reference);
        assert.equal(findReference(`for your invoice: ${reference}, thanks`), reference);
        const index = 2 + (place % (reference.length - 2));
        const digit = (Number(reference[index]) + by) % 10;
        const wrong = reference.slice(0, index) + String(digit) + reference.slice(index + 1);
        assert.equal(parseReference(wrong), undefined);
      },
    ),
  );
});

test("an amount is whole cents or nothing", () => {
  assert.equal(parseAmount("12"), 1200);
  assert.equal(parseAmount("12.5"), 1250);
  assert.equal(parseAmount("0012.34000"), 1234);
  for (const wrong of ["", "-1", "1,5", "1e3", "1.005", ".5", " 1", "123456789012"])
    assert.equal(parseAmount(wrong), undefined, wrong);
  assert.equal(moneyWords({ cents: -123_405, currency: "EUR" }), "-1,234.05 EUR");
});

test("a card number is refused in every field and grouping, an ordinary address is not", () => {
  const card = "4111111111111111"; // the number that every card scheme's documentation uses
  const good = { name: "Ada", company: "", address: "1 Long Lane\nLondon SW1 1AA", vatId: "" };
  assert.ok(checkInformation(good).ok);
  for (const [field, text] of [
    ["name", card],
    ["company", "4111 1111 1111 1111"],
    ["address", "Lane 5, 4111-1111-1111-1111 exp 12/29"],
    ["address", "4111.1111\n1111.1111"],
    ["name", "４１１１１１１１１１１１１１１１"],
    ["address", "no 99 4111 1111 1111 1111 123"],
    ["vatId", card],
  ] as const) {
    const checked = checkInformation({ ...good, [field]: text });
    assert.equal(checked.ok ? "" : checked.mistakes[field], "card-number", text);
  }
  for (const fine of [
    "+49 30 901820",
    "Flat 12, 1034 Street",
    "DE123456789",
    "SE556677889901",
    "10115 Berlin 2026-11-23",
  ])
    assert.equal(looksLikeCardNumber(fine), false, fine);
  const empty = checkInformation({ name: " ", company: "", address: "", vatId: "?" });
  assert.deepEqual(empty, {
    ok: false,
    mistakes: { name: "missing", address: "missing", vatId: "no-vat-id" },
  });
});

test("the first month is free, and a month from the 31st ends on the last day that the next one has", () => {
  const since = at("2026-01-31");
  assert.equal(periodToBill(since, at("2026-01-31")), undefined);
  assert.equal(periodToBill(since, at("2026-02-27")), undefined);
  assert.equal(firstBilledDay(since), "2026-02-28");
  assert.deepEqual(periodToBill(since, at("2026-02-28")), { from: "2026-02-28", to: "2026-03-31" });
  assert.deepEqual(periodToBill(since, at("2026-03-30")), { from: "2026-02-28", to: "2026-03-31" });
  assert.deepEqual(periodToBill(since, at("2026-03-31")), { from: "2026-03-31", to: "2026-04-30" });
});

test("months follow each other without a gap and without an overlap, whatever the day of sign-up", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1500 }),
      fc.integer({ min: 0, max: 1500 }),
      (start, later) => {
        const since = at(daysLater("2024-01-01", start));
        const now = since + later * 86_400_000;
        const period = periodToBill(since, now);
        if (period === undefined) return assert.ok(later < 31);
        assert.ok(period.from <= daysLater("2024-01-01", start + later));
        assert.ok(daysLater("2024-01-01", start + later) < period.to);
        const next = periodToBill(since, at(period.to));
        return assert.equal(next?.from, period.to);
      },
    ),
  );
});

test("the ladder is a function of the due day, and the due day itself is still in time", () => {
  const settings = { reminder: 7, pastDue: 14, suspended: 28 };
  assert.deepEqual(
    ladderOf("2026-03-14", settings).map(({ step, day }) => `${step} ${day}`),
    ["due 2026-03-14", "reminder 2026-03-21", "past-due 2026-03-28", "suspended 2026-04-11"],
  );
  const reached = (today: string) => stepReached("2026-03-14", today, settings);
  assert.equal(reached("2026-03-14"), undefined);
  assert.equal(reached("2026-03-15"), "due");
  assert.equal(reached("2026-03-21"), "reminder");
  assert.equal(reached("2026-03-28"), "past-due");
  assert.equal(reached("2026-05-01"), "suspended");
});

test("net and tax are whole cents that make the sum", () => {
  assert.deepEqual(splitTax(300, 1900), { netCents: 252, taxCents: 48 });
  assert.deepEqual(splitTax(300, 0), { netCents: 300, taxCents: 0 });
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 10 ** 9 }),
      fc.integer({ min: 0, max: 10_000 }),
      (cents, rate) => {
        const { netCents, taxCents } = splitTax(cents, rate);
        assert.equal(netCents + taxCents, cents);
        assert.ok(taxCents >= 0);
      },
    ),
  );
});

test("the tax rate is that of the day, and a seller's file is checked as a whole", () => {
  const file = {
    name: "Example Mail Ltd",
    address: "1 Example Street",
    bank: { holder: "Example Mail Ltd", iban: "DE89 3704 0044 0532 0130 00" },
    taxes: [
      { from: "2026-01-01", name: "VAT", rate: 1900 },
      { from: "2027-01-01", name: "VAT", rate: 2000 },
    ],
  };
  const parsed = parseSeller(JSON.stringify(file));
  assert.ok(parsed.ok);
  assert.equal(taxOn(parsed.value, "2026-12-31").rate, 1900);
  assert.equal(taxOn(parsed.value, "2027-01-01").rate, 2000);
  assert.equal(taxOn(trialSeller, "2026-11-23").rate, 0);
  const wrong = parseSeller(
    JSON.stringify({
      ...file,
      bank: { ...file.bank, iban: "DE88370400440532013000" },
      ladder: { reminder: 9, pastDue: 3, suspended: 28 },
      colour: "red",
    }),
  );
  assert.ok(!wrong.ok);
  assert.equal(wrong.mistakes.length, 3, wrong.mistakes.join("; "));
  assert.deepEqual(parseSeller("{"), { ok: false, mistakes: ["it is not JSON"] });
});

test("a code is read as people type it, and only its hash is the same twice", () => {
  const code = newCode();
  assert.match(code, /^(?:[a-z2-7]{4}-){5}[a-z2-7]{4}$/);
  assert.notEqual(newCode(), code);
  const hash = codeHash(code);
  assert.match(hash ?? "", /^[0-9a-f]{64}$/);
  assert.equal(codeHash(` ${code.replaceAll("-", " ").toUpperCase()} `), hash);
  assert.equal(codeHash(code.slice(1)), undefined);
});
