// What the queue's storms share: a peer that counts, letters with one recipient who is refused, and a queue that works off what an
// accident left.
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { HOUR, MINUTE } from "#base/time";
import { openDns } from "#dns";
import { type Engine, openEngine } from "#engine";
import { openQueue, type Queue, type QueueOptions, queueRoom } from "#mail/queue";
import type { Behaviour, ScriptedPeer, Stage } from "../scripted-peer.ts";

/** Refuses gone@, and leaves everything else to `more`. */
export function refusing(more: Behaviour = () => "ok"): Behaviour {
  return (stage, line, session) => {
    const other = more(stage, line, session);
    const isTaking = other === "ok" || other.startsWith("late ");
    return isTaking && stage === "RCPT" && line.includes("gone@")
      ? "550 5.1.1 nobody of this name"
      : other;
  };
}

export interface Counted {
  /** How often the letter was answered with 250. */
  readonly letters: number;
  /** How often it was handed over whole, whatever the answer. */
  readonly whole: number;
  /** How often a report about it was answered with 250. */
  readonly reports: number;
}

export function counted(peer: ScriptedPeer, id: string): Counted {
  const of = (ids: readonly string[]) => ids.filter((one) => one === id).length;
  const isReport = (text: string) =>
    text.includes("\nAction: failed\n") && text.includes(`Message-ID: <${id}>`);
  return {
    letters: of(peer.acknowledged),
    whole: of(peer.whole),
    reports: peer.texts.filter(isReport).length,
  };
}

/** For helpers that clean up when a test ends: here, when the stack is left. */
export function contextOf(stack: AsyncDisposableStack): TestContext {
  const after = (end: () => void | Promise<void>): void => {
    stack.defer(end);
  };
  return { after } as unknown as TestContext;
}

/** Where a letter is when something happens to it: at one of the queue's own steps, or at a reply of the peer. */
export interface Moment {
  readonly stage: Stage;
  readonly line: string;
  readonly session: number;
}

export interface Remains {
  readonly folder: string;
  readonly databaseUrl: string | undefined;
  readonly port: number;
  readonly keys: QueueOptions["keys"];
}

/** The queue over what is there, its clock ahead by so much. */
export async function openRemains(
  { folder, databaseUrl, port, keys }: Remains,
  ahead: () => number,
  more: Partial<QueueOptions> = {},
): Promise<{ readonly engine: Engine; readonly queue: Queue }> {
  const engine = await openEngine({ folder, databaseUrl, rooms: [queueRoom] });
  const queue = await openQueue({
    engine,
    clock: { now: () => Date.now() + ahead() },
    keys,
    destroyKey: async () => {},
    dns: openDns("127.0.0.1:1"),
    hostname: "mx.bailee.example",
    isOurDomain: (domain) => domain === "bailee.example",
    deliverLocal: async () => ({ ok: true }),
    smarthost: { host: "127.0.0.1", port },
    retrySeconds: 0,
    ...more,
  });
  return { engine, queue };
}

/** Works off what is left, half an hour later (another process's attempt counts as lost then), until no row and no file is there. */
export async function finish(remains: Remains): Promise<void> {
  let ahead = 31 * MINUTE;
  const { engine, queue } = await openRemains(remains, () => ahead);
  try {
    await within(60, async () => (await queue.counts()).items === 0);
    ahead += 3 * HOUR;
    queue.wake();
    await within(20, async () => (await leftOver(engine, remains.folder)).length === 0);
  } finally {
    await queue[Symbol.asyncDispose]();
    await engine[Symbol.asyncDispose]();
  }
}

/** Blobs that are still there, half-written ones among them, and rows that speak of blobs. */
async function leftOver(engine: Engine, folder: string): Promise<readonly string[]> {
  const rows = await engine
    .reader<{ queue_blob: { blob_id: string } }>()
    .selectFrom("queue_blob")
    .select("blob_id")
    .execute();
  const names = await readdir(join(folder, "blobs"), { recursive: true }).catch(() => []);
  return [...rows.map(({ blob_id }) => blob_id), ...names.filter((name) => name.includes("/"))];
}

export async function within(
  limitSeconds: number,
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  const end = Date.now() + limitSeconds * 1000;
  while (!(await holds())) {
    assert.ok(
      Date.now() < end,
      `${limitSeconds} seconds went by and still not: ${holds.toString()}`,
    );
    await wait(15);
  }
}
