// The public report: every number that the promise names, whatever the order, and no log makes it fail.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  anything,
  array,
  assert as always,
  constantFrom,
  dictionary,
  integer,
  oneof,
  property,
  record,
  shuffledSubarray,
  string,
} from "fast-check";
import { type Canonical, canonicalText, parseCanonical } from "#base/canonical";
import { formatReport, newCover, newEntry, type Opening, openPart, reportOf } from "#ledger";

function openingsOf(parts: readonly Canonical[]): readonly Opening[] {
  return parts.map((part, index) =>
    openPart(newEntry({ public: part, client: { index }, case: {} }), "public", index),
  );
}

const release = (ground: string, dataClass: string, pseudonym: string, more: object = {}) => ({
  type: "release-outcome",
  ground,
  class: dataClass,
  pseudonym,
  items: 2,
  failed: false,
  ...more,
});

test("the report has each number that the promise names", () => {
  const parts: readonly Canonical[] = [
    ...Array.from({ length: 7 }, () => ({ type: "enrol", mode: "quorum" })),
    { type: "erasure" },
    { type: "request-received", asks: "content", requester: "court" },
    { type: "request-received", asks: "content", requester: "authority" },
    { type: "request-received", asks: "emergency", requester: "authority" },
    { type: "request-determined", verdict: "valid" },
    { type: "request-closed", outcome: "fulfilled", because: "as-asked" },
    { type: "request-closed", outcome: "rejected", because: "no-legal-process" },
    { type: "request-closed", outcome: "rejected", because: "no-legal-process" },
    release("E3", "content", "ann", { silentUntil: "2026-01-01" }),
    release("A", "content", "ann"),
    release("A", "content", "ben", { failed: true, items: 0 }),
    release("D1", "contact", "cy"),
    { type: "release-intent", ground: "A", class: "content", pseudonym: "dee", items: 2 },
    { type: "interception-intent", ground: "E3", class: "content", pseudonym: "eve", days: 30 },
    { type: "interception-outcome", pseudonym: "eve", items: 9, reported: true },
    { type: "interception-outcome", pseudonym: "eve", items: 0, reported: false },
    { type: "grant-refused", ground: "E2" },
    { type: "decision", measure: "delete", basis: "report", clause: "3.2" },
    { type: "decision", measure: "block", basis: "terms", clause: "unlisted" },
    { type: "appeal-decided", result: "reversed", of: 3 },
    { type: "report-matched", tried: 40, matched: 1 },
    { type: "standing-summary", purpose: "process-payment", clients: 3, total: 5 },
    { type: "standing-stopped", purpose: "establish-service" },
    "odd",
  ];
  const openings = [...openingsOf(parts), openPart(newCover(), "public", parts.length)];
  const { types, ...report } = reportOf(openings, 48);
  assert.equal(types["release-outcome"], 4);
  assert.equal(types[""], 1);
  assert.deepEqual(report, {
    version: 1,
    size: 48,
    entries: parts.length,
    covers: 1,
    closed: 48 - parts.length - 1,
    requests: {
      received: { content: 2, emergency: 1 },
      requesters: { court: 1, authority: 2 },
      determined: { valid: 1 },
      closed: { fulfilled: { "as-asked": 1 }, rejected: { "no-legal-process": 2 } },
    },
    releases: {
      E3: { content: { count: 1, items: 2, failed: 0 } },
      A: { content: { count: 1, items: 2, failed: 1 } },
      D1: { contact: { count: 1, items: 2, failed: 0 } },
    },
    interceptions: { begun: 1, ended: 2, unreported: 1, items: 9 },
    accountsAffected: 3,
    delayedNotices: 1,
    reviews: 1,
    refusedGrants: { E2: 1 },
    decisions: { delete: { report: 1 }, block: { terms: 1 } },
    unlisted: 1,
    appeals: { reversed: 1 },
    reportMatches: { count: 1, tried: 40, matched: 1 },
    mailboxes: 6,
    contentOpenings: 2,
    contentOpeningsPerThousand: 333,
    mostContentOpeningsForOneClient: 2,
    standing: { "process-payment": 5 },
    standingStops: { "establish-service": 1 },
  });
});

const someParts = array(
  oneof(
    record({
      type: constantFrom(
        "enrol",
        "erasure",
        "release-outcome",
        "decision",
        "report-matched",
        "__proto__",
        "toString",
      ),
      ground: constantFrom("A", "E3", "__proto__", "constructor"),
      class: constantFrom("content", "contact", "__proto__"),
      pseudonym: constantFrom("ann", "ben"),
      measure: constantFrom("delete", "__proto__"),
      items: integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
      tried: constantFrom(Number.MAX_SAFE_INTEGER, 1),
    }),
    dictionary(string(), oneof(integer(), string())),
    anything(),
  ),
);

test("whatever was opened, in whatever order, the report is the same canonical bytes", () => {
  always(
    property(
      someParts.chain((parts) =>
        shuffledSubarray(parts, { minLength: parts.length }).map((shuffled) => ({
          parts,
          shuffled,
        })),
      ),
      ({ parts, shuffled }) => {
        const canonical = (list: readonly unknown[]) => list.filter(isCanonical);
        const size = parts.length + 16;
        const bytes = formatReport(reportOf(openingsOf(canonical(parts)), size));
        assert.deepEqual(formatReport(reportOf(openingsOf(canonical(shuffled)), size)), bytes);
        assert.ok(parseCanonical(bytes.subarray(0, -1), bytes.byteLength));
        const { entries, covers, closed } = reportOf(openingsOf(canonical(parts)), size);
        assert.equal(entries + covers + closed, size);
      },
    ),
  );
});

function isCanonical(value: unknown): value is Canonical {
  try {
    return canonicalText(value as Canonical).length < 10_000;
  } catch {
    return false;
  }
}

test("what says more than a cover does is an entry", () => {
  const { entries, covers, types } = reportOf(
    openingsOf([{ type: "cover" }, { type: "cover", ground: "E3" }]),
    2,
  );
  assert.deepEqual({ entries, covers, types }, { entries: 1, covers: 1, types: { cover: 1 } });
});
