// What an account's owner may do with the opened keys of a live session. Each function resolves after its commit; news of it goes out
// then. Folders themselves are in `folders.ts`.
import { Broken, no, yes } from "#base/errors";
import { announceChange, watchAccount } from "./changes.ts";
import { expungeCommand, placeCommand, setFlagsCommand, transferCommand } from "./commands.ts";
import type { FlagChange, FlagsChanged, Mailbox, Placement } from "./contract.ts";
import type { NewKeywords, SetFlagsValue } from "./flags.ts";
import {
  createFolder,
  deleteFolder,
  listFolders,
  type MailboxContext,
  renameFolder,
  setSubscribed,
} from "./folders.ts";
import { changedKeywords, keywordSet, openKeywords, sealKeywords } from "./keywords.ts";
import { openContent } from "./names.ts";
import { placementsAmong, type Resealed, type SealedNew, type TransferValue } from "./place.ts";
import {
  blobOf,
  placementOf,
  readChanges,
  readCounts,
  readSnapshot,
  readStructures,
  sealedBodies,
} from "./read.ts";
import { folderRow } from "./rows.ts";
import { sealMessage } from "./seal.ts";
import type { PlacementRow, Tables } from "./tables.ts";

// What is sealed to a UID or made from a MODSEQ is made again when another was faster. So many losses in a row are a bug.
const MAX_TRIES = 200;

export function openMailbox(context: MailboxContext): Mailbox {
  const { engine, owner, keys } = context;
  const db = () => engine.reader<Tables>();
  return {
    owner,
    folders: () => listFolders(context),
    counts: (folderId) => readCounts(db(), owner, folderId),
    createFolder: (name, role) => createFolder(context, name, role),
    renameFolder: (folderId, name) =>
      renameFolder(context, folderId, name, (target) => moveAll(context, folderId, target)),
    deleteFolder: (folderId) => deleteFolder(context, folderId),
    setSubscribed: (folderId, subscribed) => setSubscribed(context, folderId, subscribed),
    snapshot: (folderId) => readSnapshot(db(), owner, keys.opener, folderId),
    changesSince: (folderId, modseq) => readChanges(db(), owner, keys.opener, folderId, modseq),
    async *bodies(messageIds) {
      for await (const rows of sealedBodies(db(), owner, messageIds))
        for (const { id, body } of rows) {
          const sealed = body ?? (await blobOf(engine.blobs, id));
          yield { messageId: id, bytes: openContent(owner, keys.opener, id, "body", sealed) };
        }
    },
    structures: (messageIds) => readStructures(db(), owner, keys.opener, messageIds),
    append: (folderId, messages) => append(context, folderId, messages),
    async copy(folderId, uids, targetId) {
      const value = await transferAll(context, folderId, uids, targetId, false);
      return value === "no-such-folder" ? no(value) : yes(value.transferred);
    },
    async move(folderId, uids, targetId) {
      const value = await transferAll(context, folderId, uids, targetId, true);
      if (value === "no-such-folder") return no(value);
      return yes({ moved: value.transferred, modseq: value.modseq });
    },
    setFlags: (folderId, uids, change) => setFlags(context, folderId, uids, change),
    async expunge(folderId, uids) {
      const now = context.clock.now();
      const value = await engine.write(expungeCommand, { ...owner, folder: folderId, uids, now });
      if (value.vanished.length > 0) announceChange(engine, owner, folderId);
      return value;
    },
    watch: (listener) => watchAccount(engine, owner, listener),
  };
}

const append = async (
  { engine, clock, owner, keys }: MailboxContext,
  folderId: string,
  messages: Parameters<Mailbox["append"]>[1],
): ReturnType<Mailbox["append"]> => {
  const key = { ...owner, folder: folderId };
  if ((await folderRow(engine.reader<Tables>(), key)) === undefined) return no("no-such-folder");
  if (messages.length === 0) return yes([]);
  const sealed: SealedNew[] = [];
  for (const message of messages)
    sealed.push(await sealMessage(owner, keys.sealer, engine.blobs, message, message.flags));
  const words = messages.map((message) => keywordSet(message.keywords));
  const sealsKeywords = words.some((set) => set.length > 0);
  return untilFresh(async () => {
    // Keywords are sealed to the UID, which only the commit gives: foreseen here, checked there.
    const firstUid = sealsKeywords
      ? (await folderRow(engine.reader<Tables>(), key))?.uid_next
      : undefined;
    const value = await engine.write(placeCommand, {
      ...key,
      messages: sealed.map((message, index) => ({
        ...message,
        keywords: sealKeywords(
          owner,
          keys.sealer,
          folderId,
          (firstUid ?? 0) + index,
          words[index] ?? [],
        ),
      })),
      now: clock.now(),
      firstUid,
    });
    if (value === "no-such-folder") return no(value);
    if ("stale" in value) return undefined;
    announceChange(engine, owner, folderId);
    return yes(value.placed);
  });
};

async function transferAll(
  { engine, clock, owner, keys }: MailboxContext,
  folderId: string,
  uids: readonly number[],
  targetId: string,
  leave: boolean,
): Promise<Exclude<TransferValue, { stale: true }>> {
  const source = { ...owner, folder: folderId };
  return untilFresh(async () => {
    const db = engine.reader<Tables>();
    const target = await folderRow(db, { ...owner, folder: targetId });
    if (target === undefined) return "no-such-folder";
    const rows = await placementsAmong(db, source, uids);
    const resealed = rows.flatMap((row, index): readonly Resealed[] => {
      const targetUid = target.uid_next + index;
      const { uid, modseq } = row;
      const words = openKeywords(owner, keys.opener, folderId, uid, row.keywords);
      const keywords = sealKeywords(owner, keys.sealer, targetId, targetUid, words);
      return keywords === null ? [] : [{ uid, modseq, targetUid, keywords }];
    });
    const now = clock.now();
    const value = await engine.write(transferCommand, {
      ...source,
      uids,
      target: targetId,
      resealed,
      now,
      leave,
    });
    if (value === "no-such-folder") return value;
    if ("stale" in value) return undefined;
    if (value.transferred.length > 0) {
      announceChange(engine, owner, targetId);
      if (leave && targetId !== folderId) announceChange(engine, owner, folderId);
    }
    return value;
  });
}

async function moveAll(context: MailboxContext, folderId: string, targetId: string): Promise<void> {
  const rows = await context.engine
    .reader<Tables>()
    .selectFrom("placement")
    .select("uid")
    .where("client_id", "=", context.owner.client)
    .where("folder_id", "=", folderId)
    .execute();
  const uids = rows.map((row) => row.uid);
  await transferAll(context, folderId, uids, targetId, true);
}

async function setFlags(
  context: MailboxContext,
  folderId: string,
  uids: readonly number[],
  change: FlagChange,
): Promise<FlagsChanged> {
  const { engine, owner, keys } = context;
  const changed: Placement[] = [];
  const refused: number[] = [];
  let left = uids;
  return untilFresh(async () => {
    const value: SetFlagsValue = await engine.write(setFlagsCommand, {
      ...owner,
      folder: folderId,
      uids: left,
      operation: change.operation,
      flags: change.flags,
      unchangedSince: change.unchangedSince,
      keywords:
        change.keywords.length === 0
          ? undefined
          : await newKeywords(context, folderId, left, change),
    });
    if (value.changed.length > 0) announceChange(engine, owner, folderId);
    changed.push(...value.changed.map((row) => placementOf(owner, keys.opener, row)));
    refused.push(...value.refused);
    left = value.stale;
    if (left.length > 0) return undefined;
    return {
      changed: changed.sort((a, b) => a.uid - b.uid),
      refused: refused.sort((a, b) => a - b),
    };
  });
}

async function newKeywords(
  { engine, owner, keys }: MailboxContext,
  folderId: string,
  uids: readonly number[],
  change: FlagChange,
): Promise<readonly NewKeywords[]> {
  const rows = await placementsAmong(engine.reader<Tables>(), { ...owner, folder: folderId }, uids);
  return rows.map((row: PlacementRow) => {
    const old = openKeywords(owner, keys.opener, folderId, row.uid, row.keywords);
    const fresh = changedKeywords(old, change);
    const differ = fresh.join("\n") !== old.join("\n");
    const sealed = differ ? sealKeywords(owner, keys.sealer, folderId, row.uid, fresh) : null;
    return { uid: row.uid, modseq: row.modseq, keywords: sealed, differ };
  });
}

/** Tries until the body gives something; it gives undefined when what it had read was no longer so. */
async function untilFresh<Value>(body: () => Promise<Value | undefined>): Promise<Value> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const value = await body();
    if (value !== undefined) return value;
  }
  throw new Broken(`lost to other writes ${MAX_TRIES} times`);
}
