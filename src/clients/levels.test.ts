// The machine of a client's status and the ladder of suspension, as tables: every move, every level, every hold.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { DAY } from "#base/time";
import type { ClientStatus, Hold, HoldKind, Mover } from "./contract.ts";
import { CLOSED_AFTER_DAYS, levelOf, levels, nextLevel, servingOf, suspension } from "./levels.ts";
import { mayMove } from "./status.ts";

const statuses: readonly ClientStatus[] = [
  "pending",
  "active",
  "past-due",
  "suspended",
  "closed",
  "erased",
];
const movers: readonly Mover[] = ["client", "ladder", "operator", "abuse"];
const since = Date.UTC(2026, 10, 1);
const after = (days: number): number => since + days * DAY;
const suspended = (...holds: Hold[]) => ({ status: "suspended", since, holds }) as const;

test("only a client closes what is not behind the ladder, and nobody comes back from erased", () => {
  for (const from of statuses)
    for (const by of movers) {
      assert.ok(!mayMove("erased", from, by));
      assert.ok(!mayMove(from, "erased", by) || (from === "closed" && by === "client"));
    }
  for (const by of ["operator", "abuse"] as const) assert.ok(!mayMove("active", "closed", by));
  assert.ok(mayMove("suspended", "closed", "ladder"));
  assert.ok(!mayMove("active", "past-due", "client"));
});

test("who is past due gets and sends mail as before", () => {
  const serving = servingOf({ status: "past-due", since, holds: [] }, after(300));
  assert.deepEqual(serving, { imap: "whole", submission: true, web: "open", inbound: "taken" });
});

test("suspension goes down by days: what others sent is touched last", () => {
  const told = [0, 6.9, 7, 14, 29.9, 30, 35, 120, 400].map((days) => {
    const { imap, submission, inbound } = servingOf(suspended(), after(days));
    return [levelOf(suspended(), after(days)), imap, submission, inbound].join(" ");
  });
  assert.deepEqual(told, [
    "read-only read-only true taken",
    "read-only read-only true taken",
    "outbound-off read-only false taken",
    "export-only off false taken",
    "export-only off false taken",
    "deferred off false deferred",
    "refused off false refused",
    "deletion off false refused",
    "deletion off false refused",
  ]);
  assert.deepEqual(nextLevel(suspended(), after(8)), { level: "export-only", at: after(14) });
  assert.deepEqual(nextLevel(suspended(), after(121)), {
    level: "closed",
    at: after(CLOSED_AFTER_DAYS),
  });
});

test("a promise not to suspend stops the ladder, and it begins anew behind the promise", () => {
  const until = after(20);
  const promised = suspended({ kind: "do-not-suspend", since: after(5), until });
  assert.equal(levelOf(promised, after(10)), "notice");
  assert.equal(nextLevel(promised, after(10)), undefined);
  assert.equal(levelOf(promised, after(20)), "read-only");
  assert.equal(levelOf(promised, after(27)), "outbound-off");
});

test("a block for abuse stops sending alone, at any level and until its end", () => {
  const holds = [{ kind: "abuse-block", since, until: after(3) }] as const;
  const active = { status: "active", since, holds } as const;
  assert.deepEqual(servingOf(active, after(1)), {
    imap: "whole",
    submission: false,
    web: "open",
    inbound: "taken",
  });
  assert.equal(servingOf(active, after(3)).submission, true);
});

test("time alone never gives back what the ladder took, whatever the holds that have ended", () => {
  const kinds: readonly HoldKind[] = ["legal-hold", "abuse-block"];
  const hold = fc.record({
    kind: fc.constantFrom(...kinds),
    since: fc.integer({ min: 0, max: 200 }).map(after),
    until: fc.option(fc.integer({ min: 0, max: 200 }).map(after), { nil: undefined }),
  });
  const order = suspension.map(({ level }) => level);
  fc.assert(
    fc.property(fc.array(hold), fc.nat(300), fc.nat(300), (holds, a, b) => {
      const [first, later] = [a, a + b].map((days) => levelOf(suspended(...holds), after(days)));
      assert.ok(first !== undefined && later !== undefined);
      assert.ok(order.indexOf(first) <= order.indexOf(later));
      assert.ok(levels[later].words !== "");
    }),
  );
});
