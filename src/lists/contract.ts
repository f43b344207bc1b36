// What the lists' room promises to others: the types of its front door. Holds no code.
import type { Result } from "#base/errors";
import type { Account, Outcome, Owner, Posted } from "./ports.ts";
import type { MemberState, Posting } from "./tables.ts";

export interface List extends Owner {
  readonly id: string;
  readonly address: string;
  readonly title: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly posting: Posting;
}

/** Client and account are "" for somebody elsewhere. */
export interface Member extends Account {
  readonly id: string;
  readonly state: MemberState;
}

export interface OwnedList extends List {
  readonly members: readonly Member[];
}

/** A list that somebody is on, or is invited to. */
export interface Membership {
  readonly list: List;
  readonly member: string;
  readonly state: MemberState;
}

export type CreateRefusal = "bad-name" | "taken" | "bad-title" | "too-many" | "not-your-domain";
/** `not-ours`: an address of ours that takes no mail. `lately`: somebody elsewhere who was asked in the last month. */
export type InviteRefusal =
  | "no-such-list"
  | "not-ours"
  | "bad-address"
  | "there"
  | "too-many"
  | "lately"
  | "too-many-today";

/** What the link in an invitation or in a letter's List-Unsubscribe leads to. */
export interface Invitation {
  readonly list: List;
  readonly member: Member;
}

export interface Lists {
  /** The owner is its first member. On our domain and for its members, unless said otherwise. */
  create(
    owner: Account,
    name: string,
    title: string,
    more?: { readonly domain?: string | undefined; readonly posting?: Posting | undefined },
  ): Promise<Result<string, CreateRefusal>>;
  owned(owner: Owner): Promise<readonly OwnedList[]>;
  memberships(of: Owner): Promise<readonly Membership[]>;
  /** Asks somebody; they are on the list once they say yes. */
  invite(owner: Account, list: string, address: string): Promise<Result<true, InviteRefusal>>;
  /** The owner takes somebody off it. */
  remove(owner: Owner, list: string, member: string): Promise<boolean>;
  delete(owner: Owner, list: string): Promise<boolean>;
  /** In the portal: somebody's own answer. `leave` also turns an invitation down. */
  answer(who: Owner, list: string, answer: "accept" | "leave"): Promise<boolean>;
  /** By the link that was sent to them. */
  invitation(member: string, token: string): Promise<Invitation | undefined>;
  answerByLink(member: string, token: string, answer: "accept" | "leave"): Promise<boolean>;
  /** What takes letters to the list, its -leave and its -owner address; undefined for every other address. */
  door(address: string): Promise<
    | {
        readonly owner: Owner;
        readonly take: (envelope: Posted, raw: Uint8Array) => Promise<Outcome>;
        /** How many members a letter to it goes to; absent for -leave and -owner. */
        readonly reach?: () => Promise<number>;
      }
    | undefined
  >;
  /** Destroys their lists and takes them off others'. */
  forget(who: Owner): Promise<void>;
  /** Ends every list of a client on a domain that is theirs no more. */
  endAt(client: string, domain: string): Promise<void>;
}
