// A folder as of one moment: all of it, or what changed since a moment that the caller still holds. Writes nothing.
import type { Kysely } from "kysely";
import { prepared } from "#engine";
import type { Opener } from "#vault";
import type { Folder, Owner, Placement, Snapshot } from "./contract.ts";
import {
  atOneMoment,
  folderOf,
  placementOf,
  placementsAfter,
  placementSlices,
  vanishedAfter,
} from "./read.ts";
import type { FolderRow, Tables } from "./tables.ts";

type Db = Kysely<Tables>;

const folderQuery = (db: Db, { client, account }: Owner) =>
  db
    .selectFrom("folder")
    .selectAll("folder")
    .select((eb) =>
      eb
        .exists(
          eb
            .selectFrom("subscription")
            .select("subscription.object")
            .whereRef("subscription.client_id", "=", "folder.client_id")
            .whereRef("subscription.account_id", "=", "folder.account_id")
            .whereRef("subscription.name_mac", "=", "folder.name_mac"),
        )
        .as("subscribed"),
    )
    .where("folder.client_id", "=", client)
    .where("folder.account_id", "=", account);

const byId = prepared((db: Db, of: Owner & { readonly id: string }) =>
  folderQuery(db, of).where("folder.id", "=", of.id),
);
const byMac = prepared((db: Db, of: Owner & { readonly mac: Uint8Array }) =>
  folderQuery(db, of).where("folder.name_mac", "=", of.mac),
);

type Row = FolderRow & { readonly subscribed: unknown };

const opened = (owner: Owner, opener: Opener, row: Row): Folder =>
  folderOf(owner, opener, row, Boolean(row.subscribed));

/** By the HMAC of its name. */
export async function readFolderNamed(
  db: Db,
  owner: Owner,
  opener: Opener,
  mac: Uint8Array,
): Promise<Folder | undefined> {
  const [row] = await byMac(db, { ...owner, mac });
  return row && opened(owner, opener, row);
}

/** See `Mailbox.snapshot` and `Mailbox.snapshotNamed`; `of` is the folder's id or the HMAC of its name. */
export async function readSnapshot(
  db: Db,
  owner: Owner,
  opener: Opener,
  of: { readonly id: string } | { readonly mac: Uint8Array },
  heldOf: (folderId: string) => Snapshot | undefined,
): Promise<Snapshot | undefined> {
  const [found] =
    "id" in of ? await byId(db, { ...owner, ...of }) : await byMac(db, { ...owner, ...of });
  if (found === undefined) return undefined;
  const { id } = found;
  const before = heldOf(id);
  const held = before?.folder.uidValidity === found.uid_validity ? before : undefined;
  // Nothing changes in a folder without a new MODSEQ: what is held is all there is.
  if (found.highest_modseq === held?.folder.highestModseq)
    return { folder: opened(owner, opener, found), placements: held.placements };
  return atOneMoment(db, async (tx) => {
    const [row] = await byId(tx, { ...owner, id });
    if (row === undefined) return undefined;
    const folder = opened(owner, opener, row);
    if (held === undefined) {
      const placements: Placement[] = [];
      for await (const rows of placementSlices(tx, owner, id))
        for (const each of rows) placements.push(placementOf(owner, opener, each));
      return { folder, placements };
    }
    const since = held.folder.highestModseq;
    const changed = await placementsAfter(tx, owner, id, since);
    const vanished = await vanishedAfter(tx, owner, id, since);
    const now = changed.map((each) => placementOf(owner, opener, each));
    return { folder, placements: merged(held.placements, now, vanished) };
  });
}

/** What was held, with what is new or different and without what went; ascending by UID. */
function merged(
  held: readonly Placement[],
  changed: readonly Placement[],
  vanished: readonly number[],
): readonly Placement[] {
  const now = new Map(changed.map((placement) => [placement.uid, placement]));
  const gone = new Set(vanished);
  const out: Placement[] = [];
  for (const placement of held) {
    const { uid } = placement;
    if (!gone.has(uid)) out.push(now.get(uid) ?? placement);
    now.delete(uid);
  }
  // One that came and went in the meantime is among the vanished alone; UIDs only grow.
  return [...out, ...[...now.values()].sort((a, b) => a.uid - b.uid)];
}
