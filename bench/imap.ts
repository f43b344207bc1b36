// One mailbox in two servers: Bailee, the program as it is started, and Debian's Dovecot, filled with the same letters by LMTP.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { houseIn } from "../test/house.ts";
import { connectImap, type ImapConnection } from "../test/imap.ts";
import { deliverAll } from "../test/load.ts";
import { median, rounded } from "./median.ts";
import { startDovecot } from "./peers/dovecot.ts";

export interface Peer {
  readonly name: "Bailee" | "Dovecot";
  /** The process that connections cost memory in: its id, its group's others are counted too. */
  readonly pids: () => readonly number[];
  /** Of the first account, which holds the letters, or of another. */
  readonly connect: (account?: number) => Promise<ImapConnection>;
}

/** Idle connections are spread over them, since one account may have 32. */
export const ACCOUNTS = 8;

export interface Pair extends AsyncDisposable {
  readonly version: string;
  readonly bailee: Peer;
  readonly dovecot: Peer;
}

/** Undefined when Dovecot is not installed. Both hold `messages` letters in the inbox of one account. */
export async function openPair(
  messages: number,
  letters: readonly Uint8Array[],
): Promise<Pair | undefined> {
  const dovecot = await startDovecot(ACCOUNTS);
  if (dovecot === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "bailee-bench-"));
  const house = await houseIn(folder);
  await house.start();
  const password = "a password for the bench";
  const login = (account: number): string => `u${account}@bailee.localhost`;
  for (let account = 0; account < ACCOUNTS; account += 1) {
    const args = ["client", "add", login(account), "--password-file", "-"];
    const added = await house.run(args, `${password}\n`);
    if (added.code !== 0) throw new Error(added.stderr);
  }
  for (const [port, recipient] of [
    [house.ports.LMTP, login(0)],
    [dovecot.lmtpPort, "u0"],
  ] as const) {
    const load = { port, connections: 10, messages, letters, recipient: () => recipient };
    const { acknowledged } = await deliverAll(load);
    if (acknowledged !== messages) throw new Error(`only ${acknowledged} letters were taken`);
  }
  return {
    version: dovecot.version,
    bailee: {
      name: "Bailee",
      pids: () => [house.pid],
      connect: (account = 0) => connectImap(house.ports.IMAP, login(account), password),
    },
    dovecot: {
      name: "Dovecot",
      pids: () => dovecot.pids(),
      connect: (account = 0) => connectImap(dovecot.imapPort, `u${account}`, dovecot.password),
    },
    async [Symbol.asyncDispose]() {
      await house.stop();
      await dovecot[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Milliseconds of what a peer is put to, alternating between the two; the medians and their ratio as one line. A lap that returns
 * a number has measured itself.
 */
export async function race(
  pair: Pair,
  name: string,
  runs: number,
  lap: (peer: Peer) => Promise<number | void>,
): Promise<string> {
  const times = { Bailee: [] as number[], Dovecot: [] as number[] };
  for (let run = 0; run <= runs; run += 1)
    for (const peer of [pair.bailee, pair.dovecot]) {
      const began = performance.now();
      const measured = await lap(peer);
      // The first lap warms both up.
      if (run > 0) times[peer.name].push(measured ?? performance.now() - began);
    }
  const [ours, theirs] = [median(times.Bailee), median(times.Dovecot)];
  return `${name}: ${rounded(theirs / ours)} times Dovecot (Bailee ${shown(ours)} ms, Dovecot ${shown(theirs)} ms)`;
}

const shown = (ms: number): string => ms.toFixed(ms < 10 ? 2 : 1);

/** A command that must succeed; gives the octets of its answer. */
export async function must(imap: ImapConnection, command: string): Promise<Buffer> {
  const { status, untagged } = await imap.command(command);
  if (!status.startsWith("OK")) throw new Error(`${command.slice(0, 60)}: ${status}`);
  return untagged;
}
