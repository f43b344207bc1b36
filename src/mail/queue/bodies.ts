// Where the sealed bodies lie: in their item's row, or as a blob of the item's id when they are large. A blob is announced before it
// is written and forgotten after it is removed, so that a crash in between leaves nothing for good.
import type { Engine } from "#engine";
import { HOUR } from "#base/time";
import type { Step } from "./contract.ts";
import { announceBlob, forgetBlob, type NewItem } from "./commands.ts";
import type { SealedItem } from "./sealed.ts";
import type { Tables } from "./tables.ts";

export interface Bodies {
  /** Puts the blob, if there is one; the rows that name it are the caller's to write next. Resolves once it is on the disk. */
  put(item: SealedItem, now: number): Promise<NewItem>;
  read(
    item: string,
    row: { readonly body: Uint8Array; readonly is_blob: number },
  ): Promise<Uint8Array | undefined>;
  /** After the rows are gone. Removing what is not there is no error. */
  remove(item: string): Promise<void>;
  /** Removes blobs that no item names: those of a crash between two writes. Returns how many. */
  sweep(now: number): Promise<number>;
}

// An item is written within moments of its blob; an hour is beyond any doubt.
const ORPHAN_AFTER = HOUR;
const SWEPT_AT_ONCE = 100;

export function openBodies(engine: Engine, onStep?: (step: Step) => void): Bodies {
  const remove = async (item: string): Promise<void> => {
    await engine.blobs.remove(item);
    await engine.write(forgetBlob, { blob: item });
  };
  return {
    async put({ item, recipients, blob }, now) {
      if (blob !== undefined) {
        await engine.write(announceBlob, { blob: item.item_id, now });
        onStep?.("blob-announced");
        await engine.blobs.put(item.item_id, blob);
        onStep?.("blob-written");
      }
      return { item, recipients };
    },
    async read(item, { body, is_blob }) {
      return is_blob === 1 ? engine.blobs.get(item) : body;
    },
    remove,
    async sweep(now) {
      const orphans = await engine
        .reader<Tables>()
        .selectFrom("queue_blob")
        .leftJoin("queue_item", "queue_item.item_id", "queue_blob.blob_id")
        .select("queue_blob.blob_id")
        .where("queue_item.item_id", "is", null)
        .where("queue_blob.created", "<", now - ORPHAN_AFTER)
        .limit(SWEPT_AT_ONCE)
        .execute();
      for (const { blob_id: blob } of orphans) await remove(blob);
      return orphans.length;
    },
  };
}
