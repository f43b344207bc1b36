// Flags changed. System flags are bits and change where they lie; keywords are sealed, so who holds the key brings the new ones with
// the MODSEQ that they were made from, and what has moved on since is left for another try.
import { type Db, type FolderKey, numbersOf, touchFolder } from "./rows.ts";
import { placementsAmong } from "./place.ts";
import type { PlacementRow } from "./tables.ts";

/** The new keywords of one placement. */
export interface NewKeywords {
  readonly uid: number;
  /** The placement's MODSEQ when its old keywords were read. */
  readonly modseq: number;
  readonly keywords: Uint8Array | null;
  /** False when the new keywords are the old ones. */
  readonly differ: boolean;
}

export interface SetFlagsArgs extends FolderKey {
  readonly uids: readonly number[];
  readonly operation: "add" | "remove" | "replace";
  readonly flags: number;
  readonly unchangedSince: number | undefined;
  /** Undefined when the change touches no keyword of any of them. */
  readonly keywords: readonly NewKeywords[] | undefined;
}

export interface SetFlagsValue {
  /** The rows that changed, as they are now. */
  readonly changed: readonly PlacementRow[];
  readonly refused: readonly number[];
  /** UIDs whose keywords must be read again. */
  readonly stale: readonly number[];
}

/** Changes flags of what may be changed; one MODSEQ for all; what stays as it is keeps its MODSEQ (RFC 7162 §3.1.3). */
export async function setFlags(tx: Db, args: SetFlagsArgs): Promise<SetFlagsValue> {
  const rows = await placementsAmong(tx, args, args.uids);
  const keywords = args.keywords && new Map(args.keywords.map((item) => [item.uid, item]));
  const refused: number[] = [];
  const stale: number[] = [];
  const fresh: PlacementRow[] = [];
  for (const row of rows) {
    if (args.unchangedSince !== undefined && row.modseq > args.unchangedSince) {
      refused.push(row.uid);
      continue;
    }
    const brought = keywords?.get(row.uid);
    // Without keys: a replace empties keywords, and everything else leaves them alone.
    const replaced = args.operation === "replace" ? null : row.keywords;
    if (keywords !== undefined && brought?.modseq !== row.modseq) {
      stale.push(row.uid);
      continue;
    }
    const flags = changedFlags(row.flags, args.operation, args.flags);
    const differ = brought?.differ ?? replaced !== row.keywords;
    if (flags === row.flags && !differ) continue;
    const kept = brought === undefined ? replaced : brought.keywords;
    fresh.push({ ...row, flags, keywords: differ ? kept : row.keywords });
  }
  if (fresh.length === 0) return { changed: [], refused, stale };
  const touched = await touchFolder(tx, args, 0);
  if (touched === undefined) return { changed: [], refused: [], stale: [] };
  const changed = fresh.map((row) => ({ ...row, modseq: touched.modseq }));
  await updateRows(tx, args, changed);
  return { changed, refused, stale };
}

function changedFlags(old: number, operation: SetFlagsArgs["operation"], flags: number): number {
  if (operation === "add") return old | flags;
  if (operation === "remove") return old & ~flags;
  return flags;
}

/** Rows that end with the same flags and keep their keywords change in one statement; the others one by one. */
async function updateRows(
  tx: Db,
  { client, folder }: FolderKey,
  rows: readonly PlacementRow[],
): Promise<void> {
  const plain = Map.groupBy(
    rows.filter((row) => row.keywords === null),
    (row) => row.flags,
  );
  for (const [flags, same] of plain)
    await tx
      .updateTable("placement")
      .set({ flags, keywords: null, modseq: same[0]?.modseq ?? 0 })
      .where("client_id", "=", client)
      .where("folder_id", "=", folder)
      .where("uid", "in", numbersOf(same.map((row) => row.uid)))
      .execute();
  for (const { uid, flags, keywords, modseq } of rows.filter((row) => row.keywords !== null))
    await tx
      .updateTable("placement")
      .set({ flags, keywords, modseq })
      .where("client_id", "=", client)
      .where("folder_id", "=", folder)
      .where("uid", "=", uid)
      .execute();
}
