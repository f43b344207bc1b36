import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { fromUtf8 } from "#base/bytes";
import { MAX_STATEMENT_OCTETS, parseStatement } from "./statement.ts";
import { type Booked, entry, statement, type Version } from "./testing/statements.ts";

function read(text: string) {
  const parsed = parseStatement(fromUtf8(text));
  assert.ok(parsed.ok, parsed.ok ? "" : parsed.mistake);
  return parsed.value;
}

function mistake(text: string): string | undefined {
  const parsed = parseStatement(fromUtf8(text));
  return parsed.ok ? undefined : parsed.mistake;
}

for (const version of ["02", "08"] as const satisfies readonly Version[]) {
  test(`credits of a camt.053.001.${version} are read with amount, day and reference`, () => {
    const { entries, passedOver } = read(
      statement(version, [
        { cents: 300, reference: "RF74 0000 01", bankReference: "B-1" },
        { cents: 123_456, words: "thanks, rf18 5390 0754 7034 x", bankReference: "B-2" },
        { cents: 500, words: "no reference at all", bankReference: "B-3" },
        { cents: 700, indicator: "DBIT", bankReference: "B-4" },
        { cents: 800, status: "PDNG", bankReference: "B-5" },
        { cents: 900, indicator: "DBIT", reversal: true, bankReference: "B-6" },
      ]),
    );
    assert.deepEqual(
      entries.map(({ cents, currency, day, reference, direction, bankReference }) => [
        cents,
        currency,
        day,
        reference,
        direction,
        bankReference,
      ]),
      [
        [300, "EUR", "2026-03-31", "RF74000001", "credit", "B-1"],
        [123_456, "EUR", "2026-03-31", "RF18539007547034", "credit", "B-2"],
        [500, "EUR", "2026-03-31", undefined, "credit", "B-3"],
        [900, "EUR", "2026-03-31", undefined, "returned", "B-6"],
      ],
    );
    assert.equal(passedOver, 2);
  });
}

test("the same entry has the same name in another statement, and two alike have two", () => {
  const twice: Booked = { cents: 300, reference: "RF74000001" };
  const first = read(statement("08", [twice, twice]));
  const again = read(statement("08", [twice, twice]).replace("<Id>S-1</Id>", "<Id>S-2</Id>"));
  assert.deepEqual(first, again);
  assert.notEqual(first.entries[0]?.id, first.entries[1]?.id);
  const named = { ...twice, bankReference: "B-9" };
  const [both] = [read(statement("08", [named, named])).entries];
  assert.equal(both[0]?.id, both[1]?.id, "the bank's own reference names one entry");
  const none = { ...twice, bankReference: "NONREF" };
  const [nones] = [read(statement("08", [none, none])).entries];
  assert.notEqual(nones[0]?.id, nones[1]?.id, "a word that says there is none is no reference");
});

test("a collective entry is taken apart where its parts add up, and else left to a person", () => {
  const part = (cents: number, reference: string): string =>
    `<TxDtls><Amt Ccy="EUR">${(cents / 100).toFixed(2)}</Amt><RmtInf><Strd><CdtrRefInf><Ref>${reference}</Ref></CdtrRefInf></Strd></RmtInf></TxDtls>`;
  const collective = (cents: number): string =>
    entry("08", { cents, bankReference: "B-1" }).replace(
      /<TxDtls>[\s\S]*<\/TxDtls>/,
      part(300, "RF74000001") + part(200, "RF47000002"),
    );
  const { entries } = read(statement("08", [collective(500)]));
  assert.deepEqual(
    entries.map(({ cents, reference }) => [cents, reference]),
    [
      [300, "RF74000001"],
      [200, "RF47000002"],
    ],
  );
  assert.notEqual(entries[0]?.id, entries[1]?.id);
  const whole = read(statement("08", [collective(600)]));
  assert.deepEqual(
    whole.entries.map(({ cents, reference }) => [cents, reference]),
    [[600, undefined]],
  );
});

test("a reference with a wrong check digit, and two different ones in one text, are no reference", () => {
  const { entries } = read(
    statement("02", [
      { cents: 300, reference: "RF72000001" },
      { cents: 300, words: "RF74000001 and RF47000002" },
    ]),
  );
  assert.deepEqual(
    entries.map(({ reference }) => reference),
    [undefined, undefined],
  );
});

test("a bomb, a document type, other XML, and what is no statement are refused", () => {
  const good = statement("08", [{ cents: 300 }]);
  const bomb = `<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>${good.slice(good.indexOf("<Document"))}`;
  assert.equal(mistake(bomb), "declares-entities");
  assert.equal(
    mistake(good.replace("<Document", '<!doctype x SYSTEM "file:///etc/passwd"><Document')),
    "declares-entities",
  );
  assert.equal(mistake(good.replace("camt.053.001.08", "camt.054.001.08")), "not-camt-053");
  assert.equal(mistake("<html></html>"), "not-camt-053");
  assert.equal(mistake(""), "not-xml");
  assert.equal(mistake(good.replace("</Stmt>", "")), "not-xml");
  assert.equal(mistake(good.replaceAll(">3.00<", ">3e2<")), "bad-entry");
  assert.equal(mistake(good.replaceAll(">3.00<", ">3.001<")), "bad-entry");
  assert.equal(mistake(good.replaceAll(">3.00<", ">-3.00<")), "bad-entry");
  const deep = "<a>".repeat(100_000) + "</a>".repeat(100_000);
  assert.equal(mistake(good.replace("<Stmt>", `<Stmt>${deep}`)), "not-xml");
  const large = parseStatement(new Uint8Array(MAX_STATEMENT_OCTETS + 1));
  assert.deepEqual(large, { ok: false, mistake: "too-large" });
  assert.deepEqual(parseStatement(Uint8Array.of(0xff, 0xfe)), { ok: false, mistake: "not-utf8" });
});

test("entities in what we read are not expanded", () => {
  const { entries } = read(statement("08", [{ cents: 300, words: "&#82;F74000001" }]));
  assert.equal(entries[0]?.reference, undefined);
});

test("whatever comes is answered, and what is read is whole cents of a currency", () => {
  const good = statement("08", [{ cents: 300, reference: "RF74000001" }, { cents: 4200 }]);
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: good.length }),
      fc.integer({ min: 0, max: 40 }),
      fc.string({ maxLength: 20 }),
      (at, cut, put) => {
        const parsed = parseStatement(fromUtf8(good.slice(0, at) + put + good.slice(at + cut)));
        for (const { cents, currency } of parsed.ok ? parsed.value.entries : []) {
          assert.ok(Number.isSafeInteger(cents) && cents >= 0);
          assert.match(currency, /^[A-Z]{3}$/);
        }
      },
    ),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      assert.equal(parseStatement(bytes).ok, false);
    }),
  );
});
