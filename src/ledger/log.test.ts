import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFile,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { asBuffer, fromUtf8, toBase64 } from "#base/bytes";
import { Broken } from "#base/errors";
import {
  leafOf,
  type Log,
  newCover,
  newEntry,
  openCheckpoint,
  openLog,
  openPart,
  parseTlogProof,
  parseVerifierKey,
  verifyLog,
  verifyTlogProof,
} from "#ledger";
import { leafHash, verifyConsistency, verifyInclusion } from "./tree.ts";

const writer = join(import.meta.dirname, "../../test/crash/ledger-writer.ts");
const origin = "log.example/ledger";
const signingSecret = Buffer.alloc(32, 7);
const settings = { origin, signingSecret };

async function temporary(t: { after(done: () => Promise<void>): void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bailee-ledger-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function entry(n: number) {
  return newEntry({ public: { type: "note", n }, client: {}, case: {} });
}

function leaves(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, n) => leafOf(entry(n)));
}

const covers = (count: number) => Array.from({ length: count }, () => leafOf(newCover()));

function signed(log: Log) {
  return openNote(log.checkpoint(), log.verifierKey);
}

function openNote(note: Uint8Array, verifierKey: string) {
  const key = parseVerifierKey(verifierKey);
  assert.ok(key);
  const opened = openCheckpoint(note, key);
  assert.ok(opened.ok);
  return opened.value;
}

test("what was appended is signed for, proved, and there after a new start", async (t) => {
  const folder = await temporary(t);
  const mine = leaves(300);
  let before: ReturnType<typeof signed>;
  {
    await using log = await openLog(folder, settings);
    assert.equal(signed(log).size, 0);
    assert.deepEqual(await log.append(mine.slice(0, 1)), { firstIndex: 0 });
    assert.deepEqual(await log.append(mine.slice(1, 290)), { firstIndex: 1 });
    before = signed(log);
  }
  await using log = await openLog(folder, settings);
  assert.equal(log.size, 290);
  assert.deepEqual(toBase64(signed(log).root), toBase64(before.root));
  await log.append(mine.slice(290));
  const { root, size } = signed(log);
  assert.equal(size, 300);
  for (const [index, leaf] of mine.entries()) {
    assert.ok(asBuffer(leaf).equals(log.leaf(index)));
    assert.ok(verifyInclusion(leafHash(leaf), index, size, log.inclusionProof(index, size), root));
  }
  assert.ok(verifyConsistency(290, 300, log.consistencyProof(290, 300), before.root, root));
  assert.throws(() => log.leaf(300), RangeError);
  assert.throws(() => log.inclusionProof(0, 301), RangeError);
});

test("appends at the same time keep their order and each its place", async (t) => {
  await using log = await openLog(await temporary(t), settings);
  const all = leaves(120);
  const done = await Promise.all(all.map((leaf) => log.append([leaf])));
  assert.deepEqual(
    done.map(({ firstIndex }) => firstIndex),
    all.map((_, index) => index),
  );
  assert.deepEqual(toBase64(log.leaf(77)), toBase64(all[77] ?? Buffer.alloc(0)));
});

test("what is no leaf is not appended", async (t) => {
  await using log = await openLog(await temporary(t), settings);
  const [leaf = Buffer.alloc(0)] = leaves(1);
  const bent = [
    leaf.subarray(1),
    Buffer.concat([leaf, fromUtf8("\n")]),
    Buffer.from(leaf).fill("bailee/2.0\n", 0, 11),
    Buffer.from(leaf).fill("!", 20, 21),
    Buffer.from(leaf).fill(" ", 55),
  ];
  for (const bytes of bent) await assert.rejects(log.append([leaf, bytes]), TypeError);
  assert.equal(log.size, 0);
});

test("a torn tail is cut, and whole leaves beyond the checkpoint are signed", async (t) => {
  const folder = await temporary(t);
  const [first, second, third] = leaves(3);
  assert.ok(first && second && third);
  {
    await using log = await openLog(folder, settings);
    await log.append([first]);
  }
  const path = join(folder, "leaves");
  // Failed but applied in part: one whole leaf and a piece of the next reached the disk, no checkpoint.
  await appendFile(path, Buffer.concat([second, third.subarray(0, 30)]));
  {
    await using log = await openLog(folder, settings);
    assert.equal(log.size, 2);
    assert.equal(signed(log).size, 2);
    await log.append([third]);
    assert.deepEqual(toBase64(log.leaf(2)), toBase64(third));
  }
  // The file grew but its blocks were never written: zeros are no leaf.
  await appendFile(path, Buffer.alloc(56 * 3));
  await appendFile(join(folder, ".abcdefgh.new"), "half a checkpoint");
  await using log = await openLog(folder, settings);
  assert.equal(log.size, 3);
  assert.equal((await readFile(path)).byteLength, 56 * 3);
  await assert.rejects(readFile(join(folder, ".abcdefgh.new")), { code: "ENOENT" });
});

test("a log whose leaves are not those that were signed does not open", async (t) => {
  const folder = await temporary(t);
  {
    await using log = await openLog(folder, settings);
    await log.append(leaves(20));
  }
  const path = join(folder, "leaves");
  const whole = await readFile(path);
  await truncate(path, 56 * 19);
  await assert.rejects(openLog(folder, settings), /leaves were lost, and signing on would fork it/);
  const bent = Buffer.from(whole);
  bent[56 * 4 + 20] = (bent[56 * 4 + 20] ?? 0) ^ 1;
  await writeFile(path, bent);
  await assert.rejects(openLog(folder, settings), /not those that were signed/);
  await writeFile(path, whole);
  const other = { origin, signingSecret: Buffer.alloc(32, 8) };
  await assert.rejects(openLog(folder, other), /not signed by this ledger's key/);
  await assert.rejects(openLog(folder, { ...settings, origin: "other.example" }), Broken);
  await rm(join(folder, "checkpoint"));
  await assert.rejects(openLog(folder, settings), /no signed checkpoint/);
  assert.deepEqual(await readFile(path), whole, "a refusal changes nothing");
});

test("yesterday's backup of the log does not open against what others saw", async (t) => {
  const folder = await temporary(t);
  const other = await temporary(t);
  let seen: Uint8Array;
  {
    await using log = await openLog(folder, settings);
    await log.append(leaves(20));
    seen = log.checkpoint();
  }
  {
    await using log = await openLog(other, settings);
    await log.append(leaves(19));
  }
  await assert.rejects(openLog(other, { ...settings, seen: [seen] }), /it was set back/);
  {
    await using log = await openLog(other, settings);
    await log.append(leaves(5));
  }
  await assert.rejects(openLog(other, { ...settings, seen: [seen] }), /it would fork/);
  await using log = await openLog(folder, { ...settings, seen: [seen] });
  assert.equal(log.size, 20);
});

test("a second writer is refused, in this process and in another", async (t) => {
  const folder = await temporary(t);
  await using log = await openLog(folder, settings);
  await log.append(leaves(1));
  await assert.rejects(openLog(folder, settings), /another process writes/);
  const child = spawn(process.execPath, [writer, folder], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [code] = (await once(child, "exit")) as [number];
  assert.equal(code, 3, "the child was refused");
});

test("killed in the middle of appending, the log opens at once with everything that it acknowledged", async (t) => {
  const folder = await temporary(t);
  let acknowledged = 0;
  for (let round = 0; round < 5; round += 1) {
    const child = spawn(process.execPath, [writer, folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    const enough = 15 + round * 7;
    for await (const chunk of child.stdout) {
      said += String(chunk);
      if (said.split("\n").length > enough) child.kill("SIGKILL");
    }
    acknowledged += said.split("\n").length - 1;
    await using log = await openLog(folder, settings);
    assert.ok(log.size >= acknowledged, `${log.size} of ${acknowledged} leaves are there`);
    assert.equal(signed(log).size, log.size);
    acknowledged = log.size;
  }
});

test("a publication ends at a multiple of sixteen, and proofs follow it", async (t) => {
  const folder = await temporary(t);
  const site = await temporary(t);
  const kept = entry(1);
  {
    await using log = await openLog(folder, settings);
    await log.append([leafOf(kept)]);
    assert.equal(log.tlogProof(0), undefined);
    assert.deepEqual(await log.publish(site, [openPart(kept, "public", 0)], covers), {
      size: 16,
      firstCover: 1,
      covers: 15,
    });
    assert.deepEqual(await log.publish(site, [], covers), { size: 16, firstCover: 16, covers: 0 });
    await log.append(leaves(1));
  }
  await using log = await openLog(folder, settings);
  assert.equal(log.published()?.size, 16);
  assert.equal(log.tlogProof(16), undefined);
  const proof = parseTlogProof(fromUtf8(log.tlogProof(0) ?? ""));
  const key = parseVerifierKey(log.verifierKey);
  assert.ok(proof && key);
  const shown = verifyTlogProof(proof, leafOf(kept), key);
  assert.ok(shown.ok);
  assert.equal(shown.value.size, 16);
  assert.ok(!verifyTlogProof(proof, leafOf(entry(1)), key).ok);
  assert.ok(!verifyTlogProof({ ...proof, index: 1 }, leafOf(kept), key).ok);
});

test("a published tree never shrinks, and never becomes another", async (t) => {
  const site = await temporary(t);
  {
    await using log = await openLog(await temporary(t), settings);
    await log.append(leaves(20));
    await log.publish(site, [], covers);
  }
  const before = await readFile(join(site, "checkpoint"));
  await using log = await openLog(await temporary(t), settings);
  await log.append(leaves(3));
  await assert.rejects(log.publish(site, [], covers), /it was set back/);
  await log.append(leaves(40));
  await assert.rejects(log.publish(site, [], covers), /it would fork/);
  assert.deepEqual(await readFile(join(site, "checkpoint")), before);
});

test("an opening of another leaf, or of one that is not published, is not published", async (t) => {
  const site = await temporary(t);
  await using log = await openLog(await temporary(t), settings);
  const kept = entry(1);
  await log.append([leafOf(kept)]);
  const opening = openPart(kept, "public", 0);
  await assert.rejects(log.publish(site, [{ ...opening, index: 1 }], covers), TypeError);
  await assert.rejects(log.publish(site, [{ ...opening, index: 16 }], covers), RangeError);
  await log.publish(site, [opening], covers);
  const lines = await readFile(join(site, "openings/000.jsonl"), "utf8");
  assert.match(
    lines,
    /^\{"case":"[^"]{44}","client":"[^"]{44}","entry":\{"n":1,"type":"note"\},"index":0,/,
  );
});

test("an append that failed on the disk is the last until the log is opened anew, which finds what was written", async (t) => {
  const folder = await temporary(t);
  const [first, second, third] = leaves(3);
  assert.ok(first && second && third);
  const path = join(folder, "checkpoint");
  let note: Uint8Array;
  {
    await using log = await openLog(folder, settings);
    await log.append([first]);
    note = log.checkpoint();
    // A folder in its place keeps the new checkpoint from being put there.
    await rm(path);
    await mkdir(join(path, "in the way"), { recursive: true });
    await assert.rejects(log.append([second]), Broken);
    assert.equal(log.size, 1);
    assert.equal(log.checkpoint(), note);
    await assert.rejects(log.append([third]), /takes no more leaves/);
  }
  await rm(path, { recursive: true });
  await writeFile(path, note);
  await using log = await openLog(folder, settings);
  assert.equal(log.size, 2, "failed, but applied");
  assert.deepEqual(toBase64(log.leaf(1)), toBase64(second));
  await log.append([third]);
  assert.equal(signed(log).size, 3);
});

test("a publication cut short at any point is completed by the next", async (t) => {
  const folder = await temporary(t);
  await using log = await openLog(folder + "/log", settings);
  const site = join(folder, "site");
  const kept = Array.from({ length: 250 }, (_, n) => entry(n));
  await log.append(kept.map((entry) => leafOf(entry)));
  await log.publish(site, [], covers);
  const earlier = join(folder, "earlier");
  await cp(site, earlier, { recursive: true });
  await log.append(leaves(20));
  const opening = openPart(kept[9] ?? entry(0), "public", 9);
  await log.publish(site, [opening], covers);
  const verified = async (folder: string) => {
    const read = (path: string) => readFile(join(folder, path)).catch(() => undefined);
    return verifyLog({ read, verifierKey: log.verifierKey, settleMs: 0 });
  };
  const whole = await verified(site);
  assert.deepEqual([whole.ok, whole.size, whole.opened], [true, 288, 1]);
  for (const written of ["tile/entries/000", "tile/0/000", "tile/1/000.p/1", "checkpoint"]) {
    const torn = join(folder, `torn-at-${written.replaceAll("/", "-")}`);
    await cp(earlier, torn, { recursive: true });
    await cp(join(site, written), join(torn, written));
    if (written === "checkpoint")
      await cp(join(site, "tile"), join(torn, "tile"), { recursive: true });
    const between = await verified(torn);
    // The report is written last: behind a new checkpoint the old one says that a publication was cut short, and nothing else is wrong.
    assert.deepEqual(
      between.findings.map(({ kind }) => kind),
      written === "checkpoint" ? ["wrong-report"] : [],
      `a reader after ${written}`,
    );
    await log.publish(torn, [opening], covers);
    const after = await verified(torn);
    assert.deepEqual([after.ok, after.size, after.opened], [true, 288, 1]);
  }
});
