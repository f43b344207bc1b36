// What was expunged, as its owner sees it: listed with its structure opened, given back, given up. The rows change in
// `restore-rows.ts`; the end of what nobody wants back is in `purge.ts`.
import { no, type Result, yes } from "#base/errors";
import { announceChange } from "./changes.ts";
import { eraseCommand, restoreCommand } from "./commands.ts";
import type { Expunged, Placed, PlaceRefusal } from "./contract.ts";
import type { MailboxContext } from "./folders.ts";
import { untilFresh } from "./fresh.ts";
import { openKeywords, sealKeywords } from "./keywords.ts";
import { openName } from "./names.ts";
import { readStructures } from "./read.ts";
import { folderRow, idsOf } from "./rows.ts";
import type { ExpungedRow, Tables } from "./tables.ts";

export async function listExpunged(
  { engine, owner, keys }: MailboxContext,
  limit: number,
): Promise<readonly Expunged[]> {
  const db = engine.reader<Tables>();
  const rows = await db
    .selectFrom("expunged")
    .innerJoin("message", (join) =>
      join
        .onRef("message.client_id", "=", "expunged.client_id")
        .onRef("message.id", "=", "expunged.message_id"),
    )
    .leftJoin("folder", (join) =>
      join
        .onRef("folder.client_id", "=", "expunged.client_id")
        .onRef("folder.id", "=", "expunged.folder_id"),
    )
    .select([
      "expunged.message_id",
      "expunged.folder_id",
      "expunged.folder_name",
      "expunged.expunged_at",
      "folder.id as there",
      "message.size",
      "message.received_at",
    ])
    .where("expunged.client_id", "=", owner.client)
    .where("expunged.account_id", "=", owner.account)
    .orderBy("expunged.expunged_at", "desc")
    .orderBy("expunged.message_id")
    .limit(limit)
    .execute();
  const ids = rows.map((row) => row.message_id);
  const structures = await readStructures(db, owner, keys.opener, ids);
  return rows.map((row) => ({
    messageId: row.message_id,
    structure: structures.get(row.message_id),
    size: row.size,
    receivedAt: row.received_at,
    expungedAt: row.expunged_at,
    folder: {
      id: row.folder_id,
      name: openName(owner, keys.opener, row.folder_id, row.folder_name),
      isThere: row.there !== null,
    },
  }));
}

type Restored = readonly (Placed & { readonly folderId: string })[];

/** See `Mailbox.restore`. Folder by folder: what the first gave back stays when a later one is refused. */
export async function restoreMessages(
  context: MailboxContext,
  messageIds: readonly string[],
  folderId: string | undefined,
): Promise<Result<Restored, PlaceRefusal>> {
  const { owner, engine } = context;
  const db = engine.reader<Tables>();
  if (folderId !== undefined && (await folderRow(db, { ...owner, folder: folderId })) === undefined)
    return no("no-such-folder");
  const rows = await expungedAmong(context, messageIds);
  const restored: (Placed & { readonly folderId: string })[] = [];
  const byFolder = Map.groupBy(rows, (row) => folderId ?? row.folder_id);
  for (const [wanted, same] of byFolder) {
    const target = await folderOrInbox(context, wanted);
    if (target === undefined) return no("no-such-folder");
    const placed = await restoreTo(context, target, same);
    if (typeof placed === "string") return no(placed);
    restored.push(...placed.map((each) => ({ ...each, folderId: target })));
  }
  return yes(restored);
}

async function restoreTo(
  context: MailboxContext,
  folder: string,
  wanted: readonly ExpungedRow[],
): Promise<readonly Placed[] | PlaceRefusal> {
  const { engine, clock, owner, keys } = context;
  return untilFresh(async () => {
    const row = await folderRow(engine.reader<Tables>(), { ...owner, folder });
    if (row === undefined) return "no-such-folder";
    // Read again in each try: what somebody else gave back in between is passed over.
    const rows = await expungedAmong(
      context,
      wanted.map((each) => each.message_id),
    );
    if (rows.length === 0) return [];
    const value = await engine.write(restoreCommand, {
      ...owner,
      folder,
      messages: rows.map((each, index) => {
        const words = openKeywords(owner, keys.opener, each.folder_id, each.uid, each.keywords);
        const uid = row.uid_next + index;
        return {
          id: each.message_id,
          keywords: sealKeywords(owner, keys.sealer, folder, uid, words),
        };
      }),
      firstUid: row.uid_next,
      now: clock.now(),
      allowance: await context.allowance(),
    });
    if (typeof value === "string") return value;
    if ("stale" in value) return undefined;
    announceChange(engine, owner, folder);
    return value.placed;
  });
}

/** In the order in which they stood. */
async function expungedAmong(
  { engine, owner }: MailboxContext,
  messageIds: readonly string[],
): Promise<readonly ExpungedRow[]> {
  return engine
    .reader<Tables>()
    .selectFrom("expunged")
    .selectAll()
    .where("client_id", "=", owner.client)
    .where("account_id", "=", owner.account)
    .where("message_id", "in", idsOf(messageIds))
    .orderBy("folder_id")
    .orderBy("uid")
    .execute();
}

async function folderOrInbox(
  { engine, owner }: MailboxContext,
  wanted: string,
): Promise<string | undefined> {
  const rows = await engine
    .reader<Tables>()
    .selectFrom("folder")
    .select(["id", "role"])
    .where("client_id", "=", owner.client)
    .where("account_id", "=", owner.account)
    .where((eb) => eb.or([eb("id", "=", wanted), eb("role", "=", "inbox")]))
    .execute();
  return (rows.find(({ id }) => id === wanted) ?? rows[0])?.id;
}

export async function eraseMessages(
  { engine, owner }: MailboxContext,
  messageIds: readonly string[],
): Promise<number> {
  return engine.write(eraseCommand, { ...owner, messageIds });
}
