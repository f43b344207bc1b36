// The way of a request: every step follows on another or is refused, and no way leads to data past the determination.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  array,
  assert as check,
  constantFrom,
  nat,
  property,
  record,
  string,
  uint8Array,
} from "fast-check";
import { canonicalBytes } from "#base/canonical";
import { becauses as because, closedRecord, determinedRecord, receivedRecord } from "./records.ts";
import { closeReasons, parseRecord } from "#keeper";
import { copiesHeader, parseCopies } from "./copies.ts";
import { clocksOf, isCaseKind, kinds } from "./kinds.ts";
import { readRequest } from "./request.ts";
import {
  isStep,
  nextStep,
  type Outcome,
  type Progress,
  refusalOf,
  type Step,
  steps,
} from "./stages.ts";

const allSteps = Object.keys(steps) as Step[];
const outcomes: readonly Outcome[] = ["fulfilled", "part", "rejected", "withdrawn"];

interface Walk {
  readonly progress: Progress;
  readonly taken: readonly string[];
}

const verdicts = ["valid", "invalid", "incomplete"] as const;

/** A way that the steps allow: each number chooses among those that may follow. */
function walked(kind: string, choices: readonly number[]): Walk {
  let progress: Progress = { stage: "new", verdict: "", kind };
  const taken: string[] = [];
  for (const choice of choices) {
    const open: { readonly step: Step; readonly verdict: Progress["verdict"] }[] = [];
    for (const step of allSteps) {
      const ends: readonly (Outcome | undefined)[] = step === "closed" ? outcomes : [undefined];
      if (ends.every((outcome) => refusalOf(progress, step, outcome) !== undefined)) continue;
      const found = step === "determined" ? verdicts : [progress.verdict];
      open.push(...found.map((verdict) => ({ step, verdict })));
    }
    const next = open[choice % Math.max(1, open.length)];
    if (next === undefined) break;
    taken.push(next.step === "determined" ? `determined ${next.verdict}` : next.step);
    progress = { kind, stage: steps[next.step].to, verdict: next.verdict };
  }
  return { progress, taken };
}

const moves = array(nat(1000), { minLength: 1, maxLength: 14 });

test("the ordinary way leads from receipt to the end", () => {
  let progress: Progress = { stage: "new", verdict: "", kind: "order" };
  for (const step of allSteps.filter((each) => each !== "unverified")) {
    assert.equal(refusalOf(progress, step, "part"), undefined, step);
    const verdict = step === "determined" ? "valid" : progress.verdict;
    progress = { kind: progress.kind, stage: steps[step].to, verdict };
  }
  assert.equal(progress.stage, "closed");
});

test("whatever is tried, nothing is produced that was not authenticated, found valid and narrowed", () => {
  check(
    property(constantFrom(...Object.keys(kinds)), moves, (kind, tried) => {
      const { taken } = walked(kind, tried);
      const produced = taken.indexOf("produced");
      if (produced < 0) return;
      const before = new Set(taken.slice(0, produced));
      for (const needed of ["recorded", "authenticated", "determined valid", "narrowed"])
        assert.ok(before.has(needed), `${needed} before ${taken.join(", ")}`);
      assert.notEqual(kind, "emergency");
    }),
  );
});

test("an emergency is received and rejected, and has no other way", () => {
  check(
    property(moves, (tried) => {
      const { taken } = walked("emergency", tried);
      assert.ok(taken.every((step) => step === "recorded" || step === "closed"));
    }),
  );
});

test("a closed case takes no step, and at every stage there is one next thing to do", () => {
  check(
    property(constantFrom(...Object.keys(kinds)), moves, (kind, tried) => {
      const { progress } = walked(kind, tried);
      const next = nextStep("abc", progress, "");
      assert.notEqual(next.words, "");
      assert.equal(next.command === undefined, progress.stage === "closed");
      if (progress.stage === "closed")
        for (const step of allSteps) assert.ok(refusalOf(progress, step, "rejected"));
    }),
  );
});

test("what was delivered ends as fulfilled or in part, what was not as rejected or withdrawn", () => {
  const delivered = { stage: "delivered", verdict: "valid", kind: "order" } as const;
  const determined = { stage: "determined", verdict: "invalid", kind: "order" } as const;
  assert.deepEqual(
    outcomes.map((outcome) => refusalOf(delivered, "closed", outcome)),
    [undefined, undefined, "given-already", "given-already"],
  );
  assert.deepEqual(
    outcomes.map((outcome) => refusalOf(determined, "closed", outcome)),
    ["nothing-given", "nothing-given", undefined, undefined],
  );
  assert.equal(isStep("constructor"), false);
  assert.equal(isCaseKind("toString"), false);
});

test("each kind has its clock", () => {
  for (const kind of Object.keys(kinds)) {
    assert.ok(isCaseKind(kind));
    const { answerBy, holdUntil } = clocksOf(kind, 1_000);
    assert.ok(answerBy > 1_000 && holdUntil > 1_000, kind);
  }
});

test("the records that the desk makes are those that the keeper reads, and its reasons are the keeper's", () => {
  assert.deepEqual(Object.keys(because), closeReasons);
  const about = { case: "abc", now: Date.UTC(2026, 10, 23), nonce: "abcdefghijklmnopqrst" };
  const request = readRequest({
    kind: "order",
    requesterName: "District Court",
    requesterKind: "court",
    cameBy: "by mail",
    about: "ada@bailee.localhost",
    asked: "everything",
    instrument: "order 7 Gs 12/26",
    prohibition: "",
  });
  assert.ok(request.ok);
  const records = [
    receivedRecord(about, request.value),
    determinedRecord(about, "valid"),
    ...Object.keys(because).map((word) => closedRecord(about, "rejected", word)),
  ];
  for (const bytes of records) {
    const signed = { ...JSON.parse(Buffer.from(bytes).toString()), actor: "0123456789abcdef" };
    const read = parseRecord(canonicalBytes(signed));
    assert.ok(read.ok, JSON.stringify(read));
  }
});

test("whatever is typed into the form, it is a request or its mistakes are named", () => {
  const text = string({ unit: "binary", maxLength: 12 });
  const typed = record({
    kind: constantFrom("order", "harm", "emergency", "no such", "constructor"),
    requesterName: text,
    requesterKind: constantFrom("court", "lawyer", "x"),
    cameBy: text,
    about: text,
    asked: text,
    instrument: text,
    prohibition: text,
  });
  check(
    property(typed, (form) => {
      const read = readRequest(form);
      if (!read.ok) assert.ok(Object.keys(read.mistakes).length > 0);
      else if (read.value.kind === "order") assert.notEqual(read.value.instrument.trim(), "");
    }),
  );
});

test("a file of second copies comes back as it went, and other bytes are none", () => {
  check(
    property(
      array(uint8Array({ maxLength: 40 }), { maxLength: 5 }),
      uint8Array(),
      (bodies, noise) => {
        const facts = bodies.map((sealed, at) => ({
          id: `copy${at}`,
          at,
          direction: "in" as const,
          octets: sealed.byteLength,
        }));
        const file = Buffer.concat([copiesHeader("ab", facts), ...bodies]);
        const parsed = parseCopies(file);
        assert.ok(parsed);
        assert.deepEqual(
          parsed.copies.map(({ sealed }) => Buffer.from(sealed)),
          bodies.map((body) => Buffer.from(body)),
        );
        assert.equal(parseCopies(file.subarray(0, -1)), undefined);
        assert.equal(parseCopies(Buffer.concat([file, Buffer.of(0)])), undefined);
        assert.equal(parseCopies(noise), undefined);
        parseCopies(Buffer.concat([file.subarray(0, 21), noise]));
      },
    ),
  );
});
