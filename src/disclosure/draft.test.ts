// Drafts: complete ones are canonical and the same each time, incomplete ones say what is missing.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  array,
  assert as check,
  constantFrom,
  property,
  string,
  stringMatching,
  uniqueArray,
} from "fast-check";
import { parseCanonical } from "#base/canonical";
import { requesterKinds as keepersKinds, scopeRoot } from "#keeper";
import { type Ground, groundRow, grounds, policyDigest } from "#policy";
import { classesOf, type DraftForm, draftGrant, requesterKinds } from "./draft.ts";
import { scopeOf } from "./scope.ts";

const now = Date.UTC(2026, 10, 23, 18);
const nonce = "abcdefghijklmnopqrstuvwxyz";

function form(ground: Ground, changes: Partial<DraftForm> = {}): DraftForm {
  const demanded = groundRow(ground).demands.map((name) => [
    name,
    name === "earlierEntry" ? "12" : `the ${name}`,
  ]);
  return {
    ground,
    class: classesOf(ground)[0] ?? "",
    client: "client",
    account: "account",
    ids: ["b", "a", "b"],
    asked: "two letters",
    reason: "because",
    actor: "0123456789abcdef",
    requesterName: "Bo",
    requesterKind: "authority",
    recipient: "ab".repeat(32),
    demands: Object.fromEntries(demanded),
    hours: "12",
    noticeUntil: "",
    noticeDocument: "",
    ...changes,
  };
}

for (const ground of Object.keys(grounds) as Ground[]) {
  test(`a full form on ground ${ground} gives a canonical grant with its purpose, and without any one demand it does not`, () => {
    const made = draftGrant(form(ground), now, nonce);
    assert.ok(made.ok);
    const grant = parseCanonical(made.value) as { readonly [name: string]: unknown };
    assert.equal(grant["purpose"], grounds[ground].purpose);
    assert.equal(grant["policy"], policyDigest);
    assert.deepEqual((grant["scope"] as { ids: string[] }).ids, ["a", "b"]);
    assert.equal(grant["maxItems"], 2);
    for (const demand of groundRow(ground).demands) {
      const { [demand]: _, ...rest } = form(ground).demands;
      const refused = draftGrant(form(ground, { demands: rest }), now, nonce);
      assert.ok(
        !refused.ok && Object.keys(refused.mistakes).join() === `demands.${demand}`,
        demand,
      );
    }
  });
}

test("a class that the ground does not reach is refused, and so is everything at once", () => {
  const refused = draftGrant(form("D1", { class: "content" }), now, nonce);
  assert.ok(!refused.ok && refused.mistakes["class"] !== undefined);
  const all = draftGrant(form("E3", { ids: [] }), now, nonce);
  assert.ok(!all.ok && all.mistakes["ids"] !== undefined);
});

test("no grant outlives its ground, and silence needs a document and a day to come", () => {
  for (const hours of ["0", "73", "-1", "1e1", ""])
    assert.ok(!draftGrant(form("E2", { hours }), now, nonce).ok, hours);
  assert.ok(draftGrant(form("E2", { hours: "72" }), now, nonce).ok);
  assert.ok(!draftGrant(form("E3", { noticeUntil: "2026-12-01" }), now, nonce).ok);
  assert.ok(
    !draftGrant(form("E3", { noticeUntil: "2026-11-01", noticeDocument: "x" }), now, nonce).ok,
  );
  assert.ok(
    draftGrant(form("E3", { noticeUntil: "2026-12-01", noticeDocument: "x" }), now, nonce).ok,
  );
});

test("whatever is typed into the form, a draft is canonical or its mistakes are named", () => {
  const text = string({ unit: "binary", maxLength: 20 });
  check(
    property(
      constantFrom(...(Object.keys(grounds) as Ground[])),
      text,
      text,
      text,
      array(text, { maxLength: 3 }),
      (ground, reason, asked, name, ids) => {
        const made = draftGrant(
          form(ground, { reason, asked, requesterName: name, ids }),
          now,
          nonce,
        );
        if (made.ok) assert.ok(parseCanonical(made.value));
        else assert.ok(Object.keys(made.mistakes).length > 0);
      },
    ),
  );
});

test("the root of a scope is the one that the keeper computes", () => {
  check(
    property(
      uniqueArray(stringMatching(/^[a-z2-7]{1,26}$/), { minLength: 1, maxLength: 40 }),
      (ids) => {
        const scope = scopeOf(ids);
        assert.equal(scope.root, scopeRoot(scope.ids));
      },
    ),
  );
});

test("who may ask is the keeper's list", () => {
  assert.deepEqual(requesterKinds, keepersKinds);
});

test("wildcards, silence without an order, and crime reports to private people are refused", () => {
  const fields = (ground: Ground, changes: Partial<DraftForm>): string => {
    const made = draftGrant(form(ground, changes), now, nonce);
    return made.ok ? "" : Object.keys(made.mistakes).join();
  };
  assert.equal(fields("E3", { ids: ["*"] }), "ids");
  assert.equal(fields("E2", { noticeUntil: "2026-12-01", noticeDocument: "x" }), "noticeUntil");
  assert.equal(fields("E4", { requesterKind: "lawyer" }), "requesterKind");
  assert.equal(fields("E3", { reason: "harmless\u202egnp.exe" }), "reason");
});

test("the root of a scope depends on its ids alone, not on their order, and differs for any other list", () => {
  assert.deepEqual(scopeOf(["c", "a", "b"]), scopeOf(["a", "b", "c", "a"]));
  assert.notEqual(scopeOf(["a", "b"]).root, scopeOf(["ab"]).root);
  // RFC 9162 §2.1.1 for one leaf "a": SHA-256(00 61).
  assert.equal(
    scopeOf(["a"]).root,
    "022a6979e6dab7aa5ae4c3e5e45f7e977112a7e63593820dbec1ec738a24f93c",
  );
});
