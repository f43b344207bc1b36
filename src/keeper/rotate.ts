// Keys made anew while the keeper runs. The keys of classes by themselves: when a quarter begins, every client's secrets are wrapped
// under the key of the new one, and once nothing is wrapped under an old one it is destroyed. The root key when the operator asks.
import type { Book } from "./book.ts";
import type { Keystore } from "./clients.ts";
import type { DayKeys } from "./daykeys.ts";
import type { Keeper } from "./port.ts";
import { type ClassKeys, epochOf, type Root } from "./root.ts";

export interface Rotation extends Pick<Keeper, "rotateRoot"> {
  /** Moves what is wrapped under a past quarter's keys; the call after one that moved nothing more destroys those keys. */
  rotateClasses(): Promise<void>;
}

export function openRotation(parts: {
  readonly book: Book;
  readonly root: Root;
  readonly classKeys: ClassKeys;
  readonly keystore: Keystore;
  readonly dayKeys: DayKeys;
}): Rotation {
  const { book, root, classKeys, keystore, dayKeys } = parts;
  let done: number | undefined;
  return {
    async rotateRoot() {
      const generation = await root.rotate();
      await book.write({ public: { type: "root-key", generation } });
      return { generation };
    },
    async rotateClasses() {
      const epoch = epochOf(book.now());
      if (done === epoch) return;
      // Whoever read a client's file before it moved has until the next call to open with the old key.
      if ((await keystore.rewrap(epoch)) > 0) return;
      const inUse = new Set([
        ...(await keystore.classKeyNames()),
        ...(await dayKeys.classKeyNames()),
      ]);
      const names = await classKeys.retire(epoch, inUse);
      if (names.length > 0)
        await book.write({ public: { type: "class-keys", destroyed: [...names] } });
      // Days of the last quarter keep its key for as long as their retention goes: looked at again at the next quarter.
      done = epoch;
    },
  };
}
