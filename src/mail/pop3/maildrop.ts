// A maildrop: the inbox as it was when the session began, with numbers that hold until its end (RFC 1939 §5). Messages that IMAP
// expunges meanwhile keep their numbers and cannot be had; what is deleted here goes at QUIT and not before.
import { Broken } from "#base/errors";
import { flagBits, type Mailbox, type Placement } from "#store";

interface Listed {
  readonly number: number;
  readonly size: number;
  /** Unique in the account for ever (RFC 1939 §7): UIDVALIDITY and UID. */
  readonly uid: string;
}

export interface Maildrop {
  /** What is not marked as deleted, in the order of numbers. */
  list(): readonly Listed[];
  find(number: number): Listed | undefined;
  /** The whole message; undefined when it went meanwhile or does not open. */
  read(number: number): Promise<Uint8Array | undefined>;
  /** False when there is no such message, or it is marked already. */
  mark(number: number): boolean;
  unmarkAll(): void;
  /** Removes what is marked, flags what was read; resolves once both are on the disk. */
  update(): Promise<void>;
  [Symbol.dispose](): void;
}

export async function openMaildrop(mailbox: Mailbox): Promise<Maildrop> {
  const inbox = (await mailbox.folders()).find(({ role }) => role === "inbox");
  const snapshot = inbox && (await mailbox.snapshot(inbox.id));
  if (snapshot === undefined) throw new Broken("an account has no inbox");
  const { folder, placements } = snapshot;
  const marked = new Set<number>();
  const read = new Set<number>();
  const placed = (number: number): Placement | undefined =>
    marked.has(number) ? undefined : placements[number - 1];
  const listed = ({ uid, size }: Placement, number: number): Listed => ({
    number,
    size,
    uid: `${folder.uidValidity}.${uid}`,
  });
  // What went meanwhile is asked for only when something happened in the inbox.
  let gone = new Set<number>();
  let since = folder.highestModseq;
  let stale = false;
  const watch = mailbox.watch((changed) => {
    if (changed === folder.id) stale = true;
  });
  const isThere = async (uid: number): Promise<boolean> => {
    if (stale) {
      stale = false;
      const changes = await mailbox.changesSince(folder.id, since);
      if (changes === undefined) return false;
      since = changes.highestModseq;
      gone = new Set([...gone, ...changes.vanished]);
    }
    return !gone.has(uid);
  };
  const uidsOf = (numbers: Iterable<number>): number[] =>
    [...numbers].flatMap((number) => placements[number - 1]?.uid ?? []);
  return {
    list: () =>
      placements.flatMap((each, at) => (marked.has(at + 1) ? [] : [listed(each, at + 1)])),
    find(number) {
      const found = placed(number);
      return found && listed(found, number);
    },
    async read(number) {
      const found = placed(number);
      if (found === undefined || !(await isThere(found.uid))) return undefined;
      for await (const { bytes } of mailbox.bodies([found.messageId])) {
        read.add(number);
        return bytes;
      }
      return undefined;
    },
    mark(number) {
      if (placed(number) === undefined) return false;
      marked.add(number);
      return true;
    },
    unmarkAll: () => marked.clear(),
    async update() {
      const deleted = uidsOf(marked);
      const seen = uidsOf([...read].filter((number) => !marked.has(number)));
      const add = (flags: number) => ({ operation: "add", flags, keywords: [] }) as const;
      if (seen.length > 0) await mailbox.setFlags(folder.id, seen, add(flagBits.seen));
      if (deleted.length === 0) return;
      await mailbox.setFlags(folder.id, deleted, add(flagBits.deleted));
      await mailbox.expunge(folder.id, deleted);
    },
    [Symbol.dispose]: () => watch[Symbol.dispose](),
  };
}
