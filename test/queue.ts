// A queue over a real engine in a folder of its own, a clock that can be turned, and peers that can be told what to say.
import { createHmac, randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { dayOf } from "#base/time";
import { openDns } from "#dns";
import { type Engine, openEngine } from "#engine";
import {
  type Fate,
  type Lasting,
  openQueue,
  type Outgoing,
  type Queue,
  type QueueKey,
  type QueueOptions,
  queueRoom,
  type Step,
} from "#mail/queue";
import { newBoxKeyPair, openOpener, openSealer } from "#vault";

export interface Arrived {
  readonly sender: string;
  readonly recipient: string;
  readonly text: string;
}

export interface QueueHouse {
  readonly folder: string;
  readonly engine: Engine;
  readonly queue: Queue;
  /** What reached mailboxes of ours. */
  readonly local: Arrived[];
  readonly fates: Fate[];
  readonly destroyed: string[];
  /** Turns the clock and looks what is due. */
  pass(milliseconds: number): void;
  reopen(): Promise<void>;
  /** Until nothing is being tried. */
  settled(): Promise<void>;
  /** What came of the last attempts that are to be made again, RFC 3463, oldest first. */
  status(): Promise<readonly string[]>;
  /** Names of the blobs there are. */
  blobs(): Promise<readonly string[]>;
  readonly lasting: Lasting;
  /** Does something and throws in the middle of it, at a step, as if the process ended there. */
  dyingAt(step: Step, work: () => Promise<void>): Promise<void>;
  /** The database's files, to look for what must not be in them. */
  databaseBytes(): Promise<Buffer>;
  /** Closes it before the test ends, for a database that ends with its scope. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Our domain is bailee.example; nobody@bailee.example does not exist. */
export async function openQueueHouse(
  t: TestContext,
  { dns, ...more }: Partial<Omit<QueueOptions, "dns">> & { readonly dns?: string } = {},
  databaseUrl?: string,
): Promise<QueueHouse> {
  const folder = await mkdtemp(join(tmpdir(), "bailee-queue-"));
  const local: Arrived[] = [];
  const fates: Fate[] = [];
  const destroyed: string[] = [];
  const keys: QueueKey[] = [];
  const lasting = lastingKeys();
  let dying: Step | undefined;
  let offset = 0;
  const clock = { now: () => Date.now() + offset };
  const keysNow = async (): Promise<readonly QueueKey[]> => {
    const day = dayOf(clock.now());
    if (!keys.some((key) => key.day === day)) keys.push({ day, ...newBoxKeyPair() });
    return keys.filter((key) => !destroyed.includes(key.day));
  };
  const open = async () => {
    const engine = await openEngine({ folder, databaseUrl, rooms: [queueRoom] });
    const queue = await openQueue({
      engine,
      clock,
      keys: await keysNow(),
      renewKeys: keysNow,
      destroyKey: async (day) => {
        destroyed.push(day);
      },
      dns: openDns(dns ?? "127.0.0.1:1"), // nobody is asked by mistake
      hostname: "mx.bailee.example",
      isOurDomain: (domain) => domain === "bailee.example",
      async deliverLocal({ sender, recipient, prefix }, raw) {
        if (recipient === "nobody@bailee.example") return { ok: false, refusal: "no-such-user" };
        local.push({ sender, recipient, text: Buffer.concat([prefix, raw]).toString() });
        return { ok: true };
      },
      onFate: async (fate) => {
        fates.push(fate);
      },
      lasting,
      onStep(step) {
        if (step === dying) throw new Error(`died at ${step}`);
      },
      ...more,
    });
    return { engine, queue };
  };
  let now = await open();
  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    await now.queue[Symbol.asyncDispose]();
    await now.engine[Symbol.asyncDispose]();
  };
  t.after(async () => {
    await close();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    folder,
    get engine() {
      return now.engine;
    },
    get queue() {
      return now.queue;
    },
    local,
    fates,
    destroyed,
    pass(milliseconds) {
      offset += milliseconds;
      now.queue.wake();
    },
    async reopen() {
      await close();
      now = await open();
      closed = false;
    },
    async settled() {
      await until(async () => !(await states(now.engine)).some(({ state }) => state === "trying"));
    },
    async status() {
      return (await states(now.engine)).map(({ last_status }) => last_status);
    },
    async blobs() {
      const names = await readdir(join(folder, "blobs"), { recursive: true }).catch(() => []);
      return names.filter((name) => name.includes("/"));
    },
    lasting,
    async dyingAt(step, work) {
      dying = step;
      await work().finally(() => (dying = undefined));
    },
    async databaseBytes() {
      const read = (tail: string) =>
        readFile(join(folder, `bailee.sqlite${tail}`)).catch(() => Buffer.alloc(0));
      return Buffer.concat(await Promise.all(["", "-wal"].map(read)));
    },
    [Symbol.asyncDispose]: close,
  };
}

/** Marks and seals as the keeper's key for rules would. */
function lastingKeys(): Lasting {
  const key = randomBytes(32);
  const { publicKey, secretKey } = newBoxKeyPair();
  const about = (object: string) =>
    ({ class: "rule", client: "", account: "", object, part: "queue" }) as const;
  const sealer = openSealer(publicKey, { now: () => Date.now() });
  const opener = openOpener(secretKey);
  return {
    mac: async (text) => createHmac("sha256", key).update(text).digest("hex"),
    seal: async (object, bytes) => sealer.seal(about(object), bytes),
    async open(object, sealed) {
      const opened = opener.open(about(object), "transmit-and-deliver", sealed);
      return opened.ok ? opened.value : undefined;
    },
  };
}

function states(engine: Engine) {
  return engine
    .reader<{ queue_recipient: { state: string; last_status: string; recipient_id: string } }>()
    .selectFrom("queue_recipient")
    .select(["state", "last_status"])
    .orderBy("recipient_id")
    .execute();
}

export function letter(recipients: readonly string[], more: Partial<Outgoing> = {}): Outgoing {
  return {
    client: "client-a",
    account: "account-a",
    sender: "ada@bailee.example",
    recipients: recipients.map((address) => ({ address, notify: undefined, orcpt: undefined })),
    raw: Buffer.from("From: ada@bailee.example\r\nSubject: to you\r\n\r\nmarker-of-the-body\r\n"),
    ret: undefined,
    envid: undefined,
    ...more,
  };
}

/** Waits until something holds, at most ten seconds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (await holds()) return;
    await wait(20);
  }
  throw new Error(`ten seconds went by and still not: ${holds.toString()}`);
}
