// Second copies of mail: what an interception order has sealed to its recipient's key beside the client's own copy. Nothing here
// opens one, for anybody; who may have one sealed is not decided here.
import type { Kysely } from "kysely";
import { type Engine, type Invocation, invoke } from "#engine";
import { destroyCopiesCommand, forgetCopiesCommand, keepCopyCommand } from "./commands.ts";
import type { CopyRow, Tables } from "./tables.ts";

interface SecondCopy {
  /** Hash of the grant. */
  readonly grant: string;
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly direction: "in" | "out";
  readonly sealed: Uint8Array;
}

export interface SecondCopies {
  /** A copy as a command, to be carried out with the letter's own; one of the same id is kept once. A large one is on the disk already. */
  keep(copy: SecondCopy): Promise<Invocation>;
  /** Of an order, those that were handed out and destroyed since among them. */
  count(grant: string): Promise<number>;
  /** Those that are still here, oldest first; `octets` as sealed. */
  list(
    grant: string,
  ): Promise<readonly (Omit<SecondCopy, "sealed" | "grant"> & { readonly octets: number })[]>;
  sealed(grant: string, id: string): Promise<Uint8Array | undefined>;
  /** Destroys these; that they were there is still counted. */
  destroy(grant: string, ids: readonly string[]): Promise<void>;
  /** Destroys all of an order, and its count. */
  forget(grant: string): Promise<void>;
}

// As for messages: above this a body is no row's.
const MAX_ROW_BODY = 64 * 1024;

export function openSecondCopies(engine: Engine): SecondCopies {
  const db = (): Kysely<Tables> => engine.reader<Tables>();
  const here = (grant: string) =>
    db().selectFrom("second_copy").where("grant_hash", "=", grant).where("place", "!=", "gone");
  const removeBlobs = async (grant: string, ids?: readonly string[]): Promise<void> => {
    const rows = await here(grant).select(["copy_id", "place"]).execute();
    for (const { copy_id, place } of rows)
      if (place === "blob" && ids?.includes(copy_id) !== false) await engine.blobs.remove(copy_id);
  };
  return {
    async keep({ grant, id, at, direction, sealed }) {
      const inRow = sealed.byteLength <= MAX_ROW_BODY;
      if (!inRow) await engine.blobs.put(id, sealed);
      return invoke(keepCopyCommand, {
        grant_hash: grant,
        copy_id: id,
        at,
        direction,
        octets: sealed.byteLength,
        place: inRow ? "row" : "blob",
        body: inRow ? sealed : null,
      } satisfies CopyRow);
    },
    async count(grant) {
      const row = await db()
        .selectFrom("second_copy")
        .select((expression) => expression.fn.countAll<number>().as("count"))
        .where("grant_hash", "=", grant)
        .executeTakeFirstOrThrow();
      return row.count;
    },
    async list(grant) {
      const rows = await here(grant)
        .select(["copy_id", "at", "direction", "octets"])
        .orderBy("at")
        .orderBy("copy_id")
        .execute();
      return rows.map(({ copy_id: id, at, direction, octets }) => ({ id, at, direction, octets }));
    },
    async sealed(grant, id) {
      const row = await here(grant).select("body").where("copy_id", "=", id).executeTakeFirst();
      if (row === undefined) return undefined;
      return row.body ?? engine.blobs.get(id);
    },
    async destroy(grant, ids) {
      await removeBlobs(grant, ids);
      await engine.write(destroyCopiesCommand, { grant_hash: grant, ids });
    },
    async forget(grant) {
      await removeBlobs(grant);
      await engine.write(forgetCopiesCommand, { grant_hash: grant });
    },
  };
}
