// Runs and kills processes with a queue over one folder or database, and knows what they acknowledged.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { dayOf } from "#base/time";
import { newBoxKeyPair } from "#vault";
import type { ChildArguments } from "./queue-child.ts";

export interface QueueProcess extends AsyncDisposable {
  readonly folder: string;
  readonly key: { readonly day: string; readonly publicKey: Buffer; readonly secretKey: Buffer };
  /** Ids that `queued` was said of. */
  readonly acknowledged: Set<string>;
  /** Starts it; resolves when it is ready, or dead already. */
  start(dies?: string): Promise<void>;
  /** Hands in a letter; it may die over it. */
  send(id: string, octets: number): void;
  kill(): Promise<void>;
  /** Sends the signal and does not wait. */
  killNow(): void;
  died(): Promise<void>;
}

export async function openQueueProcess(port: number, databaseUrl?: string): Promise<QueueProcess> {
  const folder = await mkdtemp(join(tmpdir(), "bailee-killed-"));
  const { publicKey, secretKey } = newBoxKeyPair();
  const key = {
    day: dayOf(Date.now()),
    publicKey: Buffer.from(publicKey),
    secretKey: Buffer.from(secretKey),
  };
  const acknowledged = new Set<string>();
  let child: ChildProcess | undefined;
  const died = async (): Promise<void> => {
    if (child !== undefined && child.exitCode === null && child.signalCode === null)
      await once(child, "exit");
    child = undefined;
  };
  const kill = async (): Promise<void> => {
    child?.kill("SIGKILL");
    await died();
  };
  return {
    folder,
    key,
    acknowledged,
    async start(dies = "") {
      const hex = {
        publicKey: key.publicKey.toString("hex"),
        secretKey: key.secretKey.toString("hex"),
      };
      const told: ChildArguments = {
        folder,
        databaseUrl,
        port,
        key: { day: key.day, ...hex },
        dies,
      };
      const script = join(import.meta.dirname, "queue-child.ts");
      const started = spawn(process.execPath, [script, JSON.stringify(told)], {
        stdio: ["pipe", "pipe", "ignore"],
      });
      child = started;
      started.stdin.on("error", () => {}); // it died over what it was told
      await new Promise<void>((resolve) => {
        started.once("exit", () => resolve());
        createInterface({ input: started.stdout }).on("line", (line) => {
          const id = /^queued (.+)$/.exec(line)?.[1];
          if (id !== undefined) acknowledged.add(id);
          if (line === "ready") resolve();
        });
      });
    },
    send: (id, octets) => void child?.stdin?.write(`${id} ${octets}\n`),
    kill,
    killNow: () => void child?.kill("SIGKILL"),
    died,
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
