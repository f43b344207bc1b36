import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fromUtf8, toHex, toUtf8 } from "#base/bytes";
import { canonicalBytes, canonicalText } from "#base/canonical";
import { newId } from "#base/ids";
import { DAY, HOUR } from "#base/time";
import { parseOpening } from "#ledger";
import type { Ground } from "#policy";
import { newSigningKeyPair, signBytes } from "#vault";
import {
  approvalBytes,
  grantBytes,
  grantHash,
  keyId,
  type KeyFile,
  personBytes,
  scopeRoot,
} from "#keeper";
import { policyDigest } from "#policy";
import {
  approve,
  determine,
  draftGrant,
  enrolClient,
  type EnrolledClient,
  file,
  granted,
  type GrantFields,
  newWorld,
  sealLetter,
  type World,
} from "./testing/world.ts";

const ids = ["letter1", "letter2"];

/** Each case bends a right grant in one way and names what it must fall on. */
const bends: readonly [
  name: string,
  ground: Ground,
  refusal: string,
  bend: (right: GrantFields, world: World, of: EnrolledClient) => GrantFields,
][] = [
  ["a ground that the table does not have", "E3", "unknown-ground", () => ({ ground: "E5" })],
  ["a ground in another case", "E3", "unknown-ground", () => ({ ground: "e3" })],
  ["a ground in look-alike letters", "E3", "unknown-ground", () => ({ ground: "\u04153" })],
  ["a purpose of another ground", "E3", "wrong-purpose", () => ({ purpose: "report-crime" })],
  ["a purpose in another case", "E3", "wrong-purpose", () => ({ purpose: "Legal-Process" })],
  ["a class beyond the ground", "D1", "class-not-covered", () => ({ class: "content" })],
  [
    "payment on a ground that never reaches it",
    "D1",
    "class-not-covered",
    () => ({ class: "payment" }),
  ],
  ["content for support", "support", "class-not-covered", () => ({ class: "content" })],
  [
    "payment when the instrument does not name it",
    "D2",
    "class-not-covered",
    (right) => ({
      class: "payment",
      demands: { ...(right["demands"] as object), instrument: "order 1" },
    }),
  ],
  ["an empty demand", "support", "missing-demand", () => ({ demands: { ticket: " " } })],
  [
    "E2 with one interest",
    "E2",
    "missing-demand",
    () => ({ demands: { providerInterest: "ours" } }),
  ],
  [
    "E3 without a determination",
    "E3",
    "missing-demand",
    () => ({ demands: { instrument: "warrant" } }),
  ],
  [
    "D1 without its least data",
    "D1",
    "missing-demand",
    () => ({ demands: { who: "a", interferesWith: "b", harm: "c" } }),
  ],
  [
    "a demand that the ground does not have",
    "support",
    "not-canonical",
    () => ({ demands: { ticket: "7", harm: "x" } }),
  ],
  [
    "E3 with the actor's own determination",
    "E3",
    "self-determined",
    (right, world, of) => {
      const instrument = "warrant 7";
      const root = (right["scope"] as { root: string }).root;
      const about = { client: of.client, class: "content", root, instrument };
      return { demands: { instrument, determination: determine(world.operator, about) } };
    },
  ],
  [
    "a determination of something else",
    "E3",
    "bad-signature",
    (_right, world, of) => {
      const about = {
        client: of.client,
        class: "content",
        root: scopeRoot(["other"]),
        instrument: "w",
      };
      return { demands: { instrument: "w", determination: determine(world.approvers[0], about) } };
    },
  ],
  ["an old policy", "E3", "old-policy", () => ({ policy: "0".repeat(64) })],
  ["an empty scope", "E3", "empty-scope", () => ({ scope: { ids: [], root: scopeRoot([]) } })],
  ["a wildcard", "E3", "bad-scope", () => ({ scope: { ids: ["*"], root: scopeRoot(["*"]) } })],
  [
    "a pattern",
    "E3",
    "bad-scope",
    () => ({ scope: { ids: ["letter%"], root: scopeRoot(["letter%"]) } }),
  ],
  ["a root over other ids", "E3", "bad-scope", () => ({ scope: { ids, root: scopeRoot(["a"]) } })],
  [
    "ids out of order",
    "E3",
    "bad-scope",
    () => ({ scope: { ids: ["b", "a"], root: scopeRoot(["b", "a"]) } }),
  ],
  [
    "an id twice",
    "E3",
    "bad-scope",
    () => ({ scope: { ids: ["a", "a"], root: scopeRoot(["a", "a"]) } }),
  ],
  ["no items at most", "E3", "bad-scope", () => ({ maxItems: 0 })],
  ["less than no items", "E3", "not-canonical", () => ({ maxItems: -1 })],
  ["fewer items than ids", "E3", "bad-scope", () => ({ maxItems: 1 })],
  ["items without end", "E3", "bad-scope", () => ({ maxItems: Number.MAX_SAFE_INTEGER })],
  [
    "a life longer than the ground's",
    "E2",
    "bad-times",
    (right) => ({ expires: Number(right["expires"]) + 1 }),
  ],
  [
    "an end before the beginning",
    "E2",
    "bad-times",
    (right) => ({ expires: Number(right["notBefore"]) }),
  ],
  [
    "a beginning next month",
    "E2",
    "bad-times",
    (right) => ({
      notBefore: Number(right["notBefore"]) + 30 * 86_400,
      expires: Number(right["notBefore"]) + 30 * 86_400 + 60,
    }),
  ],
  ["a client whom nobody enrolled", "E2", "unknown-client", () => ({ client: newId() })],
  ["an account of somebody else's", "E2", "unknown-client", () => ({ account: newId() })],
  ["a file name for a client", "E2", "unknown-client", () => ({ client: "../journal" })],
  [
    "E1 without the client's signature",
    "E1",
    "bad-signature",
    () => ({ demands: { clientSignature: "yes" } }),
  ],
  [
    "E4 for a private recipient",
    "E4",
    "not-an-authority",
    () => ({
      requester: { name: "Mr. Example", kind: "lawyer" },
      demands: { authority: "x", earlierEntry: 1 },
    }),
  ],
  [
    "E4 without an earlier entry",
    "E4",
    "missing-demand",
    () => ({ demands: { authority: "x", earlierEntry: "none" } }),
  ],
  [
    "E4 with a later entry",
    "E4",
    "bad-earlier-entry",
    () => ({ demands: { authority: "x", earlierEntry: 99 } }),
  ],
  [
    "silence on an ordinary ground",
    "A",
    "bad-notice",
    (right) => ({ notice: { until: Number(right["expires"]), document: "order" } }),
  ],
  [
    "silence without a document",
    "E3",
    "not-canonical",
    (right) => ({ notice: { until: Number(right["expires"]), document: "" } }),
  ],
  ["silence without an end", "E3", "not-canonical", () => ({ notice: "never" })],
  [
    "silence for a private requester",
    "E3",
    "bad-notice",
    (right) => ({
      requester: { name: "x", kind: "lawyer" },
      notice: { until: Number(right["expires"]), document: "order" },
    }),
  ],
  [
    "silence for two years",
    "E3",
    "bad-notice",
    (right) => ({
      notice: { until: Number(right["notBefore"]) + 2 * 365 * 86_400, document: "order" },
    }),
  ],
  [
    "words that turn the direction of writing",
    "E3",
    "not-canonical",
    () => ({ reason: "\u202Eevil" }),
  ],
  ["a field that grants do not have", "E3", "not-canonical", () => ({ override: true })],
  ["a recipient key of low order", "E3", "not-canonical", () => ({ recipient: "0".repeat(64) })],
];

test("each rule refuses by its name what it is there to refuse", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  for (const [name, ground, refusal, bend] of bends) {
    await t.test(`${name} is refused as ${refusal}`, async () => {
      const right = draftGrant(world, of, ground, ids);
      const bent = { ...right, ...bend(right, world, of) };
      const filed = await file(world, keeper, bent);
      assert.ok(!filed.ok);
      assert.equal(filed.refusal, refusal, filed.why);
      assert.ok(filed.why.length > 0);
    });
  }
  assert.deepEqual(await keeper.listGrants(), []);
});

test("every ground files when it has what it demands", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  for (const ground of ["support", "D1", "D2", "E1", "E2", "E3", "A"] as const) {
    assert.ok((await file(world, keeper, draftGrant(world, of, ground, ids))).ok, ground);
  }
  const payment = draftGrant(world, of, "D2", ids, { class: "payment" });
  assert.ok((await file(world, keeper, payment)).ok, "payment, when the instrument names it");
});

test("a grant that is not the one canonical spelling is refused before anything of it is believed", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  const right = canonicalText(draftGrant(world, of, "E3", ids));
  const spellings = [
    right.replace("{", '{"version":1,'),
    right.replace('"version":1', '"version":1e0'),
    right.replace('"version":1', '"version":-0'),
    right.replace("what was asked", "e\u0301"),
    right.replace("what was asked", "\\ud800"),
    right.replace("what was asked", "x".repeat(17 * 1024)),
    ` ${right}`,
    "[]",
    "",
  ];
  for (const spelling of spellings) {
    const bytes = fromUtf8(spelling);
    const signature = signBytes(world.operator.secretKey, grantBytes(grantHash(bytes)));
    const filed = await keeper.fileGrant(bytes, signature);
    assert.ok(!filed.ok && filed.refusal === "not-canonical", spelling.slice(0, 60));
  }
});

test("an actor's name is nothing without the actor's signature", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  const fields = draftGrant(world, of, "support", ids);
  const byOther = await file(world, keeper, fields, world.approvers[0]);
  assert.ok(!byOther.ok && byOther.refusal === "bad-signature");
  const actor = keyId(world.approvers[0].publicKey);
  const byApprover = await file(world, keeper, { ...fields, actor }, world.approvers[0]);
  assert.ok(!byApprover.ok && byApprover.refusal === "unknown-actor", "approvers do not act");
  assert.ok((await file(world, keeper, fields)).ok);
  const again = await file(world, keeper, fields);
  assert.ok(!again.ok && again.refusal === "duplicate");
});

test("a fourth review of one client in thirty days is refused, and allowed when they are over", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  for (let count = 0; count < 3; count += 1)
    assert.ok((await file(world, keeper, draftGrant(world, of, "A", ids))).ok);
  const fourth = await file(world, keeper, draftGrant(world, of, "A", ids));
  assert.ok(!fourth.ok && fourth.refusal === "too-many-reviews");
  const other = await enrolClient(keeper);
  assert.ok((await file(world, keeper, draftGrant(world, other, "A", ids))).ok);
  world.clock.time += 30 * DAY + HOUR;
  assert.ok((await file(world, keeper, draftGrant(world, of, "A", ids))).ok);
});

test("three reviews filed at the same instant leave no room for a fourth", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  const all = await Promise.all(
    Array.from({ length: 6 }, () => file(world, keeper, draftGrant(world, of, "A", ids))),
  );
  assert.equal(all.filter((each) => each.ok).length, 3);
});

test("a client-only account refuses every ground on content, and no other", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper, "client-only");
  for (const ground of ["E1", "E2", "E3", "A"] as const) {
    const filed = await file(world, keeper, draftGrant(world, of, ground, ids));
    assert.ok(!filed.ok && filed.refusal === "client-only", ground);
  }
  assert.ok((await file(world, keeper, draftGrant(world, of, "D1", ids))).ok);
});

test("the client's signature is good for one grant and not beyond its end", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  const fields = draftGrant(world, of, "E1", ids);
  assert.ok((await file(world, keeper, fields)).ok);
  const again = await file(world, keeper, { ...fields, nonce: newId() });
  assert.ok(!again.ok && again.refusal === "duplicate");
  const short = draftGrant(world, of, "E1", ids, { expires: Number(fields["expires"]) - 60 });
  const longer = await file(world, keeper, { ...short, expires: fields["expires"] ?? 0 });
  assert.ok(!longer.ok && longer.refusal === "bad-times");
});

test("the client's signature in another spelling of its end is no second approval", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  const fields = draftGrant(world, of, "E1", ids);
  assert.ok((await file(world, keeper, fields)).ok);
  const { clientSignature } = fields["demands"] as { readonly clientSignature: string };
  for (const spelling of [`0${clientSignature}`, `00${clientSignature}`, `${clientSignature} `]) {
    const demands = { clientSignature: spelling };
    const again = await file(world, keeper, { ...fields, demands, nonce: newId() });
    assert.ok(!again.ok && again.refusal === "bad-signature", spelling);
  }
});

test("an approval moved to a grant that differs in one byte is nothing", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  const asked = draftGrant(world, of, "E2", ids, { asked: "the letter of Monday" });
  const other = { ...asked, asked: "the letter of Mondaz" };
  const filed = await file(world, keeper, asked);
  const moved = await file(world, keeper, other);
  assert.ok(filed.ok && moved.ok);
  for (const approver of world.approvers) {
    const signature = signBytes(approver.secretKey, approvalBytes(filed.value.hash));
    const ruled = await keeper.approveGrant(moved.value.hash, keyId(approver.publicKey), signature);
    assert.ok(!ruled.ok && ruled.refusal === "bad-signature");
  }
  const released = await keeper.release(moved.value.hash, [sealLetter(of, "letter1", "x")]);
  assert.ok(!released.ok && released.refusal === "too-few-approvals");
});

test("a refused grant is silent only where the grant itself might have been", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  const until = Math.floor(world.clock.time / 1000) + 300 * 86_400;
  const notice = { until, document: "order 12 of the Court" };
  const refusals = async (): Promise<number> => {
    await keeper.publish();
    const path = join(world.place.publishedFolder, "openings", "000.jsonl");
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    return lines
      .map((line) => parseOpening(Buffer.from(line)))
      .filter((opening) => toUtf8(opening?.bytes ?? new Uint8Array())?.includes("grant-refused"))
      .length;
  };
  const bent = { notice, purpose: "report-crime" };
  assert.ok(!(await file(world, keeper, draftGrant(world, of, "support", ["x"], bent))).ok);
  assert.equal(await refusals(), 1, "support is never silent");
  const far = { notice: { ...notice, until: until * 4 }, purpose: "report-crime" };
  assert.ok(!(await file(world, keeper, draftGrant(world, of, "E3", ["x"], far))).ok);
  assert.equal(await refusals(), 2, "nor is anything beyond a year");
  assert.ok(!(await file(world, keeper, draftGrant(world, of, "E3", ["x"], bent))).ok);
  assert.equal(await refusals(), 2, "legal process may be");
});

test("E4 reaches only what an earlier release for another purpose has shown", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  const review = await granted(world, keeper, draftGrant(world, of, "A", ["seen1", "unseen1"]));
  const released = await keeper.release(review, [sealLetter(of, "seen1", "a letter")]);
  assert.ok(released.ok);
  const crime = (ids: readonly string[], earlierEntry: number) => {
    const fields = draftGrant(world, of, "E4", ids);
    return file(world, keeper, { ...fields, demands: { authority: "police", earlierEntry } });
  };
  const beyond = await crime(["seen1", "unseen1"], released.value.outcomeIndex);
  assert.ok(!beyond.ok && beyond.refusal === "bad-earlier-entry");
  const right = await crime(["seen1"], released.value.outcomeIndex);
  assert.ok(right.ok, JSON.stringify(right));
  for (const approver of world.approvers) await approve(keeper, right.value.hash, approver);
  const reported = await keeper.release(right.value.hash, [sealLetter(of, "seen1", "a letter")]);
  assert.ok(reported.ok);
  const same = await crime(["seen1"], reported.value.outcomeIndex);
  assert.ok(!same.ok && same.refusal === "bad-earlier-entry", "an entry of the same purpose");
});

async function enrolPerson(
  world: World,
  keeper: Awaited<ReturnType<World["open"]>>,
  person: string,
) {
  const pair = newSigningKeyPair();
  const fields = {
    version: 1,
    person,
    role: "counsel",
    key: toHex(pair.publicKey),
    roles: ["approver"],
    policy: policyDigest,
    nonce: newId(),
  };
  const request = canonicalBytes(fields);
  const approvals = world.approvers.map((by) => ({
    approver: keyId(by.publicKey),
    signature: signBytes(by.secretKey, personBytes(request)),
  }));
  const few = await keeper.enrolPerson(request, approvals.slice(0, 1));
  assert.ok(!few.ok && few.refusal === "too-few-approvals");
  const twice = await keeper.enrolPerson(request, [
    ...approvals.slice(0, 1),
    ...approvals.slice(0, 1),
  ]);
  assert.ok(!twice.ok && twice.refusal === "too-few-approvals");
  const enrolled = await keeper.enrolPerson(request, approvals);
  assert.ok(enrolled.ok, JSON.stringify(enrolled));
  const key: KeyFile = { kind: "ed25519", ...pair };
  return key;
}

test("approvers are distinct people, none of them the actor, enrolled a day ago", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  const filed = await file(world, keeper, draftGrant(world, of, "E3", ids));
  assert.ok(filed.ok);
  const { hash } = filed.value;
  const refusal = async (by: KeyFile) => {
    const ruled = await approve(keeper, hash, by);
    return ruled.ok ? "approved" : ruled.refusal;
  };
  const stranger: KeyFile = { kind: "ed25519", ...newSigningKeyPair() };
  assert.equal(await refusal(stranger), "unknown-approver");
  assert.equal(await refusal(world.operator), "unknown-approver");
  const counsel = await enrolPerson(world, keeper, "counsel");
  assert.equal(await refusal(counsel), "too-new");
  const second = await enrolPerson(world, keeper, "approver-1");
  const actorsSecond = await enrolPerson(world, keeper, "operator");
  world.clock.time += DAY;
  assert.equal(await refusal(actorsSecond), "is-actor");
  assert.equal(await refusal(world.approvers[0]), "approved");
  assert.equal(await refusal(world.approvers[0]), "already");
  assert.equal(await refusal(second), "same-person");
  assert.equal(await refusal(counsel), "approved");
  assert.equal((await keeper.showGrant(hash))?.state, "approved");
  const other = await file(world, keeper, draftGrant(world, of, "E3", ids));
  assert.ok(other.ok);
  const moved = signBytes(world.approvers[1].secretKey, approvalBytes(hash));
  const ruled = await keeper.approveGrant(
    other.value.hash,
    keyId(world.approvers[1].publicKey),
    moved,
  );
  assert.ok(!ruled.ok && ruled.refusal === "bad-signature", "an approval moved to another grant");
  world.clock.time += 30 * DAY;
  assert.equal(await refusal(world.approvers[1]), "expired");
});

test("people, grants and approvals are there again after a restart, and a later genesis changes nothing", async (t) => {
  const world = await newWorld(t);
  let hash: string;
  {
    await using keeper = await world.open();
    const of = await enrolClient(keeper);
    hash = await granted(world, keeper, draftGrant(world, of, "E3", ids));
  }
  const { writeFile } = await import("node:fs/promises");
  await writeFile(`${world.place.folder}/genesis.json`, "{}");
  await using keeper = await world.open();
  assert.equal((await keeper.people()).length, 3);
  const shown = await keeper.showGrant(hash);
  assert.equal(shown?.state, "approved");
  assert.equal(shown?.hash, grantHash(shown?.grant ?? new Uint8Array()));
});
