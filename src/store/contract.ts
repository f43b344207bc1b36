// The clients' sealed communications: folders, messages, flags, change feed. Sees plaintext only on its way into or out of
// a seal; knows no protocol and no message format: a structure is bytes to it. Here: what the store is to the other rooms.
import type { Invocation } from "#engine";
import type { Result } from "#base/errors";
import type { Opener, Sealer } from "#vault";
import type { SecondCopies } from "./copies.ts";

/** System flags as bits; the only part of a placement's flags that is clear on disk. */
export const flagBits = { seen: 1, answered: 2, flagged: 4, deleted: 8, draft: 16 } as const;

export type Role = "inbox" | "drafts" | "sent" | "trash" | "junk" | "archive";

export interface Owner {
  readonly client: string;
  readonly account: string;
}

/** A message on its way in. `prefix` is what this server added in front; `raw` is as it arrived, kept byte for byte. */
export interface NewMessage {
  readonly prefix: Uint8Array;
  readonly raw: Uint8Array;
  /** The encoded structure of prefix and raw together (`#mail/message`), sealed beside the body. */
  readonly structure: Uint8Array;
  /** What every copy of the letter has in common (`#mail/message`), sealed for the matching of reports; absent, and no report is matched to it. */
  readonly fingerprint?: Uint8Array;
  /** Internal date, milliseconds since 1970. */
  readonly receivedAt: number;
}

export interface Folder {
  readonly id: string;
  /** The name in clear, "/" between levels, NFC; "INBOX" for the inbox. */
  readonly name: string;
  readonly role: Role | undefined;
  readonly subscribed: boolean;
  readonly uidValidity: number;
  readonly uidNext: number;
  readonly highestModseq: number;
}

/** What an account may keep at most: octets of mail, and messages. */
export interface Allowance {
  readonly octets: number;
  readonly messages: number;
}

/** Room that the account's mail takes: of every placement, a copy counts again; what was expunged does not count. */
export interface Usage {
  readonly octets: number;
  readonly messages: number;
  /** Undefined where nothing limits it. */
  readonly allowance: Allowance | undefined;
}

/** A message that was expunged and can still be had back. */
export interface Expunged {
  readonly messageId: string;
  /** The encoded structure, opened: the envelope is in it. Undefined when it does not open. */
  readonly structure: Uint8Array | undefined;
  readonly size: number;
  readonly receivedAt: number;
  /** Milliseconds since 1970. */
  readonly expungedAt: number;
  /** The folder where it stood last; its name as it was then, and whether it is still there. */
  readonly folder: { readonly id: string; readonly name: string; readonly isThere: boolean };
}

export interface FolderCounts {
  readonly messages: number;
  readonly unseen: number;
  readonly deleted: number;
  /** Octets of all messages, and of those marked as deleted. */
  readonly size: number;
  readonly deletedSize: number;
}

export interface Placement {
  readonly uid: number;
  readonly messageId: string;
  /** Octets of prefix and raw together: RFC822.SIZE. */
  readonly size: number;
  readonly receivedAt: number;
  readonly savedAt: number;
  readonly flags: number;
  readonly keywords: readonly string[];
  readonly modseq: number;
}

/** A folder as of one moment; the placements by ascending UID. */
export interface Snapshot {
  readonly folder: Folder;
  readonly placements: readonly Placement[];
}

export interface Changes {
  readonly placements: readonly Placement[];
  /** UIDs that went, ascending. */
  readonly vanished: readonly number[];
  readonly highestModseq: number;
}

export interface Placed {
  readonly messageId: string;
  readonly uid: number;
  readonly uidValidity: number;
  readonly modseq: number;
}

export interface FlagChange {
  readonly operation: "add" | "remove" | "replace";
  readonly flags: number;
  readonly keywords: readonly string[];
  /** Only placements whose modseq is not above this (RFC 7162 §3.1.3). */
  readonly unchangedSince?: number;
}

export interface FlagsChanged {
  /** Placements as they are now, only those that this change touched. */
  readonly changed: readonly Placement[];
  /** UIDs left alone because of `unchangedSince`. */
  readonly refused: readonly number[];
}

export type FolderRefusal =
  | "exists"
  | "no-such-folder"
  | "bad-name"
  | "is-inbox"
  /** The account has as many folders as it may. */
  | "too-many";

export type PlaceRefusal = "no-such-folder" | "over-quota";

export interface Store {
  /** Makes the account's first folders (inbox and one per role) as commands to be carried out with the sign-up's own. */
  newAccount(owner: Owner, sealer: Sealer, nameKey: Uint8Array): readonly Invocation[];
  /**
   * Delivers to the inbox, or to the account's folder for junk where it has one. Returns after body, structure, index row and `alongside` are sealed,
   * committed and fsynced in one transaction; the next read by anybody sees the message.
   */
  deliver(
    owner: Owner,
    sealer: Sealer,
    message: NewMessage,
    alongside?: readonly Invocation[],
    place?: "inbox" | "junk",
  ): Promise<Placed>;
  /** Room that an account's mail takes, and may take. */
  usage(owner: Owner): Promise<Usage>;
  /** What the account's owner may do, with the opened keys of a live session. */
  openMailbox(owner: Owner, keys: MailboxKeys): Mailbox;
  /** The sealed objects of named messages, for the keeper; ids that do not exist are left out. */
  sealedMessages(owner: Owner, messageIds: readonly string[]): Promise<readonly SealedMessage[]>;
  /**
   * Ids, sizes and dates of an account's messages, for scoping a grant: nothing here is sealed. Deleted messages that are still
   * kept are among them: what is held is said.
   */
  listMessages(
    owner: Owner,
  ): Promise<readonly { messageId: string; size: number; receivedAt: number }[]>;
  /**
   * The sealed fingerprints of an account's messages received between two instants (milliseconds since 1970, both included), newest
   * first, at most `limit`: for the keeper, who alone can compare them. Context: class content, object = messageId, part "fingerprint".
   */
  sealedFingerprints(
    owner: Owner,
    between: { readonly from: number; readonly to: number },
    limit: number,
  ): Promise<readonly { readonly messageId: string; readonly fingerprint: Uint8Array }[]>;
  /** Messages taken away by a decision, and given back. */
  readonly withholding: Withholding;
  /** What interception orders have sealed beside the client's own copies. */
  readonly copies: SecondCopies;
  /**
   * Destroys messages that stand in no folder since before an instant (milliseconds since 1970); returns how many. What is
   * destroyed is gone from rows and blobs when this returns; a crash on the way is finished by the next call.
   */
  purgeUnplaced(before: number): Promise<number>;
  /**
   * Destroys everything of an account: messages with their blobs, placements, folders, counters. In transactions of bounded size;
   * a crash on the way is finished by the next call.
   */
  forget(owner: Owner): Promise<void>;
}

/**
 * A message that a decision took away: gone from every folder, as if expunged, and kept sealed as it was, so that it can be given
 * back to the same folders. Not even its own client reads it in the meantime.
 */
export interface Withholding {
  /** Takes away those of the ids that stand somewhere; returns how many. Doing it again takes away nothing more. */
  withhold(owner: Owner, messageIds: readonly string[], decision: string): Promise<number>;
  /**
   * Gives back what a decision took: each to its folder (the inbox where the folder is gone) with its flags and dates, under a new
   * UID. Keywords do not come back: they are sealed to the old UID, and only the client could seal them anew. Returns how many.
   */
  giveBack(owner: Owner, decision: string): Promise<number>;
  /** Ends what a decision took: it goes the way of deleted mail, whose time counts from the day when it was taken. */
  end(owner: Owner, decision: string): Promise<number>;
}

export interface MailboxKeys {
  readonly opener: Opener;
  readonly sealer: Sealer;
  readonly nameKey: Uint8Array;
}

export interface SealedMessage {
  readonly messageId: string;
  /** Context: class content, object = messageId, part = "body". */
  readonly body: Uint8Array;
}

/** A message on its way into a folder, with what stands beside it there. */
export type FlaggedMessage = NewMessage & {
  readonly flags: number;
  readonly keywords: readonly string[];
};

/** Every promise here resolves after what it changed is durable. */
export interface Mailbox {
  readonly owner: Owner;
  folders(): Promise<readonly Folder[]>;
  counts(folderId: string): Promise<FolderCounts | undefined>;
  createFolder(name: string, role?: Role): Promise<Result<Folder, FolderRefusal>>;
  /** Renames the folder and all below it. The inbox's rename (RFC 9051 §6.3.6) moves its messages and leaves it empty. */
  renameFolder(folderId: string, name: string): Promise<Result<Folder, FolderRefusal>>;
  /** Renames all folders below a level that is no folder itself. */
  renameLevel(name: string, to: string): Promise<Result<true, FolderRefusal>>;
  deleteFolder(folderId: string): Promise<Result<true, FolderRefusal>>;
  /** Names subscribed to, sorted; one may have no folder any more. */
  subscriptions(): Promise<readonly string[]>;
  /** By name: a subscription outlives its folder (RFC 9051 §6.3.7). */
  setSubscribed(name: string, subscribed: boolean): Promise<Result<true, FolderRefusal>>;
  /** Annotations of a folder, or of the account itself (undefined): values by entry name (RFC 5464). */
  annotations(folderId: string | undefined): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Sets values, or removes them (null): all or none. At most `most` are kept for one folder. */
  setAnnotations(
    folderId: string | undefined,
    values: ReadonlyMap<string, Uint8Array | null>,
    most: number,
  ): Promise<Result<true, "no-such-folder" | "too-many">>;
  usage(): Promise<Usage>;
  /** By the name as `folders` tells it; undefined when no folder has it. */
  folderNamed(name: string): Promise<Folder | undefined>;
  /**
   * All placements of a folder by ascending UID, with the folder as of the same moment. With an earlier snapshot `held` only what
   * changed since is read, and the same array comes back where nothing did.
   */
  snapshot(folderId: string, held?: Snapshot): Promise<Snapshot | undefined>;
  /** The same of the folder that has a name; what is held of it is asked for by its id. */
  snapshotNamed(
    name: string,
    held: (folderId: string) => Snapshot | undefined,
  ): Promise<Snapshot | undefined>;
  /** What changed after `modseq`: the news between two commands, and QRESYNC. Undefined when the folder is gone. */
  changesSince(folderId: string, modseq: number): Promise<Changes | undefined>;
  /**
   * Whole messages (prefix and raw) in the order asked, opened one after the other. One that is missing or does not open is skipped,
   * the latter with a line in the operator's log.
   */
  bodies(messageIds: readonly string[]): AsyncIterable<{ messageId: string; bytes: Uint8Array }>;
  /** Encoded structures, opened, by message id; what does not open is left out, and logged. */
  structures(messageIds: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  /** All of them or none. */
  append(
    folderId: string,
    messages: readonly FlaggedMessage[],
  ): Promise<Result<readonly Placed[], PlaceRefusal>>;
  /** Puts a message in the target and takes another away, in one transaction (RFC 8508); only what it adds counts as room. */
  replace(
    folderId: string,
    uid: number,
    targetId: string,
    message: FlaggedMessage,
  ): Promise<Result<Placed, PlaceRefusal | "no-such-message">>;
  copy(
    folderId: string,
    uids: readonly number[],
    targetId: string,
  ): Promise<Result<readonly { from: number; placed: Placed }[], PlaceRefusal>>;
  /** One transaction: in the target and gone from the source, or neither. */
  move(
    folderId: string,
    uids: readonly number[],
    targetId: string,
  ): Promise<
    Result<{ moved: readonly { from: number; placed: Placed }[]; modseq: number }, "no-such-folder">
  >;
  setFlags(folderId: string, uids: readonly number[], change: FlagChange): Promise<FlagsChanged>;
  /** Removes placements (those with \Deleted among `uids`, or all of them when `uids` is undefined). */
  expunge(
    folderId: string,
    uids?: readonly number[],
  ): Promise<{ vanished: readonly number[]; modseq: number }>;
  /** What was expunged and can be had back, newest first, at most `limit`. Withheld messages are never among them. */
  expunged(limit: number): Promise<readonly Expunged[]>;
  /**
   * Gives back expunged messages: to the folder named, or each to its own (the inbox where that is gone), under new UIDs, with their
   * flags and keywords, \\Deleted aside. What cannot be had back (any more) is passed over. All or none of one folder.
   */
  restore(
    messageIds: readonly string[],
    folderId?: string,
  ): Promise<Result<readonly (Placed & { readonly folderId: string })[], PlaceRefusal>>;
  /** Gives up expunged messages for good: nobody can have them back, and the next purge destroys them. Returns how many. */
  erase(messageIds: readonly string[]): Promise<number>;
  /**
   * Calls back after any commit that changed this account, by this process or (PostgreSQL) another; says only which folder,
   * and "" for the account's subscriptions and own annotations.
   */
  watch(listener: (folderId: string) => void): Disposable;
}
