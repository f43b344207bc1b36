// Any sequence of appends, copies, moves, flags and expunges leaves the store as the model says, and its change feed leads from every
// earlier state to the present one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assert as always, asyncProperty } from "fast-check";
import { type Engine, type EngineSettings, openEngine } from "#engine";
import { type Changes, type Mailbox, openStore, type Placement, type Snapshot } from "#store";
import { databasesFor } from "./databases.ts";
import { letter, newAccount, storeRooms } from "./store.ts";
import { anyStep, apply, FOLDERS, type ModelFolder, type Step } from "./store-model.ts";

const databases = databasesFor(storeRooms);

test("SQLite: the store agrees with the model", async () => {
  await agrees(await databases.sqlite(), 60);
});

test("PostgreSQL: the store agrees with the model", async (t) => {
  const settings = await databases.postgres(t);
  if (settings !== undefined) await agrees(settings, 15);
});

async function agrees(settings: EngineSettings, numRuns: number): Promise<void> {
  await using engine = await openEngine(settings);
  await always(
    asyncProperty(array(anyStep, { minLength: 5, maxLength: 30 }), (steps) =>
      oneRun(engine, steps),
    ),
    { numRuns },
  );
}

interface Moment {
  readonly modseq: number;
  readonly snapshots: readonly Snapshot[];
}

async function oneRun(engine: Engine, steps: readonly Step[]): Promise<void> {
  const { mailbox } = await newAccount(engine, openStore({ engine }));
  const ids = (await mailbox.folders()).slice(0, FOLDERS).map(({ id }) => id);
  const model = ids.map((): ModelFolder => ({
    placements: [],
    tombstones: [],
    uidNext: 1,
    highestModseq: 1,
  }));
  const moments: Moment[] = [];
  let counter = 1;
  for (const step of steps) {
    moments.push({ modseq: counter, snapshots: await snapshotsOf(mailbox, ids) });
    await carryOut(mailbox, ids, step, counter);
    counter = apply(model, counter, step);
  }
  for (const [index, id] of ids.entries()) {
    const expected = model[index];
    assert.ok(expected);
    await compareSnapshot(mailbox, id, expected);
    for (const moment of moments) await compareChanges(mailbox, id, index, moment, expected);
  }
}

async function snapshotsOf(mailbox: Mailbox, ids: readonly string[]): Promise<Snapshot[]> {
  const all: Snapshot[] = [];
  for (const id of ids) {
    const snapshot = await mailbox.snapshot(id);
    assert.ok(snapshot);
    all.push(snapshot);
  }
  return all;
}

async function carryOut(
  mailbox: Mailbox,
  ids: readonly string[],
  step: Step,
  counter: number,
): Promise<void> {
  const folder = ids[step.folder] ?? "";
  if (step.kind === "append") {
    const messages = step.letters.map(({ text, flags, keywords }) => ({
      ...letter(text),
      flags,
      keywords,
    }));
    assert.ok((await mailbox.append(folder, messages)).ok);
  } else if (step.kind === "expunge") await mailbox.expunge(folder, step.uids);
  else if (step.kind === "flag") {
    const { operation, flags, keywords, back } = step;
    const since = back === undefined ? {} : { unchangedSince: counter - back };
    await mailbox.setFlags(folder, step.uids, { operation, flags, keywords, ...since });
  } else if (step.kind === "copy")
    assert.ok((await mailbox.copy(folder, step.uids, ids[step.target] ?? "")).ok);
  else assert.ok((await mailbox.move(folder, step.uids, ids[step.target] ?? "")).ok);
}

async function compareSnapshot(mailbox: Mailbox, id: string, expected: ModelFolder): Promise<void> {
  const snapshot = await mailbox.snapshot(id);
  assert.ok(snapshot);
  assert.equal(snapshot.folder.uidNext, expected.uidNext);
  assert.equal(snapshot.folder.highestModseq, expected.highestModseq);
  const structures = await mailbox.structures(snapshot.placements.map((item) => item.messageId));
  assert.deepEqual(
    snapshot.placements.map(({ uid, flags, keywords, modseq, messageId }) => ({
      uid,
      text: Buffer.from(structures.get(messageId) ?? [])
        .toString()
        .replace("structure of ", ""),
      flags,
      keywords: [...keywords],
      modseq,
    })),
    expected.placements,
  );
}

async function compareChanges(
  mailbox: Mailbox,
  id: string,
  index: number,
  moment: Moment,
  expected: ModelFolder,
): Promise<void> {
  const changes = await mailbox.changesSince(id, moment.modseq);
  assert.ok(changes);
  assert.deepEqual(
    changes.placements.map(({ uid }) => uid),
    expected.placements.filter(({ modseq }) => modseq > moment.modseq).map(({ uid }) => uid),
  );
  assert.deepEqual(
    changes.vanished,
    expected.tombstones
      .filter(({ modseq }) => modseq > moment.modseq)
      .map(({ uid }) => uid)
      .sort((a, b) => a - b),
  );
  const held = moment.snapshots[index];
  const now = await mailbox.snapshot(id);
  assert.deepEqual(caughtUp(held?.placements ?? [], changes), now?.placements);
  // Read from what was held, the same comes out; and where nothing happened, nothing is read.
  const again = await mailbox.snapshot(id, held);
  assert.deepEqual(again, now);
  const same = held?.folder.highestModseq === now?.folder.highestModseq;
  assert.equal(again?.placements === held?.placements, same);
}

/** What a mail program has after it applied the changes to what it had. */
function caughtUp(had: readonly Placement[], changes: Changes): readonly Placement[] {
  const byUid = new Map(had.map((item) => [item.uid, item]));
  for (const item of changes.placements) byUid.set(item.uid, item);
  for (const uid of changes.vanished) byUid.delete(uid);
  return [...byUid.values()].sort((a, b) => a.uid - b.uid);
}
