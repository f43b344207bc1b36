import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import {
  assert as always,
  asyncProperty,
  boolean,
  constantFrom,
  record,
  subarray,
} from "fast-check";
import { toUtf8 } from "#base/bytes";
import { DAY, dayOf, HOUR, seconds } from "#base/time";
import {
  parseOpening,
  parseTlogProof,
  parseVerifierKey,
  verifyOpening,
  verifyTlogProof,
} from "#ledger";
import { dataClasses, type Ground, groundReaches, groundRow, grounds } from "#policy";
import { ledgerPseudonym } from "#vault";
import { openPackage } from "#keeper";
import {
  approve,
  draftGrant,
  enrolClient,
  file,
  granted,
  looksOf,
  newWorld,
  sealContact,
  sealLetter,
  sealObject,
  type World,
} from "./testing/world.ts";

type Opened = Awaited<ReturnType<World["open"]>>;

function texts(world: World, hash: string, sealed: Uint8Array): (string | undefined)[] {
  const opened = openPackage(world.recipient.secretKey, hash, sealed);
  assert.ok(opened, "the package opens with the recipient's key");
  return opened.items.map(({ bytes }) => toUtf8(bytes));
}

test("a release opens exactly what is in scope, after its entry, for the recipient alone, and the client sees it", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  const hash = await granted(world, keeper, draftGrant(world, of, "E3", ["one", "two"]));
  const objects = [sealLetter(of, "one", "first letter"), sealLetter(of, "two", "second letter")];
  const released = await keeper.release(hash, objects);
  assert.ok(released.ok, JSON.stringify(released));
  const { package: sealed, intentIndex, outcomeIndex, items } = released.value;
  assert.deepEqual(texts(world, hash, sealed), ["first letter", "second letter"]);
  assert.equal(openPackage(world.operator.secretKey, hash, sealed), undefined);
  assert.equal(openPackage(world.recipient.secretKey, "0".repeat(64), sealed), undefined);
  assert.ok(intentIndex < outcomeIndex);
  assert.equal(items, 2);
  const [unpublished] = await looksOf(world, keeper, of);
  assert.equal(unpublished?.proof, undefined);
  await keeper.publish();
  const [look, ...none] = await looksOf(world, keeper, of);
  assert.equal(none.length, 0);
  assert.ok(look);
  const { proof, openings = [], ...seen } = look;
  assert.deepEqual(seen, {
    index: intentIndex,
    at: seconds(world.clock.time),
    ground: "E3",
    class: "content",
    purpose: "legal-process",
    role: "operator",
    items: 2,
    reason: "a reason in words",
    ids: ["one", "two"],
    outcome: "released",
  });
  // What the client is given can be checked without the keeper: the openings are of the leaf that the proof proves.
  const key = parseVerifierKey((await keeper.hello()).logVerifierKey);
  const parsed = parseTlogProof(Buffer.from(proof ?? ""));
  assert.ok(key && parsed);
  for (const line of openings) {
    const opening = parseOpening(Buffer.from(line));
    assert.ok(opening);
    const leaf = await leafAt(world, intentIndex);
    assert.ok(verifyOpening(opening, leaf).ok);
    assert.ok(verifyTlogProof(parsed, leaf, key).ok);
  }
  const used = await keeper.release(hash, objects);
  assert.ok(!used.ok && used.refusal === "used-up");
});

async function leafAt(world: World, index: number): Promise<Uint8Array> {
  const leaves = readFileSync(join(world.place.folder, "ledger", "leaves"));
  return leaves.subarray(index * 56, index * 56 + 56);
}

test("a release that is not covered is refused with its reason and leaves no trace of opening", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const [of, other] = [await enrolClient(keeper), await enrolClient(keeper)];
  const refusal = async (hash: string, objects: Parameters<Opened["release"]>[1]) => {
    const ruled = await keeper.release(hash, objects);
    return ruled.ok ? "released" : ruled.refusal;
  };
  const letter = sealLetter(of, "one", "letter");
  assert.equal(await refusal("f".repeat(64), [letter]), "unknown-grant");
  const waiting = await file(world, keeper, draftGrant(world, of, "E3", ["one"]));
  assert.ok(waiting.ok);
  assert.equal(await refusal(waiting.value.hash, [letter]), "too-few-approvals");
  await approve(keeper, waiting.value.hash, world.approvers[0]);
  assert.equal(await refusal(waiting.value.hash, [letter]), "too-few-approvals");
  const now = seconds(world.clock.time);
  const later = { notBefore: now + 3600, expires: now + 7200 };
  const early = await granted(world, keeper, draftGrant(world, of, "E3", ["one"], later));
  assert.equal(await refusal(early, [letter]), "not-yet");
  const hash = await granted(world, keeper, draftGrant(world, of, "E3", ["one"]));
  assert.equal(await refusal(hash, []), "out-of-scope");
  assert.equal(await refusal(hash, [sealLetter(of, "two", "x")]), "out-of-scope");
  assert.equal(await refusal(hash, [letter, sealLetter(of, "two", "x")]), "out-of-scope");
  assert.equal(await refusal(hash, [letter, letter]), "out-of-scope");
  assert.equal(await refusal(hash, [sealLetter(other, "one", "x")]), "out-of-scope");
  assert.equal(await refusal(hash, [sealContact(of, "one", "x")]), "out-of-scope");
  assert.equal((await looksOf(world, keeper, of)).length, 0);
  // Another client's letter under this client's name: in scope by what is said of it, but it does not open.
  const moved = { ...sealLetter(other, "one", "theirs"), context: letter.context };
  assert.equal(await refusal(hash, [moved]), "does-not-open");
  const [look] = await looksOf(world, keeper, of);
  assert.equal(look?.outcome, "failed");
  assert.equal(await refusal(hash, [letter]), "used-up", "a failed release is a use too");
  const short = await granted(world, keeper, draftGrant(world, of, "E2", ["one"]));
  world.clock.time += 73 * HOUR;
  assert.equal(await refusal(short, [letter]), "expired");
  world.clock.time -= 72 * HOUR;
  assert.equal(await refusal(short, [letter]), "expired", "time set back is not believed");
});

test("of many releases that race for the last use exactly one wins", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  for (const ground of ["E2", "support"] as const) {
    const hash = await granted(world, keeper, draftGrant(world, of, ground, ["one"]));
    const object = ground === "E2" ? sealLetter(of, "one", "x") : sealContact(of, "one", "x");
    const all = await Promise.all(Array.from({ length: 8 }, () => keeper.release(hash, [object])));
    assert.equal(all.filter((each) => each.ok).length, 1);
    assert.ok(all.every((each) => each.ok || each.refusal === "outcome-pending"));
    const late = await keeper.release(hash, [object]);
    assert.ok(!late.ok && late.refusal === "used-up");
  }
});

test("when the ledger cannot be written nothing is opened, and it stays so until a restart", async (t) => {
  const world = await newWorld(t);
  const { folder } = world.place;
  let hash: string;
  let of: Awaited<ReturnType<typeof enrolClient>>;
  {
    await using keeper = await world.open();
    of = await enrolClient(keeper);
    hash = await granted(world, keeper, draftGrant(world, of, "A", ["one"]));
    await rename(join(folder, "ledger"), join(folder, "away"));
    const letter = sealLetter(of, "one", "letter");
    const refused = await keeper.release(hash, [letter]);
    assert.deepEqual(refused.ok || refused.refusal, "ledger-unavailable");
    await rename(join(folder, "away"), join(folder, "ledger"));
    const again = await keeper.release(hash, [letter]);
    assert.deepEqual(again.ok || again.refusal, "ledger-unavailable");
    await assert.rejects(keeper.queueKeys());
  }
  await using keeper = await world.open();
  const shown = await keeper.showGrant(hash);
  assert.ok(shown && shown.uses <= 1, "what was journalled counts as a use");
  const released = await keeper.release(hash, [sealLetter(of, "one", "letter")]);
  assert.ok(released.ok);
  const looks = await looksOf(world, keeper, of);
  assert.equal(looks.filter((look) => look.outcome === "released").length, 1);
  assert.ok(looks.every((look) => look.outcome !== "intent"));
});

test("under a prohibition the client sees nothing and nothing is opened, until its day", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  const until = seconds(world.clock.time + 10 * DAY);
  const notice = { until, document: "order 12 of the Court" };
  const hash = await granted(world, keeper, draftGrant(world, of, "E3", ["one"], { notice }));
  const released = await keeper.release(hash, [sealLetter(of, "one", "letter")]);
  assert.ok(released.ok);
  await keeper.publish();
  assert.equal((await looksOf(world, keeper, of)).length, 0);
  const opened = (): Set<number> => new Set(publicOpenings(world).map((opening) => opening.index));
  assert.ok(opened().has(0), "the genesis is open");
  assert.ok(!opened().has(released.value.intentIndex));
  assert.ok(!opened().has(released.value.outcomeIndex));
  world.clock.time += 10 * DAY - 1000;
  await keeper.publish();
  assert.ok(!opened().has(released.value.intentIndex));
  world.clock.time += 2000;
  await keeper.publish();
  assert.ok(opened().has(released.value.intentIndex));
  assert.ok(opened().has(released.value.outcomeIndex));
  assert.equal((await looksOf(world, keeper, of)).length, 1);
});

test("how much a publication grows, and when it comes, does not tell of an entry under a prohibition", async (t) => {
  const sizes = async (isSilent: boolean): Promise<readonly number[]> => {
    const world = await newWorld(t);
    await using keeper = await world.open();
    const of = await enrolClient(keeper);
    const until = seconds(world.clock.time + 10 * DAY);
    const notice = { until, document: "order 12 of the Court" };
    const hashes = [];
    for (const id of isSilent ? ["one", "two", "three"] : [])
      hashes.push(await granted(world, keeper, draftGrant(world, of, "E3", [id], { notice })));
    const seen: number[] = [];
    const publish = async (): Promise<void> => {
      await keeper.publish();
      const note = readFileSync(join(world.place.publishedFolder, "checkpoint"), "utf8");
      seen.push(Number(note.split("\n")[1]));
    };
    await publish();
    for (const [at, hash] of hashes.entries()) {
      const id = ["one", "two", "three"][at] ?? "";
      assert.ok((await keeper.release(hash, [sealLetter(of, id, "letter")])).ok);
    }
    await publish(); // nothing that may be opened has come
    for (let count = 0; count < 14; count += 1) await enrolClient(keeper);
    await publish(); // fourteen entries and six silent ones are more than sixteen
    return seen;
  };
  assert.deepEqual(await sizes(true), await sizes(false));
});

test("a context that the manifest could not name spends no use", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  const hash = await granted(world, keeper, draftGrant(world, of, "E2", ["one"]));
  const right = sealLetter(of, "one", "letter");
  for (const part of ["e\u0301", "\ud800", "a b", ""]) {
    const released = await keeper.release(hash, [
      { ...right, context: { ...right.context, part } },
    ]);
    assert.ok(!released.ok && released.refusal === "out-of-scope", JSON.stringify(part));
  }
  assert.ok((await keeper.release(hash, [right])).ok);
});

test("a sign-up is published without the pseudonym under which a later look is told", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  await keeper.publish();
  const pseudonym = ledgerPseudonym(of.keys.pseudonymKey);
  const said = (): boolean =>
    publicOpenings(world).some((opening) => toUtf8(opening.bytes)?.includes(pseudonym));
  assert.equal(said(), false);
  const hash = await granted(world, keeper, draftGrant(world, of, "E2", ["one"]));
  assert.ok((await keeper.release(hash, [sealLetter(of, "one", "letter")])).ok);
  await keeper.publish();
  assert.equal(said(), true);
});

function publicOpenings(world: World) {
  const file = readFileSync(join(world.place.publishedFolder, "openings", "000.jsonl"), "utf8");
  return file
    .trimEnd()
    .split("\n")
    .map((line) => {
      const opening = parseOpening(Buffer.from(line));
      assert.ok(opening, line);
      return opening;
    });
}

test("what is published of a release names neither the client, nor ids, nor words", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  const hash = await granted(world, keeper, draftGrant(world, of, "D1", ["theircontact"]));
  assert.ok((await keeper.release(hash, [sealContact(of, "theircontact", "Ann Example")])).ok);
  await keeper.publish();
  const said = publicOpenings(world).map((opening) => toUtf8(opening.bytes) ?? "");
  const intent = said.find((each) => each.includes("release-intent"));
  assert.match(intent ?? "", /"ground":"D1"/);
  for (const secret of [
    of.client,
    of.account,
    hash,
    "theircontact",
    "a reason in words",
    "Court of",
  ])
    assert.ok(
      said.every((each) => !each.includes(secret)),
      secret,
    );
});

test("a log of a day whose key is destroyed opens for nobody", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  const day = dayOf(world.clock.time);
  const traffic = (await keeper.dayKeys(day)).find((each) => each.kind === "traffic");
  assert.ok(traffic);
  const part = `traffic/${day}`;
  const context = {
    class: "clientlog",
    client: of.client,
    account: of.account,
    object: "e1",
    part,
  } as const;
  const event = sealObject(traffic.publicKey, context, "a peer");
  const fields = draftGrant(world, of, "D1", ["e1"], { class: "clientlog", account: of.account });
  const hash = await granted(world, keeper, fields);
  const open = await keeper.release(hash, [event]);
  assert.ok(open.ok);
  assert.deepEqual(texts(world, hash, open.value.package), ["a peer"]);
  world.clock.time = Date.parse(day) + 8 * DAY - 1;
  assert.deepEqual(await keeper.expireKeys(), []);
  world.clock.time += 1;
  assert.deepEqual(await keeper.expireKeys(), [part]);
  assert.deepEqual(await keeper.expireKeys(), []);
  const after = draftGrant(world, of, "D1", ["e1"], { class: "clientlog", account: of.account });
  const late = await keeper.release(await granted(world, keeper, after), [event]);
  assert.ok(!late.ok && late.refusal === "does-not-open");
});

test("whatever ground, class, purpose and objects are put together: outside the table nothing opens, inside exactly the scope does", async (t) => {
  const world = await newWorld(t);
  await using keeper = await world.open();
  const of = await enrolClient(keeper);
  const ids = ["a", "b", "c", "d"];
  const names = Object.keys(grounds) as Ground[];
  await always(
    asyncProperty(
      record({
        ground: constantFrom(...names),
        dataClass: constantFrom(...dataClasses),
        purposeOf: constantFrom(...names),
        ownPurpose: boolean(),
        scope: subarray(ids),
        given: subarray(ids),
        approved: boolean(),
      }),
      async ({ ground, dataClass, purposeOf, ownPurpose, scope, given, approved }) => {
        const row = groundRow(ground);
        const { purpose } = groundRow(ownPurpose ? ground : purposeOf);
        const isContent = dataClass === "content";
        const objects = given.map((id) => {
          if (isContent) return sealLetter(of, id, `text of ${id}`);
          if (dataClass === "payment") {
            const context = {
              class: "payment",
              client: of.client,
              account: "",
              object: id,
              part: "p",
            } as const;
            return sealObject(of.paymentKey, context, `text of ${id}`);
          }
          const contact = sealContact(of, id, `text of ${id}`);
          return { ...contact, context: { ...contact.context, class: dataClass } };
        });
        const fields = draftGrant(world, of, ground, scope, { class: dataClass, purpose });
        world.clock.time += 31 * DAY; // beyond the cap on reviews of one client
        const fresh = draftGrant(world, of, ground, scope, { class: dataClass, purpose });
        assert.notDeepEqual(fields, fresh);
        const filed = await file(world, keeper, fresh);
        const mayFile =
          groundReaches(ground, dataClass) &&
          purpose === row.purpose &&
          scope.length > 0 &&
          ground !== "E4";
        assert.equal(filed.ok, mayFile, JSON.stringify(filed));
        if (!filed.ok) return;
        const { hash } = filed.value;
        if (approved && row.approvals > 0)
          for (const approver of world.approvers) await approve(keeper, hash, approver);
        const released = await keeper.release(hash, objects);
        const opens = dataClass === "content" || dataClass === "contact" || dataClass === "payment";
        const inScope = given.length > 0 && given.every((id) => scope.includes(id));
        const mayOpen = inScope && (approved || row.approvals === 0) && opens;
        assert.equal(released.ok, mayOpen, JSON.stringify(released.ok || released.refusal));
        if (!released.ok) return;
        assert.deepEqual(
          texts(world, hash, released.value.package),
          given.map((id) => `text of ${id}`),
        );
      },
    ),
    { numRuns: 150 },
  );
});
