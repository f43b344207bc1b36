// Claim: what the promise costs. A release waits for two entries on the disk; appends and releases that come together share that wait; a
// stranger verifies a million leaves; and ordinary mail pays next to nothing, shown as delivery with seals against delivery with none.
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "#base/ids";
import { openEngine } from "#engine";
import { spawnKeeper } from "#keeper";
import { leafOf, newEntry, openLog, openPart, verifyLog } from "#ledger";
import { encodeStructure, parseMessage } from "#mail/message";
import { openStore, storeRoom } from "#store";
import {
  type Context,
  newAccountKeys,
  newBoxKeyPair,
  openOpener,
  openSealer,
  SEAL_OVERHEAD,
  type Sealer,
} from "#vault";
import {
  draftGrant,
  enrolClient,
  file,
  newWorld,
  sealContact,
} from "../src/keeper/testing/world.ts";
import { makeLetter } from "../test/letters.ts";
import { median, rounded } from "./median.ts";

const RELEASES = 300;
const TOGETHER = 300;
const LEAVES = 1_000_000;
const AT_ONCE = 10_000;
const lines: string[] = [];

const folder = await mkdtemp(join(tmpdir(), "bailee-bench-"));
const endings: (() => unknown)[] = [];
try {
  await releases();
  await appends();
  await seals();
  await delivery();
  await verification();
  process.stdout.write(`\n${lines.map((line) => `  - ${line}`).join("\n")}\n`);
} finally {
  for (const end of endings.toReversed()) await end();
  await rm(folder, { recursive: true, force: true });
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Each use is of a grant of its own, filed before, over the socket of a keeper in a process of its own. */
async function releases(): Promise<void> {
  const world = await newWorld({ after: (end: () => unknown) => void endings.push(end) } as never);
  await using keeper = await spawnKeeper(world.place);
  const of = await enrolClient(keeper);
  const contact = sealContact(of, "contact", "a name and a street");
  const hashes: string[] = [];
  for (let n = 0; n < RELEASES + TOGETHER; n += 1) {
    const filed = await file(world, keeper, draftGrant(world, of, "support", ["contact"]));
    if (!filed.ok) throw new Error(filed.refusal);
    hashes.push(filed.value.hash);
  }
  const release = async (hash: string): Promise<void> => {
    const released = await keeper.release(hash, [contact]);
    if (!released.ok) throw new Error(released.refusal);
  };
  const times: number[] = [];
  for (const hash of hashes.slice(0, RELEASES)) {
    const began = performance.now();
    await release(hash);
    times.push(performance.now() - began);
  }
  lines.push(
    `release, one after the other, two entries on the disk each: p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms`,
  );
  const began = performance.now();
  await Promise.all(hashes.slice(RELEASES).map(release));
  const rate = TOGETHER / ((performance.now() - began) / 1000);
  lines.push(
    `releases that come together: ${Math.round(rate)}/s, ${rounded(rate * (median(times) / 1000))} times as many as one after the other`,
  );
}

async function appends(): Promise<void> {
  const settings = { origin: "bench.example/ledger", signingSecret: randomBytes(32) };
  await using log = await openLog(join(folder, "appends"), settings);
  const leaf = leafOf(newEntry({ public: { type: "bench" }, client: {}, case: {} }));
  const rate = async (count: number, together: number): Promise<number> => {
    const began = performance.now();
    for (let n = 0; n < count; n += together)
      await Promise.all(Array.from({ length: together }, () => log.append([leaf])));
    return count / ((performance.now() - began) / 1000);
  };
  await rate(50, 1);
  const [alone, grouped] = [await rate(300, 1), await rate(12_800, 64)];
  lines.push(
    `appends, each signed and on the disk: ${Math.round(alone)}/s alone, ${Math.round(grouped)}/s in groups of 64`,
  );
}

async function seals(): Promise<void> {
  const pair = newBoxKeyPair();
  const [sealer, opener] = [openSealer(pair.publicKey), openOpener(pair.secretKey)];
  const context: Context<"content"> = {
    class: "content",
    client: "c",
    account: "a",
    object: "o",
    part: "body",
  };
  const letter = randomBytes(10_240);
  const each = (work: () => unknown): number => {
    for (let n = 0; n < 2000; n += 1) work();
    const began = performance.now();
    for (let n = 0; n < 5000; n += 1) work();
    return ((performance.now() - began) / 5000) * 1000;
  };
  const sealed = sealer.seal(context, letter);
  const sealing = each(() => sealer.seal(context, letter));
  const opening = each(() => opener.open(context, "own", sealed));
  lines.push(`10 KB: sealed in ${sealing.toFixed(1)} µs, opened in ${opening.toFixed(1)} µs`);
}

/** A seal that seals nothing, of the same size: what is left is everything else that a delivery does. */
function noSealer(publicKey: Uint8Array): Sealer {
  return {
    publicKey,
    seal: (_, plain) => Buffer.concat([Buffer.alloc(SEAL_OVERHEAD), plain]),
  };
}

async function delivery(): Promise<void> {
  const engine = await openEngine({ folder: join(folder, "store"), rooms: [storeRoom] });
  const store = openStore({ engine });
  const raw = makeLetter({
    from: "a@example.org",
    to: "b@example.org",
    subject: "a letter",
    text: "words and more words\n".repeat(460),
  });
  const keys = newAccountKeys();
  const sealers = { sealed: openSealer(keys.boxPublic), plain: noSealer(keys.boxPublic) };
  const times = { sealed: [] as number[], plain: [] as number[] };
  for (let round = 0; round < 11; round += 1)
    for (const kind of ["sealed", "plain"] as const) {
      const owner = { client: newId(), account: newId() };
      await engine.writeTogether(store.newAccount(owner, openSealer(keys.boxPublic), keys.nameKey));
      const one = (): Promise<unknown> =>
        store.deliver(owner, sealers[kind], {
          prefix: new Uint8Array(),
          raw,
          structure: encodeStructure(parseMessage(raw)),
          receivedAt: Date.now(),
        });
      const began = performance.now();
      for (let n = 0; n < 50; n += 1) await Promise.all(Array.from({ length: 20 }, one));
      if (round > 0) times[kind].push(performance.now() - began);
    }
  await engine[Symbol.asyncDispose]();
  const ratios = times.sealed.map((time, at) => time / (times.plain[at] ?? time));
  lines.push(
    `delivery of 10 KB with seals: ${median(ratios).toFixed(3)} times the same without any (${median(times.sealed).toFixed(0)} and ${median(times.plain).toFixed(0)} µs each, twenty at once)`,
  );
}

async function verification(): Promise<void> {
  const settings = { origin: "bench.example/million", signingSecret: randomBytes(32) };
  const published = join(folder, "published");
  await using log = await openLog(join(folder, "million"), settings);
  for (let from = 0; from < LEAVES; from += AT_ONCE) {
    const entries = Array.from({ length: AT_ONCE }, (_, n) =>
      newEntry({ public: { day: "2026-11-24", type: "look", n: from + n }, client: {}, case: {} }),
    );
    await log.append(entries.map(leafOf));
    const openings = entries.map((entry, n) => openPart(entry, "public", from + n));
    await log.publish(published, openings, () => []);
  }
  const began = performance.now();
  const verdict = await verifyLog({
    verifierKey: log.verifierKey,
    read: (path) => readFile(join(published, path)).catch(() => undefined),
  });
  const seconds = (performance.now() - began) / 1000;
  if (!verdict.ok || verdict.size !== LEAVES) throw new Error(JSON.stringify(verdict.findings[0]));
  lines.push(
    `verifying ${LEAVES.toLocaleString("en")} leaves, each with its opening, and the report over them: ${seconds.toFixed(1)} s (${Math.round(LEAVES / seconds).toLocaleString("en")}/s)`,
  );
}
