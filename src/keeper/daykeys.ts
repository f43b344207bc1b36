// Key pairs that live by the day. Client log: one pair per kind and day, so that retention is the destruction of a key.
// Queue: one pair per day, handed to the server for its memory, destroyed when the day's last item has left.
//
//   FOLDER/days/NAME   NAME is KIND.DAY or queue.DAY: the secret half as a wrap under the class key of the day's quarter,
//                      bound to ["day key", NAME]
//
// A destroyed key is overwritten, unlinked and named in the ledger; it is never made again.
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { toHex } from "#base/bytes";
import { replaceFile } from "#base/files";
import { DAY, dayOf } from "#base/time";
import { type LogKind, logKinds } from "#policy";
import { newBoxKeyPair, type Opener, openOpener, publicHalf } from "#vault";
import type { Book } from "./book.ts";
import type { Certify } from "./certify.ts";
import type { Keeper, KeyCertificate } from "./port.ts";
import { destroyFiles } from "./destroy.ts";
import { readIfThere } from "./once.ts";
import { type ClassKeys, classKeyName, epochOf } from "./root.ts";

type DayCertificate = KeyCertificate & { readonly kind: LogKind };

export interface DayKeys extends Pick<
  Keeper,
  "dayKeys" | "queueKeys" | "destroyQueueKey" | "expireKeys"
> {
  /** The opener for a part "kind/day"; "destroyed" when its retention is over, undefined when there never was such a key. */
  opener(part: string): Promise<Opener | "destroyed" | undefined>;
  /** Of the class keys under which a day's key stands. */
  classKeyNames(): Promise<ReadonlySet<string>>;
}

const kinds = Object.keys(logKinds) as readonly LogKind[];

export async function openDayKeys(
  folder: string,
  parts: { readonly classKeys: ClassKeys; readonly book: Book; readonly certify: Certify },
): Promise<DayKeys> {
  const { book } = parts;
  const files = await openDayFiles(join(folder, "days"), parts.classKeys, book);
  const makings = new Map<string, Promise<void>>();
  const makeOnce = (day: string, make: () => Promise<void>): Promise<void> => {
    const making = makings.get(day) ?? make().finally(() => makings.delete(day));
    makings.set(day, making);
    return making;
  };
  const makeDay = async (day: string): Promise<void> => {
    const keys: { [kind: string]: string } = {};
    for (const kind of kinds) {
      const secret = (await files.read(`${kind}.${day}`)) ?? (await files.make(`${kind}.${day}`));
      keys[kind] = toHex(publicHalf("x25519", secret));
    }
    await book.write({ public: { type: "day-keys", day, keys }, fact: { kind: "day-keys", day } });
  };
  let expiring: Promise<readonly string[]> | undefined;
  const expire = async (): Promise<readonly string[]> => {
    const over: string[] = [];
    for (const kind of kinds) {
      for (const name of await files.list(kind)) {
        if (isOver(kind, name.slice(kind.length + 1), book.now())) over.push(name);
      }
    }
    await files.destroy(over);
    return over.map((name) => name.replace(".", "/"));
  };
  return {
    async dayKeys(day) {
      const now = book.now();
      if (![0, 1, 2].some((ahead) => dayOf(now + ahead * DAY) === day)) return [];
      if (!book.state.days.has(day)) await makeOnce(day, () => makeDay(day));
      const certificates: DayCertificate[] = [];
      for (const kind of kinds) {
        const secret = await files.read(`${kind}.${day}`);
        if (secret === undefined) continue;
        const publicKey = publicHalf("x25519", secret);
        const about = {
          client: "",
          account: "",
          class: "clientlog",
          part: `${kind}/${day}`,
        } as const;
        const epoch = epochOf(Date.parse(day));
        certificates.push({ kind, ...parts.certify({ ...about, publicKey, epoch }) });
      }
      return certificates;
    },
    async queueKeys() {
      const today = `queue.${dayOf(book.now())}`;
      await makeOnce(today, async () => {
        if ((await files.read(today)) === undefined) await files.make(today);
      });
      const keys = [];
      for (const name of await files.list("queue")) {
        const secretKey = await files.read(name);
        if (secretKey === undefined) continue;
        keys.push({ day: name.slice(6), publicKey: publicHalf("x25519", secretKey), secretKey });
      }
      await book.write({ public: { type: "queue-key", days: keys.length } });
      return keys;
    },
    async destroyQueueKey(day) {
      const name = `queue.${day}`;
      // Today's key has its next item yet to come.
      if (day !== dayOf(book.now()) && (await files.list("queue")).includes(name))
        await files.destroy([name]);
    },
    classKeyNames: () => files.classKeyNames(),
    expireKeys: () => (expiring ??= expire().finally(() => (expiring = undefined))),
    async opener(part) {
      const match = /^([a-z-]+)\/(\d{4}-\d{2}-\d{2})$/.exec(part);
      const kind = kinds.find((each) => each === match?.[1]);
      const day = match?.[2];
      if (kind === undefined || day === undefined) return undefined;
      const name = `${kind}.${day}`;
      if (isOver(kind, day, book.now()) || book.state.destroyed.has(name)) return "destroyed";
      const secret = await files.read(name);
      return secret === undefined ? undefined : openOpener(secret);
    },
  };
}

/** The day itself does not count: what was logged at its end is kept the full number of days. */
function isOver(kind: LogKind, day: string, now: number): boolean {
  const { days } = logKinds[kind];
  return days !== undefined && now >= Date.parse(day) + (days + 1) * DAY;
}

interface DayFiles {
  read(name: string): Promise<Uint8Array | undefined>;
  make(name: string): Promise<Uint8Array>;
  /** Names of one kind that are there, oldest first. */
  list(kind: string): Promise<readonly string[]>;
  destroy(names: readonly string[]): Promise<void>;
  classKeyNames(): Promise<ReadonlySet<string>>;
}

async function openDayFiles(folder: string, classKeys: ClassKeys, book: Book): Promise<DayFiles> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Only the queue's copies are content; the class key is that of what the pair seals.
  const classOf = (name: string) => (name.startsWith("queue.") ? "content" : "clientlog");
  const epoch = (name: string) => epochOf(Date.parse(name.slice(-10)));
  const about = (name: string): readonly string[] => ["day key", name];
  const remove = (names: readonly string[]): Promise<void> => destroyFiles(folder, names);
  const there = async (): Promise<readonly string[]> =>
    (await readdir(folder)).filter((name) => !name.startsWith(".")).sort();
  // Yesterday's folder put back after a destruction: the journal remembers, so the key goes again before anything can use it.
  await remove((await there()).filter((name) => book.state.destroyed.has(name)));
  return {
    async read(name) {
      const wrapped = await readIfThere(join(folder, name));
      if (wrapped === undefined || book.state.destroyed.has(name)) return undefined;
      return classKeys.unwrap(classOf(name), epoch(name), about(name), wrapped);
    },
    async make(name) {
      const { secretKey } = newBoxKeyPair();
      const wrapped = await classKeys.wrap(classOf(name), epoch(name), about(name), secretKey);
      await replaceFile(join(folder, name), wrapped);
      return secretKey;
    },
    classKeyNames: async () =>
      new Set((await there()).map((name) => classKeyName(classOf(name), epoch(name)))),
    async list(kind) {
      return (await there()).filter((name) => name.slice(0, -11) === kind);
    },
    async destroy(names) {
      if (names.length === 0) return;
      // Said first, so that a crash in between is made good at the next start; done even when it cannot be said.
      try {
        await book.write({
          public: { type: "keys-destroyed", names },
          fact: { kind: "destroyed", names },
        });
      } finally {
        await remove(names);
      }
    },
  };
}
