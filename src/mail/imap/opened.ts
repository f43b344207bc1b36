// What the live sessions of an account have opened: facts of its messages and its folders as they stood, so that asking again opens
// nothing. In memory alone, bounded, let go when nobody asks for it and with the account's last session; never written anywhere.
import { decodeStructure, type ParsedMessage, type TextPiece } from "#mail/message";
import type { Folder, Mailbox, Placement } from "#store";
import { MAX_OPENED, OPENED_REST } from "./limits.ts";

/** What is kept of a message for one purpose. */
export type Fact = string | number | null | readonly (string | number | TextPiece)[];

/** A fact and how it is made of the structure. Messages never change, so a fact holds for ever. */
export interface Facet {
  /** Tells it from all others; there are few, and no client makes them up. */
  readonly name: string;
  readonly of: (message: ParsedMessage) => Fact;
}

/** A folder as a session found it. */
export interface HeldFolder {
  readonly folder: Folder;
  readonly placements: readonly Placement[];
  /** Keywords of its messages, in the order met. */
  readonly keywords: readonly string[];
  /** Number of the first message that is not \Seen, or 0. */
  readonly unseen: number;
}

/** What is open of one account. */
export interface Opened {
  /** The facts of messages, a row each in the order of `facets`; undefined for a message that is not there or does not open. */
  facts(
    mailbox: Pick<Mailbox, "structures">,
    messageIds: readonly string[],
    facets: readonly Facet[],
  ): Promise<readonly (readonly Fact[] | undefined)[]>;
  readonly folder: (folderId: string) => HeldFolder | undefined;
  hold(held: HeldFolder): void;
}

/** What is open of all accounts with live sessions. */
export interface OpenedAccounts {
  of(account: string): Opened;
  /** Lets go of everything of the account when nobody asked for a while. */
  rest(account: string): void;
  /** The last session of the account is over. */
  drop(account: string): void;
}

// What the engine needs for an entry beside its characters, roughly.
const ENTRY = 80;
const PLACEMENT = 160;

interface Shelf extends Opened {
  readonly size: () => number;
  /** When it was asked last. */
  readonly used: () => number;
  empty(): void;
}

/** `now` in milliseconds; `most` in octets, of all accounts together. */
export function openOpened(now: () => number, most: number = MAX_OPENED): OpenedAccounts {
  const shelves = new Map<string, Shelf>();
  const makeRoom = (): void => {
    let size = 0;
    for (const shelf of shelves.values()) size += shelf.size();
    for (const shelf of shelves.values()) {
      if (size <= most) return;
      size -= shelf.size();
      shelf.empty();
    }
  };
  return {
    of(account) {
      const shelf = shelves.get(account) ?? openShelf(now, makeRoom);
      // In the order of use: room is made of what was asked for longest ago.
      shelves.delete(account);
      shelves.set(account, shelf);
      return shelf;
    },
    rest(account) {
      const shelf = shelves.get(account);
      if (shelf !== undefined && now() - shelf.used() >= OPENED_REST) shelf.empty();
    },
    drop(account) {
      shelves.get(account)?.empty();
      shelves.delete(account);
    },
  };
}

function openShelf(now: () => number, grown: () => void): Shelf {
  let facts = new Map<string, Map<string, Fact>>();
  let folders = new Map<string, HeldFolder>();
  let size = 0;
  let used = now();
  const factsNamed = (name: string): Map<string, Fact> => {
    const known = facts.get(name);
    if (known !== undefined) return known;
    const made = new Map<string, Fact>();
    facts.set(name, made);
    return made;
  };
  const keep = (facet: Facet, messageId: string, fact: Fact): void => {
    const known = factsNamed(facet.name);
    if (known.has(messageId)) return;
    known.set(messageId, fact);
    size += ENTRY + sizeOf(fact);
  };
  const empty = (): void => {
    facts = new Map();
    folders = new Map();
    size = 0;
  };
  return {
    size: () => size,
    used: () => used,
    empty,
    async facts(mailbox, messageIds, facets) {
      used = now();
      const known = facets.map(({ name }) => factsNamed(name));
      const rows: (readonly Fact[] | undefined)[] = messageIds.map((id) => {
        const row: Fact[] = [];
        for (const each of known) {
          const fact = each.get(id);
          if (fact === undefined) return undefined;
          row.push(fact);
        }
        return row;
      });
      const missing = messageIds.filter((_, at) => rows[at] === undefined);
      if (missing.length === 0) return rows;
      const structures = await mailbox.structures(missing);
      for (const [at, id] of messageIds.entries()) {
        const encoded = rows[at] === undefined ? structures.get(id) : undefined;
        if (encoded === undefined) continue;
        const message = decodeStructure(encoded);
        rows[at] = facets.map((facet) => {
          const fact = facet.of(message);
          keep(facet, id, fact);
          return fact;
        });
      }
      grown();
      return rows;
    },
    folder(folderId) {
      used = now();
      return folders.get(folderId);
    },
    hold(held) {
      const before = folders.get(held.folder.id)?.placements.length ?? 0;
      size += (held.placements.length - before) * PLACEMENT;
      folders.set(held.folder.id, held);
      grown();
    },
  };
}

function sizeOf(fact: Fact): number {
  if (typeof fact === "string") return fact.length;
  if (fact === null || typeof fact === "number") return 0;
  return fact.reduce<number>(
    (sum, each) => sum + ENTRY + (typeof each === "string" ? each.length : 0),
    0,
  );
}
