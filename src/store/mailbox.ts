// What an account's owner may do with the opened keys of a live session. Each function resolves after its commit; news of it goes out
// then. Folders themselves are in `folders.ts`.
import { no, yes } from "#base/errors";
import { logBroken } from "#base/log";
import { readAnnotations, setAnnotations } from "./annotations.ts";
import { nameMac } from "#vault";
import { announceChange, watchAccount } from "./changes.ts";
import {
  expungeCommand,
  placeCommand,
  replaceCommand,
  setFlagsCommand,
  transferCommand,
} from "./commands.ts";
import type { FlagChange, FlaggedMessage, FlagsChanged, Mailbox, Placement } from "./contract.ts";
import { eraseMessages, listExpunged, restoreMessages } from "./expunged.ts";
import type { NewKeywords, SetFlagsValue } from "./flags.ts";
import { untilFresh } from "./fresh.ts";
import {
  createFolder,
  deleteFolder,
  listFolders,
  listSubscriptions,
  type MailboxContext,
  renameFolder,
  renameLevel,
  setSubscribed,
} from "./folders.ts";
import { changedKeywords, keywordSet, openKeywords, sealKeywords } from "./keywords.ts";
import { openContent, whatOpens } from "./names.ts";
import { placementsAmong, type Resealed, type SealedNew, type TransferValue } from "./place.ts";
import {
  blobOf,
  placementOf,
  readChanges,
  readCounts,
  readStructures,
  readUsage,
  sealedBodies,
} from "./read.ts";
import { folderRow } from "./rows.ts";
import { sealMessage } from "./seal.ts";
import { readFolderNamed, readSnapshot } from "./snapshot.ts";
import type { PlacementRow, Tables } from "./tables.ts";

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
    renameLevel: (name, to) => renameLevel(context, name, to),
    deleteFolder: (folderId) => deleteFolder(context, folderId),
    subscriptions: () => listSubscriptions(context),
    setSubscribed: (name, subscribed) => setSubscribed(context, name, subscribed),
    annotations: (folderId) => readAnnotations(context, folderId),
    setAnnotations: (folderId, values, most) => setAnnotations(context, folderId, values, most),
    async usage() {
      return { ...(await readUsage(db(), owner)), allowance: await context.allowance() };
    },
    folderNamed: (name) => readFolderNamed(db(), owner, keys.opener, nameMac(keys.nameKey, name)),
    snapshot: (id, held) => readSnapshot(db(), owner, keys.opener, { id }, () => held),
    snapshotNamed: (name, held) =>
      readSnapshot(db(), owner, keys.opener, { mac: nameMac(keys.nameKey, name) }, held),
    changesSince: (folderId, modseq) => readChanges(db(), owner, keys.opener, folderId, modseq),
    async *bodies(messageIds) {
      for await (const rows of sealedBodies(db(), owner, messageIds))
        for (const { id, body } of rows) {
          // What stands in the row needs no waiting for; with thousands of messages each wait counts.
          const bytes = body === null ? await openBlob(context, id) : openBody(context, id, body);
          if (bytes !== undefined) yield { messageId: id, bytes };
        }
    },
    structures: (messageIds) => readStructures(db(), owner, keys.opener, messageIds),
    append: (folderId, messages) => append(context, folderId, messages),
    replace: (folderId, uid, targetId, message) =>
      replace(context, { source: folderId, uid, target: targetId, message }),
    async copy(folderId, uids, targetId) {
      const value = await transferAll(context, folderId, uids, targetId, false);
      return typeof value === "string" ? no(value) : yes(value.transferred);
    },
    async move(folderId, uids, targetId) {
      const value = await transferAll(context, folderId, uids, targetId, true);
      // A move is never over: it takes no more room than before.
      if (typeof value === "string") return no("no-such-folder");
      return yes({ moved: value.transferred, modseq: value.modseq });
    },
    setFlags: (folderId, uids, change) => setFlags(context, folderId, uids, change),
    async expunge(folderId, uids) {
      const now = context.clock.now();
      const value = await engine.write(expungeCommand, { ...owner, folder: folderId, uids, now });
      if (value.vanished.length > 0) announceChange(engine, owner, folderId);
      return value;
    },
    expunged: (limit) => listExpunged(context, limit),
    restore: (messageIds, folderId) => restoreMessages(context, messageIds, folderId),
    erase: (messageIds) => eraseMessages(context, messageIds),
    watch: (listener) => watchAccount(engine, owner, listener),
  };
}

/** Undefined when the body is missing or does not open; that is logged, and does not stop the others. */
async function openBlob(context: MailboxContext, id: string): Promise<Uint8Array | undefined> {
  try {
    return openBody(context, id, await blobOf(context.engine.blobs, id));
  } catch (error) {
    logBroken("store.blob", error);
    return undefined;
  }
}

function openBody(
  { owner, keys }: MailboxContext,
  id: string,
  sealed: Uint8Array,
): Uint8Array | undefined {
  return whatOpens(() => openContent(owner, keys.opener, id, "body", sealed));
}

const append = async (
  { engine, clock, owner, keys, allowance }: MailboxContext,
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
      allowance: await allowance(),
    });
    if (typeof value === "string") return no(value);
    if ("stale" in value) return undefined;
    announceChange(engine, owner, folderId);
    return yes(value.placed);
  });
};

interface Replacement {
  readonly source: string;
  readonly uid: number;
  readonly target: string;
  readonly message: FlaggedMessage;
}

const replace = async (
  { engine, clock, owner, keys, allowance }: MailboxContext,
  { source, uid, target, message }: Replacement,
): ReturnType<Mailbox["replace"]> => {
  const sealed = await sealMessage(owner, keys.sealer, engine.blobs, message, message.flags);
  const words = keywordSet(message.keywords);
  return untilFresh(async () => {
    const folder = await folderRow(engine.reader<Tables>(), { ...owner, folder: target });
    if (folder === undefined) return no("no-such-folder");
    const firstUid = folder.uid_next;
    const keywords = sealKeywords(owner, keys.sealer, target, firstUid, words);
    const value = await engine.write(replaceCommand, {
      ...owner,
      folder: target,
      source,
      uid,
      messages: [{ ...sealed, keywords }],
      now: clock.now(),
      firstUid,
      allowance: await allowance(),
    });
    if (typeof value === "string") return no(value);
    if ("stale" in value) return undefined;
    announceChange(engine, owner, target);
    if (source !== target) announceChange(engine, owner, source);
    return yes(value.placed);
  });
};

async function transferAll(
  { engine, clock, owner, keys, allowance }: MailboxContext,
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
      allowance: leave ? undefined : await allowance(),
    });
    if (typeof value === "string") return value;
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
