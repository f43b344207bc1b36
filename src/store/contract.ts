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

export interface FolderCounts {
  readonly messages: number;
  readonly unseen: number;
  readonly deleted: number;
  /** Octets of all messages. */
  readonly size: number;
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

export interface Store {
  /** Makes the account's first folders (inbox and one per role) as commands to be carried out with the sign-up's own. */
  newAccount(owner: Owner, sealer: Sealer, nameKey: Uint8Array): readonly Invocation[];
  /**
   * Delivers to the inbox (or, later, a folder by id). Returns after body, structure, index row and `alongside` are sealed,
   * committed and fsynced in one transaction; the next read by anybody sees the message.
   */
  deliver(
    owner: Owner,
    sealer: Sealer,
    message: NewMessage,
    alongside?: readonly Invocation[],
  ): Promise<Placed>;
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

/** Every promise here resolves after what it changed is durable. */
export interface Mailbox {
  readonly owner: Owner;
  folders(): Promise<readonly Folder[]>;
  counts(folderId: string): Promise<FolderCounts | undefined>;
  createFolder(name: string, role?: Role): Promise<Result<Folder, FolderRefusal>>;
  /** Renames the folder and all below it. The inbox's rename (RFC 9051 §6.3.6) moves its messages and leaves it empty. */
  renameFolder(folderId: string, name: string): Promise<Result<Folder, FolderRefusal>>;
  deleteFolder(folderId: string): Promise<Result<true, FolderRefusal>>;
  setSubscribed(folderId: string, subscribed: boolean): Promise<void>;
  /** All placements of a folder by ascending UID, with the folder as of the same moment. */
  snapshot(
    folderId: string,
  ): Promise<{ folder: Folder; placements: readonly Placement[] } | undefined>;
  /** What changed after `modseq`: the news between two commands, and QRESYNC. Undefined when the folder is gone. */
  changesSince(folderId: string, modseq: number): Promise<Changes | undefined>;
  /** Whole messages (prefix and raw) in the order asked, opened one after the other; a missing one is skipped. */
  bodies(messageIds: readonly string[]): AsyncIterable<{ messageId: string; bytes: Uint8Array }>;
  /** Encoded structures, opened, by message id. */
  structures(messageIds: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  append(
    folderId: string,
    messages: readonly (NewMessage & { flags: number; keywords: readonly string[] })[],
  ): Promise<Result<readonly Placed[], "no-such-folder">>;
  copy(
    folderId: string,
    uids: readonly number[],
    targetId: string,
  ): Promise<Result<readonly { from: number; placed: Placed }[], "no-such-folder">>;
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
  /** Calls back after any commit that changed this account, by this process or (PostgreSQL) another; says only which folder. */
  watch(listener: (folderId: string) => void): Disposable;
}
