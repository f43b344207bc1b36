// Disks that are full, that became read-only under open files, or that take no blobs any more, each at every step of a letter's way;
// then mended. Mounts file systems of its own, as root; where that is not allowed it says so and does nothing.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { dayOf, MINUTE } from "#base/time";
import { newBoxKeyPair } from "#vault";
import type { Step } from "#mail/queue";
import { letter } from "../queue.ts";
import { startScriptedPeer } from "../scripted-peer.ts";
import { contextOf, counted, finish, openRemains, refusing, within } from "./queue-finish.ts";

interface Disk {
  readonly folder: string;
  /** From now on it takes no writes. */
  breaks(): void;
  /** It does again, for processes that stayed. */
  mends(): void;
  /** True when only a process that starts anew can use it again. */
  readonly needsRestart: boolean;
}

type Moment = Step | "the final dot";
const moments: readonly Moment[] = [
  "accepted",
  "sealed",
  "blob-announced",
  "blob-written",
  "queued",
  "claimed",
  "opened",
  "the final dot",
  "transmitted",
  "concluded",
  "settled",
  "body-removed",
];

// What the peer has and we cannot write down before the process ends: SMTP sends it again.
const unrecorded: ReadonlySet<Moment> = new Set([
  "claimed",
  "opened",
  "the final dot",
  "transmitted",
  "concluded",
]);

const run = (program: string, ...args: string[]): void => {
  const { status, stderr } = spawnSync(program, args, { encoding: "utf8" });
  assert.equal(status, 0, `${program} ${args.join(" ")}: ${stderr}`);
};

function isAllowed(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "bailee-mount-"));
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "none", folder]);
  if (status === 0) spawnSync("umount", [folder]);
  rmSync(folder, { recursive: true, force: true });
  return status === 0;
}

/** A file system in memory that gets full. */
function fullDisk(stack: AsyncDisposableStack): Disk {
  const folder = mounted(stack, "-t", "tmpfs", "-o", "size=24m", "none");
  const filler = join(folder, "filler");
  return {
    folder,
    needsRestart: false,
    breaks() {
      const file = openSync(filler, "a");
      for (const octets of [1 << 20, 4096]) {
        const zeros = Buffer.alloc(octets);
        try {
          for (;;) if (writeSync(file, zeros) < octets) break;
        } catch (error) {
          assert.match(String(error), /ENOSPC/);
        }
      }
      closeSync(file);
    },
    mends: () => rmSync(filler),
  };
}

/** An ext4 whose kernel gave it up: read-only under files that are open for writing, what was not on the disk yet lost. */
function failedDisk(stack: AsyncDisposableStack): Disk {
  const image = join(mkdtempSync(join(tmpdir(), "bailee-image-")), "ext4");
  stack.defer(() => rmSync(join(image, ".."), { recursive: true, force: true }));
  closeSync(openSync(image, "w"));
  truncateSync(image, 48 << 20);
  run("mkfs.ext4", "-q", image);
  const folder = mounted(stack, "-o", "loop", image);
  return {
    folder,
    needsRestart: true,
    breaks: () => run("mount", "-o", "remount,abort", folder),
    mends() {
      run("umount", folder);
      run("mount", "-o", "loop", image, folder);
    },
  };
}

/** Blobs on a mount that became read-only; the database beside them is well. */
function blobsReadOnly(stack: AsyncDisposableStack): Disk {
  const folder = mkdtempSync(join(tmpdir(), "bailee-ro-"));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const blobs = join(folder, "blobs");
  mkdirSync(blobs);
  run("mount", "-t", "tmpfs", "-o", "size=24m", "none", blobs);
  stack.defer(() => run("umount", blobs));
  return {
    folder,
    needsRestart: false,
    breaks: () => run("mount", "-o", "remount,ro", blobs),
    mends: () => run("mount", "-o", "remount,rw", blobs),
  };
}

function mounted(stack: AsyncDisposableStack, ...how: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "bailee-disk-"));
  run("mount", ...how, folder);
  stack.defer(() => {
    run("umount", folder);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Each disk at each step, with a body in the row and in a blob; `databaseUrl` puts everything but the blobs elsewhere. */
export async function breakDisks(fresh: () => string | undefined): Promise<readonly string[]> {
  if (!isAllowed()) return ["disks: not tried, since nothing can be mounted here"];
  const lines: string[] = [];
  const onPostgres = fresh() !== undefined;
  const kinds = [
    ["a full disk", fullDisk],
    ["blobs on a disk that became read-only", blobsReadOnly],
    ...(onPostgres ? [] : ([["a disk that failed and was mended", failedDisk]] as const)),
  ] as const;
  for (const [name, open] of kinds) {
    let [refused, doubled] = [0, 0];
    const all = [300, 150_000].flatMap((octets) => moments.map((at) => ({ at, octets })));
    for (let at = 0; at < all.length; at += 4) {
      const some = all.slice(at, at + 4);
      // All end before one may fail: each has its file system to take down.
      const ended = await Promise.allSettled(
        some.map((one) => breakOnce(name, open, one.at, one.octets, fresh())),
      );
      for (const one of ended) {
        if (one.status === "rejected") throw one.reason;
        if (!one.value.acknowledged) refused += 1;
        doubled += one.value.doubled;
      }
    }
    lines.push(
      `${name}: ${all.length} times at every step: ${refused} refused before they were acknowledged, of the others none lost, each report sent once, ` +
        `${doubled} doubled${doubled > 0 ? ", which the peer had and no disk could note" : ""}`,
    );
  }
  return lines;
}

async function breakOnce(
  name: string,
  open: (stack: AsyncDisposableStack) => Disk,
  at: Moment,
  octets: number,
  databaseUrl: string | undefined,
): Promise<{ readonly acknowledged: boolean; readonly doubled: number }> {
  await using stack = new AsyncDisposableStack();
  const disk = open(stack);
  let isBroken = false;
  const breakAt = (moment: Moment): void => {
    if (moment !== at || isBroken) return;
    isBroken = true;
    disk.breaks();
  };
  const peer = await startScriptedPeer(
    contextOf(stack),
    refusing((stage) => {
      if (stage === "dot") breakAt("the final dot");
      return "ok";
    }),
  );
  const keys = [{ day: dayOf(Date.now()), ...newBoxKeyPair() }];
  const remains = { folder: disk.folder, databaseUrl, port: peer.port, keys };
  let ahead = 0;
  const { engine, queue } = await openRemains(remains, () => ahead, { onStep: breakAt });
  const text = `${"y".repeat(70)}\r\n`.repeat(Math.ceil(octets / 72));
  const raw = Buffer.from(`Message-ID: <disk@x>\r\n\r\n${text}`);
  const to = ["friend@far.example", "gone@far.example"];
  const what = letter(to, { raw, sender: "sender@near.example" });
  const acknowledged = await queue.enqueue(what).then(
    () => true,
    () => false,
  );
  // Small letters have no blob, and what is refused has no later steps: not every moment comes.
  await sleep(2500);
  if (isBroken && !disk.needsRestart) disk.mends();
  else if (!isBroken) await within(30, async () => (await queue.counts()).items === 0);
  ahead = 31 * MINUTE;
  queue.wake();
  if (!disk.needsRestart) await within(60, async () => (await queue.counts()).items === 0);
  for (const one of [queue, engine]) {
    try {
      await one[Symbol.asyncDispose]();
    } catch (error) {
      assert.ok(isBroken, String(error));
    }
  }
  if (disk.needsRestart && isBroken) disk.mends();
  await finish(remains);
  const { letters, reports } = counted(peer, "disk@x");
  const where = `${name} at ${at}, ${octets} octets`;
  if (acknowledged) {
    const again = disk.needsRestart && unrecorded.has(at) ? 2 : 1;
    assert.deepEqual({ letters, reports }, { letters: again, reports: 1 }, where);
  } else assert.ok(letters <= 1 && reports === letters, where);
  return { acknowledged, doubled: Math.max(0, letters - 1) };
}
