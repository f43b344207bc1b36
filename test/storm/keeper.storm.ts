// The keeper's crash matrix: a release, a publication, an enrolment and once more, with the process killed before, after and in the middle of
// every single write, and with that write failing (EIO) or the disk full from it on. After each: the keeper opens, nothing was handed out
// without a durable entry, no use is lost or had twice, nothing that was published is withdrawn or forked. Writes docs/figures/keeper.md.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type Remembered, type Read, verifyLog } from "#ledger";
import { openKeeper } from "../../src/keeper/open.ts";
import {
  draftGrant,
  enrolClient,
  granted,
  newWorld,
  sealLetter,
} from "../../src/keeper/testing/world.ts";
import { type Fault, faults } from "../crash/faulty-disk.ts";
import { root, runProgram } from "../house.ts";
import { writeFigure } from "./figures.ts";

const figures: string[] = [];
after(() => writeFigure("keeper", `${figures.length} kinds of fault`, figures));

const reader =
  (folder: string): Read =>
  async (path) => {
    try {
      return readFileSync(join(folder, path));
    } catch {
      return undefined;
    }
  };

/** A keeper's folder with two approved grants for one use each, published and verified. */
async function prepared(t: Parameters<typeof newWorld>[0]) {
  const world = await newWorld(t);
  const keeper = await world.open();
  const of = await enrolClient(keeper);
  const letter = sealLetter(of, "one", "a letter");
  const wanted = [];
  for (const ground of ["E2", "E3"] as const) {
    const hash = await granted(world, keeper, draftGrant(world, of, ground, ["one"]));
    const { client, account } = of;
    wanted.push({ hash, client, account, sealed: Buffer.from(letter.sealed).toString("base64") });
  }
  await keeper.publish();
  await keeper[Symbol.asyncDispose]();
  const verdict = await verifyLog({ read: reader(world.place.publishedFolder) });
  assert.ok(verdict.ok && verdict.remembered);
  return { world, wanted, letter, remembered: verdict.remembered };
}

for (const fault of faults)
  test(`the keeper comes back whole from ${fault} at every write`, async (t) => {
    const start = await prepared(t);
    const whole = await tried(start, fault, 0);
    const writes = Number(/^writes (\d+)$/m.exec(whole.said)?.[1]);
    assert.ok(writes > 30, whole.said);
    const counts = { handedOut: 0, refused: 0, left: 0 };
    for (let number = 1; number <= writes; number += 1) {
      const { handedOut, refused, left } = await tried(start, fault, number);
      counts.handedOut += handedOut;
      counts.refused += refused;
      counts.left += left;
    }
    figures.push(
      `${fault}: ${writes} moments; ${counts.handedOut} packages handed out and each on record, ${counts.refused} uses spent without one, ${counts.left} left and had afterwards; no fork, nothing withdrawn`,
    );
  });

async function tried(
  start: Awaited<ReturnType<typeof prepared>>,
  fault: Fault,
  number: number,
): Promise<{ said: string; handedOut: number; refused: number; left: number }> {
  const { world, wanted, letter, remembered } = start;
  const folder = mkdtempSync(join(tmpdir(), "bailee-matrix-"));
  try {
    cpSync(join(world.place.folder, ".."), folder, { recursive: true });
    const place = {
      ...world.place,
      folder: join(folder, "keeper"),
      publishedFolder: join(folder, "published"),
    };
    const args = [
      join(root, "test/crash/keeper-child.ts"),
      JSON.stringify(place),
      fault,
      `${number}`,
    ];
    const { stdout: said, stderr } = await runProgram(process.execPath, [
      ...args,
      JSON.stringify(wanted),
    ]);
    const what = `${fault} at ${number}: ${said}${stderr.slice(0, 500)}`;
    // What the auditor saw before, and what the process itself may have published since.
    const between = await verifyLog({
      read: reader(place.publishedFolder),
      remembered,
      settleMs: 0,
    });
    const known: Remembered = between.ok ? (between.remembered ?? remembered) : remembered;
    await using keeper = await openKeeper(place);
    const counts = { handedOut: 0, refused: 0, left: 0 };
    for (const { hash } of wanted) {
      const wasHandedOut = said.includes(`release ${hash} ok`);
      const uses = (await keeper.showGrant(hash))?.uses;
      assert.ok(!wasHandedOut || uses === 1, `handed out and not on record: ${what}`);
      const again = await keeper.release(hash, [letter]);
      assert.equal(again.ok, uses === 0, `a use lost or had twice: ${what}`);
      if (wasHandedOut) counts.handedOut += 1;
      else if (uses === 1) counts.refused += 1;
      else counts.left += 1;
    }
    await keeper.publish();
    const last = await verifyLog({
      read: reader(place.publishedFolder),
      remembered: known,
      settleMs: 0,
    });
    assert.deepEqual(last.findings, [], what);
    return { said, ...counts };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
