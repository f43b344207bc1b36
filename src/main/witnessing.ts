// The courier between the keeper and the ledger's witnesses: carries what is published out and cosignatures in, and before the keeper
// starts what witnesses saw, so that a ledger that was put back from a backup signs nothing. It can make none of it up.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { log } from "#base/log";
import { MINUTE, SECOND } from "#base/time";
import type { Keeper } from "#keeper";
import { openCheckpoint, parseTrustPolicy, parseVerifierKey, type Read } from "#ledger";
import { askForCosignature, fetchSeen, WitnessError } from "#witness";

export interface Witnessing extends AsyncDisposable {
  /** Asks whoever is due now. What fails is logged and tried again. */
  carry(): Promise<void>;
}

// What is published is cosigned within half a minute, or within a publication's interval where that is shorter.
const BEAT = MINUTE / 2;
// The start does not wait longer for witnesses that are away; what they cosign is compared later.
const START_MS = 5 * SECOND;

export function openWitnessing(
  keeper: Pick<Keeper, "witnessing" | "cosigned">,
  publishedFolder: string,
  publishSeconds: number,
): Witnessing {
  const read = readerOf(publishedFolder);
  const sizes = new Map<string, number>();
  // Said when it begins and when it ends, not at every beat.
  const faults = new Map<string, string>();
  const note = (witness: string, fault: string | undefined): void => {
    if (faults.get(witness) === fault) return;
    if (fault === undefined) faults.delete(witness);
    else faults.set(witness, fault);
    log(fault === undefined ? "witness.back" : "witness.fault", {
      witness,
      ...(fault && { fault }),
    });
  };
  const ask = async (witness: string, url: string): Promise<void> => {
    try {
      const { lines, size } = await askForCosignature(url, read, sizes.get(witness));
      const taken = await keeper.cosigned(lines);
      if (taken.ok) sizes.set(witness, size);
      note(witness, taken.ok ? undefined : taken.why);
    } catch (error) {
      if (!(error instanceof WitnessError)) throw error;
      note(witness, error.message);
    }
  };
  let turn: Promise<void> = Promise.resolve();
  const carryNow = async (): Promise<void> => {
    try {
      const { due } = await keeper.witnessing();
      for (const { witness, url } of due) await ask(witness, url);
    } catch (error) {
      // The keeper is away, and comes back.
      note("keeper", error instanceof Error ? error.message : String(error));
    }
  };
  const carry = (): Promise<void> => (turn = turn.then(carryNow));
  const beat = setInterval(() => void carry(), Math.min(BEAT, publishSeconds * SECOND));
  return {
    carry,
    async [Symbol.asyncDispose]() {
      clearInterval(beat);
      await turn;
    },
  };
}

/** Writes what the witnesses of this ledger saw last into a folder, for the keeper to compare with before it signs anything. */
export async function gatherSeen(publishedFolder: string, seenFolder: string): Promise<void> {
  const read = readerOf(publishedFolder);
  const policy = parseTrustPolicy((await read("witnesses")) ?? new Uint8Array());
  const vkey = (await read("vkey"))?.toString().trim() ?? "";
  const key = parseVerifierKey(vkey);
  await rm(seenFolder, { recursive: true, force: true });
  if (!policy.ok || key === undefined) return;
  // Anybody may read a checkpoint, and the keeper, which may be another user, must.
  await mkdir(seenFolder, { recursive: true, mode: 0o755 });
  const gather = policy.value.witnesses.map(async ({ name, url }, at) => {
    if (url === undefined) return;
    try {
      const seen = await fetchSeen(url, key.name);
      // What is not signed by this ledger says nothing about it.
      if (seen !== undefined && openCheckpoint(seen, key).ok)
        await writeFile(join(seenFolder, String(at)), seen, { mode: 0o644 });
    } catch (error) {
      if (!(error instanceof WitnessError)) throw error;
      log("witness.fault", { witness: name, fault: error.message });
    }
  });
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(() => late.resolve(), START_MS);
  await Promise.race([Promise.all(gather), late.promise]);
  clearTimeout(timer);
}

function readerOf(folder: string): (path: string) => Promise<Buffer | undefined> {
  const read = async (path: string): Promise<Buffer | undefined> => {
    try {
      return await readFile(join(folder, path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  };
  return read satisfies Read;
}
